"""The way out over SMTP (RFC 5321, RFC 6409), with TLS that is always verified (RFC 8314)."""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Mapping
from ipaddress import ip_address
from pathlib import Path
from typing import Any

from django.core.mail.utils import DNS_NAME
from django.views.decorators.debug import sensitive_variables

from users.choices import Outcome, SmtpSecurity
from users.mail.limits import Clock
from users.mail.receipts import Receipt
from users.mail.tls import client_context
from users.mail.transports import errors, smtp_replies
from users.mail.transports.base import Envelope, Transport
from users.mail.transports.smtp_client import Client, TlsClient
from users.mail.transports.smtp_errors import translated
from users.mail.transports.smtp_replies import Reply
from users.vault import Secret

MAX_DETAIL = 500
GOODBYE_SECONDS = 5
CLOSING = 421
"""The reply of a server that is about to end the connection (RFC 5321 section 3.8)."""


class SmtpTransport(Transport):
    """Sends over one SMTP server. Recipients of a blind copy stand in the envelope only.

    The certificate is verified with the system's authorities and those in `ca_file`. The password goes out over an
    encrypted connection, or to a server on this very machine; otherwise :class:`errors.PasswordUnprotected` stops it.
    It is tried once: after a refusal the object does not sign in again, because servers lock accounts. An empty
    `username` means no sign-in. `timeout`, in seconds, limits every single step, such as a reply; `whole` limits
    getting ready, and then each message. A connection that has served and is over by now is replaced by a new one.
    """

    def __init__(  # noqa: PLR0913  (these are the settings of one server)
        self,
        *,
        host: str,
        port: int,
        security: SmtpSecurity,
        username: str = "",
        password: Secret | None = None,
        ca_file: Path | None = None,
        timeout: float = 15,
        whole: float = 120,
    ) -> None:
        super().__init__()
        self.host = host
        self.port = port
        self.security = security
        self.username = username
        self.password = password
        self.ca_file = ca_file
        self.clock = Clock(wait=timeout, whole=whole)
        self._client: Client | None = None
        self._has_served = False
        self._refusal: errors.SignInRefused | None = None

    def open(self) -> bool:
        """Connect, encrypt and sign in; False when that is done already. Raises :class:`TransportError`."""
        if self._client is not None and self._client.is_open:
            return False
        if self._refusal is not None:
            raise self._refusal
        with self.clock.job(), translated(self.host, self._detail):
            client = self._connect()
            try:
                self._encrypt(client)
                self._sign_in(client)
            except (OSError, errors.TransportError):
                client.leave()
                raise
        self._client, self._has_served = client, False
        return True

    def close(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with self.clock.job(GOODBYE_SECONDS):
                client.leave()

    def convey(self, envelope: Envelope) -> Receipt:
        with self.clock.job(), translated(self.host, self._detail):
            client = self._begin(envelope)
            try:
                refused = self._transact(client, envelope)
            except errors.TransportError:
                # The next message on this connection must not find half of this one.
                client.reset()
                raise
        self._has_served = True
        return Receipt(Outcome.SENT, envelope.message_id, refused)

    # --- Connecting -------------------------------------------------------------------------------------------------

    def _connect(self) -> Client:
        if not self.host:
            raise errors.HostUnknown(server=self.host)
        options: dict[str, Any] = {"local_hostname": DNS_NAME.get_fqdn(), "clock": self.clock}
        if self.security == SmtpSecurity.TLS:
            client: Client = TlsClient(self.host, self.port, context=client_context(self.ca_file), **options)
        else:
            client = Client(self.host, self.port, **options)
        return client

    def _encrypt(self, client: Client) -> None:
        client.ehlo_or_helo_if_needed()
        if self.security != SmtpSecurity.STARTTLS:
            return
        if not client.has_extn("starttls"):
            raise errors.NotEncrypted(server=self.host)
        client.starttls(context=client_context(self.ca_file))
        # What the server offered before does not count any more: RFC 3207 section 4.2.
        client.ehlo_or_helo_if_needed()

    # --- Signing in -------------------------------------------------------------------------------------------------

    @sensitive_variables()
    def _sign_in(self, client: Client) -> None:
        if not self.username:
            return
        if not self.password:
            raise errors.PasswordMissing(server=self.host)
        if not _is_protected(client):
            raise errors.PasswordUnprotected(server=self.host)
        reply = self._authenticate(client, self.password)
        if reply.code == 235:
            return
        error = self._error(smtp_replies.SIGN_IN, reply)
        if isinstance(error, errors.SignInRefused):
            self._refusal = error
        raise error

    @sensitive_variables()
    def _authenticate(self, client: Client, password: Secret) -> Reply:
        """Use one mechanism, once, in UTF-8 (RFC 4616 section 2), which the library's own ``login`` cannot send."""
        offered = client.esmtp_features.get("auth", "").upper().split()
        if "PLAIN" in offered:
            return client.ask("AUTH", "PLAIN " + _plain_token(self.username, password))
        if "LOGIN" not in offered:
            raise errors.SignInNotOffered(server=self.host)
        reply = client.ask("AUTH", "LOGIN")
        for text in (self.username, password.reveal()):
            if reply.code != 334:
                break
            reply = client.ask(_base64(text))
        return reply

    # --- One message ------------------------------------------------------------------------------------------------

    def _begin(self, envelope: Envelope) -> Client:
        """Name the sender. Servers end connections after a while or some messages: then there is a new one."""
        reply = self._name_sender(envelope)
        if self._has_served and (reply is None or reply.code == CLOSING):
            self.close()
            self.open()
            reply = self._name_sender(envelope)
        if reply is None or self._client is None:
            raise errors.ConnectionLost(server=self.host)
        if reply.code != 250:
            self._client.reset()
            raise self._error(smtp_replies.SENDER, reply)
        return self._client

    def _name_sender(self, envelope: Envelope) -> Reply | None:
        if self._client is None:
            return None
        try:
            return self._client.ask_sender(envelope.sender, _options(self._client, envelope.content))
        except smtplib.SMTPServerDisconnected as error:
            if isinstance(error.__context__, TimeoutError):
                raise
            return None

    def _transact(self, client: Client, envelope: Envelope) -> Mapping[str, str]:
        """The rest of the mail transaction of RFC 5321 section 3.3; returns the recipients that were refused."""
        refused = self._name_recipients(client, envelope)
        self._expect({354}, client.ask("DATA"), smtp_replies.CONTENT)
        client.send(_dot_stuffed(envelope.content))
        self._expect({250}, self._final_reply(client), smtp_replies.CONTENT)
        return refused

    def _name_recipients(self, client: Client, envelope: Envelope) -> dict[str, str]:
        replies = {address: client.ask_recipient(address) for address in envelope.recipients}
        bad = {address: reply for address, reply in replies.items() if reply.code not in {250, 251}}
        refused = {address: smtp_replies.refusal(reply) for address, reply in bad.items()}
        if len(refused) == len(envelope.recipients):
            # One refusal for good among them makes it a refusal for good.
            worst = max(bad.values(), key=lambda reply: reply.code)
            raise self._error(smtp_replies.RECIPIENTS, worst, refused)
        return refused

    def _final_reply(self, client: Client) -> Reply:
        """The answer to the whole message: without one, nobody here knows whether the server has taken it."""
        try:
            reply = client.read_reply()
        except OSError as error:
            raise errors.OutcomeUnknown(self._detail(error), server=self.host) from error
        if not 200 <= reply.code < 600:
            raise errors.OutcomeUnknown(self._detail(reply), server=self.host)
        return reply

    # --- Errors -----------------------------------------------------------------------------------------------------

    def _expect(self, codes: set[int], reply: Reply, table: smtp_replies.Table) -> None:
        if reply.code not in codes:
            raise self._error(table, reply)

    def _error(
        self, table: smtp_replies.Table, reply: Reply, refused: Mapping[str, str] | None = None
    ) -> errors.TransportError:
        kind = smtp_replies.error_class(table, reply)
        return kind(self._detail(reply), server=self.host, refused=refused)

    @sensitive_variables()
    def _detail(self, cause: object) -> str:
        """Technical text in one line, without the password in any form in which a server could send it back."""
        text = " ".join(str(cause).split())
        if self.password:
            password = self.password.reveal()
            for secret in (_plain_token(self.username, self.password), _base64(password), password):
                text = text.replace(secret, "***")
        return "".join(character for character in text if character.isprintable())[:MAX_DETAIL]


def _is_protected(client: Client) -> bool:
    """Whether a password may go over this connection: it is encrypted, or it does not leave this machine."""
    if client.sock is None or isinstance(client.sock, ssl.SSLSocket):
        return True
    return ip_address(client.sock.getpeername()[0]).is_loopback


def _options(client: Client, content: bytes) -> list[str]:
    """The size lets a server refuse at once (RFC 1870); 8-bit text is announced where it occurs (RFC 6152)."""
    size = [f"SIZE={len(content)}"] if client.has_extn("size") else []
    return size if content.isascii() or not client.has_extn("8bitmime") else [*size, "BODY=8BITMIME"]


def _dot_stuffed(content: bytes) -> bytes:
    """The content with its end mark, and with a second dot where a line begins with one (RFC 5321 section 4.5.2)."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end + b".\r\n"


@sensitive_variables()
def _plain_token(username: str, password: Secret) -> str:
    return _base64(f"\0{username}\0{password.reveal()}")


@sensitive_variables()
def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()
