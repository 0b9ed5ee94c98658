"""The standard library's SMTP client with what it lacks: a limit on slow answers, and answers as one object."""

from __future__ import annotations

import io
import smtplib
import socket
import time
from typing import Any

from users.mail.limits import Clock
from users.mail.transports.smtp_replies import Reply

PIECE = 128 * 1024


class Client(smtplib.SMTP):
    """An SMTP connection over a socket that is connected already, and encrypted where TLS comes first (RFC 8314).

    Making one waits for the server's greeting. The `clock` limits each whole reply, where the library would limit each
    piece of one: a server that sends one letter every ten seconds would otherwise hold its visitor for ever.
    """

    def __init__(self, connected: socket.socket, *, host: str, port: int, clock: Clock, local_hostname: str) -> None:
        self.clock = clock
        self._connected = connected
        super().__init__(host, port, local_hostname=local_hostname, timeout=clock.wait)

    def getreply(self) -> tuple[int, bytes]:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("The connection is closed.")
        if self.file is None:
            self.file = io.BufferedReader(_TimedReader(self.sock))
        self.file.raw.begin(self._left())
        return super().getreply()

    def send(self, s: Any) -> None:
        """Send in pieces with a limit for each: a slow line is no silent server."""
        content = memoryview(s.encode(self.command_encoding) if isinstance(s, str) else s)
        for start in range(0, len(content), PIECE):
            if self.sock is not None:
                self.sock.settimeout(self._left())
            super().send(content[start : start + PIECE])

    def _left(self) -> float:
        """Seconds for the next wait. After the last, nothing that comes late must be taken for another answer."""
        try:
            return self.clock.left()
        except TimeoutError:
            self.close()
            raise

    def _get_socket(self, *_address: object) -> socket.socket:
        return self._connected

    def ask(self, command: str, argument: str = "") -> Reply:
        """Send one command and wait for its reply."""
        return _reply(self.docmd(command, argument))

    def ask_sender(self, address: str, options: list[str]) -> Reply:
        return _reply(self.mail(address, options))

    def ask_recipient(self, address: str) -> Reply:
        return _reply(self.rcpt(address))

    def read_reply(self) -> Reply:
        return _reply(self.getreply())

    def reset(self) -> None:
        """Forget a transaction that was begun; close the connection when that is no longer possible."""
        try:
            self.rset()
        except OSError:
            # Of the library's errors, too, every one is an OSError.
            self.close()

    @property
    def is_open(self) -> bool:
        return self.sock is not None

    def leave(self) -> None:
        """Say goodbye where the server still listens, and close the connection in any case."""
        try:
            self.quit()
        except OSError:
            self.close()


class _TimedReader(io.RawIOBase):
    """Reads from the socket for as long as :meth:`begin` says."""

    def __init__(self, sock: socket.socket) -> None:
        super().__init__()
        self._sock = sock
        self._end = 0.0

    def begin(self, seconds: float) -> None:
        self._end = time.monotonic() + seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._end - time.monotonic()
        if left <= 0:
            raise TimeoutError("The reply was not complete in time.")
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


def _reply(answer: tuple[int, bytes]) -> Reply:
    code, text = answer
    return Reply(code, text.decode("utf-8", "replace"))
