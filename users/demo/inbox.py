"""What the demonstration's mail server has received, read from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

from users.demo.mailserver import FILE_NAME
from users.picture_references import with_pictures

NEWEST = 50
SHOWN_HEADERS = {
    "From": "From",
    "To": "To",
    "Cc": "Cc",
    "Date": "Date",
    "X-Envelope-To": "Delivered to (envelope)",
}


@dataclass(frozen=True, slots=True)
class InlinePicture:
    """A picture that the message brings along for its HTML (RFC 2392)."""

    content: bytes
    media_type: str
    content_id: str


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One message as it arrived."""

    number: int
    content: EmailMessage

    @property
    def subject(self) -> str:
        return str(self.content["Subject"] or "")

    @property
    def sender(self) -> str:
        return str(self.content["From"] or "")

    @property
    def recipients(self) -> str:
        """All of the envelope, those of a blind copy included."""
        return str(self.content["X-Envelope-To"] or "")

    @property
    def date(self) -> datetime | None:
        header = self.content["Date"]
        return header.datetime if header else None

    @property
    def headers(self) -> Sequence[tuple[str, str]]:
        return [(label, str(self.content[name])) for name, label in SHOWN_HEADERS.items() if self.content[name]]

    def body(self, kind: str) -> str:
        """The body of this kind, ``plain`` or ``html``; empty when there is none."""
        part = self.content.get_body(preferencelist=(kind,))
        try:
            return str(part.get_content()) if part else ""
        except LookupError:  # a charset that Python does not know
            return "?"

    @property
    def text(self) -> str:
        return self.body("plain")

    @property
    def html(self) -> str:
        """As a mail program shows it: with the pictures that came along, and without loading any."""
        return with_pictures(self.body("html"), self.pictures)

    @property
    def pictures(self) -> Sequence[InlinePicture]:
        parts = (part for part in self.content.walk() if part["Content-ID"] and part.get_content_maintype() == "image")
        return [
            InlinePicture(part.get_content(), part.get_content_type(), str(part["Content-ID"]).strip("<> "))
            for part in parts
        ]

    @property
    def attachments(self) -> Sequence[str]:
        return [part.get_filename() or "?" for part in self.content.iter_attachments()]


def folder() -> Path:
    return Path(settings.MAILSETTINGS_DATA_DIR) / "demo" / "received"


def received_messages() -> list[ReceivedMessage]:
    """The newest messages, newest first."""
    if not folder().is_dir():
        return []
    numbers = sorted(int(match[1]) for path in folder().iterdir() if (match := FILE_NAME.fullmatch(path.name)))
    return [received_message(number) for number in reversed(numbers[-NEWEST:])]


def received_message(number: int) -> ReceivedMessage:
    """One message. Raises FileNotFoundError."""
    raw = (folder() / f"{number:04}.eml").read_bytes()
    return ReceivedMessage(number, message_from_bytes(raw, _class=EmailMessage, policy=policy.default))
