"""Authorities as organisations make them by themselves: in order, but without all the extensions of today."""

from __future__ import annotations

import ssl
import tempfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.test import SimpleTestCase

from users.mail.tls import client_context

Key = ec.EllipticCurvePrivateKey
make_default_context = ssl.create_default_context


def as_newer_pythons_do() -> ssl.SSLContext:
    context = make_default_context()
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    return context


def certificate(name: str, key: Key, issuer: str, signed_with: Key, extension: x509.ExtensionType) -> bytes:
    """A certificate with one extension alone."""
    subject, maker = (x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, each)]) for each in (name, issuer))
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(maker, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(extension, critical=False)
        .sign(signed_with, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM)


class OldAuthorityTests(SimpleTestCase):
    def setUp(self) -> None:
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.ca_file, server_file = folder / "ca.pem", folder / "server.pem"
        authority, key = (ec.generate_private_key(ec.SECP256R1()) for _key in range(2))
        constraints = x509.BasicConstraints(ca=True, path_length=None)
        self.ca_file.write_bytes(certificate("Firm", authority, "Firm", authority, constraints))
        names = x509.SubjectAlternativeName([x509.DNSName("mail.firm.example")])
        server_file.write_bytes(
            certificate("mail.firm.example", key, "Firm", authority, names)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        self.server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.server.load_cert_chain(server_file)

    def shake_hands(self, host: str) -> None:
        """As client and server do, without a network. Raises :class:`ssl.SSLError`."""
        with mock.patch.object(ssl, "create_default_context", as_newer_pythons_do):
            context = client_context(self.ca_file)
        there, back = ssl.MemoryBIO(), ssl.MemoryBIO()
        client = context.wrap_bio(back, there, server_hostname=host)
        server = self.server.wrap_bio(there, back, server_side=True)
        for side in (client, server, client, server):
            try:
                side.do_handshake()
            except ssl.SSLWantReadError:
                continue

    def test_they_are_trusted_where_the_organisation_says_so(self) -> None:
        self.shake_hands("mail.firm.example")

    def test_the_name_counts_all_the_same(self) -> None:
        with self.assertRaises(ssl.SSLCertVerificationError) as caught:
            self.shake_hands("other.example")
        assert "Hostname mismatch" in caught.exception.verify_message
