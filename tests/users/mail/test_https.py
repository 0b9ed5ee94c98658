"""The limits of an https connection: for each wait, and for everything together."""

from __future__ import annotations

import socket
from datetime import UTC, datetime
from time import monotonic
from unittest import mock

import pytest
import requests
import time_machine
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.deaf import full_server, silent_server
from tests.servers.https import HttpsServer, Talk
from tests.timing import seconds_at_most
from users.mail import https, limits
from users.mail.https import VerifyingAdapter, https_session, retry_after
from users.mail.limits import Clock

TCP = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


class _Echo(Talk):
    def do_GET(self) -> None:
        self.answer(200, b"Hello")

    def do_POST(self) -> None:
        self.answer(200, self.read_body())


class EchoServer(HttpsServer):
    talk = _Echo


class LimitTests(SimpleTestCase):
    def adapter(self, server: HttpsServer, *, wait: float = 2, whole: float = 1) -> VerifyingAdapter:
        return VerifyingAdapter(server.ca_file, Clock(wait=wait, whole=whole), trusted_networks=THIS_MACHINE)

    def test_what_is_asked_is_answered(self) -> None:
        with EchoServer() as server:
            session = https_session(self.adapter(server, whole=30))
            content = b"x" * 3_000_000
            assert session.post(server.url, data=content).content == content

    def test_an_answer_that_comes_letter_by_letter_has_an_end(self) -> None:
        with EchoServer(trickle=0.5) as server, seconds_at_most(20), pytest.raises(requests.RequestException):
            https_session(self.adapter(server)).get(server.url)

    def ask_every_20_seconds(self, adapter: VerifyingAdapter, server: HttpsServer) -> list[str]:
        texts, start = list[str](), monotonic()
        for number in range(3):
            with mock.patch.object(limits, "monotonic", return_value=start + 20 * number):
                texts.append(https_session(adapter).get(server.url).text)
        return texts

    def test_several_requests_of_one_job_share_its_limit(self) -> None:
        with EchoServer() as server:
            adapter = self.adapter(server, whole=30)
            with adapter.clock.job(), pytest.raises(requests.RequestException):
                self.ask_every_20_seconds(adapter, server)

    def test_apart_they_have_a_limit_each(self) -> None:
        with EchoServer() as server:
            assert self.ask_every_20_seconds(self.adapter(server, whole=30), server) == ["Hello"] * 3

    def test_a_server_that_says_nothing_has_an_end(self) -> None:
        with silent_server() as port, mock.patch.object(https, "HANDSHAKE_SECONDS", 0.5):
            session = https_session(VerifyingAdapter(None, trusted_networks=THIS_MACHINE))
            with seconds_at_most(20), pytest.raises(requests.RequestException):
                session.get(f"https://localhost:{port}")

    def test_all_addresses_of_a_name_share_one_limit(self) -> None:
        with (
            full_server() as address,
            mock.patch.object(limits, "CONNECT_SECONDS", 1),
            mock.patch.object(limits, "CONNECT_SECONDS_IN_ALL", 1.5),
            mock.patch.object(socket, "getaddrinfo", return_value=[(*TCP, "", address)] * 30),
            seconds_at_most(20),
            pytest.raises(requests.ConnectTimeout),
        ):
            https_session(VerifyingAdapter(None, trusted_networks=THIS_MACHINE)).get("https://localhost/")

    def test_it_knows_whether_a_request_went_out(self) -> None:
        with EchoServer() as server:
            adapter = self.adapter(server)
            https_session(adapter).get(server.url)
            assert adapter.has_sent
            adapter.close()
        with pytest.raises(requests.ConnectionError):
            https_session(adapter).get(server.url)
        assert not adapter.has_sent


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ({"Retry-After": "150"}, 150),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:25:30 GMT"}, 150),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "Wed, 21 Oct 2026 07:30:00 GMT"}, 0),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT", "Date": "now"}, 60),
        ({"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}, 60),
        ({"Retry-After": "Wed, 99 Oct 2026 07:28:00 GMT"}, 0),
        ({"Retry-After": "soon"}, 0),
        ({}, 0),
    ],
)
def test_how_long_a_server_wants_to_be_left_alone(told: dict[str, str], seconds: int) -> None:
    with time_machine.travel(datetime(2026, 10, 21, 7, 27, tzinfo=UTC), tick=False):
        assert retry_after(told) == seconds
