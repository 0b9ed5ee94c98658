"""The limits of an https connection: for each wait, and for everything together."""

from __future__ import annotations

import socket
import ssl
import tempfile
from pathlib import Path
from time import monotonic
from unittest import mock

import pytest
import requests
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.certificates import authority
from tests.servers.deaf import full_server, silent_server
from tests.servers.https import HttpsServer, Talk
from tests.timing import seconds_at_most
from users.mail import https, limits
from users.mail.https import CONTEXT_SECONDS, VerifyingAdapter, https_context, https_session
from users.mail.limits import Clock
from users.mail.transports.errors import AuthoritiesUnreadable

TCP = (socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)


class _Echo(Talk):
    def do_GET(self) -> None:
        self.answer(200, b"Hello")

    def do_POST(self) -> None:
        self.answer(200, self.read_body())


class EchoServer(HttpsServer):
    talk = _Echo


class ContextTests(SimpleTestCase):
    """Reading the system's authorities takes longer than most requests, so connections share what was read."""

    def setUp(self) -> None:
        self.ca_file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "ca.pem"

    def test_connections_of_some_minutes_share_one(self) -> None:
        context = https_context(self.ca_file)
        assert https_context(self.ca_file) is context
        with mock.patch.object(https, "monotonic", return_value=monotonic() + CONTEXT_SECONDS):
            assert https_context(self.ca_file) is not context

    def test_another_file_counts_at_once(self) -> None:
        https_context(self.ca_file)
        authority().cert_pem.write_to_path(str(self.ca_file))
        ours = ssl.PEM_cert_to_DER_cert(self.ca_file.read_text())
        assert ours in https_context(self.ca_file).get_ca_certs(binary_form=True)
        assert ours not in https_context(None).get_ca_certs(binary_form=True)

    def test_a_file_that_can_not_be_read_is_told_each_time(self) -> None:
        self.ca_file.write_text("not a certificate")
        for _time in range(2):
            with pytest.raises(AuthoritiesUnreadable):
                https_context(self.ca_file)


class LimitTests(SimpleTestCase):
    def adapter(self, server: HttpsServer, *, wait: float = 2, whole: float = 1) -> VerifyingAdapter:
        return VerifyingAdapter(server.ca_file, Clock(wait=wait, whole=whole), trusted_networks=THIS_MACHINE)

    def test_what_is_asked_is_answered(self) -> None:
        with EchoServer() as server:
            session = https_session(self.adapter(server))
            content = b"x" * 3_000_000
            assert session.post(server.url, data=content).content == content

    def test_an_answer_that_comes_letter_by_letter_has_an_end(self) -> None:
        with EchoServer(trickle=0.1) as server, seconds_at_most(5), pytest.raises(requests.RequestException):
            https_session(self.adapter(server)).get(server.url)

    def test_several_requests_of_one_job_share_its_limit(self) -> None:
        with EchoServer(trickle=0.004) as server:
            adapter = self.adapter(server)
            with seconds_at_most(5), adapter.clock.job(), pytest.raises(requests.RequestException):
                self.ask_again_and_again(server, adapter)

    def ask_again_and_again(self, server: HttpsServer, adapter: VerifyingAdapter) -> None:
        for _number in range(30):
            https_session(adapter).get(server.url)

    def test_apart_they_have_a_limit_each(self) -> None:
        with EchoServer(trickle=0.004) as server:
            adapter = self.adapter(server)
            for _number in range(3):
                assert https_session(adapter).get(server.url).text == "Hello"

    def test_a_server_that_says_nothing_has_an_end(self) -> None:
        with silent_server() as port, mock.patch.object(https, "HANDSHAKE_SECONDS", 0.5):
            session = https_session(VerifyingAdapter(None, trusted_networks=THIS_MACHINE))
            with seconds_at_most(5), pytest.raises(requests.RequestException):
                session.get(f"https://localhost:{port}")

    def test_all_addresses_of_a_name_share_one_limit(self) -> None:
        with (
            full_server() as address,
            mock.patch.object(limits, "CONNECT_SECONDS", 0.2),
            mock.patch.object(limits, "CONNECT_SECONDS_IN_ALL", 0.5),
            mock.patch.object(socket, "getaddrinfo", return_value=[(*TCP, "", address)] * 30),
            seconds_at_most(5),
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
