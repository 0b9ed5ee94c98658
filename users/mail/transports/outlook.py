"""The way out through Outlook on the user's own computer: a draft as a file, which Outlook opens ready to be sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.mail import EmailMessage

from users.choices import Outcome
from users.mail.receipts import Receipt
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.errors import DraftOnly

OUTLOOKS_OWN = re.compile(
    rb"^(?:From|Date|Message-ID):[^\r\n]*\r\n(?:[ \t][^\r\n]*\r\n)*", re.IGNORECASE | re.MULTILINE
)
"""Header fields, with their folded lines, that Outlook fills in when the message is really sent."""


class OutlookTransport(Transport):
    """Makes an ``.eml`` draft (RFC 5322) with ``X-Unsent: 1``, the mark by which Outlook opens a file for sending.

    Nobody here learns whether it was sent: the outcome is *handed over*.
    """

    bcc_in_header = True
    needs_sender = False

    def convey(self, envelope: Envelope) -> Receipt:
        head, _blank, body = envelope.content.partition(b"\r\n\r\n")
        head = OUTLOOKS_OWN.sub(b"", head + b"\r\n")
        return Receipt(Outcome.HANDED_OVER, "", draft=b"X-Unsent: 1\r\n" + head + b"\r\n" + body)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises :class:`DraftOnly`: a draft that nobody sees is not a message sent."""
        if email_messages:
            raise DraftOnly
        return 0
