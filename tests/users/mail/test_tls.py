"""Whom the site trusts."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path
from time import monotonic
from unittest import mock

from django.test import SimpleTestCase

from tests.servers.certificates import authority
from users.mail import tls
from users.mail.tls import CONTEXT_SECONDS, client_context
from users.mail.transports.errors import AuthoritiesUnreadable


class ClientContextTests(SimpleTestCase):
    def setUp(self) -> None:
        self.ca_file = Path(self.enterContext(tempfile.TemporaryDirectory())) / "ca.pem"

    def test_always_verifies_certificate_and_name(self) -> None:
        context = client_context(None)
        assert context.verify_mode == ssl.CERT_REQUIRED
        assert context.check_hostname
        assert context.minimum_version == ssl.TLSVersion.TLSv1_2

    def test_adds_the_authorities_of_the_organisation(self) -> None:
        authority().cert_pem.write_to_path(str(self.ca_file))
        ours = ssl.PEM_cert_to_DER_cert(self.ca_file.read_text())
        assert ours in client_context(self.ca_file).get_ca_certs(binary_form=True)

    def test_a_file_that_does_not_exist_adds_nothing(self) -> None:
        assert client_context(self.ca_file).get_ca_certs() == client_context(None).get_ca_certs()

    def test_says_each_time_when_the_file_is_not_what_it_should_be(self) -> None:
        self.ca_file.write_text("not a certificate")
        for _time in range(2):
            with self.assertRaises(AuthoritiesUnreadable) as caught:
                client_context(self.ca_file)
            assert caught.exception.code == "authorities_unreadable"
            assert str(self.ca_file) in caught.exception.detail

    def test_connections_of_some_minutes_share_one(self) -> None:
        context = client_context(self.ca_file)
        assert client_context(self.ca_file) is context
        with mock.patch.object(tls, "monotonic", return_value=monotonic() + CONTEXT_SECONDS):
            assert client_context(self.ca_file) is not context

    def test_each_kind_of_socket_has_its_own(self) -> None:
        class Counted(ssl.SSLSocket):
            pass

        assert client_context(None, socket_class=Counted).sslsocket_class is Counted
        assert client_context(None).sslsocket_class is ssl.SSLSocket

    def test_another_file_counts_at_once(self) -> None:
        before = client_context(self.ca_file).get_ca_certs(binary_form=True)
        authority().cert_pem.write_to_path(str(self.ca_file))
        ours = ssl.PEM_cert_to_DER_cert(self.ca_file.read_text())
        assert ours not in before
        assert ours in client_context(self.ca_file).get_ca_certs(binary_form=True)
