"""The rules over the app registration: what may be stored, and what makes it complete."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cryptography.x509 import Certificate
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.addresses import HOST_NAME
from users.entra.certificates import read_certificate, validate_private_key
from users.entra.endings import endings_of
from users.vault import Secret

if TYPE_CHECKING:
    from users.models.entra_app_registration import EntraAppRegistration

Breach = tuple[str, ValidationError]


def https_address(text: str) -> None:
    """Refuse everything but an https address without sign-in data, query or fragment."""
    try:
        parts = urlsplit(text)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme != "https" or not HOST_NAME.fullmatch(host) or "@" in parts.netloc or parts.query or parts.fragment:
        raise ValidationError(
            _("Enter the whole address with https://, such as https://login.example.com."), code="https_address"
        )


def requirements(registration: EntraAppRegistration) -> Iterator[tuple[bool, str | Promise]]:
    """What a usable registration needs: whether it is missing, and what to do then."""
    yield not registration.authority or not registration.graph, _("Enter both addresses of the custom cloud.")
    yield not registration.tenant_id, _("Enter the Directory (tenant) ID.")
    yield not registration.client_id, _("Enter the Application (client) ID.")
    yield (
        registration.traits.needs_credential
        and not (registration.has_valid_client_secret or registration.has_valid_certificate),
        _credential_advice(registration),
    )


def _credential_advice(registration: EntraAppRegistration) -> str | Promise:
    ended = [str(ending) for ending in endings_of(registration) if ending.has_ended]
    return " ".join(ended) or _("Enter a client secret that has not ended, or a certificate with its private key.")


def check(registration: EntraAppRegistration) -> None:
    """Raise one ValidationError with all breaches by field."""
    breaches = dict(_breaches(registration))
    if breaches:
        raise ValidationError(breaches)


def _breaches(registration: EntraAppRegistration) -> Iterator[Breach]:
    yield from _custom_addresses(registration)
    yield from _expiry_date(registration)
    yield from _private_key(registration)


def _custom_addresses(registration: EntraAppRegistration) -> Iterator[Breach]:
    if registration.authority and registration.graph:
        return
    for field in ("custom_authority", "custom_graph"):
        if not getattr(registration, field):
            yield field, ValidationError(_("Enter this address: a custom cloud needs both."), code="required")


def _expiry_date(registration: EntraAppRegistration) -> Iterator[Breach]:
    if "client_secret" not in registration.typed_secrets:
        return
    if registration.secret_expires_on is None:
        yield (
            "secret_expires_on",
            ValidationError(
                _("Enter the day on which the client secret ends. Entra shows it beside the secret, under “Expires”."),
                code="required",
            ),
        )
    elif registration.secret_expires_on < timezone.localdate():
        yield (
            "secret_expires_on",
            ValidationError(
                _("This day has passed: a secret that has ended can't be used. Make a new one in Entra."),
                code="secret_ended",
            ),
        )


def _private_key(registration: EntraAppRegistration) -> Iterator[Breach]:
    typed = registration.typed_secrets.get("private_key")
    if typed is not None and not registration.certificate:
        yield (
            "certificate",
            ValidationError(_("Paste the certificate that the private key belongs to."), code="required"),
        )
    certificate = _certificate(registration)
    key = typed.secret if typed is not None else _stored_private_key(registration)
    if certificate is None or key is None:
        return
    try:
        validate_private_key(key, certificate)
    except ValidationError as error:
        yield "private_key", error


def _certificate(registration: EntraAppRegistration) -> Certificate | None:
    """The certificate; None where there is none that is valid, which is an error at its own field."""
    try:
        return read_certificate(registration.certificate)
    except ValidationError:
        return None


def _stored_private_key(registration: EntraAppRegistration) -> Secret | None:
    """The stored key, which a new certificate may have left behind; None where it does not open."""
    return registration.open_secret("private_key") if registration.has_usable_secret("private_key") else None
