"""Exports activities into the calendars of their owners: what is asked for, and who works it off.

A worker claims one mailbox at a time and brings all that is due there up to date. One that is killed leaves a claim
that runs out, and whoever comes next first looks for what the server may have taken already.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from uuid import uuid4

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.dispatch import receiver
from django.utils import timezone
from django.utils.module_loading import import_string

from users import guard
from users.calendars.base import CalendarTransport
from users.calendars.errors import CalendarDenied
from users.export_job import bring_up_to_date
from users.mail.transports.errors import NotReachable, NotSecure, SignInFailed, TransportError
from users.mail.transports.mailbox_errors import MailboxMissing
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue, User
from users.models.activity import activity_saved
from users.models.email_settings import check_stored
from users.readiness import readiness_of_settings
from users.user_checks import note_refusal

LEASE = timedelta(minutes=2)
"""How long a claim lasts without a sign of life: longer than any single request."""
WAITS = (1, 5, 15, 60)
"""Minutes until the next attempt, after each failure; the last one repeats."""
JITTER = 0.2
CLOSED_FOR = timedelta(minutes=5)
"""How long a mailbox whose settings are not ready is left alone, if nobody says that they changed."""
STOPS_ALL = (SignInFailed, NotSecure, CalendarDenied, MailboxMissing)
"""What no second attempt mends: until somebody changes the settings, nothing more is tried."""

State = ActivityExport.State
UNDECIDED = (State.GONE, State.CHANGED, State.FAILED)
"""Where nothing more happens until somebody says so."""
wake_workers: list[Callable[[int | None], None]] = []
"""What is called, after the commit, with the key of an owner for whom there is something to do, or None for all."""


# --- What is asked for ----------------------------------------------------------------------------------------------


def calendar_of(settings: EmailSettings) -> str:
    """Stands for the calendar that these settings lead to; empty where appointments come as a file."""
    method = settings.traits
    if not method.calendar_transport:
        return ""
    parts = (method.calendar, *method.account_destination(settings.installation), settings.address.lower())
    return sha256("\0".join(parts).encode()).hexdigest()


@receiver(activity_saved)
def follow(activity: Activity, **_kwargs: object) -> None:
    """Export an activity that was saved, if it is to be in the calendar, or is there."""
    calendar = calendar_of(EmailSettings.of(activity.owner))
    rows = ActivityExport.objects.filter(activity_uid=activity.uid)
    if not calendar and not rows.exists():
        return
    changed = rows.filter(calendar=calendar).update(requested=F("requested") + 1, try_at=timezone.now(), attempts=0)
    if not changed and calendar and is_wanted(activity):
        _add(activity, calendar)
        changed = 1
    if changed:
        wake(activity.owner_id)


def is_wanted(activity: Activity | None) -> bool:
    """Whether the calendar is to have it."""
    return activity is not None and bool(activity.in_calendar) and activity.cancelled_at is None


def export_again(activity: Activity, *, states: Iterable[State] = UNDECIDED) -> None:
    """Put it into the calendar although its owner has removed it there, or overwrite the time that was set there."""
    calendar = calendar_of(EmailSettings.of(activity.owner))
    rows = ActivityExport.objects.filter(activity_uid=activity.uid, calendar=calendar, state__in=states)
    fresh = {"state": State.WAITING, "when_written": "", "problem": "", "advice": "", "attempts": 0}
    if rows.update(**fresh, generation=F("generation") + 1, requested=F("requested") + 1, try_at=timezone.now()):
        wake(activity.owner_id)


def _add(activity: Activity, calendar: str) -> None:
    ActivityExport.objects.get_or_create(
        activity_uid=activity.uid,
        calendar=calendar,
        defaults={"owner_id": activity.owner_id, "activity": activity, "try_at": timezone.now()},
    )


def forget_deleted(sender: object, instance: Activity, **_kwargs: object) -> None:
    """An activity is deleted for good: take its appointments away."""
    rows = ActivityExport.objects.filter(activity_uid=instance.uid)
    if rows.update(requested=F("requested") + 1, try_at=timezone.now()):
        wake(instance.owner_id)


def wake(owner_id: int | None) -> None:
    """There is something to do for this owner, or for anybody: workers are told after the commit."""
    for tell in wake_workers:
        transaction.on_commit(lambda tell=tell: tell(owner_id))  # type: ignore[misc]


# --- Who works it off -----------------------------------------------------------------------------------------------


def run_due(now: datetime | None = None) -> int:
    """Work off all mailboxes with something to do, one after the other. Returns how many exports were looked at."""
    done = 0
    for queue in _claims(now):
        done += _run(queue)
    return done


def run_owner(owner_id: int) -> int:
    """The same for one owner; nothing, while another worker is at it."""
    now = timezone.now()
    if ExportQueue.objects.filter(pk=owner_id, not_before__gt=now).exists():
        return 0
    queue = _claim(owner_id, now)
    return _run(queue) if queue else 0


def go_on(owner_id: int) -> None:
    """The owner's settings changed: what waits for them, or for a server, is tried now."""
    ExportQueue.objects.filter(pk=owner_id).update(not_before=None)
    wake(owner_id)


