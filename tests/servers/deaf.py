"""Servers that say nothing, and a port without any."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Self


class ClosedPort:
    """A port where nobody listens, and that nobody else is given while it is held: connections are refused."""

    host = "localhost"

    def __enter__(self) -> Self:
        self._holder = socket.socket()
        self._holder.bind(("127.0.0.1", 0))
        self.port: int = self._holder.getsockname()[1]
        return self

    def __exit__(self, *_error: object) -> None:
        self._holder.close()


@contextmanager
def silent_server() -> Iterator[int]:
    """A port that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


@contextmanager
def full_server() -> Iterator[tuple[str, int]]:
    """An address where connecting takes for ever, because nobody takes those who wait already."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener, ExitStack() as waiting:
        address = listener.getsockname()
        for _number in range(3):
            sock = waiting.enter_context(socket.socket())
            sock.setblocking(False)
            sock.connect_ex(address)
        yield address
