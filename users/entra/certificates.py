"""The certificate with which the application may prove itself to Entra, and its private key, both as PEM text."""

from __future__ import annotations

from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_variables

from users.vault import Secret


def read_certificate(pem: str) -> x509.Certificate:
    """The certificate in a PEM text. Raises ValidationError when there is none, or when it has ended."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError as error:
        raise ValidationError(
            _("This is not a certificate. Paste the whole PEM text, from “-----BEGIN CERTIFICATE-----” on."),
            code="certificate",
        ) from error
    if certificate.not_valid_after_utc < timezone.now():
        raise ValidationError(
            _("This certificate ended on %(date)s. Make a new one and upload it in Entra as well."),
            code="certificate_ended",
            params={"date": certificate.not_valid_after_utc.date().isoformat()},
        )
    return certificate


def validate_certificate(pem: str) -> None:
    """Refuse everything but a certificate that is still valid."""
    read_certificate(pem)


@sensitive_variables()
def validate_private_key(key: Secret, certificate: x509.Certificate) -> None:
    """Refuse everything but the unencrypted PEM private key that belongs to `certificate`."""
    if _read_private_key(key).public_key() != certificate.public_key():
        raise ValidationError(
            _("This private key belongs to another certificate. Paste the key that was made with this certificate."),
            code="key_mismatch",
        )


@sensitive_variables()
def is_rsa(key: Secret) -> bool:
    """Whether Entra takes signatures of this private key: it wants PS256 or RS256."""
    return isinstance(_read_private_key(key), RSAPrivateKey)


def end_of(pem: str) -> datetime | None:
    """When the certificate in `pem` ends; None when there is no certificate."""
    try:
        return x509.load_pem_x509_certificate(pem.encode()).not_valid_after_utc
    except ValueError:
        return None


def subject_of(pem: str) -> str:
    """Whom the certificate names, such as ``CN=Mail Settings``; empty when there is no certificate."""
    try:
        return x509.load_pem_x509_certificate(pem.encode()).subject.rfc4514_string()
    except ValueError:
        return ""


def thumbprint(pem: str) -> str:
    """The SHA-1 thumbprint as Entra shows it; empty when there is no certificate."""
    try:
        certificate = x509.load_pem_x509_certificate(pem.encode())
    except ValueError:
        return ""
    return certificate.fingerprint(hashes.SHA1()).hex().upper()  # noqa: S303  (Entra's own form, not for security)


@sensitive_variables()
def _read_private_key(key: Secret) -> PrivateKeyTypes:
    try:
        return serialization.load_pem_private_key(key.reveal().encode(), password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ValidationError(
            _(
                "This is not a private key without a passphrase. "
                "Paste its PEM text, from “-----BEGIN PRIVATE KEY-----” on."
            ),
            code="private_key",
        ) from error
