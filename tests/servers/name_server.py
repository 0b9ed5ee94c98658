"""A stand-in for the name server that this machine asks: it knows some records, and can be slow or in trouble.

``records`` has the records as zone files write them, by name and kind. A name without any is none (NXDOMAIN); one with
others only has no such record. ``silent`` and ``failing`` are names whose questions it does not answer, or with
SERVFAIL. An answer that is too long for a datagram comes by TCP alone, as RFC 1035 section 4.2 says.
"""

from __future__ import annotations

import errno
import socket
import struct
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from socketserver import BaseRequestHandler, ThreadingTCPServer, ThreadingUDPServer
from typing import Any, Self

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

ADDRESS = "127.0.0.1"
DATAGRAM = 512
"""Bytes."""
SECONDS = 300
MOST_ALIASES = 8


@dataclass
class NameServer:
    """A context manager; inside it, the server answers at `address`."""

    records: Mapping[str, Mapping[str, Sequence[str]]] = field(default_factory=dict)
    silent: Sequence[str] = ()
    failing: Sequence[str] = ()
    delay: float = 0
    """Seconds before each answer."""
    questions: list[tuple[str, str]] = field(default_factory=list, init=False)
    """Every question: the name and the kind."""
    by_tcp: int = field(default=0, init=False)

    @property
    def address(self) -> tuple[str, int]:
        return ADDRESS, self._udp.server_address[1]

    def __enter__(self) -> Self:
        self._udp, self._tcp = _bind()
        for server in (self._udp, self._tcp):
            server.stand_in = self
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        for server in (self._udp, self._tcp):
            server.shutdown()
            server.server_close()

    def answer(self, question: bytes) -> dns.message.Message | None:
        asked = dns.message.from_wire(question)
        name, kind = asked.question[0].name, asked.question[0].rdtype
        text = name.to_text(omit_final_dot=True)
        self.questions.append((text, dns.rdatatype.to_text(kind)))
        time.sleep(self.delay)
        if text in self.silent:
            return None
        answer = dns.message.make_response(asked)
        answer.flags |= dns.flags.RA
        if text in self.failing:
            answer.set_rcode(dns.rcode.SERVFAIL)
        else:
            self._fill(answer, text, dns.rdatatype.to_text(kind))
        return answer

    def _fill(self, answer: dns.message.Message, name: str, kind: str) -> None:
        """What a resolver answers: the aliases on the way, and what stands at their end."""
        for _number in range(MOST_ALIASES):
            known = self.records.get(name)
            if known is None:
                answer.set_rcode(dns.rcode.NXDOMAIN)
                return
            if "CNAME" not in known or kind == "CNAME":
                self._add(answer, name, kind, known.get(kind, ()))
                return
            self._add(answer, name, "CNAME", known["CNAME"])
            name = known["CNAME"][0].rstrip(".")
            if self._is_the_world_s(name):
                self._add(answer, name, "A", ["192.0.2.1"] if kind == "A" else ())
                return

    def _is_the_world_s(self, name: str) -> bool:
        """Names of others that are there, though this server holds nothing else of them."""
        return name not in self.records and not name.endswith(".invalid")

    @staticmethod
    def _add(answer: dns.message.Message, name: str, kind: str, texts: Sequence[str]) -> None:
        if texts:
            answer.answer.append(dns.rrset.from_text(dns.name.from_text(name), SECONDS, "IN", kind, *texts))


class _Udp(ThreadingUDPServer):
    daemon_threads = True
    stand_in: NameServer


class _Tcp(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    stand_in: NameServer


class _Datagram(BaseRequestHandler):
    def handle(self) -> None:
        question, connection = self.request
        answer = self.server.stand_in.answer(question)  # type: ignore[attr-defined]
        if answer is not None:
            connection.sendto(_within(answer, DATAGRAM), self.client_address)


class _Stream(BaseRequestHandler):
    def handle(self) -> None:
        (length,) = struct.unpack("!H", _read(self.request, 2))
        server: Any = self.server
        server.stand_in.by_tcp += 1
        answer = server.stand_in.answer(_read(self.request, length))
        if answer is not None:
            content = answer.to_wire()
            self.request.sendall(struct.pack("!H", len(content)) + content)


def _bind() -> tuple[_Udp, _Tcp]:
    """Both at one number. That one is free for datagrams does not say that no connection of others has it."""
    while True:
        udp = _Udp((ADDRESS, 0), _Datagram)
        try:
            return udp, _Tcp(udp.server_address, _Stream)
        except OSError as error:
            udp.server_close()
            if error.errno != errno.EADDRINUSE:
                raise


def _within(answer: dns.message.Message, size: int) -> bytes:
    content = answer.to_wire()
    if len(content) <= size:
        return content
    answer.answer.clear()
    answer.flags |= dns.flags.TC
    return answer.to_wire()


def _read(connection: socket.socket, length: int) -> bytes:
    content = b""
    while len(content) < length:
        more = connection.recv(length - len(content))
        if not more:
            raise EOFError
        content += more
    return content
