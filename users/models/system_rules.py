"""The rules over the system settings, applied by ``SystemSettings.clean()``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.addresses import HOST_NAME, belongs_to_exchange_online
from users.choices import SmtpSecurity
from users.methods import METHODS

if TYPE_CHECKING:
    from users.models.system_settings import SystemSettings


def check(system: SystemSettings) -> None:
    """Raise one ValidationError with all breaches by field."""
    breaches = _method_breaches(system) | _security_breaches(system) | _smtp_breaches(system)
    if breaches:
        raise ValidationError(breaches)


def ews_address(text: str) -> None:
    """Refuse everything but the https address of an Exchange server of the organisation."""
    parts = _split(text)
    host = parts.hostname or ""
    has_more = parts.username is not None or parts.query or parts.fragment or re.search(r"\s", text)
    if parts.scheme != "https" or not HOST_NAME.fullmatch(host) or has_more:
        raise ValidationError(
            _("Enter the whole address with https://, such as https://mail.example.com/EWS/Exchange.asmx."),
            code="ews_address",
        )
    if belongs_to_exchange_online(host):
        raise ValidationError(
            _("This address belongs to Exchange Online. Leave it empty, and choose the method Exchange Online."),
            code="exchange_online_address",
        )


def _split(text: str) -> SplitResult:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018  (raises ValueError for a port that is none)
    except ValueError:
        return urlsplit("")
    return parts


def _method_breaches(system: SystemSettings) -> dict[str, ValidationError]:
    method = METHODS.get(system.sending_method)
    if method is None or method.has_registration(system):
        return {}  # a method that is not known is an error at its field already
    return {
        "sending_method": ValidationError(
            _(
                "Microsoft Exchange Online can't be the sending method yet, because the app registration in Microsoft "
                "Entra ID is not complete. Complete it first."
            ),
            code="registration_incomplete",
        )
    }


def _security_breaches(system: SystemSettings) -> dict[str, ValidationError]:
    """The password never travels readable; only to this machine itself it may."""
    is_readable = system.smtp_security == SmtpSecurity.NONE and system.smtp_username
    if not is_readable or system.smtp_host.lower() in {"localhost", "127.0.0.1"}:
        return {}
    return {
        "smtp_security": ValidationError(
            _("Choose STARTTLS or TLS: without encryption the password could be read on its way to the server."),
            code="password_unprotected",
        )
    }


def _smtp_breaches(system: SystemSettings) -> dict[str, ValidationError]:
    if not system.smtp_username:
        return {"smtp_password": _password_in_vain()} if "smtp_password" in system.typed_secrets else {}
    if "smtp_password" in system.withdrawn_secrets:
        return {}
    if not system.smtp_password:
        return {
            "smtp_password": ValidationError(
                _("Enter the password that belongs to the SMTP user name: press Unlock, then type it."),
                code="required",
            )
        }
    problem = system.secret_state("smtp_password").problem
    return {"smtp_password": _password_for_another()} if problem and problem.reason != "key_missing" else {}


def _password_in_vain() -> ValidationError:
    return ValidationError(
        _("Enter the SMTP user name as well, or leave the password empty: it is used with a user name only."),
        code="not_used",
    )


def _password_for_another() -> ValidationError:
    return ValidationError(
        _(
            "The stored password can no longer be used, because it belongs to another SMTP server or user name. "
            "Press Unlock and enter the password again."
        ),
        code="password_for_another_account",
    )
