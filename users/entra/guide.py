"""The way through the Entra admin centre, step by step, for the chosen cloud and flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from users.models import EntraAppRegistration


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what to do, and what to copy (each value with what it is)."""

    title: str
    text: str
    values: list[tuple[str, str]] = field(default_factory=list)


def guide_for(registration: EntraAppRegistration, redirect_address: str) -> list[Step]:
    """The steps for this registration as it is stored."""
    steps = [_open_portal(registration), _register(registration, redirect_address), _copy_ids()]
    steps.append(_make_credential() if registration.traits.needs_credential else _allow_public_client())
    return [*steps, _grant_permissions(registration), *_restrict(registration)]


def _open_portal(registration: EntraAppRegistration) -> Step:
    return Step(
        _("Open the app registrations"),
        _(
            "Sign in to the Entra admin centre as an administrator who may register applications. "
            "Open Entra ID, then App registrations, and press New registration."
        ),
        [(_("Entra admin centre"), registration.addresses.portal)] if registration.addresses.portal else [],
    )


def _register(registration: EntraAppRegistration, redirect_address: str) -> Step:
    text = _("Enter a name, choose “Accounts in this organizational directory only”")
    if not registration.traits.needs_redirect_address:
        return Step(_("Register the application"), text + _(", leave the redirect address empty, and press Register."))
    return Step(
        _("Register the application"),
        text + _(", choose the platform “Web” with this redirect address, and press Register."),
        [(_("Redirect address"), redirect_address)],
    )


def _copy_ids() -> Step:
    return Step(
        _("Copy the two ids"),
        _(
            "The Overview page of the application shows them. Copy “Directory (tenant) ID” and “Application (client) "
            "ID” into the fields of the same names on this page."
        ),
    )


def _make_credential() -> Step:
    return Step(
        _("Make a client secret, or upload a certificate"),
        _(
            "Open Certificates & secrets. Either press New client secret, choose how long it lasts, and copy its Value "
            "(not the Secret ID) at once, for it is shown only this time; enter the value and its end date here. Or "
            "press Upload certificate, upload the public certificate, and paste the same certificate and its private "
            "key here."
        ),
    )


def _allow_public_client() -> Step:
    return Step(
        _("Allow sign-in with a password"),
        _(
            "Open Authentication, and under Advanced settings set “Allow public client flows” to Yes. Users for whom a "
            "second factor is required can't be signed in this way: for them choose “Microsoft sign-in”."
        ),
    )


def _grant_permissions(registration: EntraAppRegistration) -> Step:
    kind = registration.traits.permission_type
    return Step(
        _("Grant the permissions"),
        _(
            "Open API permissions, press Add a permission, choose Microsoft Graph and then “%(kind)s permissions”, and "
            "add the permissions below. Then press Grant admin consent."
        )
        % {"kind": kind},
        [(_("%(kind)s permission") % {"kind": kind}, name) for name in registration.traits.permissions],
    )


def _restrict(registration: EntraAppRegistration) -> list[Step]:
    if not registration.traits.reaches_every_mailbox:
        return []
    return [
        Step(
            _("Decide which mailboxes the application may use"),
            _(
                "Granted like this, the application may use every mailbox of the organisation. To allow some mailboxes "
                "only, do not grant Mail.Send, Mail.ReadWrite and Calendars.ReadWrite above, and assign the "
                "application roles of the same names in Exchange Online (RBAC for Applications) with a management "
                "scope. Exchange may take up to two hours to follow."
            ),
        )
    ]
