"""What each sign-in flow of the app registration needs: one table (Microsoft Entra documentation, "Permissions")."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from users.choices import Flow
from users.mail.access import Access


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTraits:
    """One row: what the application proves itself with, and what has to be granted to it in Entra."""

    needs_credential: bool
    """Whether a client secret or a certificate has to be stored."""
    permission_type: str
    permissions: tuple[str, ...]
    access: str
    """The dotted path of the way to an access token (``users/entra/access.py``)."""
    access_options: Mapping[str, str]
    """Its keyword options, as dotted names that are looked up in the user's settings."""
    mailbox: str
    """The mailbox in Graph's addresses: ``{address}`` stands for the user's e-mail address."""
    needs_connection: bool = False
    """Whether every user has to connect to Microsoft 365."""
    needs_redirect_address: bool = False
    instead_of_password: str | Promise = ""
    """What users do where there is no password to enter, in a sentence; empty where there is nothing to do."""
    reaches_every_mailbox: bool = False
    """Whether the permissions are not bound to the user who signs in, so that the address alone decides."""

    def access_for(self, settings: Any) -> Access:
        """The way to an access token for one user's settings. Nothing goes over the network yet."""
        access: Access = import_string(self.access)(
            **{option: attrgetter(name)(settings) for option, name in self.access_options.items()}
        )
        return access


APPLICATION, PERMISSIONS = "installation.application", "installation.registration.traits.permissions"

FLOWS: dict[str, FlowTraits] = {
    Flow.PASSWORD: FlowTraits(
        needs_credential=False,
        permission_type="Delegated",
        permissions=("User.Read", "Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
        access="users.entra.access.PasswordAccess",
        access_options={
            "application": APPLICATION,
            "permissions": PERMISSIONS,
            "username": "exchange_username",
            "password": "exchange_secret",
        },
        mailbox="me",
    ),
    Flow.APPLICATION: FlowTraits(
        needs_credential=True,
        permission_type="Application",
        reaches_every_mailbox=True,
        permissions=("Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
        access="users.entra.access.ApplicationAccess",
        access_options={"application": APPLICATION},
        mailbox="users/{address}",
    ),
    Flow.SIGN_IN: FlowTraits(
        needs_credential=True,
        permission_type="Delegated",
        permissions=("User.Read", "Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
        access="users.entra.access.SignedInAccess",
        access_options={"application": APPLICATION, "permissions": PERMISSIONS, "connection": "kept_connection"},
        mailbox="me",
        needs_connection=True,
        instead_of_password=_("Once this is saved, connect to Microsoft 365 with the button on this page."),
        needs_redirect_address=True,
    ),
}
