"""The way out through Outlook on the user's own computer: a draft as a file, which Outlook opens ready to be sent."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.choices import Outcome
from users.mail.headers import parse_mailbox
from users.mail.receipts import Receipt
from users.mail.steps import Finding, Step
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.errors import AddressMalformed, ComposeError, DraftOnly

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

    def __init__(self, *, address: str = "") -> None:
        super().__init__()
        self.address = address

    def steps(self) -> Sequence[Step]:
        return (
            Step(code="address", label=gettext_lazy("Address well formed"), run=self._look_at_address),
            Step(code="nothing_to_reach", label=gettext_lazy("Server"), run=self._reach_nothing),
        )

    def _look_at_address(self) -> Finding:
        if not self.address:
            return Finding(_("There is no address in the settings, and Outlook needs none."), is_skipped=True)
        try:
            parse_mailbox(self.address, "from")
        except ComposeError as error:
            raise AddressMalformed from error
        return Finding(_("The address %(address)s is well formed.") % {"address": self.address})

    def _reach_nothing(self) -> Finding:
        sentence = _("There is no server to reach: Outlook sends from your own computer.")
        draft = _(
            "The test draft, under “Try it” on the own settings page, shows whether Outlook opens it ready to be sent."
        )
        return Finding(sentence, advice=draft if self.address else "", is_skipped=True)

    def convey(self, envelope: Envelope) -> Receipt:
        head, _blank, body = envelope.content.partition(b"\r\n\r\n")
        head = OUTLOOKS_OWN.sub(b"", head + b"\r\n")
        return Receipt(Outcome.HANDED_OVER, "", draft=b"X-Unsent: 1\r\n" + head + b"\r\n" + body)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Raises :class:`DraftOnly`: a draft that nobody sees is not a message sent."""
        if email_messages:
            raise DraftOnly
        return 0
