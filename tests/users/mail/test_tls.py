"""Whom the site trusts."""

from __future__ import annotations

import ssl
import tempfile
from pathlib import Path

import pytest
from django.test import SimpleTestCase

from tests.servers.certificates import authority
from users.mail.tls import client_context
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

    def test_says_when_the_file_is_not_what_it_should_be(self) -> None:
        self.ca_file.write_text("not a certificate")
        with pytest.raises(AuthoritiesUnreadable) as caught:
            client_context(self.ca_file)
        assert caught.value.code == "authorities_unreadable"
        assert str(self.ca_file) in caught.value.detail
