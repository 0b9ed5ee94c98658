"""The stored result of a user's last check, and whether it still says anything.

A result holds for exactly the settings that were checked. Of the user's own ones, the row keeps copies, which the
database compares itself; of the system-wide ones, a fingerprint, which is the same for all users with one method.
Nothing of a secret goes into either but the moment at which it was set.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.methods import Method
from users.verification import StepResult

if TYPE_CHECKING:
    from users.models import EmailSettings, Installation

OWN: Mapping[str, tuple[str, str | Promise]] = {
    "address": ("checked_address", gettext_lazy("e-mail address")),
    "exchange_username": ("checked_username", gettext_lazy("user name (Exchange)")),
    "exchange_password_set_at": ("checked_password_set_at", gettext_lazy("password (Exchange)")),
}
"""The user's own values that a result depends on: the column with the copy, and what people call it."""
METHOD = "method"
HASH_CHARACTERS = 16
FINGERPRINT_CHARACTERS = 32


class Standing(StrEnum):
    """What the last check says today."""

    NEVER = "never"
    PASSED = "passed"
    FAILED = "failed"
    OUT_OF_DATE = "out_of_date"


@dataclass(frozen=True, slots=True)
class LastCheck:
    """The last check of one user's settings, as it stands now."""

    standing: Standing
    at: datetime | None = None
    changed: tuple[str, ...] = ()
    """What has changed since, in words."""
    failure: Mapping[str, Any] = field(default_factory=dict)
    """The step that failed, as a :class:`StepResult` in JSON."""

    @property
    def is_good(self) -> bool:
        return self.standing == Standing.PASSED

    @property
    def text(self) -> str:
        """The standing in a few words, such as *passed 3 days ago*."""
        texts = {
            Standing.NEVER: _("never checked"),
            Standing.PASSED: _("passed %(when)s"),
            Standing.FAILED: _("failed %(when)s"),
            Standing.OUT_OF_DATE: _("out of date: %(what)s changed"),
        }
        return texts[self.standing] % {"when": self.when, "what": ", ".join(self.changed)}

    @property
    def when(self) -> str:
        if self.at is None:
            return ""
        if timezone.now() - self.at < timedelta(minutes=1):
            return _("just now")
        return _("%(time)s ago") % {"time": timesince(self.at, depth=1)}

    @property
    def sentence(self) -> str:
        return str(self.failure.get("sentence", ""))

    @property
    def advice(self) -> str:
        return str(self.failure.get("advice", ""))

    @property
    def whose_turn(self) -> str:
        """Who can mend what went wrong; empty, when nothing did."""
        return str(self.failure.get("whose_turn", ""))

    @property
    def reason(self) -> str:
        """Why it is out of date."""
        if not self.changed:
            return ""
        return _("Changed since: %(what)s.") % {"what": ", ".join(self.changed)}


def basis_of(method: Method, installation: Installation) -> dict[str, str]:
    """What the system-wide values come to on which a check with this method depends, each as a short hash."""
    values = {name: method.look_up(name, installation) for name in method.check_depends_on}
    return {METHOD: str(method.value)} | {name: _hash(value)[:HASH_CHARACTERS] for name, value in values.items()}


def fingerprint_of(method: Method, installation: Installation) -> str:
    """All of them in one: two installations with the same give the same result."""
    return _hash(sorted(basis_of(method, installation).items()))[:FINGERPRINT_CHARACTERS]


def last_check_of(settings: EmailSettings) -> LastCheck:
    """What the stored result says of the settings as they are now."""
    if settings.checked_at is None or settings.check_passed is None:
        return LastCheck(Standing.NEVER)
    changed = tuple(_changes(settings))
    if changed:
        return LastCheck(Standing.OUT_OF_DATE, settings.checked_at, changed)
    if settings.check_passed:
        return LastCheck(Standing.PASSED, settings.checked_at)
    return LastCheck(Standing.FAILED, settings.checked_at, failure=settings.check_outcome.get("failure") or {})


def columns_for(settings: EmailSettings, failure: StepResult | None) -> dict[str, Any]:
    """What to store of a check of exactly these settings, beside its time."""
    own = {copy: getattr(settings, name) for name, (copy, _label) in OWN.items()}
    outcome = {
        "basis": basis_of(settings.traits, settings.installation),
        "failure": failure.as_json() if failure else None,
    }
    return own | {
        "check_passed": failure is None,
        "check_fingerprint": fingerprint_of(settings.traits, settings.installation),
        "check_outcome": outcome,
    }


def _changes(settings: EmailSettings) -> list[str]:
    own = [str(label) for name, (copy, label) in OWN.items() if getattr(settings, name) != getattr(settings, copy)]
    method, installation = settings.traits, settings.installation
    if settings.check_fingerprint == fingerprint_of(method, installation):
        return own
    if not settings.check_fingerprint:
        return [_("connection to Microsoft 365"), *own]
    stored, now = settings.check_outcome.get("basis") or {}, basis_of(method, installation)
    if stored.get(METHOD) != now[METHOD]:
        return [_("e-mail method"), *own]
    changed = [str(label) for name, label in method.check_depends_on.items() if stored.get(name) != now[name]]
    return [*own, *(changed or [_("system settings")])]


def _hash(value: Any) -> str:
    return sha256(json.dumps(value, default=str).encode()).hexdigest()
