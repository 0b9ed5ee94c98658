"""Attachments on their way into a message: carried byte for byte, with names that cannot break the header."""

from __future__ import annotations

from collections.abc import Iterable
from email import encoders
from email.message import Message
from email.mime.base import MIMEBase
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.message import DEFAULT_ATTACHMENT_MIME_TYPE, EmailAttachment
from django.utils.encoding import force_bytes
from django.utils.translation import gettext_lazy as _

from users.mail.headers import checked_line
from users.mail.transports.errors import ComposeError

MAX_FILENAME_BYTES = 255
MESSAGE_TYPE = "message/rfc822"

Attachment = MIMEBase | EmailAttachment


def carried(attachments: Iterable[MIMEBase | tuple[object, ...]]) -> list[Attachment]:
    """Django's attachments in the form in which they go out. Raises :class:`ComposeError`.

    Text is carried in base64 like everything else, because as text its line ends would be changed on the way. Ready
    MIME parts stay as they are, and so do attached messages, which must not be in base64 (RFC 2046 section 5.2.1).
    """
    return [part if isinstance(part, MIMEBase) else _carry(*part) for part in attachments]


def _carry(filename: object, content: Any, mimetype: object = None) -> Attachment:
    name = _checked_filename(str(filename or ""))
    kind = checked_line(str(mimetype or DEFAULT_ATTACHMENT_MIME_TYPE), "attachments")
    if kind == MESSAGE_TYPE or isinstance(content, Message | EmailMessage):
        return EmailAttachment(name, content, MESSAGE_TYPE)
    return _part(name, content, kind)


def _part(name: str, content: Any, kind: str) -> MIMEBase:
    header = Message()
    header["Content-Type"] = kind
    part = MIMEBase(header.get_content_maintype(), header.get_content_subtype())
    for key, value in (header.get_params() or [])[1:]:
        part.set_param(key, value)
    if isinstance(content, str):
        part.set_param("charset", "utf-8")
    part.set_payload(force_bytes(content, errors="replace"))
    encoders.encode_base64(part)
    part.add_header("Content-Disposition", "attachment", **_filename(name))
    return part


def _filename(name: str) -> dict[str, str | tuple[str, str, str]]:
    if not name:
        return {}
    return {"filename": name if name.isascii() else ("utf-8", "", name)}


def _checked_filename(name: str) -> str:
    checked_line(name, "attachments")
    if len(name.encode()) > MAX_FILENAME_BYTES:
        raise ComposeError(
            _("The name of an attachment is too long."),
            hint=_("Give the file a shorter name, attach it again, and send the message."),
            code="filename_too_long",
            field="attachments",
        )
    return name
