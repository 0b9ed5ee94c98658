"""The demonstration's mail server: it takes messages from this machine alone and keeps each as a file.

It wants STARTTLS and a sign-in, like the server of a real provider. To see how a refusal looks, send a message to any
address at ``refused.example``: the server says that it does not know it. Every other recipient is taken.
"""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections.abc import Awaitable
from hmac import compare_digest
from pathlib import Path
from types import TracebackType
from typing import Any, Self
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from users.demo.certificates import Certificates
from users.vault import Secret

REFUSED_DOMAIN = "refused.example"
ADDRESS = "127.0.0.1"
FILE_NAME = re.compile(r"(\d{4,})\.eml")


class DemoMailServer:
    """An SMTP server on the loopback address that keeps what it receives in `folder`, as ``0001.eml`` and so on.

    The sender and all recipients of the envelope, also those of a blind copy, stand in front of each message as
    ``X-Envelope-From`` and ``X-Envelope-To``. Port 0 means any free port; `port` tells which. A port that is taken
    raises ``OSError``.
    """

    def __init__(
        self, folder: Path, *, username: str, password: Secret, certificates: Certificates, port: int = 2525
    ) -> None:
        self.folder = folder
        self.port = port
        self._username = username
        self._password = password
        self._certificates = certificates
        self._controller: _Controller | None = None

    def start(self) -> None:
        """Listen, in a thread of its own."""
        self.folder.mkdir(parents=True, exist_ok=True)
        listener = socket.create_server((ADDRESS, self.port))
        self.port = listener.getsockname()[1]
        self._controller = _Controller(
            _Postbox(self.folder),
            listener=listener,
            tls_context=_server_context(self._certificates),
            require_starttls=True,
            auth_required=True,
            authenticator=self._authenticate,
        )
        self._controller.start()

    def stop(self) -> None:
        """Stop listening; harmless when the server is not running."""
        controller, self._controller = self._controller, None
        if controller is not None:
            controller.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def _authenticate(
        self, _server: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: LoginPassword
    ) -> AuthResult:
        is_user = compare_digest(login.login, self._username.encode())
        is_password = compare_digest(login.password, self._password.reveal().encode())
        return AuthResult(success=is_user and is_password, handled=False)


class _Controller(Controller):
    """aiosmtpd's thread on a socket that listens already: so the port is known, and a taken one is reported at once."""

    def __init__(self, postbox: _Postbox, *, listener: socket.socket, **options: Any) -> None:
        super().__init__(
            postbox, hostname=ADDRESS, port=listener.getsockname()[1], server_hostname="localhost", **options
        )
        self._listener = listener
        self._talks: WeakSet[Any] = WeakSet()

    def factory(self) -> SMTP:
        talk = SMTP(self.handler, **self.SMTP_kwargs)
        self._talks.add(talk)
        return talk

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self._listener)

    def cancel_tasks(self, stop_loop: bool = True) -> None:  # noqa: FBT001, FBT002  (aiosmtpd's signature)
        # aiosmtpd would leave open connections to the garbage collector.
        for talk in self._talks:
            if talk.transport is not None:
                talk.transport.abort()
        super().cancel_tasks(stop_loop)


class _Postbox:
    """Answers for each message. The names of the methods are aiosmtpd's."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower().endswith(f"@{REFUSED_DOMAIN}"):
            return "550 5.1.1 No such mailbox here"
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 Recipient taken"

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        name = self._keep(envelope)
        return f"250 2.0.0 Kept as {name}"

    def _keep(self, envelope: Envelope) -> str:
        name = f"{self._last_number() + 1:04}.eml"
        unfinished = self.folder / f"{name}.part"
        unfinished.write_bytes(_with_envelope(envelope))
        unfinished.rename(self.folder / name)
        return name

    def _last_number(self) -> int:
        matches = [FILE_NAME.fullmatch(path.name) for path in self.folder.iterdir()]
        return max((int(match[1]) for match in matches if match), default=0)


def _with_envelope(envelope: Envelope) -> bytes:
    recipients = ",\r\n ".join(envelope.rcpt_tos)
    header = f"X-Envelope-From: {envelope.mail_from}\r\nX-Envelope-To: {recipients}\r\n"
    return header.encode("utf-8", "surrogateescape") + (envelope.original_content or b"")


def _server_context(certificates: Certificates) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificates.server, certificates.key)
    return context
