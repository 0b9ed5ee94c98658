from __future__ import annotations

import socket
from collections.abc import Callable

import pytest


def look_up() -> None:
    socket.getaddrinfo("mail.example.com", 25)


def connect() -> None:
    socket.create_connection(("192.0.2.1", 25), timeout=0.1)


def connect_by_version_6() -> None:
    with socket.socket(socket.AF_INET6) as client:
        client.connect(("2001:db8::1", 25, 0, 0))


def send_a_datagram() -> None:
    with socket.socket(type=socket.SOCK_DGRAM) as client:
        client.sendto(b"who is there?", ("192.0.2.1", 53))


@pytest.mark.parametrize("reach", [look_up, connect, connect_by_version_6, send_a_datagram])
def test_a_test_that_reaches_beyond_this_machine_fails(reach: Callable[[], None]) -> None:
    with pytest.raises(pytest.fail.Exception, match="beyond this machine"):
        reach()


def test_a_name_that_never_exists_is_not_found() -> None:
    with pytest.raises(socket.gaierror):
        socket.getaddrinfo("mail.invalid", 25)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_this_machine_is_within_reach(host: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection((host, server.getsockname()[1])).close()
