"""One connection to an SMTP server, up to the point where it takes messages: reached, encrypted, signed in."""

from __future__ import annotations

import socket
import ssl
from base64 import b64encode
from collections.abc import Iterable, Mapping
from ipaddress import ip_address
from pathlib import Path

from django.core.mail.utils import DNS_NAME
from django.views.decorators.debug import sensitive_variables

from users.choices import SmtpSecurity
from users.mail.limits import Clock
from users.mail.route import Route
from users.mail.tls import client_context
from users.mail.transports import errors, smtp_replies
from users.mail.transports.smtp_client import Client
from users.mail.transports.smtp_replies import Reply
from users.networks import Network
from users.vault import Secret

MAX_DETAIL = 500
GOODBYE_SECONDS = 5


class Session:
    """The three stages raise ``OSError`` or :class:`TransportError`; :func:`smtp_errors.translated` goes around them.

    The certificate is verified with the system's authorities and those in `ca_file`. The password goes out over an
    encrypted connection, or to a server on this very machine; otherwise :class:`errors.PasswordUnprotected` stops it.
    """

    def __init__(  # noqa: PLR0913  (these are the settings of one server)
        self,
        *,
        host: str,
        port: int,
        security: SmtpSecurity,
        username: str,
        password: Secret | None,
        ca_file: Path | None,
        trusted_networks: Iterable[Network],
        clock: Clock,
    ) -> None:
        self.host = host
        self.security = security
        self.username = username
        self.password = password
        self.ca_file = ca_file
        self.clock = clock
        self.route = Route(host, port, trusted_networks=trusted_networks)
        self.client: Client | None = None
        self._socket: socket.socket | None = None

    @property
    def talk(self) -> Client:
        """The client. Raises :class:`errors.ConnectionLost` when there is no connection."""
        if self.client is None:
            raise errors.ConnectionLost(server=self.host)
        return self.client

    @property
    def is_open(self) -> bool:
        return self.client is not None and self.client.is_open

    def close(self) -> None:
        connected, self._socket = self._socket, None
        client, self.client = self.client, None
        if client is not None:
            with self.clock.job(GOODBYE_SECONDS):
                client.leave()
        elif connected is not None:
            connected.close()

    # --- Reaching and encrypting ------------------------------------------------------------------------------------

    def reach(self) -> None:
        """Connect; unless TLS comes first, the server greets as well."""
        self._socket = self.route.connect(self.clock.wait)
        if self.security != SmtpSecurity.TLS:
            self._greet()

    def encrypt(self) -> None:
        """Encrypt as the settings say, and let the server tell what it can do."""
        if self.security == SmtpSecurity.TLS and self._socket is not None:
            self._socket = client_context(self.ca_file).wrap_socket(self._socket, server_hostname=self.host)
            self._greet()
        self.talk.ehlo_or_helo_if_needed()
        if self.security == SmtpSecurity.STARTTLS:
            self._start_tls(self.talk)

    def _greet(self) -> None:
        if self._socket is None:
            raise errors.ConnectionLost(server=self.host)
        self.client = Client(
            self._socket,
            host=self.host,
            port=self.route.port,
            clock=self.clock,
            local_hostname=DNS_NAME.get_fqdn(),
        )

    def _start_tls(self, client: Client) -> None:
        if not client.has_extn("starttls"):
            raise errors.NotEncrypted(server=self.host)
        client.starttls(context=client_context(self.ca_file))
        # What the server offered before does not count any more: RFC 3207 section 4.2.
        client.ehlo_or_helo_if_needed()

    # --- Signing in -------------------------------------------------------------------------------------------------

    @sensitive_variables()
    def sign_in(self) -> None:
        """Sign in once; without a user name, nobody does."""
        if not self.username:
            return
        if not self.password:
            raise errors.PasswordMissing(server=self.host)
        if not _is_protected(self.talk):
            raise errors.PasswordUnprotected(server=self.host)
        reply = self._authenticate(self.talk, self.password)
        if reply.code != 235:
            raise smtp_replies.sign_in_error(reply)(self.detail(reply), server=self.host)

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

    # --- Errors -----------------------------------------------------------------------------------------------------

    def expect(self, codes: set[int], reply: Reply, table: smtp_replies.Table) -> None:
        """Raise what the table says of a reply that has none of these codes."""
        if reply.code not in codes:
            raise self.error(table, reply)

    def error(
        self, table: smtp_replies.Table, reply: Reply, refused: Mapping[str, str] | None = None
    ) -> errors.TransportError:
        kind = smtp_replies.error_class(table, reply)
        return kind(self.detail(reply), server=self.host, refused=refused)

    @sensitive_variables()
    def detail(self, cause: object) -> str:
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


@sensitive_variables()
def _plain_token(username: str, password: Secret) -> str:
    return _base64(f"\0{username}\0{password.reveal()}")


@sensitive_variables()
def _base64(text: str) -> str:
    return b64encode(text.encode("utf-8", "replace")).decode()
