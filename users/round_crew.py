"""Works off rounds of checks: who is next, how many at a time, and what becomes of the others when a server is out.

At each server, one user goes ahead. When that one shows that the server does not work, nobody else of the round is
tried there; otherwise others follow, so many at a time as :data:`users.rounds.AT_A_TIME` allows all workers together.
A failure that everybody would meet brings doubt, and again one goes ahead.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from uuid import uuid4

from django.db import transaction
from django.db.models import Count, Exists, F, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from users import rounds
from users.choices import Turn
from users.models import EmailSettings, RoundMember, RoundServer
from users.round_job import Verdict, check_one
from users.shifts import Shift, side_by_side

LEASE = timedelta(minutes=2)
"""How long a claim lasts without a sign of life: longer than any single step."""
MOST_ATTEMPTS = 3
PAUSES = (timedelta(minutes=1), timedelta(minutes=2), timedelta(minutes=5), timedelta(minutes=10))
"""For how long a server that is too busy is left alone; after the last, it counts as not working."""
SLICE, LONGEST = 30, 60
"""Seconds after which other work in the background has its turn, if there is any, and after which in any case."""

State, ServerState = RoundMember.State, RoundServer.State


def run_due(has_other_work: Callable[[], bool] = lambda: True, *, seconds: float | None = None) -> int:
    """Check users until the shift is over or nobody is left for this worker. Returns how many were looked at."""
    release_lost()
    rounds.leave_out()
    shift, done = Shift(SLICE if seconds is None else seconds, LONGEST, has_other_work), list[int]()
    methods = _open_servers().order_by().values_list("method", flat=True).distinct()
    side_by_side([partial(_work_at, method, shift, done) for method in methods])
    rounds.finish_done()
    return len(done)


def release_lost() -> None:
    """What killed workers have left behind is taken up again, but not for ever."""
    lost = RoundMember.objects.filter(claim__isnull=False, claimed_until__lt=timezone.now())
    lost.update(claim=None, claimed_until=None, attempts=F("attempts") + 1)
    RoundMember.objects.filter(state=State.WAITING, claim=None, attempts__gte=MOST_ATTEMPTS).update(
        state=State.FAILED,
        problem="broken_off",
        sentence=_("The check ended early several times. The log of this site tells why."),
        whose_turn=Turn.ADMINISTRATOR,
    )


# --- At one server --------------------------------------------------------------------------------------------------


def _work_at(method: str, shift: Shift, done: list[int]) -> None:
    """One goes ahead; while the server answers, others come along."""
    while not shift.is_over and _take_one(method, done):
        waiting = RoundMember.objects.filter(state=State.WAITING, claim=None, method=method)
        hands = min(rounds.AT_A_TIME, len(waiting.values("pk")[: rounds.AT_A_TIME]))
        if hands and not _is_in_doubt(method):
            side_by_side([partial(_follow, method, shift, done)] * hands)


def _follow(method: str, shift: Shift, done: list[int]) -> None:
    while not shift.is_over and _take_one(method, done) and not _is_in_doubt(method):
        pass


def _is_in_doubt(method: str) -> bool:
    """Whether no round has a server for this method that more than one user may be sent to."""
    servers = RoundServer.objects.filter(method=method, round__finished_at=None, state=ServerState.ANSWERS)
    return not servers.exists()


def _take_one(method: str, done: list[int]) -> bool:
    """Check the next user; False, when there is none for this worker."""
    member = claim(method)
    if member is None:
        return False
    try:
        _check(member)
    finally:
        # Without a result, it was an error in this site itself; it stands in the log.
        _mine(member).update(claim=None, claimed_until=None, attempts=F("attempts") + 1)
    done.append(member.pk)
    return True


def claim(method: str) -> RoundMember | None:
    """The next user with this method, for the caller alone; None, when nobody waits or enough are being checked."""
    with transaction.atomic():
        # Whoever has the servers' rows counts and claims alone.
        servers = list(_open_servers().filter(method=method).select_for_update(of=("self",)).order_by("pk"))
        claimed = RoundMember.objects.filter(method=method, claim__isnull=False).order_by()
        busy = dict(claimed.values("round").annotate(number=Count("pk")).values_list("round", "number"))
        if sum(busy.values()) >= rounds.AT_A_TIME:
            return None
        for server in random.sample(servers, len(servers)):
            if server.state == ServerState.ANSWERS or not busy.get(server.round_id):
                member = _next_at(server)
                if member is not None:
                    return member
    return None


def _open_servers() -> QuerySet[RoundServer]:
    servers = RoundServer.objects.filter(round__finished_at=None, round__stopped_at=None)
    return servers.exclude(state=ServerState.OUT).exclude(not_before__gt=timezone.now())


def _next_at(server: RoundServer) -> RoundMember | None:
    elsewhere = RoundMember.objects.filter(user=OuterRef("user"), claim__isnull=False)
    waiting = RoundMember.objects.filter(round=server.round_id, method=server.method, state=State.WAITING, claim=None)
    # Somebody who is being checked in another round waits, and no one waits for a row that somebody else has.
    # Whoever was tried in vain comes last.
    free = waiting.filter(~Exists(elsewhere)).select_related("user").order_by("attempts", "pk")
    member = free.select_for_update(skip_locked=True, of=("self",)).first()
    if member is not None:
        member.claim, member.claimed_until = uuid4(), timezone.now() + LEASE
        member.save(update_fields=["claim", "claimed_until"])
    return member


# --- One user -------------------------------------------------------------------------------------------------------


def _check(member: RoundMember) -> None:
    settings = EmailSettings.of(member.user)
    if settings.effective_method != member.method:
        _move(member, settings)
        return
    verdict = check_one(settings, partial(_keep, member))
    if verdict.is_shared:
        _doubt(member, verdict)
        return
    if verdict.has_reached_server:
        unproven = RoundServer.objects.filter(round=member.round_id, method=member.method, state=ServerState.UNPROVEN)
        unproven.update(state=ServerState.ANSWERS, pauses=0)
    _settle(member, verdict)


def _move(member: RoundMember, settings: EmailSettings) -> None:
    """The method in force is another one by now: the user waits for that one's server, or there is none."""
    method = settings.traits
    if method.needs_check:
        RoundServer.objects.get_or_create(round_id=member.round_id, method=method.value)
        _mine(member).update(method=method.value, claim=None, claimed_until=None)
    else:
        _settle(member, Verdict(State.SKIPPED, rounds.NOT_NEEDED, rounds.not_needed()))


