"""Checks of many users in one go: which, since when, and how far. ``users/round_crew.py`` works them off."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Count, Exists, F, Min, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from users.directory import DEFAULT_SORT, SORTS, Directory
from users.methods import METHODS, Method
from users.models import CheckRound, RoundMember, RoundServer, User

AT_A_TIME = 8
"""How many users are checked at one server at a time, by all workers together."""
KEPT_FOR = timedelta(days=7)
TAKEN_UP_AFTER = timedelta(seconds=30)
NOT_NEEDED = "not_needed"

State = RoundMember.State
wake_workers: list[Callable[[], None]] = []
"""What is called, after the commit, when there is something to do."""


# --- Which users ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Selection:
    """The users that a list shows, as far as `editor` may check them: superusers are left to superusers."""

    directory: Directory
    editor: User

    @property
    def filters(self) -> dict[str, str]:
        chosen = {name: getattr(self.directory, name) for name in ("q", "method", "ready")}
        return {name: value for name, value in chosen.items() if value}

    @property
    def subject(self) -> str:
        """Stands for the set of users."""
        words = " ".join(self.directory.q.casefold().split())
        parts = self.filters | {"q": words, "superusers": self.editor.is_superuser}
        return sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()

    @cached_property
    def by_method(self) -> list[tuple[Method, int]]:
        """How many of them each method in force has."""
        counts = self.listings.values("in_force").annotate(number=Count("pk")).values_list("in_force", "number")
        found = dict(counts)
        return [(method, found[value]) for value, method in METHODS.items() if value in found]

    @property
    def users(self) -> int:
        return sum(number for _method, number in self.by_method)

    @property
    def checked(self) -> int:
        """How many of them have something to check."""
        return sum(number for method, number in self.by_method if method.needs_check)

    @property
    def listings(self) -> QuerySet[Any, Any]:
        """Their rows of the list, each with its method `in_force`."""
        listings = self.directory.keys.all().order_by()
        if not self.editor.is_superuser:
            listings = listings.filter(user__is_superuser=False)
        sending_method = self.directory.installation.system.sending_method
        in_force = Case(When(kind__method="", then=Value(sending_method)), default=F("kind__method"))
        return listings.annotate(in_force=in_force)


# --- What is asked for ----------------------------------------------------------------------------------------------


def start(selection: Selection) -> tuple[CheckRound, bool]:
    """Begin a round, and say whether it is new: while one of the same users goes on, that is the answer."""
    forget_old()
    try:
        with transaction.atomic():
            started = CheckRound.objects.create(
                subject=selection.subject, selection=selection.filters, started_by=selection.editor
            )
            _fill(started, selection)
            transaction.on_commit(wake)
    except IntegrityError:
        return CheckRound.objects.filter(subject=selection.subject).latest("started_at"), False
    return started, True


def stop(stopped: CheckRound) -> None:
    """Check nobody else; those who are being checked are finished."""
    CheckRound.objects.filter(pk=stopped.pk, finished_at=None, stopped_at=None).update(stopped_at=timezone.now())
    finish_done()


@transaction.atomic
def leave_out() -> None:
    """Nobody waits for a server that is out, nor in a round that was stopped."""
    # One worker at a time, so that no two wait for each other's rows.
    list(CheckRound.objects.filter(finished_at=None).order_by("pk").select_for_update(no_key=True))
    waiting = RoundMember.objects.filter(state=State.WAITING, claim=None, round__finished_at=None)
    for server in RoundServer.objects.filter(state=RoundServer.State.OUT, round__finished_at=None):
        told = {name: server.failure.get(name, "") for name in ("problem", "sentence", "whose_turn")}
        waiting.filter(round=server.round_id, method=server.method).update(state=State.NO_SERVER, **told)
    waiting.filter(round__stopped_at__isnull=False).update(
        state=State.LEFT, problem="stopped", sentence=_("The run was stopped before this user’s turn.")
    )


def finish_done() -> None:
    """Rounds in which nobody waits any more are finished."""
    leave_out()
    waiting = RoundMember.objects.filter(round=OuterRef("pk"), state=State.WAITING)
    CheckRound.objects.filter(~Exists(waiting), finished_at=None).update(finished_at=timezone.now())


def is_something_left() -> bool:
    return CheckRound.objects.filter(finished_at=None).exists()


def forget_old() -> None:
    CheckRound.objects.filter(finished_at__lt=timezone.now() - KEPT_FOR).delete()


def not_needed() -> str:
    return _("With this method, there is nothing to check.")


def wake() -> None:
    for tell in wake_workers:
        tell()


def _fill(started: CheckRound, selection: Selection) -> None:
    """Write down the users in the order of the list, by one statement however many they are."""
    skipped = [method.value for method in METHODS.values() if not method.needs_check]
    is_skipped = Q(in_force__in=skipped)
    values: dict[str, Any] = {
        "round_id": Value(started.pk),
        "state": Case(When(is_skipped, then=Value(State.SKIPPED)), default=Value(State.WAITING)),
        "problem": Case(When(is_skipped, then=Value(NOT_NEEDED)), default=Value("")),
        "sentence": Case(When(is_skipped, then=Value(not_needed())), default=Value("")),
    }
    made = {f"of_{name}": value for name, value in values.items()}
    rows = selection.listings.annotate(**made).values_list("user_id", "in_force", *made)
    rows = rows.order_by(*SORTS[DEFAULT_SORT])
    _insert(("user_id", "method", *values), rows)
    methods = list(started.members.filter(state=State.WAITING).values_list("method", flat=True).distinct())
    RoundServer.objects.bulk_create(RoundServer(round=started, method=method) for method in methods)
    started.users = started.members.count()
    started.finished_at = None if methods else timezone.now()
    started.save(update_fields=["users", "finished_at"])


def _insert(columns: Iterable[str], rows: QuerySet[Any, Any]) -> None:
    try:
        query, parameters = rows.query.sql_with_params()
    except EmptyResultSet:
        return  # nobody can match
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {RoundMember._meta.db_table} ({', '.join(columns)}) {query}", parameters)


# --- How far it is --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reason:
    """What a number of users have in common."""

    state: str
    problem: str
    number: int
    sentence: str
    whose_turn: str


class Progress:
    """How far a round is, in one query however many users there are."""

    def __init__(self, watched: CheckRound) -> None:
        self.round = watched

    @cached_property
    def reasons(self) -> list[Reason]:
        rows = self.round.members.values("state", "problem").annotate(
            number=Count("pk"), said=Min("sentence"), turn=Min("whose_turn")
        )
        found = [Reason(row["state"], row["problem"], row["number"], row["said"], row["turn"]) for row in rows]
        return sorted(found, key=lambda reason: -reason.number)

    @cached_property
    def counts(self) -> Mapping[str, int]:
        """How many users there are in each state."""
        return {state: sum(reason.number for reason in self.reasons if reason.state == state) for state in State.values}

    @property
    def users(self) -> int:
        return sum(self.counts.values())

    @property
    def done(self) -> int:
        return self.users - self.counts[State.WAITING]

    @property
    def is_idle(self) -> bool:
        """Whether nobody has taken anything up for a while, as without a worker."""
        is_young = self.round.started_at > timezone.now() - TAKEN_UP_AFTER
        tried = [reason for reason in self.reasons if reason.state != State.WAITING and reason.problem != NOT_NEEDED]
        return not is_young and not tried

    @property
    def tenths(self) -> int:
        """Percent as they are read out: not each of them."""
        return self.percent // 10 * 10

    @property
    def percent(self) -> int:
        return 100 * self.done // self.users if self.users else 100
