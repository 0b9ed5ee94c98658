"""The way to a server: every address is judged, and only what was judged is connected to, whatever names say later."""

from __future__ import annotations

import _socket
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address, ip_network
from typing import Any
from unittest import mock

import pytest

from mailsettings.env import THIS_MACHINE
from users.mail.route import Route
from users.mail.transports.errors import HostUnknown, NetworkNotAllowed

EVERYTHING = [ip_network("0.0.0.0/0"), ip_network("::/0")]
LOOPBACK = "127.0.0.1 127.1 2130706433 0x7f000001 0x7f.1 0177.0.0.1 017700000001".split()
"""This machine, as the system's resolver takes it: decimal, octal and hexadecimal, with parts left out."""
METADATA = "169.254.169.254 2852039166 0xa9fea9fe 0251.0376.0251.0376 169.16689662 ::ffff:169.254.169.254".split()
NOWHERE = (
    "0.0.0.0 0 0x0 00.0 :: ::ffff:0.0.0.0 255.255.255.255 4294967295 224.0.0.1 fe80::1 fe80::1%1 ff02::1%1".split()
)


@contextmanager
def answers(*addresses: str, **later: str) -> Iterator[mock.Mock]:
    """Every name has these addresses; from the second question on, those in `later`."""
    told = [list(addresses), *[text.split() for text in later.values()]]
    with mock.patch.object(socket, "getaddrinfo", side_effect=[_found(each) for each in told]) as resolver:
        yield resolver


@contextmanager
def numbers() -> Iterator[None]:
    """The system's own resolver, for addresses written as numbers alone."""

    def look_up(host: str, port: int, **options: Any) -> Any:
        return _socket.getaddrinfo(host, port, flags=socket.AI_NUMERICHOST, **options)

    with mock.patch.object(socket, "getaddrinfo", look_up):
        yield


def _found(addresses: list[str]) -> list[Any]:
    families = {4: socket.AF_INET, 6: socket.AF_INET6}
    return [(families[ip_address(each).version], socket.SOCK_STREAM, 6, "", (each, 25)) for each in addresses]


@contextmanager
def listener() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def hosts(route: Route) -> list[str]:
    return [address.host for address in route.addresses]


@pytest.mark.parametrize("host", LOOPBACK)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with numbers():
        with pytest.raises(NetworkNotAllowed):
            hosts(Route(host, 25))
        assert hosts(Route(host, 25, trusted_networks=THIS_MACHINE)) == ["127.0.0.1"]


@pytest.mark.parametrize("host", [*METADATA, *NOWHERE])
def test_some_addresses_are_refused_whatever_is_trusted(host: str) -> None:
    with numbers(), pytest.raises(NetworkNotAllowed):
        hosts(Route(host, 25, trusted_networks=EVERYTHING))


@pytest.mark.parametrize(
    "host", ["", ".", "a..b", "x" * 300, "127.0.0.1\0.example.com", "[127.0.0.1]", "127.0.0.1:25", "\u2488"]
)
def test_what_is_no_name_is_unknown(host: str) -> None:
    with numbers(), pytest.raises(HostUnknown):
        hosts(Route(host, 25, trusted_networks=EVERYTHING))


def test_of_several_addresses_those_that_are_allowed_are_left() -> None:
    inner = ("169.254.169.254", "93.184.216.34", "10.0.0.1", "::ffff:127.0.0.1", "2606:2800:220:1::1")
    with answers(*inner):
        assert hosts(Route("mail.example.com", 25)) == ["93.184.216.34", "2606:2800:220:1::1"]


def test_when_none_is_allowed_none_is_asked() -> None:
    with (
        answers("10.0.0.1", "169.254.169.254", "64:ff9b::a9fe:a9fe"),
        mock.patch.object(socket.socket, "connect") as connect,
        pytest.raises(NetworkNotAllowed),
    ):
        Route("mail.example.com", 25).connect(1)
    connect.assert_not_called()


def test_a_name_that_changes_after_the_judgement_is_not_asked_again() -> None:
    with listener() as port, answers("127.0.0.1", later="169.254.169.254") as resolver:
        found = _found(["127.0.0.1"])[0]
        resolver.side_effect = [[(*found[:4], ("127.0.0.1", port))], _found(["169.254.169.254"])]
        route = Route("mail.example.com", port, trusted_networks=THIS_MACHINE)
        assert hosts(route) == ["127.0.0.1"]
        for _time in range(2):
            with route.connect(5) as connection:
                assert connection.getpeername() == ("127.0.0.1", port)
    assert resolver.call_count == 1


def test_a_name_that_is_refused_once_is_judged_anew_the_next_time() -> None:
    with answers("10.0.0.1", later="93.184.216.34"):
        route = Route("mail.example.com", 25)
        with pytest.raises(NetworkNotAllowed):
            hosts(route)
        assert hosts(route) == ["93.184.216.34"]


def test_the_next_address_is_tried_when_one_does_not_answer() -> None:
    with listener() as port:
        dead, alive = _found(["127.0.0.2", "127.0.0.1"])
        with answers() as resolver:
            resolver.side_effect = [[(*dead[:4], ("127.0.0.2", port)), (*alive[:4], ("127.0.0.1", port))]]
            with Route("mail.example.com", port, trusted_networks=THIS_MACHINE).connect(5) as connection:
                assert connection.getpeername() == ("127.0.0.1", port)
                assert connection.gettimeout() == 5


def test_a_port_where_nobody_listens_is_told() -> None:
    with listener() as port:
        pass
    with numbers(), pytest.raises(ConnectionRefusedError):
        Route("127.0.0.1", port, trusted_networks=THIS_MACHINE).connect(5)
