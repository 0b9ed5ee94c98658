"""What calendars are asked for: which activity belongs into which one, and who hears of it.

What is to be done stands in :class:`ActivityExport`, a row for each activity and calendar; ``users/export_runs.py``
works it off in the background.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from hashlib import sha256
from time import time_ns

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet
from django.dispatch import receiver
from django.utils import timezone

from users.models import Activity, ActivityExport, EmailSettings, ExportQueue, SystemSettings, User
from users.models.activity import activity_saved
from users.models.email_settings import check_stored
from users.readiness import readiness_of_settings

State = ActivityExport.State
wake_workers: list[Callable[[int | None], None]] = []
"""What is called with the key of an owner for whom there is something to do, or with None for all."""


# --- Which calendar -------------------------------------------------------------------------------------------------


def calendar_of(settings: EmailSettings) -> str:
    """Stands for the calendar that these settings lead to; empty where appointments come as a file."""
    method = settings.traits
    if not method.calendar_transport:
        return ""
    parts = (method.calendar, *method.account_destination(settings.installation), settings.address.lower())
    return sha256("\0".join(parts).encode()).hexdigest()


def may_export(settings: EmailSettings, queue: ExportQueue | None) -> bool:
    """Whether the settings are ready, and the export was not paused with exactly these."""
    if not readiness_of_settings(settings).is_ready:
        return False
    return queue is None or queue.paused_at is None or queue.paused_with != fingerprint(settings)


def fingerprint(settings: EmailSettings) -> str:
    """Changes with the settings that an export depends on, and with a new check."""
    system, registration = settings.installation.system, settings.installation.registration
    parts = (settings.version, system.version, registration.version, settings.effective_method, settings.checked_at)
    return sha256(repr(parts).encode()).hexdigest()


# --- One activity ---------------------------------------------------------------------------------------------------


@receiver(activity_saved)
def follow(activity: Activity, **_kwargs: object) -> None:
    """Export an activity that was saved, if it is to be in the calendar, or is there."""
    calendar = calendar_of(EmailSettings.of(activity.owner))
    rows = ActivityExport.objects.filter(activity_uid=activity.uid)
    if not calendar and not rows.exists():
        return
    asked = {"activity": activity, "requested": F("requested") + 1, "try_at": timezone.now(), "attempts": 0}
    changed = rows.filter(calendar=calendar).update(**asked)
    if not changed and calendar and is_wanted(activity):
        ActivityExport.objects.get_or_create(
            activity_uid=activity.uid,
            calendar=calendar,
            defaults={"owner_id": activity.owner_id, "activity": activity, "try_at": timezone.now()},
        )
        changed = 1
    if changed:
        wake(activity.owner_id)


def is_wanted(activity: Activity | None) -> bool:
    """Whether the calendar is to have it."""
    return activity is not None and bool(activity.in_calendar) and activity.cancelled_at is None


@transaction.atomic
def export_again(activity: Activity, *, states: Iterable[State] = ActivityExport.UNDECIDED) -> bool:
    """Put it into the calendar although its owner has removed it there, or overwrite the time that was set there.

    False, where nothing had to be decided.
    """
    calendar = calendar_of(EmailSettings.of(activity.owner))
    rows = ActivityExport.objects.filter(activity_uid=activity.uid, calendar=calendar, state__in=states)
    fresh = {"state": State.WAITING, "when_written": "", "problem": "", "advice": "", "attempts": 0}
    if not rows.update(**fresh, generation=F("generation") + 1, requested=F("requested") + 1, try_at=timezone.now()):
        return False
    wake(activity.owner_id)
    return True


def forget_deleted(sender: object, instance: Activity, **_kwargs: object) -> None:
    """An activity is deleted for good: take its appointments away."""
    rows = ActivityExport.objects.filter(activity_uid=instance.uid)
    if rows.update(requested=F("requested") + 1, try_at=timezone.now()):
        wake(instance.owner_id)


# --- All of an owner, and of everybody ------------------------------------------------------------------------------


def to_come() -> QuerySet[Activity]:
    """What calendars are to have and what is not over yet."""
    return Activity.objects.filter(in_calendar=True, cancelled_at=None, ends_at__gt=timezone.now())


def go_on(owner_id: int) -> None:
    """The owner's settings changed: what waits for them, or for a server, is tried now, and may move."""
    of_owner = {"owner": OuterRef("pk")}
    waiting = ActivityExport.objects.filter(**of_owner, try_at__isnull=False)
    if User.objects.filter(Exists(waiting) | Exists(to_come().filter(**of_owner)), pk=owner_id).exists():
        ExportQueue.objects.filter(pk=owner_id).update(not_before=None)
        wake(owner_id)


@receiver(check_stored)
def go_on_when_ready(settings: EmailSettings, *, is_passed: bool, **_kwargs: object) -> None:
    """A check passed: the calendar opens."""
    if is_passed:
        go_on(settings.user.pk)


def go_on_everywhere() -> None:
    """The same after a change of what all users share: see ``users/export_moves.py``."""
    ExportQueue.objects.filter(not_before__isnull=False).update(not_before=None)
    # Below every key, and another number each time: whoever is in the middle of it notices that it begins anew.
    SystemSettings.objects.update(calendars_seen_to=-time_ns())
    wake(None)


def next_due() -> datetime | None:
    """When there is something to do next."""
    if SystemSettings.objects.filter(calendars_seen_to__isnull=False).exists():
        return timezone.now()
    rows = ActivityExport.objects.filter(try_at__isnull=False).order_by("try_at")
    return rows.values_list("try_at", flat=True).first()


def wake(owner_id: int | None) -> None:
    """There is something to do for this owner, or for anybody.

    Workers are told within the transaction that asks for it: nobody hears of what is undone, and no knock is lost.
    """
    for tell in wake_workers:
        tell(owner_id)
