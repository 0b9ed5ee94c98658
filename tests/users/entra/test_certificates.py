"""Certificates and private keys as PEM texts."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils import timezone

from tests.factories import certificate_and_key
from users.entra.certificates import (
    end_of,
    read_certificate,
    thumbprint,
    validate_certificate,
    validate_private_key,
)
from users.vault import Secret

CERTIFICATE, KEY = certificate_and_key()
NONSENSE = (
    "",
    "x",
    "\0",
    "\ud800",
    "-----BEGIN CERTIFICATE-----",
    CERTIFICATE[:200],
    CERTIFICATE.replace("A", "B"),
    KEY,
)


def pem(
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey, passphrase: bytes = b""
) -> str:
    kind = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    return key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, kind).decode()


class CertificateTests(SimpleTestCase):
    def test_it_reads_a_certificate(self) -> None:
        assert isinstance(read_certificate(CERTIFICATE), x509.Certificate)
        validate_certificate("Bag Attributes\n" + CERTIFICATE.replace("\n", "\r\n"))

    def test_what_is_none_is_refused_in_plain_words(self) -> None:
        for text in NONSENSE:
            with self.subTest(ascii(text[:30])), pytest.raises(ValidationError, match="not a certificate"):
                validate_certificate(text)

    def test_one_that_has_ended_is_refused_with_the_day(self) -> None:
        day = end_of(CERTIFICATE)
        assert day
        with time_machine.travel(timezone.now() + timedelta(days=400)), pytest.raises(ValidationError) as caught:
            validate_certificate(CERTIFICATE)
        assert caught.value.messages == [
            f"This certificate ended on {day.date()}. Make a new one and upload it in Entra as well."
        ]

    def test_thumbprint_and_end_are_empty_where_there_is_none(self) -> None:
        for text in NONSENSE:
            with self.subTest(ascii(text[:30])):
                assert (thumbprint(text), end_of(text)) == ("", None)

    def test_the_thumbprint_is_as_entra_shows_it(self) -> None:
        assert len(thumbprint(CERTIFICATE)) == 40
        assert thumbprint(CERTIFICATE) == thumbprint(CERTIFICATE).upper()


class PrivateKeyTests(SimpleTestCase):
    def code(self, text: str) -> str | None:
        with pytest.raises(ValidationError) as caught:
            validate_private_key(Secret(text), read_certificate(CERTIFICATE))
        return caught.value.code

    def test_the_key_of_the_certificate_is_taken(self) -> None:
        validate_private_key(Secret(KEY), read_certificate(CERTIFICATE))
        validate_private_key(Secret(KEY.replace("\n", "\r\n")), read_certificate(CERTIFICATE))

    def test_the_key_of_another_certificate_is_refused(self) -> None:
        for key in (pem(rsa.generate_private_key(65537, 2048)), pem(ec.generate_private_key(ec.SECP256R1()))):
            assert self.code(key) == "key_mismatch"
        assert self.code(pem(ed25519.Ed25519PrivateKey.generate())) == "key_mismatch"

    def test_a_key_with_a_passphrase_is_refused(self) -> None:
        assert self.code(pem(ec.generate_private_key(ec.SECP256R1()), b"passphrase")) == "private_key"

    def test_what_is_no_key_is_refused(self) -> None:
        for text in ("", "x", "\0", "\ud800", KEY[:100], CERTIFICATE, KEY.replace("A", "B")):
            with self.subTest(ascii(text[:30])):
                assert self.code(text) == "private_key"
