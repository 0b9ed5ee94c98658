"""What providers will switch off, and when: one table, and who is concerned by the settings as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from users.addresses import belongs_to_exchange_online, host_of
from users.models import Installation


@dataclass(frozen=True, slots=True)
class Retirement:
    """One thing that ends on a day, as its provider has announced it."""

    code: str
    ends_on: date
    before: str | Promise
    after: str | Promise
    advice: str | Promise
    concerns: Callable[[Installation], bool]

    @property
    def has_ended(self) -> bool:
        return self.ends_on < timezone.localdate()

    def __str__(self) -> str:
        sentence = str(self.after if self.has_ended else self.before) % {"date": date_format(self.ends_on, "j F Y")}
        return f"{sentence} {self.advice}"


def _uses_ews_of_exchange_online(installation: Installation) -> bool:
    return belongs_to_exchange_online(host_of(installation.system.exchange_url))


def _signs_in_to_microsoft_by_smtp(installation: Installation) -> bool:
    system = installation.system
    return bool(system.smtp_username) and belongs_to_exchange_online(system.smtp_host)


RETIREMENTS = (
    # Message center MC1227454.
    Retirement(
        code="ews_of_exchange_online",
        ends_on=date(2027, 4, 1),
        before=_("The Exchange server in the system settings is Exchange Online, which ends this way in on %(date)s."),
        after=_("The Exchange server in the system settings is Exchange Online, which ended this way in on %(date)s."),
        advice=_("Choose Microsoft Exchange Online as e-mail method for its mailboxes."),
        concerns=_uses_ews_of_exchange_online,
    ),
    # Message center MC786329 of 27 January 2026: off by default; administrators can switch it on again for a while.
    Retirement(
        code="smtp_password_at_microsoft",
        ends_on=date(2026, 12, 31),
        before=_("Microsoft 365 ends signing in by SMTP with a password on %(date)s, unless you allow it there."),
        after=_("Microsoft 365 ended signing in by SMTP with a password on %(date)s, unless you allow it there."),
        advice=_("Choose Microsoft Exchange Online as e-mail method, or another SMTP server."),
        concerns=_signs_in_to_microsoft_by_smtp,
    ),
)


def retirements_for(installation: Installation) -> list[Retirement]:
    """What ends, or has ended, that this installation uses."""
    return [each for each in RETIREMENTS if each.concerns(installation)]