def _keep(member: RoundMember) -> None:
    """Prolong the claim, where it has become short."""
    until = timezone.now() + LEASE
    if member.claimed_until is None or until - member.claimed_until > LEASE / 4:
        member.claimed_until = until
        _mine(member).update(claimed_until=until)


def _settle(member: RoundMember, verdict: Verdict) -> None:
    _mine(member).update(
        state=verdict.state,
        problem=verdict.problem,
        sentence=verdict.sentence,
        whose_turn=verdict.whose_turn,
        claim=None,
        claimed_until=None,
    )


def _mine(member: RoundMember) -> QuerySet[RoundMember]:
    """The row, as long as nobody else has taken it over."""
    return RoundMember.objects.filter(pk=member.pk, claim=member.claim)


@transaction.atomic
def _doubt(member: RoundMember, verdict: Verdict) -> None:
    """What this user met, everybody would. Whoever went ahead alone decides; otherwise somebody has to.

    A user who was one of several comes again, unless that has happened too often.
    """
    server = RoundServer.objects.select_for_update().get(round=member.round_id, method=member.method)
    fellows = RoundMember.objects.filter(round=member.round_id, method=member.method, claim__isnull=False)
    if verdict.is_busy and server.pauses < len(PAUSES):
        _pause(server)
    elif server.state == ServerState.UNPROVEN and not fellows.exclude(pk=member.pk).exists():
        server.state, server.failure = ServerState.OUT, verdict.failure.as_json() if verdict.failure else {}
    elif server.state == ServerState.ANSWERS:
        server.state = ServerState.UNPROVEN
    server.save()
    if server.state == ServerState.OUT or member.attempts + 1 >= MOST_ATTEMPTS:
        _settle(member, verdict)
    rounds.leave_out()


def _pause(server: RoundServer) -> None:
    """Leave it alone for a while; several who hear of it at the same time make one pause."""
    now = timezone.now()
    if server.not_before is None or server.not_before <= now:
        server.not_before = now + PAUSES[server.pauses]
        server.pauses += 1
        server.state = ServerState.UNPROVEN
