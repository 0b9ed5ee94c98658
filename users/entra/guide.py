"""The way through the Entra admin centre, step by step, for the chosen cloud and flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from users.models import EntraAppRegistration


NAME = "Mail Settings"
"""What the application is called in Entra, unless somebody chooses another name."""


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
    return [*steps, _grant_permissions(registration), *_restrict(registration), _check(registration)]


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
    name = (_("Name"), NAME)
    if not registration.traits.needs_redirect_address:
        text += _(", leave the redirect address empty, and press Register.")
        return Step(_("Register the application"), text, [name])
    text += _(", choose the platform “Web” with this redirect address, and press Register.")
    if redirect_address.startswith("http:"):
        text += " " + _("Entra takes addresses with http:// for localhost only: open this page by https first.")
    return Step(_("Register the application"), text, [name, (_("Redirect address"), redirect_address)])


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
            "follow “Upload or make a certificate” on this page, download the public part there, and give it to Upload "
            "certificate."
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
    values = [(_("%(kind)s permission") % {"kind": kind}, name) for name in registration.traits.permissions]
    if registration.tenant_id and registration.client_id and registration.authority:
        values.append((_("Or grant them at this address"), admin_consent_address(registration)))
    return Step(
        _("Grant the permissions"),
        _(
            "Open API permissions, press Add a permission, choose Microsoft Graph and then “%(kind)s permissions”, and "
            "add the permissions below. Then press Grant admin consent."
        )
        % {"kind": kind},
        values,
    )


def admin_consent_address(registration: EntraAppRegistration) -> str:
    """Where an administrator grants what is registered (Microsoft, "Grant tenant-wide admin consent")."""
    return f"{registration.authority}/{registration.tenant_id}/adminconsent?client_id={registration.client_id}"


def _restrict(registration: EntraAppRegistration) -> list[Step]:
    if not registration.traits.reaches_every_mailbox:
        return []
    return [
        Step(
            _("Decide which mailboxes the application may use"),
            _(
                "Granted like this, the application may use every mailbox of the organisation. To allow some mailboxes "
                "only, do not grant Mail.Send, Mail.ReadWrite and Calendars.ReadWrite above, because grants add up; "
                "run these commands in PowerShell with the module ExchangeOnlineManagement instead. Put in the Object "
                "ID of the application as Enterprise applications shows it, and a mail-enabled security group with the "
                "mailboxes. Exchange may take up to two hours to follow."
            ),
            [(_("PowerShell"), command) for command in scope_commands(registration)],
        )
    ]


def scope_commands(registration: EntraAppRegistration) -> list[str]:
    """RBAC for Applications in Exchange Online: the application roles, for the members of one group only."""
    client = registration.client_id or "CLIENT-ID"
    roles = [
        f'New-ManagementRoleAssignment -App "{client}" -Role "Application {name}" -CustomResourceScope "{NAME}"'
        for name in registration.traits.permissions
    ]
    return [
        f"Connect-ExchangeOnline -ExchangeEnvironmentName {registration.addresses.exchange}",
        f'New-ServicePrincipal -AppId "{client}" -ObjectId "OBJECT-ID" -DisplayName "{NAME}"',
        '$group = (Get-Group "GROUP").DistinguishedName',
        f'New-ManagementScope -Name "{NAME}" -RecipientRestrictionFilter "MemberOfGroup -eq \'$group\'"',
        *roles,
        f'Test-ServicePrincipalAuthorization -Identity "{client}" -Resource "anna@example.com"',
    ]


def _check(registration: EntraAppRegistration) -> Step:
    text = _("Save this page, then press “Check the registration” beside it.")
    if registration.traits.needs_connection:
        text += " " + _("After that, every user connects once, on the own settings page.")
    return Step(_("Check it"), text)
