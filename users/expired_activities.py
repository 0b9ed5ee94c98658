"""Removes for good what was deleted long enough ago, and what is known of it in calendars."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from users.models import Activity, ActivityExport
from users.models.activity import KEPT_WHEN_CANCELLED

State = ActivityExport.State
AT_ONCE = 200
"""So many are removed in one go, so that nobody has to wait for the database."""


def remove_expired() -> int:
    """Remove some activities whose time is over. Returns how many.

    An appointment that is still to be taken out of a calendar keeps its row until that is done.
    """
    finished = ActivityExport.objects.filter(try_at=None)
    _some(finished.filter(activity=None)).delete()
    expired = _some(Activity.objects.filter(cancelled_at__lte=timezone.now() - KEPT_WHEN_CANCELLED))
    finished.filter(activity__in=expired, state__in=[State.WITHDRAWN, State.LEFT]).delete()
    _count, by_model = expired.delete()
    return by_model.get(Activity._meta.label, 0)


def next_expiry() -> datetime | None:
    """When there is something to remove next."""
    rows = Activity.objects.filter(cancelled_at__isnull=False).order_by("cancelled_at")
    first = rows.values_list("cancelled_at", flat=True).first()
    return first and first + KEPT_WHEN_CANCELLED


def _some(rows: QuerySet[Activity] | QuerySet[ActivityExport]) -> QuerySet[Activity] | QuerySet[ActivityExport]:
    return rows.model._default_manager.filter(pk__in=list(rows.order_by("pk").values_list("pk", flat=True)[:AT_ONCE]))
