"""The way to one port of one server: every address of its name is judged, and only judged ones are connected to."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from users.mail import limits
from users.mail.transports.errors import HostUnknown, NetworkNotAllowed
from users.networks import Network, may_connect


class Address(NamedTuple):
    """One address as the system's resolver gives it."""

    family: int
    kind: int
    protocol: int
    name: str
    socket_address: tuple[Any, ...]

    @property
    def host(self) -> str:
        return str(self.socket_address[0])


class Route:
    """Looks the name up once; whatever it stands for later, connections go to what was found and judged then."""

    def __init__(self, host: str, port: int, *, trusted_networks: Iterable[Network] = ()) -> None:
        self.host = host
        self.port = port
        self.trusted_networks = tuple(trusted_networks)
        self._addresses: Sequence[Address] = ()

    @property
    def addresses(self) -> Sequence[Address]:
        """The server's addresses that this site may connect to.

        Raises :class:`HostUnknown`, and :class:`NetworkNotAllowed` when there are others only.
        """
        if not self._addresses:
            self._addresses = self._judged(self._look_up())
        return self._addresses

    def connect(self, timeout: float) -> socket.socket:
        """A connection to the first address that answers; from then on, `timeout` in seconds limits each wait.

        Raises ``OSError``, also as ``TimeoutError``, and what :attr:`addresses` raises.
        """
        clock = limits.Clock(wait=min(limits.CONNECT_SECONDS, timeout), whole=limits.CONNECT_SECONDS_IN_ALL)
        failure = OSError("The name has no address.")
        for address in self.addresses:
            try:
                connection = _connected(address, clock)
            except OSError as error:
                failure = error
            else:
                connection.settimeout(timeout)
                return connection
        raise failure

    def _look_up(self) -> list[Address]:
        # The system's resolver would look up what stands before a NUL, and no more.
        if not self.host or "\0" in self.host:
            raise HostUnknown(server=self.host)
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise HostUnknown(str(error), server=self.host) from error
        return [Address(*address) for address in found]

    def _judged(self, addresses: list[Address]) -> list[Address]:
        allowed = [address for address in addresses if may_connect(address.host, self.trusted_networks)]
        if not allowed:
            raise NetworkNotAllowed(server=self.host)
        return allowed


def _connected(address: Address, clock: limits.Clock) -> socket.socket:
    connection = socket.socket(address.family, address.kind, address.protocol)
    try:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(clock.left())
        connection.connect(address.socket_address)
    except OSError:
        connection.close()
        raise
    return connection
