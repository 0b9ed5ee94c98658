"""A certificate with its private key: read from files that somebody has, or made here."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.x509.oid import NameOID
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.entra.certificates import read_certificate
from users.vault import Secret

KEY_BITS = 3072
PEM_KEY = re.compile(rb"-----BEGIN ([A-Z ]*)PRIVATE KEY-----.*?-----END \1PRIVATE KEY-----", re.DOTALL)


@dataclass(frozen=True, slots=True)
class NewCertificate:
    """Both as PEM text; the key has no passphrase, and nothing but the vault sees it."""

    certificate: str
    private_key: Secret


@sensitive_variables()
def read_files(contents: Sequence[bytes], passphrase: Secret) -> NewCertificate:
    """The certificate and its private key in one PFX file, or in one or more PEM files. Raises ValidationError."""
    found = [_read_pfx(content, passphrase) for content in contents if _is_pfx(content)]
    if found:
        key, certificates = found[0]
    else:
        key, certificates = _read_key(b"\n".join(contents), passphrase), list(_read_certificates(contents))
    return _matched(key, certificates)


@sensitive_variables()
def make(name: str, *, days: int) -> NewCertificate:
    """A new self-signed certificate for `name`, valid from now on."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = timezone.now()
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # The clock of somebody else may be behind ours.
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return NewCertificate(_pem(certificate), _key_text(key))


# --- Reading --------------------------------------------------------------------------------------------------------


def _is_pfx(content: bytes) -> bool:
    """A PFX is a sequence in DER that begins with the version 3 (RFC 7292 section 4)."""
    return content[:1] == b"\x30" and b"\x02\x01\x03" in content[:8]


@sensitive_variables()
def _read_pfx(content: bytes, passphrase: Secret) -> tuple[PrivateKeyTypes, list[x509.Certificate]]:
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(content, _bytes_of(passphrase) or None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _error(
            _("This PFX file does not open. Check the passphrase; it is the one chosen when the file was made."),
            "passphrase",
        ) from error
    if key is None or certificate is None:
        raise _error(NO_KEY, "no_key")
    return key, [certificate, *others]


@sensitive_variables()
def _read_key(content: bytes, passphrase: Secret) -> PrivateKeyTypes:
    match = PEM_KEY.search(content)
    if match is None:
        raise _error(NO_KEY, "no_key")
    is_encrypted = b"ENCRYPTED" in match[0]
    if is_encrypted and not passphrase:
        raise _error(_("The private key in this file has a passphrase. Enter it as well."), "passphrase")
    try:
        return serialization.load_pem_private_key(match[0], _bytes_of(passphrase) if is_encrypted else None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise _error(
            _("The private key in this file does not open. Check the passphrase, and that the file is complete."),
            "passphrase" if is_encrypted else "private_key",
        ) from error


def _read_certificates(contents: Iterable[bytes]) -> Iterable[x509.Certificate]:
    for content in contents:
        try:
            if b"-----BEGIN CERTIFICATE-----" in content:
                yield from x509.load_pem_x509_certificates(content)
            elif content[:1] == b"\x30":
                yield x509.load_der_x509_certificate(content)
        except ValueError as error:
            raise _error(NO_CERTIFICATE, "certificate") from error


@sensitive_variables()
def _matched(key: PrivateKeyTypes, certificates: list[x509.Certificate]) -> NewCertificate:
    """The certificate that belongs to the key; a file often has those of its authorities as well."""
    if not isinstance(key, rsa.RSAPrivateKey):
        raise _error(_("Entra takes certificates with RSA keys only, and this one has another kind of key."), "not_rsa")
    if not certificates:
        raise _error(NO_CERTIFICATE, "certificate")
    own = next((each for each in certificates if each.public_key() == key.public_key()), None)
    if own is None:
        raise _error(_("The private key and the certificate in these files do not belong together."), "key_mismatch")
    pem = _pem(own)
    read_certificate(pem)  # refuses one that has ended
    return NewCertificate(pem, _key_text(key))


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


@sensitive_variables()
def _key_text(key: rsa.RSAPrivateKey) -> Secret:
    raw = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return Secret(raw.decode())


@sensitive_variables()
def _bytes_of(passphrase: Secret) -> bytes:
    return passphrase.reveal().encode(errors="surrogatepass")


NO_KEY = _("There is no private key in this file. Choose the PFX file, or the PEM files with certificate and key.")
NO_CERTIFICATE = _(
    "There is no certificate in this file. Choose the PFX file, or the PEM files with certificate and key."
)


def _error(text: Any, code: str) -> ValidationError:
    return ValidationError(text, code=code)