@receiver(check_stored)
def go_on_when_ready(settings: EmailSettings, *, is_passed: bool, **_kwargs: object) -> None:
    """A check passed: the calendar opens."""
    if is_passed:
        go_on(settings.user.pk)


def next_due() -> datetime | None:
    """When there is something to do next."""
    return (
        ActivityExport.objects.filter(try_at__isnull=False).order_by("try_at").values_list("try_at", flat=True).first()
    )


def go_on_everywhere() -> None:
    """The same after a change of what all users share."""
    ExportQueue.objects.filter(not_before__isnull=False).update(not_before=None)
    wake(None)


def _claims(now: datetime | None) -> Iterator[ExportQueue]:
    """Mailboxes with something to do, each claimed for the caller. Those that others work at are left to them."""
    tried: set[int] = set()
    while True:
        moment = now or timezone.now()
        owners = set(_free_owners(moment)[:50]) - tried
        if not owners:
            return
        for owner_id in random.sample(sorted(owners), len(owners)):
            tried.add(owner_id)
            queue = _claim(owner_id, moment)
            if queue is not None:
                yield queue


def _free_owners(now: datetime) -> QuerySet[ActivityExport, int]:
    due = ActivityExport.objects.filter(try_at__lte=now).exclude(
        Q(owner__export_queue__claimed_until__gt=now) | Q(owner__export_queue__not_before__gt=now)
    )
    return due.order_by().values_list("owner_id", flat=True).distinct()


def _claim(owner_id: int, now: datetime) -> ExportQueue | None:
    ExportQueue.objects.get_or_create(owner_id=owner_id)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    token = uuid4()
    mine = ExportQueue.objects.filter(free, pk=owner_id).update(claim=token, claimed_until=timezone.now() + LEASE)
    return ExportQueue.objects.select_related("owner").get(claim=token) if mine else None


def _run(queue: ExportQueue) -> int:
    try:
        return _work_off(queue)
    finally:
        ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim).update(claim=None, claimed_until=None)


def _work_off(queue: ExportQueue) -> int:
    settings = EmailSettings.of(queue.owner)
    calendar = calendar_of(settings)
    _move_future(queue.owner, calendar)
    if not calendar:
        return 0
    if not may_export(settings, queue):
        _rest(queue, until=timezone.now() + CLOSED_FOR)
        return 0
    try:
        with guard.automatic(guard.account_of(settings)), transport_for(settings) as transport:
            done = _export_all(queue, calendar, transport)
    except TransportError as error:
        _note(queue, settings, error)
        if error.is_refusal:
            note_refusal(settings, error)
        return 1
    _all_is_well(queue)
    return done


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


def transport_for(settings: EmailSettings) -> CalendarTransport:
    transport_class: type[CalendarTransport] = import_string(settings.traits.calendar_transport)
    return transport_class(**settings.traits.options_for(settings))


