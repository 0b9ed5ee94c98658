"""What all transports have in common: one message in, one receipt out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError
from typing import ClassVar

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext_lazy as _

from users.mail.headers import no_recipients, parse_mailbox
from users.mail.receipts import Receipt
from users.mail.steps import Step
from users.mail.transports.errors import ComposeError, TransportError


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready to convey.

    The addresses are those for the server, in their ASCII form. `content` is the message in the form of RFC 5322, with
    CRLF at the line ends; those in `bcc` stand in its header only where the transport wants them there.
    """

    sender: str
    recipients: Sequence[str]
    bcc: Sequence[str]
    message_id: str
    content: bytes


class Transport(BaseEmailBackend):
    """A Django e-mail backend, built from keyword options alone, that tells what became of each message.

    A subclass writes :meth:`convey`, and :meth:`open` and :meth:`close` where it keeps a connection. As a context
    manager it keeps the connection for several messages; entering raises :class:`TransportError` when there is none to
    be had. One object serves one thread.
    """

    bcc_in_header: ClassVar[bool] = False
    """Whether those in blind copy have to stand in the message itself, because there is no other way to name them."""
    needs_sender: ClassVar[bool] = True
    """Whether the message has to say whom it is from."""

    stays_open = False
    """Whether a connection outlives the message that it was opened for, until :meth:`close`."""

    def convey(self, envelope: Envelope) -> Receipt:
        """Hand the message over; the connection is open. Raises :class:`TransportError`.

        The receipt names the recipients whom the server refused while it took the message for the others.
        """
        raise NotImplementedError

    def find_sent(self, message_id: str) -> bool | None:
        """Whether the message lies in the sender's Sent Items; None where nobody can look there.

        Asked before a message whose outcome is *unknown* is sent again. Raises :class:`TransportError`.
        """
        return None

    def steps(self) -> Sequence[Step]:
        """What a check of this transport tries, in order. Whoever runs them closes the transport afterwards."""
        raise NotImplementedError

    def deliver(self, message: EmailMessage) -> Receipt:
        """Send one message. Whatever goes wrong stands in the receipt; nothing is raised and nothing is tried twice."""
        try:
            envelope = self._make_envelope(message)
        except ComposeError as error:
            return Receipt(error.outcome, "", error=error)
        try:
            with self._connection():
                return self.convey(envelope)
        except TransportError as error:
            return Receipt(error.outcome, envelope.message_id, error.refused, error)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Django's way in: the number of messages sent. Raises :class:`TransportError` at the first that was not.

        A refusal of some recipients among others shows in the receipts of :meth:`deliver` only.
        """
        if not email_messages:
            return 0
        with self._connection():
            receipts = [self._deliver_or_raise(message) for message in email_messages]
        return len(receipts)

    def _make_envelope(self, message: EmailMessage) -> Envelope:
        return make_envelope(message, bcc_in_header=self.bcc_in_header, needs_sender=self.needs_sender)

    def _deliver_or_raise(self, message: EmailMessage) -> Receipt:
        receipt = self.deliver(message)
        if receipt.error:
            raise receipt.error
        return receipt

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """Open the connection unless it is open already, and close only what was opened here."""
        is_ours = self.open() and not self.stays_open
        try:
            yield
        finally:
            if is_ours:
                self.close()


def make_envelope(message: EmailMessage, *, bcc_in_header: bool = False, needs_sender: bool = True) -> Envelope:
    """Make the envelope for a message. Raises :class:`ComposeError` for one that cannot go out."""
    recipients = _addresses(message.recipients(), "to")
    if not recipients:
        raise no_recipients()
    sender = parse_mailbox(message.from_email, "from").address if needs_sender else ""
    bcc = [parse_mailbox(entry, "bcc") for entry in message.bcc]
    message_id, content = _serialise(message, ", ".join(map(str, bcc)) if bcc_in_header else "")
    return Envelope(sender, recipients, [mailbox.address for mailbox in bcc], message_id, content)


def _addresses(entries: Iterable[object], field: str) -> list[str]:
    return list(dict.fromkeys(parse_mailbox(entry, field).address for entry in entries))


def _serialise(message: EmailMessage, bcc: str) -> tuple[str, bytes]:
    try:
        mime = message.message()
        del mime["Bcc"]
        if bcc:
            mime["Bcc"] = bcc
        return str(mime["Message-ID"]), mime.as_bytes(linesep="\r\n")
    except (ValueError, MessageError) as error:
        raise ComposeError(
            _("A part of the message can't be sent as it stands."),
            hint=_("Check the recipients, the subject and the names of the attachments, and send it again."),
            code="message_invalid",
            field="",
        ) from error
