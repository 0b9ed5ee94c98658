"""Keeps the tests on this machine: one that reaches beyond it fails, even if the code under test handles the error."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from typing import Any
from unittest import mock

import pytest

NEVER_EXISTS = ".invalid"
"""Names below this top-level domain never exist (RFC 6761, section 6.4): looking one up fails at once, and may."""


@contextmanager
def only_this_machine() -> Iterator[None]:
    """Refuse connections, datagrams and name look-ups that lead beyond the loopback addresses."""
    with (
        mock.patch.object(socket.socket, "connect", _guarded(socket.socket.connect)),
        mock.patch.object(socket.socket, "connect_ex", _guarded(socket.socket.connect_ex)),
        mock.patch.object(socket.socket, "sendto", _guarded(socket.socket.sendto)),
        mock.patch.object(socket, "getaddrinfo", _guarded_lookup(socket.getaddrinfo)),
    ):
        yield


def is_local(host: str) -> bool:
    if host in {"", "localhost"} or host.endswith(".localhost"):
        return True
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_unspecified


def _guarded(method: Callable[..., Any]) -> Callable[..., Any]:
    def guard(self: socket.socket, *arguments: Any) -> Any:
        address = arguments[-1]
        if self.family in {socket.AF_INET, socket.AF_INET6} and not is_local(str(address[0])):
            _refuse(address)
        return method(self, *arguments)

    return guard


def _guarded_lookup(lookup: Callable[..., Any]) -> Callable[..., Any]:
    def guard(host: str | bytes | None, *arguments: Any, **options: Any) -> Any:
        name = host.decode() if isinstance(host, bytes) else host or ""
        if name.endswith(NEVER_EXISTS):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if not is_local(name):
            _refuse(name)
        return lookup(host, *arguments, **options)

    return guard


def _refuse(target: object) -> None:
    # pytest's own exception is no Exception: no `except OSError` of the code under test swallows it.
    pytest.fail(f"A test reached beyond this machine: {target}", pytrace=True)
