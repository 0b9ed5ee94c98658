"""From what somebody wants to say to the message that goes out: one sender, one copy, one signature, one identity.

The signature's HTML was sanitised when it was stored and goes into the HTML part unmodified. The images that it shows
become inline parts beside it, to which it refers as ``cid:`` (RFC 2387 and RFC 2392).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from email import encoders
from email.charset import QP, Charset
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.utils import format_datetime, getaddresses, make_msgid
from typing import Any

from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.utils import timezone
from django.utils.encoding import force_str
from django.utils.html import escape
from django.utils.text import normalize_newlines
from django.utils.translation import gettext_lazy as _

from users.choices import CopyMode
from users.mail.attachments import carried
from users.mail.headers import Mailbox, checked_line, make_mailbox, no_recipients, parse_mailbox, printable
from users.mail.transports.errors import ComposeError
from users.signatures import plain_text_of

HTML = "text/html"
SEPARATOR = "-- "
"""The line in front of a signature, with its blank at the end: RFC 3676 section 4.3."""

COPY_FIELDS = {CopyMode.CC: "cc", CopyMode.BCC: "bcc"}
RECIPIENT_FIELDS = ("to", "cc", "bcc")
REPLY_TO = "reply-to"

HEADER_NAME = re.compile(r"[!-9;-~]{1,76}")
OWN_HEADERS = re.compile(
    r"from|sender|to|cc|bcc|subject|return-path|received|mime-version|content-.*|resent-.*|dkim-signature"
    r"|authentication-results|disposition-notification-to",
    re.IGNORECASE,
)
"""Headers that say who sent the message, to whom and how: they follow from the settings and the message alone."""

LONG_WORD = 60
"""Characters: a longer word does not fit beside the name of its field, where lines are folded at blanks alone."""

QUOTED_PRINTABLE = Charset("utf-8")
QUOTED_PRINTABLE.body_encoding = QP


CONTENT_ID = re.compile(r"""["']cid:([^"'>\s]{1,100})["']""")
"""How the signature's HTML names an image (RFC 2392)."""


@dataclass(frozen=True, slots=True)
class InlineImage:
    """A picture of the signature, with the content id by which its HTML shows it."""

    content_id: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Sender:
    """What a message takes from the settings of the user who sends it.

    Without an address, the mail program that gets the message fills it in.
    """

    address: str
    name: str = ""
    copy_mode: CopyMode = CopyMode.NONE
    signature_html: str = ""
    signature_text: str = ""
    images: tuple[InlineImage, ...] = ()


