"""The check of the app registration: as a page has it, saved or not, tried with a mailbox that there is."""

from __future__ import annotations

from collections.abc import Sequence

from users.entra.registration_steps import Trial, registration_steps
from users.mail.steps import Step
from users.models import EmailSettings, Installation, User
from users.readiness import readiness_of_settings


def steps_of_registration(installation: Installation, *, by: User) -> Sequence[Step]:
    """The steps for this installation; the permissions are tried with the mailbox of whoever checks, if possible."""
    needs_credential = installation.registration.traits.needs_credential
    return registration_steps(installation.application, _trial(installation, by), needs_credential=needs_credential)


def _trial(installation: Installation, user: User) -> Trial | None:
    own = EmailSettings.of(user, installation)
    if own.traits.needs_app_registration and readiness_of_settings(own).is_complete:
        return _with(own)
    return _with_anybody(installation) if installation.registration.traits.reaches_every_mailbox else None


def _with_anybody(installation: Installation) -> Trial | None:
    """With the application's own access, any mailbox shows what was granted; nothing is read from it."""
    rows = EmailSettings.objects.exclude(address="").select_related("user").order_by("pk")
    for row in rows.filter(method__in=installation.cloud_choices)[:1]:
        row.installation = installation
        return _with(row)
    return None


def _with(settings: EmailSettings) -> Trial:
    return Trial(settings.graph_access, settings.graph_mailbox, settings.address)
