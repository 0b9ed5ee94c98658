"""A small https server for stand-ins: a thread for each connection, which is kept open as HTTP/1.1 wants it."""

from __future__ import annotations

import io
import socket
import tempfile
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar, Self

from tests.servers.certificates import Certificate, authority, server_context


class Talk(BaseHTTPRequestHandler):
    """One connection. A stand-in writes ``do_GET`` and the like."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    """Head and body are written one after the other: without this, each answer would take 40 ms."""
    server: _Listener

    def setup(self) -> None:
        super().setup()
        if self.server.stand_in.trickle:
            self.wfile = _SlowWriter(self.connection, self.server.stand_in.trickle)

    def read_body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("Content-Length") or 0))

    def answer(self, status: int, body: bytes = b"", **headers: str) -> None:
        """Headers are given in Python's spelling: ``Content_Type``."""
        self.send_response(status)
        for name, value in {"Content_Length": str(len(body)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(body)

    def hang_up(self) -> None:
        """End the connection without an answer."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def log_message(self, *_arguments: Any) -> None:
        return


class _SlowWriter(io.BufferedIOBase):
    """Sends letter by letter, as long as somebody listens."""

    def __init__(self, connection: Any, seconds: float) -> None:
        super().__init__()
        self._connection = connection
        self._seconds = seconds

    def write(self, content: Any) -> int:
        for letter in content:
            self._connection.sendall(bytes([letter]))
            time.sleep(self._seconds)
        return len(content)


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    stand_in: Any

    def handle_error(self, *_arguments: Any) -> None:
        """Clients that go away are part of the tests."""


@dataclass
class HttpsServer:
    """A context manager; inside it, the server listens at `url` until the block ends.

    `trickle` is the time in seconds that it takes for each letter of an answer.
    """

    talk: ClassVar[type[Talk]] = Talk

    certificate: Certificate = Certificate.GOOD
    trickle: float = 0
    host: str = field(default="localhost", init=False)
    port: int = field(default=0, init=False)

    @property
    def url(self) -> str:
        return f"https://{self.host}:{self.port}"

    @property
    def ca_file(self) -> Path:
        """The authority that a client has to trust, as a file."""
        return Path(self._folder.name) / "ca.pem"

    def __enter__(self) -> Self:
        self._folder = tempfile.TemporaryDirectory()
        authority().cert_pem.write_to_path(str(self.ca_file))
        self._listener = _Listener(("127.0.0.1", 0), self.talk)
        self._listener.stand_in = self
        self.port = self._listener.server_address[1]
        self._listener.socket = server_context(self.certificate).wrap_socket(
            self._listener.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._listener.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listener.shutdown()
        self._thread.join()
        self._listener.server_close()
        self._folder.cleanup()
