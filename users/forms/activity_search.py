"""What a list of activities is filtered by. It is read from the address, so that a list can be kept as a bookmark."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.db.models import Q, TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from users.forms.times import DayField
from users.local_times import beginning_of


class Show(TextChoices):
    ALL = "", _("All")
    OPEN = "open", _("To be done")
    DONE = "done", _("Done")
    DELETED = "deleted", _("Deleted in the last 30 days")


KINDS = {
    Show.ALL: Q(cancelled_at__isnull=True),
    Show.OPEN: Q(cancelled_at__isnull=True, is_done=False),
    Show.DONE: Q(cancelled_at__isnull=True, is_done=True),
    Show.DELETED: Q(cancelled_at__isnull=False),
}


class ActivitySearchForm(forms.Form):
    """A period and what is shown of it. Without an answer to where it begins, it begins today."""

    since = DayField(label=_("From"))
    until = DayField(label=_("To"))
    show = forms.ChoiceField(label=_("Show"), required=False, choices=Show.choices)

    def __init__(self, query: Any, *, zone: str) -> None:
        self.zone = zone
        asked = query.dict()
        asked.setdefault("since", timezone.now().astimezone(ZoneInfo(zone)).date().isoformat())
        super().__init__(asked)
        self.is_filtered = bool(query.keys() & self.fields.keys())

    @property
    def conditions(self) -> Q:
        """The activities that lie in the period, also in a part of it. What can't be understood counts as not given."""
        self.is_valid()
        conditions = KINDS[Show(self.cleaned_data.get("show", Show.ALL))]
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        try:
            conditions &= Q(ends_at__gt=beginning_of(since, self.zone)) if since else Q()
            conditions &= Q(starts_at__lt=beginning_of(until + timedelta(days=1), self.zone)) if until else Q()
        except OverflowError:
            self.add_error("since", _("Enter days from 1970 to 2199."))
        return conditions
