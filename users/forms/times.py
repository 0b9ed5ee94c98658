"""Fields for days and times in a time zone, and what is said when the clocks change."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.dateformat import format as format_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.local_times import MissingTime, RepeatedTime, common_zones

FIRST, SECOND = "first", "second"
WHICH = [(FIRST, gettext_lazy("The first time")), (SECOND, gettext_lazy("The second time"))]


class DayField(forms.DateField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
        kwargs["error_messages"] = {"invalid": gettext_lazy("Enter a day, such as 2026-12-24.")}
        super().__init__(required=False, input_formats=["%Y-%m-%d", "%d.%m.%Y", "%m/%d/%Y"], **kwargs)


class ClockField(forms.TimeField):
    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.TimeInput(format="%H:%M", attrs={"type": "time", "data-clock": ""})
        kwargs["error_messages"] = {"invalid": gettext_lazy("Enter a time, such as 14:30.")}
        super().__init__(required=False, input_formats=["%H:%M", "%H:%M:%S"], **kwargs)


class WhichField(forms.ChoiceField):
    """Which of two equal times is meant, in the night in which the clocks go back. Out of sight on all other days."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, choices=[("", gettext_lazy("Choose")), *WHICH], **kwargs)


def both_times(error: RepeatedTime) -> list[tuple[str, Any]]:
    """The two equal times as choices, each with its distance from UTC."""
    moments = zip(WHICH, (error.first, error.second), strict=True)
    told = [(value, f"{label} (UTC{moment:%z})") for (value, label), moment in moments]
    return [("", _("Choose")), *told]


def which_of_two(moment: datetime) -> str:
    """First or second, where this time comes twice; empty on all other days."""
    if moment.replace(fold=0).utcoffset() == moment.replace(fold=1).utcoffset():
        return ""
    return SECOND if moment.fold else FIRST


def zone_choices(present: str) -> list[Any]:
    groups: dict[str, list[tuple[str, str]]] = {}
    for name in dict.fromkeys([*common_zones(), present]):
        region, _slash, place = name.partition("/")
        groups.setdefault(region if place else _("Everywhere"), []).append((name, (place or name).replace("_", " ")))
    return list(groups.items())


def no_such_time(day: date, clock: time, zone: str, error: MissingTime) -> ValidationError:
    text = _(
        "There is no %(clock)s on %(day)s in %(zone)s: the clocks go forward and leave it out. Enter %(instead)s, "
        "or another time."
    )
    return ValidationError(text, "no_such_time", _told(day, clock, zone) | {"instead": f"{error.instead:%H:%M}"})


def comes_twice(day: date, clock: time, zone: str) -> ValidationError:
    text = _("On %(day)s, %(clock)s comes twice in %(zone)s, because the clocks go back. Choose which one is meant.")
    return ValidationError(text, "comes_twice", _told(day, clock, zone))


def _told(day: date, clock: time, zone: str) -> dict[str, str]:
    return {"clock": f"{clock:%H:%M}", "day": format_date(day, "j F Y"), "zone": zone}
