"""The check of the app registration: as a page has it, saved or not, tried with a mailbox that there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from users import guard
from users.entra.registration_steps import Trial, registration_steps
from users.mail.steps import Step
from users.models import EmailSettings, Installation, User
from users.readiness import readiness_of_settings
from users.verification import StepResult, run


@dataclass(frozen=True, slots=True)
class RegistrationCheck:
    """What is going to be tried, and the account that signs in for it if somebody's own password does."""

    steps: Sequence[Step]
    account: guard.Account | None

    @classmethod
    def of(cls, installation: Installation, *, by: User) -> RegistrationCheck:
        """For this installation; the permissions are tried with the mailbox of whoever checks, if possible."""
        registration = installation.registration
        settings = _whose_mailbox(installation, by)
        trial = Trial(settings.graph_access, settings.graph_mailbox, settings.address) if settings else None
        steps = registration_steps(
            installation.application, trial, needs_credential=registration.traits.needs_credential
        )
        return cls(steps, guard.account_of(settings) if settings else None)

    def results(self) -> Iterator[StepResult]:
        """Try the steps, and yield the result of each as soon as it is known."""
        yield from run(self.steps, lambda _step: guard.deliberate(self.account))


def _whose_mailbox(installation: Installation, user: User) -> EmailSettings | None:
    own = EmailSettings.of(user, installation)
    if own.traits.needs_app_registration and readiness_of_settings(own).is_complete:
        return own
    return _anybody_s(installation) if installation.registration.traits.reaches_every_mailbox else None


def _anybody_s(installation: Installation) -> EmailSettings | None:
    """With the application's own access, any mailbox shows what was granted; nothing is read from it."""
    rows = EmailSettings.objects.exclude(address="").select_related("user").order_by("pk")
    for row in rows.filter(method__in=installation.cloud_choices)[:1]:
        row.installation = installation
        return row
    return None
