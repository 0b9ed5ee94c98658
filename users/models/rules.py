"""The rules over a user's e-mail settings. ``EmailSettings.clean()`` applies them for every form and for the admin.

Each rule yields the fields that break it, with an error that says what is wrong and what to do.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from users.choices import CopyMode

if TYPE_CHECKING:
    from users.models.email_settings import EmailSettings

Breach = tuple[str, ValidationError]


ADDRESS_LOCKED = _(
    "Your administrator sets this: the site opens mailboxes in Microsoft 365 by itself, and the address decides which."
)


def check(settings: EmailSettings) -> None:
    """Raise one ValidationError with all breaches by field."""
    breaches: dict[str, list[ValidationError]] = {}
    for rule in RULES:
        for field, error in rule(settings):
            breaches.setdefault(field, []).append(error)
    if breaches:
        raise ValidationError(breaches)


def address_is_given(settings: EmailSettings) -> Iterator[Breach]:
    if settings.traits.is_server_based and not settings.address:
        yield (
            "address",
            ValidationError(
                _("Enter the e-mail address: with “%(method)s” every message is sent from it."),
                code="required",
                params={"method": settings.traits.label},
            ),
        )


def address_is_in_an_allowed_domain(settings: EmailSettings) -> Iterator[Breach]:
    allowed = settings.installation.system.allowed_domain_list
    if allowed and "@" in settings.address and settings.address.rsplit("@")[-1].lower() not in allowed:
        yield (
            "address",
            ValidationError(
                _("Enter an address that ends in %(domains)s. Other domains are not allowed here."),
                code="domain_not_allowed",
                params={"domains": ", ".join(f"@{domain}" for domain in allowed)},
            ),
        )


def address_is_the_administrators(settings: EmailSettings) -> Iterator[Breach]:
    """Where the application itself opens mailboxes, whoever may change the address could use somebody else's.

    This holds with every method: else the address could be changed first, and the method after it.
    """
    editor = settings.edited_by
    is_changed = settings.address != settings.stored_mailbox[0]
    if is_changed and settings.has_locked_address and editor is not None and not editor.may_edit_everybody:
        yield "address", ValidationError(ADDRESS_LOCKED, code="address_locked")


def registration_is_complete(settings: EmailSettings) -> Iterator[Breach]:
    if settings.method and not settings.traits.has_registration(settings.installation):
        yield (
            "method",
            ValidationError(
                _(
                    "Microsoft Exchange Online can't be chosen yet, because the app registration in Microsoft Entra ID "
                    "is not complete. Ask your administrator to complete it, or choose another method."
                ),
                code="registration_incomplete",
            ),
        )


def account_is_given(settings: EmailSettings) -> Iterator[Breach]:
    if not settings.asks_for_account:
        return
    if not settings.exchange_username:
        yield (
            "exchange_username",
            ValidationError(
                _("Enter the user name that signs in to Exchange, such as FIRM\\anna or anna@example.com."),
                code="required",
            ),
        )
    if "exchange_password" in settings.withdrawn_secrets:
        return
    if not settings.exchange_password:
        yield (
            "exchange_password",
            ValidationError(_("Enter the Exchange password: press Unlock, then type it."), code="required"),
        )
    elif _is_for_something_else(settings):
        yield (
            "exchange_password",
            ValidationError(
                _(
                    "The stored password can no longer be used, because it belongs to another user name, server or "
                    "tenant. Press Unlock and enter the password again."
                ),
                code="password_for_another_account",
            ),
        )


def account_is_not_given_in_vain(settings: EmailSettings) -> Iterator[Breach]:
    if settings.asks_for_account:
        return
    if settings.exchange_username not in {"", settings.stored_username}:
        yield "exchange_username", _not_used(settings)
    if "exchange_password" in settings.typed_secrets:
        yield "exchange_password", _not_used(settings)


def copy_has_a_server(settings: EmailSettings) -> Iterator[Breach]:
    if settings.copy_mode != CopyMode.NONE and not settings.traits.can_copy:
        yield (
            "copy_mode",
            ValidationError(
                _("Choose “No copy”: with “%(method)s” you send from Outlook, and copies are set there."),
                code="copy_needs_server",
                params={"method": settings.traits.label},
            ),
        )


RULES = (
    address_is_given,
    address_is_in_an_allowed_domain,
    address_is_the_administrators,
    registration_is_complete,
    account_is_given,
    account_is_not_given_in_vain,
    copy_has_a_server,
)


def _not_used(settings: EmailSettings) -> ValidationError:
    return ValidationError(
        _("Leave this empty: “%(method)s” does not use it. Or choose a method that asks for it."),
        code="not_used",
        params={"method": settings.traits.label},
    )


def _is_for_something_else(settings: EmailSettings) -> bool:
    """A password whose key is missing still counts as stored, as long as it is for the same: the key may come back."""
    problem = settings.secret_state("exchange_password").problem
    if problem is None or problem.reason != "key_missing":
        return problem is not None
    is_same_user = settings.exchange_username == settings.stored_username
    return not is_same_user or settings.exchange_password_server != settings.password_server
