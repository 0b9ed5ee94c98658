"""Looking into Sent Items of a mailbox in Microsoft 365."""

from __future__ import annotations

import pytest
from django.test import SimpleTestCase

from tests.servers.graph import Fault, GraphServer
from tests.users.mail.transports.test_exchange_online import connect, deliver
from users.choices import Outcome
from users.mail.transports.errors import TransportError


class LookingTests(SimpleTestCase):
    def test_without_the_permission_nobody_can_look(self) -> None:
        with GraphServer(may_read=False) as server:
            receipt = deliver(server)
            assert receipt.is_sent
            assert connect(server).find_sent(receipt.message_id) is None

    def test_what_goes_wrong_is_told(self) -> None:
        for fault, code in (
            (Fault(drop="before"), "connection_lost"),
            (Fault(500), "service_busy"),
            (Fault(200, body=b"<html>Sign in</html>"), "not_the_service"),
            (Fault(200, body=b'{"value": 1}'), "not_the_service"),
            (Fault(401), "token_refused"),
        ):
            with (
                self.subTest(code),
                GraphServer(faults={"sentitems": fault}) as server,
                pytest.raises(TransportError) as caught,
            ):
                connect(server).find_sent("<a@example.com>")
            assert (caught.value.code, caught.value.outcome) == (code, Outcome.FAILED)
