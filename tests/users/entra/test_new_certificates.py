"""Certificates from files of every kind, and those that are made here."""

from __future__ import annotations

import random
from datetime import timedelta

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption, pkcs12
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase
from django.utils import timezone

from tests.factories import certificate_and_key
from users.entra.certificates import end_of, is_rsa, subject_of, validate_private_key
from users.entra.new_certificates import NewCertificate, make, read_files
from users.vault import Secret

PASSPHRASE = "pässphrase 5"
RSA = trustme.KeyType.RSA
NOTHING = Secret("")


def pem_files(days: int = 365) -> tuple[bytes, bytes]:
    certificate, key = certificate_and_key(days=days, key_type=RSA)
    return certificate.encode(), key.encode()


def locked(key: bytes, passphrase: str = PASSPHRASE) -> bytes:
    return serialization.load_pem_private_key(key, None).private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        BestAvailableEncryption(passphrase.encode()),
    )


def pfx(passphrase: str = PASSPHRASE, *, with_key: bool = True) -> bytes:
    certificate, key = pem_files()
    return pkcs12.serialize_key_and_certificates(
        b"app",
        serialization.load_pem_private_key(key, None) if with_key else None,  # type: ignore[arg-type]
        x509.load_pem_x509_certificate(certificate),
        None,
        BestAvailableEncryption(passphrase.encode()) if passphrase else NoEncryption(),
    )


class ReadTests(SimpleTestCase):
    def assert_good(self, new: NewCertificate) -> None:
        certificate, _key = pem_files()
        assert new.certificate.encode() == x509.load_pem_x509_certificate(certificate).public_bytes(
            serialization.Encoding.PEM
        )
        validate_private_key(new.private_key, x509.load_pem_x509_certificate(new.certificate.encode()))
        assert "ENCRYPTED" not in new.private_key.reveal()
        assert "PRIVATE" not in repr(new)

    def test_every_form_in_which_it_comes_is_read(self) -> None:
        certificate, key = pem_files()
        other = trustme.CA().cert_pem.bytes()
        der = x509.load_pem_x509_certificate(certificate).public_bytes(serialization.Encoding.DER)
        windows = (certificate + key).replace(b"\n", b"\r\n")
        for name, contents, passphrase in (
            ("one PEM file", [certificate + key], ""),
            ("two PEM files", [certificate, key], ""),
            ("the other way round", [key, certificate], ""),
            ("with the authorities", [other + certificate + key], ""),
            ("with a passphrase", [certificate, locked(key)], PASSPHRASE),
            ("a passphrase in vain", [certificate + key], PASSPHRASE),
            ("line ends of Windows", [windows], ""),
            ("a binary certificate", [der, key], ""),
            ("PFX", [pfx()], PASSPHRASE),
            ("PFX without a passphrase", [pfx("")], ""),
        ):
            with self.subTest(name):
                self.assert_good(read_files(contents, Secret(passphrase)))

    def refused(self, contents: list[bytes], passphrase: str = "") -> str:
        with self.assertRaises(ValidationError) as caught:
            read_files(contents, Secret(passphrase))
        assert str(caught.exception.messages[0]).endswith(".")
        return str(caught.exception.code)

    def test_everything_else_is_refused_with_a_reason(self) -> None:
        certificate, key = pem_files()
        ec_certificate, ec_key = (part.encode() for part in certificate_and_key())
        for name, contents, passphrase, code in (
            ("nothing in it", [b""], "", "no_key"),
            ("a picture", [b"\x89PNG\r\n" + bytes(99)], "", "no_key"),
            ("a certificate alone", [certificate], "", "no_key"),
            ("a key alone", [key], "", "certificate"),
            ("the key of another", [ec_certificate, key], "", "key_mismatch"),
            ("an elliptic curve", [ec_certificate + ec_key], "", "not_rsa"),
            ("a damaged certificate", [certificate[:200] + certificate[210:], key], "", "certificate"),
            ("a damaged key", [certificate, key[:200] + key[210:]], "", "private_key"),
            ("no passphrase", [certificate, locked(key)], "", "passphrase"),
            ("a wrong passphrase", [certificate, locked(key)], "wrong", "passphrase"),
            ("a PFX with a wrong passphrase", [pfx()], "wrong", "passphrase"),
            ("a PFX with none", [pfx()], "", "passphrase"),
            ("a PFX without a key", [pfx(with_key=False)], PASSPHRASE, "no_key"),
            ("a cut PFX", [pfx()[:500]], PASSPHRASE, "passphrase"),
            ("an odd passphrase", [pfx()], "\ud800\0", "passphrase"),
        ):
            with self.subTest(name):
                assert self.refused(contents, passphrase) == code

    def test_one_that_has_ended_is_refused(self) -> None:
        certificate, key = certificate_and_key(days=-1, key_type=RSA)
        assert self.refused([(certificate + key).encode()]) == "certificate_ended"

    def test_no_change_of_a_file_is_an_error_of_ours(self) -> None:
        chance = random.Random(5)
        originals = [b"".join(pem_files()), pfx("")]
        for _time in range(200):
            content = bytearray(chance.choice(originals))
            content[chance.randrange(len(content))] = chance.randrange(256)
            try:
                read_files([bytes(content)], NOTHING)
            except ValidationError:
                continue


class MakeTests(SimpleTestCase):
    def test_a_new_one_is_for_this_name_and_period(self) -> None:
        new = make("Mail Settings, test", days=365)
        ends = end_of(new.certificate)
        assert ends is not None
        assert abs(ends - timezone.now() - timedelta(days=365)) < timedelta(minutes=1)
        assert subject_of(new.certificate) == "CN=Mail Settings\\, test"
        assert is_rsa(new.private_key)
        validate_private_key(new.private_key, x509.load_pem_x509_certificate(new.certificate.encode()))

    def test_no_two_are_alike(self) -> None:
        assert make("x", days=1).private_key != make("x", days=1).private_key
