"""The way out over SMTP (RFC 5321, RFC 6409), with TLS that is always verified (RFC 8314)."""

from __future__ import annotations

import re
import smtplib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from users.choices import Outcome, SmtpSecurity
from users.mail.limits import Clock
from users.mail.receipts import Receipt
from users.mail.steps import Step
from users.mail.transports import errors, smtp_replies
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.smtp_client import Client
from users.mail.transports.smtp_errors import translated
from users.mail.transports.smtp_replies import Reply
from users.mail.transports.smtp_session import Session
from users.mail.transports.smtp_steps import SmtpSteps
from users.networks import Network
from users.vault import Secret

CLOSING = 421
"""The reply of a server that is about to end the connection (RFC 5321 section 3.8)."""


class SmtpTransport(Transport):
    """Sends over one SMTP server. Recipients of a blind copy stand in the envelope only.

    The password is tried once: after a refusal the object does not sign in again, because servers lock accounts. An
    empty `username` means no sign-in. `address` is the user's own, for checks. `timeout`, in seconds, limits every
    single step, such as a reply; `whole` limits getting ready, and then each message. A connection that has served and
    is over by now is replaced by a new one.
    """

    def __init__(  # noqa: PLR0913  (these are the settings of one server)
        self,
        *,
        host: str,
        port: int,
        security: SmtpSecurity,
        username: str = "",
        password: Secret | None = None,
        address: str = "",
        ca_file: Path | None = None,
        trusted_networks: Iterable[Network] = (),
        timeout: float = 15,
        whole: float = 120,
    ) -> None:
        super().__init__()
        self.host = host
        self.address = address
        self.session = Session(
            host=host,
            port=port,
            security=security,
            username=username,
            password=password,
            ca_file=ca_file,
            trusted_networks=trusted_networks,
            clock=Clock(wait=timeout, whole=whole),
        )
        self._has_served = False
        self._refusal: errors.SignInRefused | None = None

    def open(self) -> bool:
        """Connect, encrypt and sign in; False when that is done already. Raises :class:`TransportError`."""
        if self.session.is_open:
            return False
        if self._refusal is not None:
            raise self._refusal
        with self.session.clock.job(), translated(self.host, self.session.detail):
            try:
                self.session.reach()
                self.session.encrypt()
                self.session.sign_in()
            except errors.SignInRefused as refusal:
                self._refusal = refusal
                self.session.close()
                raise
            except (OSError, errors.TransportError):
                self.session.close()
                raise
        self._has_served = False
        return True

    def close(self) -> None:
        self.session.close()

    def steps(self) -> Sequence[Step]:
        return SmtpSteps(self.session, self.address).all()

    def convey(self, envelope: Envelope) -> Receipt:
        with self.session.clock.job(), translated(self.host, self.session.detail):
            client = self._begin(envelope)
            try:
                refused = self._transact(client, envelope)
            except errors.TransportError:
                # The next message on this connection must not find half of this one.
                client.reset()
                raise
        self._has_served = True
        return Receipt(Outcome.SENT, envelope.message_id, refused)

    # --- One message ------------------------------------------------------------------------------------------------

    def _begin(self, envelope: Envelope) -> Client:
        """Name the sender. Servers end connections after a while or some messages: then there is a new one."""
        reply = self._name_sender(envelope)
        if self._has_served and (reply is None or reply.code == CLOSING):
            self.close()
            self.open()
            reply = self._name_sender(envelope)
        client = self.session.talk
        if reply is None:
            raise errors.ConnectionLost(server=self.host)
        if reply.code != 250:
            client.reset()
            raise self.session.error(smtp_replies.SENDER, reply)
        return client

    def _name_sender(self, envelope: Envelope) -> Reply | None:
        client = self.session.talk
        try:
            return client.ask_sender(envelope.sender, _options(client, envelope.content))
        except smtplib.SMTPServerDisconnected as error:
            if isinstance(error.__context__, TimeoutError):
                raise
            return None

    def _transact(self, client: Client, envelope: Envelope) -> Mapping[str, str]:
        """The rest of the mail transaction of RFC 5321 section 3.3; returns the recipients that were refused."""
        refused = self._name_recipients(client, envelope)
        self.session.expect({354}, client.ask("DATA"), smtp_replies.CONTENT)
        client.send(_dot_stuffed(envelope.content))
        self.session.expect({250}, self._final_reply(client), smtp_replies.CONTENT)
        return refused

    def _name_recipients(self, client: Client, envelope: Envelope) -> dict[str, str]:
        replies = {address: client.ask_recipient(address) for address in envelope.recipients}
        bad = {address: reply for address, reply in replies.items() if reply.code not in {250, 251}}
        refused = {address: smtp_replies.refusal(reply) for address, reply in bad.items()}
        if len(refused) == len(envelope.recipients):
            # One refusal for good among them makes it a refusal for good.
            worst = max(bad.values(), key=lambda reply: reply.code)
            raise self.session.error(smtp_replies.RECIPIENTS, worst, refused)
        return refused

    def _final_reply(self, client: Client) -> Reply:
        """The answer to the whole message: without one, nobody here knows whether the server has taken it."""
        try:
            reply = client.read_reply()
        except OSError as error:
            raise errors.OutcomeUnknown(self.session.detail(error), server=self.host) from error
        if not 200 <= reply.code < 600:
            raise errors.OutcomeUnknown(self.session.detail(reply), server=self.host)
        return reply


def _options(client: Client, content: bytes) -> list[str]:
    """The size lets a server refuse at once (RFC 1870); 8-bit text is announced where it occurs (RFC 6152)."""
    size = [f"SIZE={len(content)}"] if client.has_extn("size") else []
    return size if content.isascii() or not client.has_extn("8bitmime") else [*size, "BODY=8BITMIME"]


def _dot_stuffed(content: bytes) -> bytes:
    """The content with its end mark, and with a second dot where a line begins with one (RFC 5321 section 4.5.2)."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end + b".\r\n"
