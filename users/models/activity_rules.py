"""The rules over an activity. ``Activity.clean()`` applies them for every form, for the admin and for other code."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from users.models.activity import Activity

Breach = tuple[str, ValidationError]

EARLIEST = datetime(1969, 12, 31, tzinfo=UTC)
LATEST = datetime(2200, 1, 2, tzinfo=UTC)
"""The years 1970 to 2199, in every time zone."""

LONGEST = timedelta(days=1825)
"""Exchange takes no longer appointments (ErrorCalendarDurationIsTooLong)."""


def check(activity: Activity) -> None:
    """Raise one ValidationError with all breaches by field."""
    breaches: dict[str, list[ValidationError]] = {}
    for rule in RULES:
        for field, error in rule(activity):
            breaches.setdefault(field, []).append(error)
    if breaches:
        raise ValidationError(breaches)


def both_days_or_none(activity: Activity) -> Iterator[Breach]:
    if (activity.first_day is None) != (activity.last_day is None):
        field = "last_day" if activity.last_day is None else "first_day"
        yield field, ValidationError(_("Enter the first and the last day."), code="required")


def ends_after_it_starts(activity: Activity) -> Iterator[Breach]:
    if activity.first_day and activity.last_day:
        if activity.last_day < activity.first_day:
            yield "last_day", ValidationError(_("The last day is before the first one."), code="ends_too_early")
    elif is_timed(activity) and activity.ends_at <= activity.starts_at:
        yield "ends_at", ValidationError(_("Enter an end that is later than the start."), code="ends_too_early")


def is_in_this_age(activity: Activity) -> Iterator[Breach]:
    moments = {"starts_at": activity.starts_at, "ends_at": activity.ends_at} if is_timed(activity) else {}
    for field, moment in moments.items():
        if not EARLIEST <= moment <= LATEST:
            yield field, ValidationError(_("Enter a date from 1970 to 2199."), code="out_of_range")


def does_not_last_for_ever(activity: Activity) -> Iterator[Breach]:
    if is_timed(activity) and activity.ends_at - activity.starts_at > LONGEST:
        text = _("This is longer than five years. Calendars take no longer appointments; make several of it.")
        yield "ends_at", ValidationError(text, code="too_long")


def is_timed(activity: Activity) -> bool:
    """Whether both instants are there: a form leaves them out that were not understood."""
    return None not in {activity.starts_at, activity.ends_at}


RULES = (both_days_or_none, ends_after_it_starts, is_in_this_age, does_not_last_for_ever)
