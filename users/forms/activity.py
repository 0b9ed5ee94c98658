"""An activity as a form: days and times as people write them, in a time zone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from crispy_forms.helper import FormHelper
from crispy_forms.layout import Column, Fieldset, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.forms.times import (
    FIRST,
    SECOND,
    ClockField,
    DayField,
    WhichField,
    both_times,
    comes_twice,
    no_such_time,
    which_of_two,
    zone_choices,
)
from users.forms.versions import Difference, VersionedForm
from users.local_times import MissingTime, RepeatedTime, instant
from users.models import Activity, EmailSettings
from users.models.activity import zone_used_by
from users.models.activity_rules import is_timed
from users.readiness import readiness_of_settings

PLACES = {"starts_at": "start_time", "ends_at": "end_time", "first_day": "start_day", "last_day": "end_day"}
"""Where the form shows what the model says of its own fields."""


class ActivityForm(VersionedForm):
    """Subject, time, place and text. The rules are the model's; this puts together days, times and the zone."""

    instance: Activity
    whole_day = forms.BooleanField(label=gettext_lazy("Whole days"), required=False)
    start_day = DayField(label=gettext_lazy("Start"))
    start_time = ClockField(label=gettext_lazy("Start time"))
    start_which = WhichField(label=gettext_lazy("Which of the two?"))
    end_day = DayField(label=gettext_lazy("End"))
    end_time = ClockField(label=gettext_lazy("End time"))
    end_which = WhichField(label=gettext_lazy("Which of the two?"))
    time_zone = forms.ChoiceField(label=gettext_lazy("Time zone"))

    in_calendar = forms.BooleanField(label=gettext_lazy("Export to the calendar program"), required=False)

    class Meta:
        model = Activity
        fields = ("subject", "time_zone", "place", "text", "reference", "link", "is_done", "in_calendar")
        widgets = {"link": forms.URLInput(attrs={"placeholder": "https://"}), "text": forms.Textarea(attrs={"rows": 5})}
        help_texts = {"reference": gettext_lazy("What it belongs to, such as an offer or a customer.")}
        error_messages = {
            "subject": {"required": gettext_lazy("Enter what is to be done.")},
            "link": {"invalid": gettext_lazy("Enter an address that begins with https://, or leave this empty.")},
        }

    def __init__(self, *args: Any, editor: Any = None, padlocks: Any = None, **kwargs: Any) -> None:
        typed, instance = kwargs.pop("initial", None), kwargs["instance"]
        used = zone_used_by(instance.owner) if instance._state.adding else instance.time_zone
        instance.time_zone = used or instance.time_zone
        super().__init__(*args, initial=_as_entered(instance) | (typed or {}), **kwargs)
        self._offer_the_calendar()
        self.fields["time_zone"].choices = zone_choices(instance.time_zone)  # type: ignore[attr-defined]
        if not used:
            self.fields["time_zone"].widget.attrs["data-own-zone"] = ""
        if instance._state.adding:
            del self.fields["is_done"]

    # --- The calendar ---------------------------------------------------------------------------------------------

    def _offer_the_calendar(self) -> None:
        """Only where there is one on a server, and only when the settings are ready."""
        settings = EmailSettings.of(self.instance.owner)
        field = self.fields["in_calendar"]
        if self.initial.get("in_calendar") is None:
            self.initial["in_calendar"] = settings.export_activities
        if not settings.traits.calendar_transport:
            field.widget = forms.HiddenInput()
            field.disabled = True
        elif not readiness_of_settings(settings).is_ready:
            field.disabled = True
            field.help_text = _("Closed until the e-mail settings are ready: see what is left beside this form.")

    # --- The time -------------------------------------------------------------------------------------------------

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("whole_day"):
            self._take_days(cleaned)
        else:
            self._take_times(cleaned)
        return cleaned

    def _take_days(self, cleaned: dict[str, Any]) -> None:
        start = self._needed(cleaned, "start_day", gettext_lazy("Enter the first day."))
        if start and "end_day" in cleaned:
            self.instance.first_day, self.instance.last_day = start, cleaned["end_day"] or start

    def _take_times(self, cleaned: dict[str, Any]) -> None:
        start_day = self._needed(cleaned, "start_day", gettext_lazy("Enter the day."))
        starts_at = self._instant(start_day, "start", cleaned)
        ends_at = self._instant(cleaned.get("end_day") or start_day, "end", cleaned)
        self.instance.first_day = self.instance.last_day = None
        if starts_at and ends_at:
            self.instance.starts_at, self.instance.ends_at = starts_at, ends_at

    def _needed(self, cleaned: dict[str, Any], name: str, text: Any) -> Any:
        value = cleaned.get(name)
        if value is None and name in cleaned:
            self.add_error(name, ValidationError(text, code="required"))
        return value

    def _instant(self, day: date | None, side: str, cleaned: dict[str, Any]) -> datetime | None:
        name, which, zone = f"{side}_time", cleaned.get(f"{side}_which"), cleaned.get("time_zone")
        clock: time | None = self._needed(cleaned, name, gettext_lazy("Enter a time, or choose whole days."))
        if day is None or clock is None or not zone:
            return None
        try:
            return instant(day, clock, zone, is_second={FIRST: False, SECOND: True}.get(which or ""))
        except MissingTime as error:
            self.add_error(name, no_such_time(day, clock, zone, error))
        except RepeatedTime as error:
            self.fields[f"{side}_which"].choices = both_times(error)  # type: ignore[attr-defined]
            self.add_error(f"{side}_which", comes_twice(day, clock, zone))
        except OverflowError:
            self.add_error(f"{side}_day", ValidationError(_("Enter a date from 1970 to 2199."), code="out_of_range"))
        return None

    def add_error(self, field: str | None, error: Any) -> None:
        """Show what the model says of a start at the place where the start was entered."""
        if field is None and hasattr(error, "error_dict"):
            error = ValidationError({self._place_of(name): errors for name, errors in error.error_dict.items()})
        super().add_error(field, error)

    def _place_of(self, name: str) -> str:
        place = PLACES.get(name, name)
        return place.replace("_time", "_day") if self.cleaned_data.get("whole_day") else place

    # --- A conflict -----------------------------------------------------------------------------------------------

    def show_conflict(self, stored: Any) -> list[Difference]:
        return [*self._differences_of_time(stored), *super().show_conflict(stored)]

    def _differences_of_time(self, stored: Activity | None) -> list[Difference]:
        sides: list[tuple[Any, Callable[[Activity], str]]] = [
            (_("Time"), lambda row: row.when),
            (_("Deleted"), lambda row: _("yes") if row.cancelled_at else _("no")),
        ]
        read = [(label, read_aloud(stored) if stored else "", read_aloud(self.instance)) for label, read_aloud in sides]
        return [Difference(label, theirs, own) for label, theirs, own in read if theirs != own]

    def save_unless_changed(self) -> None:
        self.instance.cancelled_at = None
        super().save_unless_changed()

    # --- Looks ----------------------------------------------------------------------------------------------------

    @property
    def helper(self) -> FormHelper:
        """Made when the form is shown, and so after it was checked: a choice may have come into sight."""
        helper = FormHelper(self)
        helper.form_tag = False
        helper.layout = self._layout()
        return helper

    def _layout(self) -> Layout:
        return Layout(
            "version",
            Fieldset(
                "",
                "subject",
                *(["is_done"] if "is_done" in self.fields else []),
                "in_calendar",
                css_class="settings-group",
            ),
            Fieldset(
                _("When"),
                "whole_day",
                _side("start", self._is_asked("start_which")),
                _side("end", self._is_asked("end_which")),
                "time_zone",
                css_class="settings-group",
            ),
            Fieldset(_("What about"), "place", "text", "reference", "link", css_class="settings-group"),
        )

    def _is_asked(self, name: str) -> bool:
        """Whether the choice between two equal times is in sight: it was made, or the form says that it must be."""
        return bool(self[name].value()) or (self.is_bound and name in self.errors)


def _side(side: str, is_asked: bool) -> Row:  # noqa: FBT001
    columns = [Column(f"{side}_day", css_class="col-6 col-sm-4"), Column(f"{side}_time", css_class="col-6 col-sm-4")]
    return Row(*columns, *([Column(f"{side}_which", css_class="col-12 col-sm-4")] if is_asked else []))


def _as_entered(activity: Activity) -> dict[str, Any]:
    """The fields for days and times, filled from the activity, or for a new one with the next full hour."""
    start, end = _local(activity) if is_timed(activity) else _next_hour(activity.time_zone)
    return {
        "whole_day": activity.is_whole_day,
        "start_day": activity.first_day or start.date(),
        "start_time": None if activity.is_whole_day else start.time(),
        "start_which": which_of_two(start),
        "end_day": activity.last_day or end.date(),
        "end_time": None if activity.is_whole_day else end.time(),
        "end_which": which_of_two(end),
    }


def _local(activity: Activity) -> tuple[datetime, datetime]:
    return activity.local_start, activity.local_end


def _next_hour(zone: str) -> tuple[datetime, datetime]:
    start = timezone.now().replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return start.astimezone(ZoneInfo(zone)), (start + timedelta(hours=1)).astimezone(ZoneInfo(zone))