class SignedMessage(EmailMultiAlternatives):
    """Django's message, with the images of the signature beside the HTML that shows them, and a subject well folded."""

    def __init__(self, *args: Any, images: tuple[InlineImage, ...] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.images = images

    def message(self) -> Any:
        mime = super().message()
        subject = str(self.subject)
        if not subject.isascii() or any(len(word) > LONG_WORD for word in subject.split()):
            # Django forgets the field's name in the first line, so that the text would begin in the second: programs
            # then show a blank in front of it.
            mime.replace_header("Subject", Header(subject, "utf-8", header_name="Subject"))
        return mime

    def _create_mime_attachment(self, content: Any, mimetype: str) -> Any:
        # Attachments are ready MIME parts and don't come here: what is HTML is the body.
        part = super()._create_mime_attachment(content, mimetype)  # type: ignore[misc]
        return _related(part, self.images) if mimetype == HTML and self.images else part


def compose(message: EmailMessage, sender: Sender) -> EmailMultiAlternatives:
    """A new message with everything in place; the given one stays as it is. Raises :class:`ComposeError`.

    From, Message-ID and Date are fixed here, so that every attempt to send the result is the same message to the
    servers on its way. A ``from_email`` of the given message does not count.
    """
    own = make_mailbox(sender.address, sender.name, "from") if sender.address else None
    recipients = {field: _mailboxes(getattr(message, field), field) for field in RECIPIENT_FIELDS}
    _add_copy(recipients, own, sender.copy_mode)
    text, html = _bodies(message)
    composed = SignedMessage(
        subject=checked_line(str(message.subject), "subject"),
        body=_sendable(_sign_text(text, sender.signature_text)),
        **{field: [str(mailbox) for mailbox in mailboxes] for field, mailboxes in recipients.items()},
        reply_to=[str(mailbox) for mailbox in _reply_mailboxes(message)],
        attachments=carried(message.attachments),
        alternatives=[(_sendable(_sign_html(html, sender.signature_html)), HTML), *_other_alternatives(message)],
        headers=_headers(message, own),
        images=sender.images,
    )
    # Without one, Django would take the site's own.
    composed.from_email = str(own or "")
    # Quoted-printable keeps long lines, blanks at line ends and 8-bit text safe on every server (RFC 2045 section 6.7).
    composed.encoding = QUOTED_PRINTABLE
    composed.mixed_subtype = message.mixed_subtype
    return composed


def _mailboxes(entries: Iterable[object], field: str) -> list[Mailbox]:
    return [parse_mailbox(entry, field) for entry in entries if entry]


def _reply_mailboxes(message: EmailMessage) -> list[Mailbox]:
    """Where answers go. A header of this name goes before the argument, as with Django."""
    header = next((str(text) for name, text in message.extra_headers.items() if name.lower() == REPLY_TO), None)
    if header is None:
        return _mailboxes(message.reply_to, "reply_to")
    pairs = getaddresses([checked_line(header, "reply_to")])
    return [make_mailbox(address, name, "reply_to") for name, address in pairs]


def _add_copy(recipients: dict[str, list[Mailbox]], own: Mailbox | None, mode: CopyMode) -> None:
    """Add the own address as the settings want it, unless it is among the recipients already."""
    present = {mailbox.address.casefold() for mailboxes in recipients.values() for mailbox in mailboxes}
    if not present:
        raise no_recipients()
    if own and mode in COPY_FIELDS and own.address.casefold() not in present:
        recipients[COPY_FIELDS[mode]].append(own)


def _bodies(message: EmailMessage) -> tuple[str, str]:
    """The text and the HTML of the message; whichever is missing is made from the other."""
    body = str(message.body)
    if message.content_subtype == "html":
        return plain_text_of(body), body
    html = next((force_str(content) for content, kind in _alternatives(message) if kind == HTML), "")
    if html:
        return body or plain_text_of(html), html
    return body, _html_of(body)


def _alternatives(message: EmailMessage) -> list[tuple[Any, str]]:
    alternatives = message.alternatives if isinstance(message, EmailMultiAlternatives) else []
    return [(content, str(kind)) for content, kind in alternatives]


def _other_alternatives(message: EmailMessage) -> list[tuple[Any, str]]:
    return [(content, kind) for content, kind in _alternatives(message) if kind != HTML]


def _html_of(text: str) -> str:
    # A browser would show several blanks as one.
    content = escape(normalize_newlines(text)).replace("  ", "&nbsp; ").replace("\n", "<br>\n")
    return f"<html><body>\n<div>{content}</div>\n</body></html>"


def _sign_text(text: str, signature: str) -> str:
    return f"{text.rstrip()}\n\n{SEPARATOR}\n{signature}" if signature else text


def _sign_html(html: str, signature: str) -> str:
    if not signature:
        return html
    end = max((match.start() for match in re.finditer(r"</body\s*>", html, re.IGNORECASE)), default=len(html))
    return f"{html[:end]}<br>\n<div>{signature}</div>\n{html[end:]}"


def _related(html: Message, images: Iterable[InlineImage]) -> MIMEMultipart:
    related = MIMEMultipart("related", type=HTML)
    for part in (html, *map(_inline_part, images)):
        related.attach(part)
    return related


def _inline_part(image: InlineImage) -> MIMEBase:
    part = MIMEBase(*image.media_type.split("/"))
    part.set_payload(image.content)
    encoders.encode_base64(part)
    part.add_header("Content-ID", f"<{image.content_id}>")
    # Outlook names the picture by this when somebody saves it.
    extension = image.media_type.partition("/")[2]
    part.add_header("Content-Disposition", "inline", filename=f"{image.content_id.partition('@')[0]}.{extension}")
    return part


def _sendable(text: str) -> str:
    """The text with a question mark for each lone surrogate, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode()


def _headers(message: EmailMessage, own: Mailbox | None) -> dict[str, str]:
    """The caller's harmless headers, with a Message-ID and a Date where the caller has not fixed them."""
    headers = {
        _checked_header_name(name): checked_line(str(text), "headers")
        for name, text in message.extra_headers.items()
        if name.lower() != REPLY_TO
    }
    present = {name.lower() for name in headers}
    if "message-id" not in present:
        headers["Message-ID"] = make_msgid(domain=own.domain if own else "localhost")
    if "date" not in present:
        headers["Date"] = format_datetime(timezone.now())
    return headers


def _checked_header_name(name: str) -> str:
    if HEADER_NAME.fullmatch(name) and not OWN_HEADERS.fullmatch(name):
        return name
    raise ComposeError(
        _("The header “%(name)s” can't be set by hand.") % {"name": printable(name)},
        hint=_("Leave it out: sender, recipients and format follow from the settings and the message itself."),
        code="header_not_allowed",
        field="headers",
    )
