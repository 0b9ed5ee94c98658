"""What each sign-in flow of the app registration needs: one table (Microsoft Entra documentation, "Permissions")."""

from __future__ import annotations

from dataclasses import dataclass

from users.choices import Flow


@dataclass(frozen=True, slots=True, kw_only=True)
class FlowTraits:
    """One row: what the application proves itself with, and what has to be granted to it in Entra."""

    needs_credential: bool
    """Whether a client secret or a certificate has to be stored."""
    permission_type: str
    permissions: tuple[str, ...]
    needs_redirect_address: bool = False
    reaches_every_mailbox: bool = False
    """Whether the permissions are not bound to the user who signs in."""


FLOWS: dict[str, FlowTraits] = {
    Flow.PASSWORD: FlowTraits(
        needs_credential=False,
        permission_type="Delegated",
        permissions=("User.Read", "Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
    ),
    Flow.APPLICATION: FlowTraits(
        needs_credential=True,
        permission_type="Application",
        reaches_every_mailbox=True,
        permissions=("Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
    ),
    Flow.SIGN_IN: FlowTraits(
        needs_credential=True,
        permission_type="Delegated",
        permissions=("User.Read", "Mail.Send", "Mail.ReadWrite", "Calendars.ReadWrite"),
        needs_redirect_address=True,
    ),
}
