"""What all transports have in common: one message in, one receipt out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.errors import MessageError

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.translation import gettext_lazy as _

from users.choices import Outcome
from users.mail.headers import no_recipients, parse_mailbox
from users.mail.receipts import Receipt
from users.mail.transports.errors import ComposeError, TransportError


@dataclass(frozen=True, slots=True)
class Envelope:
    """One message ready to convey.

    The addresses are those for the server, in their ASCII form. `content` is the message in the form of RFC 5322, with
    CRLF at the line ends and without a Bcc header.
    """

    sender: str
    recipients: Sequence[str]
    message_id: str
    content: bytes


class Transport(BaseEmailBackend):
    """A Django e-mail backend, built from keyword options alone, that tells what became of each message.

    A subclass writes :meth:`convey`, and :meth:`open` and :meth:`close` where it keeps a connection. As a context
    manager it keeps the connection for several messages; entering raises :class:`TransportError` when there is none to
    be had. One object serves one thread.
    """

    def convey(self, envelope: Envelope) -> Mapping[str, str]:
        """Hand the message to the server; the connection is open. Raises :class:`TransportError`.

        Returns a plain sentence for each recipient whom the server refused while it took the message for the others.
        """
        raise NotImplementedError

    def deliver(self, message: EmailMessage) -> Receipt:
        """Send one message. Whatever goes wrong stands in the receipt; nothing is raised and nothing is tried twice."""
        try:
            envelope = make_envelope(message)
        except ComposeError as error:
            return Receipt(error.outcome, "", error=error)
        try:
            with self._connection():
                refused = self.convey(envelope)
        except TransportError as error:
            return Receipt(error.outcome, envelope.message_id, error.refused, error)
        return Receipt(Outcome.SENT, envelope.message_id, refused)

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Django's way in: the number of messages sent. Raises :class:`TransportError` at the first that was not.

        A refusal of some recipients among others shows in the receipts of :meth:`deliver` only.
        """
        if not email_messages:
            return 0
        with self._connection():
            receipts = [self._deliver_or_raise(message) for message in email_messages]
        return len(receipts)

    def _deliver_or_raise(self, message: EmailMessage) -> Receipt:
        receipt = self.deliver(message)
        if receipt.error:
            raise receipt.error
        return receipt

    @contextmanager
    def _connection(self) -> Iterator[None]:
        """Open the connection unless it is open already, and close only what was opened here."""
        is_ours = self.open()
        try:
            yield
        finally:
            if is_ours:
                self.close()


def make_envelope(message: EmailMessage) -> Envelope:
    """Make the envelope for a message. Raises :class:`ComposeError` for one that cannot go out."""
    recipients = [parse_mailbox(entry, "to").address for entry in message.recipients()]
    if not recipients:
        raise no_recipients()
    sender = parse_mailbox(message.from_email, "from").address
    message_id, content = _serialise(message)
    return Envelope(sender, list(dict.fromkeys(recipients)), message_id, content)


def _serialise(message: EmailMessage) -> tuple[str, bytes]:
    try:
        mime = message.message()
        del mime["Bcc"]
        return str(mime["Message-ID"]), mime.as_bytes(linesep="\r\n")
    except (ValueError, MessageError) as error:
        raise ComposeError(
            _("A part of the message can't be sent as it stands."),
            hint=_("Check the recipients, the subject and the names of the attachments, and send it again."),
            code="message_invalid",
            field="",
        ) from error
