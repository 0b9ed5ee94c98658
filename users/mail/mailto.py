"""A link that opens a short plain message in whatever mail program the computer has (RFC 6068)."""

from __future__ import annotations

from urllib.parse import quote

from django.core.mail import EmailMessage
from django.utils.text import normalize_newlines

from users.mail.headers import parse_mailbox

MAX_LENGTH = 2000
"""Characters. Outlook and browsers on Windows cut longer links."""


def mailto_link(message: EmailMessage) -> str:
    """The link, or nothing for a message that does not fit into one. Raises :class:`ComposeError`."""
    if message.attachments:
        return ""
    fields = {
        "cc": _addresses(message.cc, "cc"),
        "bcc": _addresses(message.bcc, "bcc"),
        "subject": _quoted(str(message.subject)),
        "body": _quoted(normalize_newlines(str(message.body)).replace("\n", "\r\n")),
    }
    query = "&".join(f"{name}={value}" for name, value in fields.items() if value)
    link = f"mailto:{_addresses(message.to, 'to')}" + (f"?{query}" if query else "")
    return link if len(link) <= MAX_LENGTH else ""


def _addresses(entries: list[str], field: str) -> str:
    # A comma parts two addresses, so that one inside an address has to be quoted (RFC 6068 section 2).
    return ",".join(quote(parse_mailbox(entry, field).address, safe="@") for entry in entries)


def _quoted(text: str) -> str:
    return quote(text, safe="")
