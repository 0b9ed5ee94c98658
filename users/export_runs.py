"""Works off what calendars are asked for: who is at which mailbox, and what happens after a failure.

A worker claims one mailbox at a time and brings all that is due there up to date. One that is killed leaves a claim
that runs out, and whoever comes next first looks for what the server may have taken already.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from functools import partial
from itertools import count
from uuid import uuid4

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from users import guard
from users.calendars.base import CalendarTransport
from users.calendars.errors import CalendarDenied
from users.export_job import Overtaken, bring_up_to_date
from users.export_moves import move_everybody, move_future
from users.exports import calendar_of, fingerprint, is_wanted, may_export
from users.mail.transports.cloud_errors import NewSignInDemanded, TokenRefused
from users.mail.transports.errors import NotReachable, NotSecure, SignInFailed, TransportError
from users.mail.transports.mailbox_errors import MailboxMissing
from users.models import ActivityExport, EmailSettings, ExportQueue
from users.user_checks import note_refusal

LEASE = timedelta(minutes=3)
"""How long a claim lasts without a sign of life: longer than any single operation, for which transports have two."""
WAITS = (1, 5, 15, 60)
"""Minutes until the next attempt, after each failure; the last one repeats."""
JITTER = 0.2
LONGEST_WAIT = timedelta(days=1)
"""A server that wants more is asked all the same: it may have got its own time wrong."""
CLOSED_FOR = timedelta(minutes=5)
"""How long a mailbox whose settings are not ready is left alone, if nobody says that they changed."""
STOPS_ALL = (SignInFailed, NotSecure, CalendarDenied, MailboxMissing)
"""What no second attempt mends: until somebody changes the settings, nothing more is tried."""

State = ActivityExport.State
SETTLED = {State.WRITTEN, State.WITHDRAWN}
"""Where the calendar is as it was asked to be."""


def run_due(now: datetime | None = None) -> int:
    """Work off all mailboxes with something to do, one after the other. Returns how many exports were looked at."""
    move_everybody()
    return sum(_run(owner_id, now or timezone.now()) for owner_id in _owners_with_work(now))


def run_owner(owner_id: int) -> int:
    """The same for one owner; nothing while another worker is at it, or while the server is left alone."""
    now = timezone.now()
    if ExportQueue.objects.filter(pk=owner_id, not_before__gt=now).exclude(problem="").exists():
        return 0
    return _run(owner_id, now)


# --- Whose turn it is -----------------------------------------------------------------------------------------------


def _owners_with_work(now: datetime | None) -> Iterator[int]:
    """Each once, in no order: several workers should not all want the same one."""
    tried: set[int] = set()
    while owners := set(_free_owners(now or timezone.now())[:50]) - tried:
        for owner_id in random.sample(sorted(owners), len(owners)):
            tried.add(owner_id)
            yield owner_id


def _free_owners(now: datetime) -> QuerySet[ActivityExport, int]:
    due = ActivityExport.objects.filter(try_at__lte=now).exclude(
        Q(owner__export_queue__claimed_until__gt=now) | Q(owner__export_queue__not_before__gt=now)
    )
    return due.order_by().values_list("owner_id", flat=True).distinct()


def _run(owner_id: int, now: datetime) -> int:
    """What is due, and what somebody asked for while the claim kept others away."""
    done = 0
    while (queue := _claim(owner_id, now)) is not None:
        try:
            done += _work_off(queue)
        finally:
            ExportQueue.objects.filter(pk=owner_id, claim=queue.claim).update(claim=None, claimed_until=None)
        if not _free_owners(timezone.now()).filter(owner=owner_id).exists():
            break
    return done


def _claim(owner_id: int, now: datetime) -> ExportQueue | None:
    """The mailbox, for this worker alone; None, while another one has it."""
    ExportQueue.objects.get_or_create(owner_id=owner_id)
    free = Q(claimed_until__isnull=True) | Q(claimed_until__lte=now)
    token = uuid4()
    mine = ExportQueue.objects.filter(free, pk=owner_id).update(claim=token, claimed_until=timezone.now() + LEASE)
    return ExportQueue.objects.select_related("owner").get(claim=token) if mine else None


def _hold(queue: ExportQueue, row: ActivityExport | None = None) -> None:
    """Prolong the claim, and store the time that is about to be sent for `row`.

    Raises :class:`Overtaken`, when somebody else has the mailbox because this took too long.
    """
    mine = ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim)
    if not mine.update(claimed_until=timezone.now() + LEASE):
        raise Overtaken
    if row is not None and row.when_sent:
        ActivityExport.objects.filter(pk=row.pk).update(when_sent=row.when_sent)


# --- One mailbox ----------------------------------------------------------------------------------------------------


def _work_off(queue: ExportQueue) -> int:
    settings = EmailSettings.of(queue.owner)
    calendar = calendar_of(settings)
    move_future({queue.owner.pk: calendar})
    if not calendar:
        return 0
    if not may_export(settings, queue):
        _update(queue, not_before=timezone.now() + CLOSED_FOR)
        return 0
    try:
        with closing(transport_for(settings)) as transport:
            done = _export_all(queue, calendar, transport, guard.account_of(settings))
    except Overtaken:
        return 0
    except TransportError as error:
        _note(queue, settings, error)
        if error.is_refusal:
            note_refusal(settings, error)
        return 1
    _update(queue, attempts=0, not_before=None, paused_at=None, paused_with="", problem="", advice="")
    return done


def transport_for(settings: EmailSettings) -> CalendarTransport:
    transport_class: type[CalendarTransport] = import_string(settings.traits.calendar_transport)
    return transport_class(**settings.traits.options_for(settings))


def _export_all(queue: ExportQueue, calendar: str, transport: CalendarTransport, account: guard.Account | None) -> int:
    """Everything that is due, also what becomes due meanwhile; what has failed before comes last."""
    for done in count():
        due = ActivityExport.objects.filter(owner=queue.owner, calendar=calendar, try_at__lte=timezone.now())
        row = due.select_related("activity").order_by("attempts", "try_at", "pk").first()
        if row is None:
            return done
        with guard.automatic(account):
            # Once for all, but where there is much to do, an access token does not last to the end.
            transport.open()
            _export(queue, row, transport)
        # Whatever fails next, the server works: one activity that it can't stand does not make the others wait long.
        queue.attempts = 0
    raise AssertionError


def _note(queue: ExportQueue, settings: EmailSettings, error: TransportError) -> None:
    """The whole mailbox waits: until the settings change, or for a while."""
    attempts, now = queue.attempts + 1, timezone.now()
    told = {"attempts": attempts, "problem": str(error), "advice": str(error.hint)}
    if _stops_all(error, attempts):
        _update(queue, **told, not_before=None, paused_at=now, paused_with=fingerprint(settings))
    else:
        _update(queue, **told, not_before=now + delay(attempts, error), paused_at=None, paused_with="")


def _stops_all(error: TransportError, attempts: int) -> bool:
    if isinstance(error, TokenRefused) and not isinstance(error, NewSignInDemanded) and attempts == 1:
        # It may have ended before its time: the next attempt gets a new one.
        return False
    return isinstance(error, STOPS_ALL) and not isinstance(error, guard.PASSES) and error.is_permanent


def delay(attempts: int, error: TransportError) -> timedelta:
    """How long to wait after so many failures; longer, where the server says so, but not for ever."""
    minutes = WAITS[min(attempts, len(WAITS)) - 1] * random.uniform(1 - JITTER, 1 + JITTER)  # noqa: S311
    demanded = timedelta(seconds=getattr(error, "retry_after", 0) or 0)
    return max(timedelta(minutes=minutes), min(demanded, LONGEST_WAIT))


def _update(queue: ExportQueue, **values: object) -> None:
    """Change the queue, unless somebody else has taken the mailbox over."""
    ExportQueue.objects.filter(pk=queue.pk, claim=queue.claim).update(**values)


# --- One activity ---------------------------------------------------------------------------------------------------


def _export(queue: ExportQueue, row: ActivityExport, transport: CalendarTransport) -> None:
    """One export, and what became of it, in the database at once. Raises what stops the whole mailbox."""
    try:
        bring_up_to_date(row, transport, is_wanted=is_wanted(row.activity), hold=partial(_hold, queue))
    except TransportError as error:
        if error.is_permanent and not isinstance(error, (*STOPS_ALL, NotReachable)):
            row.state, row.problem, row.advice = State.FAILED, str(error), str(error.hint)
        else:
            _postpone(row, error)
            raise
    _finish(row)


def _finish(row: ActivityExport) -> None:
    """Done, unless something was asked for meanwhile: then what the calendar now has is noted, and the rest stays."""
    rows = ActivityExport.objects.filter(pk=row.pk)
    outcome = {
        "state": row.state,
        "item_id": row.item_id,
        "when_written": row.when_written,
        "when_sent": row.when_sent,
        "generation": row.generation,
        "problem": row.problem,
        "advice": row.advice,
        "written": row.requested,
        "attempts": 0,
    }
    if not rows.filter(requested=row.requested).update(**outcome, try_at=None) and row.state in SETTLED:
        rows.update(**outcome)


def _postpone(row: ActivityExport, error: TransportError) -> None:
    """Another one comes first the next time. When that is, the mailbox says."""
    ActivityExport.objects.filter(pk=row.pk).update(
        attempts=row.attempts + 1, problem=str(error), advice=str(error.hint)
    )