def _export_all(queue: ExportQueue, calendar: str, transport: CalendarTransport) -> int:
    """Everything that is due, also what becomes due meanwhile; what has failed before comes last."""
    for done in count():
        due = ActivityExport.objects.filter(owner=queue.owner, calendar=calendar, try_at__lte=timezone.now())
        row = due.select_related("activity").order_by("attempts", "try_at", "pk").first()
        if row is None or not _keep(queue):
            return done
        _export(queue, row, transport)
    raise AssertionError


def _keep(queue: ExportQueue) -> bool:
    """Prolong the claim. False, when somebody else has taken the mailbox over."""
    mine = ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim)
    return bool(mine.update(claimed_until=timezone.now() + LEASE))


def _export(queue: ExportQueue, row: ActivityExport, transport: CalendarTransport) -> None:
    """One export, and what became of it, in the database at once. Raises what stops the whole mailbox."""
    try:
        bring_up_to_date(row, transport, is_wanted=is_wanted(row.activity))
    except TransportError as error:
        if error.is_permanent and not isinstance(error, (*STOPS_ALL, NotReachable)):
            row.state, row.problem, row.advice = State.FAILED, str(error), str(error.hint)
        else:
            _postpone(row, error)
            raise
    _finish(row)


def _finish(row: ActivityExport) -> None:
    """Done, unless something was asked for meanwhile."""
    rest = Case(When(requested=row.requested, then=Value(None)), default=F("try_at"))
    ActivityExport.objects.filter(pk=row.pk).update(
        state=row.state,
        item_id=row.item_id,
        when_written=row.when_written,
        generation=row.generation,
        problem=row.problem,
        advice=row.advice,
        written=row.requested,
        attempts=0,
        try_at=rest,
    )


def _postpone(row: ActivityExport, error: TransportError) -> None:
    """Another one comes first the next time. When that is, the mailbox says."""
    ActivityExport.objects.filter(pk=row.pk).update(
        attempts=row.attempts + 1, problem=str(error), advice=str(error.hint)
    )


def delay(attempts: int, error: TransportError) -> timedelta:
    """How long to wait after so many failures; longer, where the server says so."""
    minutes = WAITS[min(attempts, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    return max(timedelta(minutes=minutes), timedelta(seconds=getattr(error, "retry_after", 0) or 0))


def _note(queue: ExportQueue, settings: EmailSettings, error: TransportError) -> None:
    """The whole mailbox waits: until the settings change, or for a while."""
    attempts = queue.attempts + 1
    is_paused = isinstance(error, STOPS_ALL) and error.is_permanent
    ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim).update(
        attempts=attempts,
        not_before=None if is_paused else timezone.now() + delay(attempts, error),
        paused_at=timezone.now() if is_paused else None,
        paused_with=fingerprint(settings) if is_paused else "",
        problem=str(error),
        advice=str(error.hint),
    )


def _all_is_well(queue: ExportQueue) -> None:
    rest = {"attempts": 0, "not_before": None, "paused_at": None, "paused_with": "", "problem": "", "advice": ""}
    ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim).update(**rest)


def _rest(queue: ExportQueue, *, until: datetime | None) -> None:
    """Leave the mailbox alone; what is to be done stays."""
    ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim).update(not_before=until)


def _move_future(owner: User, calendar: str) -> None:
    """After a change of the method: what is still to come goes into the calendar in use, and others are let be."""
    rows = ActivityExport.objects.filter(owner=owner)
    rows.exclude(calendar=calendar).exclude(state=State.LEFT).update(state=State.LEFT, try_at=None)
    if not calendar:
        return
    wanted = owner.activities.filter(in_calendar=True, cancelled_at=None, ends_at__gt=timezone.now())
    rows.filter(calendar=calendar, state=State.LEFT, activity__in=wanted).update(
        state=State.WAITING, requested=F("requested") + 1, try_at=timezone.now()
    )
    for activity in wanted.exclude(uid__in=rows.filter(calendar=calendar).values("activity_uid")):
        _add(activity, calendar)
