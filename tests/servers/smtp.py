"""A stand-in for an SMTP server: it answers, refuses, dawdles and hangs up as it is told, and keeps what it takes.

``replies``, ``drops`` and ``delays`` name moments of the talk: ``MAIL``, ``RCPT`` (or ``RCPT bob@example.com`` for one
recipient, and so for a sender), ``AUTH``, ``DATA`` for the command, ``CONTENT`` for the middle of the message and ``.``
for its end; drops and delays also ``EHLO`` and ``STARTTLS``.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
import tempfile
import threading
from collections.abc import Awaitable, Iterable, Mapping
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from weakref import WeakSet

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import MISSING, SMTP, AuthResult, Envelope, LoginPassword, Session

from tests.servers.certificates import Certificate, authority, server_context

HOST = "localhost"
ADDRESS = "127.0.0.1"


@dataclass(frozen=True)
class Received:
    """One message that the server took."""

    sender: str
    recipients: list[str]
    options: list[str]
    content: bytes

    @property
    def parsed(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)


@dataclass
class SmtpServer:
    """A context manager; inside it, the server listens at `host` and `port` until the block ends."""

    security: str = "starttls"
    username: str = ""
    password: str = ""
    mechanisms: Iterable[str] = ("PLAIN", "LOGIN")
    certificate: Certificate = Certificate.GOOD
    replies: Mapping[str, str] = field(default_factory=dict)
    drops: Iterable[str] = ()
    delays: Mapping[str, float] = field(default_factory=dict)
    pace: float = 0
    """Seconds that every answer takes, from the greeting to the goodbye."""
    has_8bitmime: bool = True
    size_limit: int = 33_554_432
    most_messages: int = 1_000_000
    """In one connection: after that, it answers 421 and hangs up."""
    is_silent_about_it: bool = False
    """Whether it hangs up without the answer."""

    host: str = field(default=HOST, init=False)
    port: int = field(default=0, init=False)
    received: list[Received] = field(default_factory=list, init=False)
    sign_ins: list[tuple[str, str, str]] = field(default_factory=list, init=False)
    connections: int = field(default=0, init=False)
    answers: int = field(default=0, init=False)
    goodbyes: int = field(default=0, init=False)

    @property
    def ca_file(self) -> Path:
        """The authority that a client has to trust, as a file."""
        return Path(self._folder.name) / "ca.pem"

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        authority().cert_pem.write_to_path(str(self.ca_file))
        self._listener = socket.create_server((ADDRESS, 0))
        self.port = self._listener.getsockname()[1]
        self._controller = _Controller(self)
        self._controller.start()
        self.connections = 0
        return self

    def __exit__(self, *_error: object) -> None:
        self._controller.stop()
        self._folder.cleanup()

    @property
    def listener(self) -> socket.socket:
        return self._listener


class _Controller(Controller):
    """aiosmtpd's thread, on a socket that listens already."""

    def __init__(self, server: SmtpServer) -> None:
        self.stand_in = server
        self.context = server_context(server.certificate)
        self._talks: WeakSet[Any] = WeakSet()
        is_tls = server.security == "tls"
        super().__init__(
            _Script(server), hostname=ADDRESS, port=server.port, ssl_context=self.context if is_tls else None
        )

    def factory(self) -> SMTP:
        self.stand_in.connections += 1
        talk = _Talk(self.stand_in, self.handler, self.context)
        self._talks.add(talk)
        return talk

    def _create_server(self) -> Awaitable[asyncio.AbstractServer]:
        return self.loop.create_server(self._factory_invoker, sock=self.stand_in.listener, ssl=self.ssl_context)

    def cancel_tasks(self, stop_loop: bool = True) -> None:  # noqa: FBT001, FBT002  (aiosmtpd's signature)
        # aiosmtpd would leave open connections to the garbage collector.
        for talk in self._talks:
            if talk.transport is not None:
                talk.transport.abort()
        super().cancel_tasks(stop_loop)


class _Talk(SMTP):
    """One connection."""

    messages = 0

    def __init__(self, server: SmtpServer, script: _Script, context: ssl.SSLContext) -> None:
        self.script = script
        super().__init__(
            script,
            hostname=HOST,
            data_size_limit=server.size_limit,
            tls_context=context if server.security == "starttls" else None,
            auth_require_tls=server.security == "starttls",
            auth_exclude_mechanism={"PLAIN", "LOGIN"} - set(server.mechanisms),
            authenticator=script.authenticate,
            timeout=30,
        )

    async def smtp_STARTTLS(self, arg: str) -> None:
        await self.script.play(self, "STARTTLS")
        await super().smtp_STARTTLS(arg)

    async def smtp_DATA(self, arg: str) -> None:
        reply = await self.script.play(self, "DATA")
        if reply:
            await self.push(reply)
            return
        if "CONTENT" in self.script.server.drops:
            await self.push("354 Go on")
            await self._reader.read(10)
            await self.script.play(self, "CONTENT")
        await super().smtp_DATA(arg)

    async def push(self, status: Any) -> None:
        content = status.encode() if isinstance(status, str) else status
        if content[3:4] != b"-":  # the last line of an answer: RFC 5321 section 4.2.1
            self.script.server.answers += 1
            await asyncio.sleep(self.script.server.pace)
        await super().push(content)

    def hang_up(self) -> None:
        transport: Any = self._original_transport or self.transport
        transport.abort()


