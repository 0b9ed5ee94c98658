"""When what the application proves itself with ends: told early enough to make a new one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

if TYPE_CHECKING:
    from users.models import EntraAppRegistration

WARNED_BEFORE = 30
"""Days."""


@dataclass(frozen=True, slots=True)
class Ending:
    """One client secret or certificate and the last day on which it can be used."""

    name: str | Promise
    ends_on: date

    @property
    def days_left(self) -> int:
        return (self.ends_on - timezone.localdate()).days

    @property
    def has_ended(self) -> bool:
        return self.days_left < 0

    @property
    def is_near(self) -> bool:
        return self.days_left <= WARNED_BEFORE

    def __str__(self) -> str:
        """What it means, in a full sentence with what to do."""
        values = {"name": self.name, "date": date_format(self.ends_on, "j N Y"), "days": self.days_left}
        if self.has_ended:
            return ENDED % values
        text = ngettext(
            "The %(name)s of the app registration ends on %(date)s, in %(days)d day. Make a new one in time.",
            "The %(name)s of the app registration ends on %(date)s, in %(days)d days. Make a new one in time.",
            self.days_left,
        )
        return (
            text if self.days_left else _("The %(name)s of the app registration ends today. Make a new one.")
        ) % values


ENDED = gettext_lazy(
    "The %(name)s of the app registration ended on %(date)s and can't be used any more. Make a new one."
)
SECRET, CERTIFICATE = gettext_lazy("client secret"), gettext_lazy("certificate")


def endings_of(registration: EntraAppRegistration) -> list[Ending]:
    """All that is stored and needed, whichever is used, with its end."""
    if not registration.traits.needs_credential:
        return []
    secret_ends = registration.secret_expires_on if registration.client_secret else None
    certificate_ends = registration.certificate_ends_on if registration.private_key else None
    ends = ((CERTIFICATE, certificate_ends), (SECRET, secret_ends))
    return [Ending(name, day) for name, day in ends if day is not None]


def ended_for_users(registration: EntraAppRegistration) -> str:
    """Why nobody can send, when the reason is that something has ended; or else empty."""
    ended = [each for each in endings_of(registration) if each.has_ended]
    if not ended:
        return ""
    last = max(ended, key=lambda each: each.ends_on)
    text = _("The %(name)s of the app registration ended on %(date)s. An administrator has to make a new one.")
    return text % {"name": last.name, "date": date_format(last.ends_on, "j N Y")}


def worrying(registration: EntraAppRegistration) -> list[Ending]:
    """What ends within a month or has ended; what is not used because something better is stored worries nobody."""
    endings = endings_of(registration)
    lasting = [each for each in endings if not each.is_near]
    return [] if lasting else endings
