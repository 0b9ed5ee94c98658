"""The stand-in itself, where a mistake of it would look like one of the site."""

from __future__ import annotations

import socket
from typing import Any
from unittest import mock

from tests.servers import name_server
from tests.servers.name_server import ADDRESS, NameServer


def test_a_number_that_a_connection_of_others_has_is_not_insisted_on() -> None:
    server_class = name_server._Udp
    with socket.create_server((ADDRESS, 0)) as taken:
        numbers = [taken.getsockname()[1], 0]

        def next_one(_address: Any, handler: Any) -> Any:
            return server_class((ADDRESS, numbers.pop(0)), handler)

        with mock.patch.object(name_server, "_Udp", next_one), NameServer() as server:
            assert server.address[1] != taken.getsockname()[1]
    assert numbers == []