class _Script:
    """Plays the script of a :class:`SmtpServer`. The names of the methods are aiosmtpd's."""

    def __init__(self, server: SmtpServer) -> None:
        self.server = server

    async def play(self, talk: Any, *moments: str) -> str | None:
        """Do what the script says for this moment; returns the reply that it wants, if any."""
        for moment in moments:
            await asyncio.sleep(self.server.delays.get(moment, 0))
            if moment in self.server.drops:
                talk.hang_up()
                # What runs here is cancelled as soon as the loop hears of the lost connection.
                await asyncio.sleep(30)
            if moment in self.server.replies:
                return self.server.replies[moment]
        return None

    def authenticate(
        self, _talk: SMTP, _session: Session, _envelope: Envelope, mechanism: str, login: LoginPassword
    ) -> AuthResult:
        given = (login.login.decode(), login.password.decode())
        self.server.sign_ins.append((mechanism, *given))
        return AuthResult(success=given == (self.server.username, self.server.password), handled=False)

    async def handle_EHLO(self, talk: SMTP, session: Session, _e: Envelope, name: str, replies: list[str]) -> list[str]:
        await self.play(talk, "EHLO")
        session.host_name = name
        hidden = [] if self.server.has_8bitmime else ["250-8BITMIME"]
        if not (self.server.mechanisms and self.server.username):
            hidden.append("250-AUTH")
        return [line for line in replies if not line.startswith(tuple(hidden))]

    async def handle_AUTH(self, talk: SMTP, _session: Session, _envelope: Envelope, arguments: list[str]) -> Any:
        reply = await self.play(talk, "AUTH")
        return reply.replace("{arguments}", " ".join(arguments)) if reply else MISSING

    async def handle_MAIL(
        self, talk: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.server.username and not session.authenticated:
            return "530 5.7.0 Authentication required"
        reply = await self.play(talk, "MAIL", f"MAIL {address}")
        if reply:
            return reply
        talk.messages += 1
        if talk.messages > self.server.most_messages:
            if self.server.is_silent_about_it:
                talk.hang_up()
            return "421 4.7.0 Too many messages for one connection"
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 Sender OK"

    async def handle_RCPT(self, talk: SMTP, _session: Session, envelope: Envelope, address: str, _o: list[str]) -> str:
        reply = await self.play(talk, "RCPT", f"RCPT {address}")
        if reply:
            return reply
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Recipient OK"

    async def handle_DATA(self, talk: SMTP, _session: Session, envelope: Envelope) -> str:
        reply = await self.play(talk, ".")
        if reply:
            return reply
        self.server.received.append(
            Received(
                sender=envelope.mail_from or "",
                recipients=list(envelope.rcpt_tos),
                options=list(envelope.mail_options),
                content=bytes(envelope.original_content or b""),
            )
        )
        return "250 2.0.0 Message taken"

    async def handle_QUIT(self, _talk: SMTP, _session: Session, _envelope: Envelope) -> str:
        self.server.goodbyes += 1
        return "221 2.0.0 Bye"


@dataclass
class RawServer:
    """Something at a port that is no mail server: it sends `greeting`, letter by letter where `pause` says so."""

    greeting: bytes = b""
    pause: float = 0

    host: str = field(default=HOST, init=False)
    port: int = field(default=0, init=False)
    connections: int = field(default=0, init=False)

    def __enter__(self) -> Self:
        self._listener = socket.create_server((ADDRESS, 0))
        self.port = self._listener.getsockname()[1]
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._answer, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._is_over.set()
        # Wakes the thread where nobody has come.
        self._listener.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._listener.close()

    def _answer(self) -> None:
        while not self._is_over.is_set():
            try:
                connection, _peer = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with connection:
            for piece in [bytes([letter]) for letter in self.greeting] if self.pause else [self.greeting]:
                if self._is_over.wait(self.pause) or not _send(connection, piece):
                    return
            self._is_over.wait(30)


def _send(connection: socket.socket, piece: bytes) -> bool:
    try:
        connection.sendall(piece)
    except OSError:
        return False
    return True
