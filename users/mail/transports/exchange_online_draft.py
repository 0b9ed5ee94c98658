"""A message in the JSON of Microsoft Graph, for those that are too large to be sent in one piece.

Graph takes at most 4 MB in one request, and cannot edit the parts of a MIME message; so a larger message becomes a
draft, whose files follow one by one (Microsoft Graph documentation, "Attach large files to Outlook messages").
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email import policy
from email.headerregistry import Address
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from typing import Any

from django.utils.translation import gettext_lazy as _

from users.mail.transports.errors import ComposeError
from users.mail.urgency import importance_of

RECIPIENTS = {"To": "toRecipients", "Cc": "ccRecipients", "Bcc": "bccRecipients", "Reply-To": "replyTo"}

OWN_FIELDS = {"subject", "from", "date", "message-id", "mime-version", "importance"} | {
    name.lower() for name in RECIPIENTS
}
PROPERTIES = {"in-reply-to": "String 0x1042", "references": "String 0x1039"}
"""Header fields that Exchange keeps under numbers of their own ([MS-OXOMSG] section 2.2.1)."""
OTHER_PROPERTY = "String {00020386-0000-0000-C000-000000000046} Name "
"""All other header fields, by their name ([MS-OXPROPS] section 1.3.2, PS_INTERNET_HEADERS)."""

TEXT_FORMS = {"text/plain", "text/html", "multipart/related"}
"""The last is HTML with its pictures."""

DEFAULT_NAMES = {"message/rfc822": "message.eml", "text/plain": "attachment.txt", "text/html": "attachment.html"}


@dataclass(frozen=True, slots=True)
class File:
    """One attachment. With a `content_id` it is a picture that the text shows."""

    name: str
    media_type: str
    content: bytes
    content_id: str = ""

    @property
    def as_json(self) -> dict[str, Any]:
        return {
            "@odata.type": "#microsoft.graph.fileAttachment",
            **self._common,
            "contentType": self.media_type,
            "contentBytes": b64encode(self.content).decode(),
        }

    @property
    def as_item(self) -> dict[str, Any]:
        """What an upload session wants to know of it beforehand."""
        return {"attachmentType": "file", **self._common, "contentType": self.media_type, "size": len(self.content)}

    @property
    def _common(self) -> dict[str, Any]:
        inline = {"isInline": True, "contentId": self.content_id} if self.content_id else {}
        return {"name": self.name} | inline


@dataclass(frozen=True, slots=True)
class Draft:
    """The message without its files, and the files."""

    as_json: dict[str, Any]
    files: list[File]


def draft_of(content: bytes) -> Draft:
    """Read a message in the form of RFC 5322. Raises :class:`ComposeError` for what would be lost in a draft."""
    message: EmailMessage = BytesParser(policy=policy.default).parsebytes(content)
    body = message.get_body(("html", "plain"))
    fields: dict[str, Any] = {
        "subject": str(message["Subject"] or ""),
        "internetMessageId": str(message["Message-ID"]),
        "body": _body(body),
        "importance": importance_of(message),
        "singleValueExtendedProperties": list(_other_headers(message)),
    }
    for name, field in RECIPIENTS.items():
        fields[field] = _recipients(message.get_all(name, []))
    return Draft({name: value for name, value in fields.items() if value}, list(_files(message, body)))


def _body(part: MIMEPart | None) -> dict[str, str]:
    if part is None:
        return {"contentType": "text", "content": ""}
    kind = "html" if part.get_content_subtype() == "html" else "text"
    return {"contentType": kind, "content": str(part.get_content())}


def _recipients(headers: Iterable[Any]) -> list[dict[str, dict[str, str]]]:
    return [{"emailAddress": _address(each)} for header in headers for each in header.addresses]


def _address(each: Address) -> dict[str, str]:
    return {"address": each.addr_spec} | ({"name": each.display_name} if each.display_name else {})


def _other_headers(message: EmailMessage) -> Iterator[dict[str, str]]:
    for name, text in message.items():
        if name.lower() not in OWN_FIELDS and not name.lower().startswith("content-"):
            yield {"id": PROPERTIES.get(name.lower(), OTHER_PROPERTY + name), "value": str(text)}


def _files(message: EmailMessage, body: MIMEPart | None) -> Iterator[File]:
    """Every part but the text in its two forms."""
    texts = (body, message.get_body(("plain",)))
    return (_file(part) for part in _leaves(message) if not any(part is text for text in texts))


def _leaves(part: MIMEPart) -> Iterator[MIMEPart]:
    """The parts that hold something; an attached message is one, whatever it holds itself."""
    if part.get_content_maintype() != "multipart":
        yield part
        return
    for inner in part.iter_parts():
        if part.get_content_type() == "multipart/alternative":
            _refuse_other_form(inner)
        yield from _leaves(inner)


def _refuse_other_form(part: MIMEPart) -> None:
    """A draft has one text, and no place beside it for something else that says the same, such as an invitation."""
    if part.get_content_type() not in TEXT_FORMS:
        raise ComposeError(
            _("A message with large attachments can't carry another form of its text."),
            hint=_("Send it with smaller attachments, or send that part as a file."),
            code="alternative_too_large",
            field="attachments",
        )


def _file(part: MIMEPart) -> File:
    return File(
        name=part.get_filename() or DEFAULT_NAMES.get(part.get_content_type(), "attachment"),
        media_type=part.get_content_type(),
        content=_content(part),
        content_id=str(part["Content-ID"] or "").strip("<> "),
    )


def _content(part: MIMEPart) -> bytes:
    if part.is_multipart():
        attached: EmailMessage = part.get_content()
        return attached.as_bytes(policy=policy.SMTP)
    return bytes(part.get_payload(decode=True))
