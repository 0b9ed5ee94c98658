"""The certificates of the demonstration."""

from __future__ import annotations

import stat
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import time_machine
from cryptography import x509
from django.test import SimpleTestCase

from users.demo.certificates import Certificates, ensure_certificates


class EnsureCertificatesTests(SimpleTestCase):
    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory())) / "demo"

    def read(self, files: Certificates) -> list[bytes]:
        return [path.read_bytes() for path in (files.ca, files.server, files.key)]

    def test_makes_a_certificate_for_this_machine(self) -> None:
        files = ensure_certificates(self.folder)
        certificate = x509.load_pem_x509_certificate(files.server.read_bytes())
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert files.ca == self.folder / "ca.pem"
        assert names.get_values_for_type(x509.DNSName) == ["localhost"]
        assert "127.0.0.1" in map(str, names.get_values_for_type(x509.IPAddress))

    def test_the_key_is_for_its_owner_alone(self) -> None:
        self.folder.mkdir()
        (self.folder / "server-key.pem").write_text("left over, and readable for all")
        assert stat.S_IMODE(ensure_certificates(self.folder).key.stat().st_mode) == 0o600

    def test_uses_them_again(self) -> None:
        assert self.read(ensure_certificates(self.folder)) == self.read(ensure_certificates(self.folder))

    def test_makes_new_ones_when_they_have_expired(self) -> None:
        first = self.read(ensure_certificates(self.folder))
        with time_machine.travel(datetime.now(UTC) + timedelta(days=400)):
            assert self.read(ensure_certificates(self.folder)) != first

    def test_makes_new_ones_when_a_file_is_damaged_or_missing(self) -> None:
        first = self.read(ensure_certificates(self.folder))
        (self.folder / "ca.pem").write_text("damaged")
        second = self.read(ensure_certificates(self.folder))
        (self.folder / "server-key.pem").unlink()
        third = self.read(ensure_certificates(self.folder))
        assert len({files[1] for files in (first, second, third)}) == 3
