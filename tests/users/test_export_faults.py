"""Whatever fails, at whatever point, on both kinds of servers: once it is over, there is one appointment.

One table has the faults: what they are called on each kind of server, and what becomes of the mailbox meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from unittest import mock

import pytest
from django.utils import timezone

from tests.factories import checked
from tests.users.exporting import PASSWORD, CloudExportCase, ExportCase, Exporting, InMicrosoft365, OnExchange
from users import export_runs, services
from users.mail.transports.exchange import ExchangeTransport
from users.mail.transports.exchange_online import ExchangeOnlineTransport
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue
from users.readiness import readiness_of

WAITS, STOPS, REFUSED = "waits", "stops", "refused"
"""The mailbox is tried again by itself; or when its settings have changed; or only this activity is left alone."""
HALF_AN_HOUR = 1800


@dataclass(frozen=True)
class Fault:
    """What the stand-ins call it, and what follows from it."""

    exchange: str
    microsoft: str
    follows: str = WAITS
    retry_after: int = 0

    def on(self, exporting: Exporting) -> str:
        return self.exchange if isinstance(exporting, OnExchange) else self.microsoft


FAULTS = {
    "connection lost before it is done": Fault("before", "before"),
    "connection lost after it is done": Fault("after", "after"),
    "answer after the time-out": Fault("late", "late"),
    "too many requests": Fault("429", "429", retry_after=HALF_AN_HOUR),
    "unavailable for a while": Fault("503", "503", retry_after=HALF_AN_HOUR),
    "unavailable": Fault("503", "503"),
    "gateway gives up": Fault("504", "504"),
    "busy": Fault("ErrorServerBusy", "ErrorServerBusy"),
    "mailbox is being moved": Fault("ErrorMailboxMoveInProgress", "ErrorMailboxMoveInProgress"),
    "mailbox store is down": Fault("ErrorMailboxStoreUnavailable", "ErrorMailboxStoreUnavailable"),
    "mailbox is full": Fault("ErrorQuotaExceeded", "ErrorQuotaExceeded"),
    "rights are lost": Fault("ErrorAccessDenied", "ErrorAccessDenied", STOPS),
    "mailbox was moved elsewhere": Fault("ErrorNonExistentMailbox", "MailboxNotEnabledForRESTAPI", STOPS),
    "token has ended": Fault("ErrorServerBusy", "InvalidAuthenticationToken"),
    "appointment is refused": Fault("ErrorInvalidPropertyRequest", "ErrorInvalidRequest", REFUSED),
}
OPERATIONS = ("find", "create", "update", "delete")


@pytest.fixture(params=[OnExchange, InMicrosoft365])
def exporting(request: pytest.FixtureRequest, db: None) -> Iterator[Exporting]:
    exporting: Exporting = request.param()
    with ExitStack() as stack:
        # As long as a test can wait, and not as long as a worker does.
        for transport in (ExchangeTransport, ExchangeOnlineTransport):
            stack.enter_context(mock.patch.dict(transport.__init__.__kwdefaults__, timeout=2))
        exporting.start(stack.enter_context)
        exporting.server.lateness = 60
        yield exporting


def ask_for(exporting: Exporting, operation: str) -> Activity:
    """Bring an activity to where the worker needs this operation next."""
    activity = exporting.add(in_calendar=False)
    services.export_activity(activity)
    if operation in {"update", "delete"}:
        exporting.work()
        activity.subject = "Visit"
        activity.cancelled_at = timezone.now() if operation == "delete" else None
        activity.save_unless_changed()
    return activity


@pytest.mark.parametrize("operation", OPERATIONS)
@pytest.mark.parametrize("fault", FAULTS.values(), ids=list(FAULTS))
def test_once_it_is_over_there_is_one_appointment(exporting: Exporting, fault: Fault, operation: str) -> None:
    activity = ask_for(exporting, operation)
    exporting.server.retry_after = fault.retry_after
    exporting.break_at(fault.on(exporting), operation)
    export_runs.run_owner(exporting.alice.pk)
    assert what_follows(exporting) == fault.follows
    assert_told(exporting)
    if fault.retry_after:
        assert 1700 < wait(exporting) <= HALF_AN_HOUR
    exporting.mend()
    if fault.follows == STOPS:
        exporting.work(after=timedelta(days=1))
        assert what_follows(exporting) == STOPS
        checked(EmailSettings.of(exporting.alice))
    elif fault.follows == REFUSED:
        activity.subject = "Visit"
        activity.save_unless_changed()
    exporting.work(after=timedelta(hours=2))
    assert [each.activity_id for each in exporting.stored()] == [str(activity.uid)] * (operation != "delete")
    assert exporting.row().state == ("withdrawn" if operation == "delete" else "written")
    assert (exporting.queue().paused_at, exporting.queue().problem, exporting.row().problem) == (None, "", "")


def what_follows(exporting: Exporting) -> str:
    queue, row = exporting.queue(), exporting.row()
    if queue.paused_at:
        return STOPS
    if queue.not_before:
        assert row.try_at is not None, "What is to be done has to stay."
        return WAITS
    return REFUSED if row.state == "failed" else ""


def assert_told(exporting: Exporting) -> None:
    """People read what is the matter, of appointments and not of messages."""
    row = exporting.row()
    assert row.problem
    assert row.advice
    assert "the message" not in f"{row.problem} {row.advice}".lower()


def wait(exporting: Exporting) -> float:
    """Seconds until the server is asked again."""
    return ((exporting.queue().not_before or timezone.now()) - timezone.now()).total_seconds()


class RetriesContract(Exporting):
    def test_it_is_tried_again_after_one_five_fifteen_and_sixty_minutes(self) -> None:
        self.break_at("503")
        self.exported()
        waits = []
        for minutes in (1, 5, 15, 60, 60):
            assert 0.79 * minutes < wait(self) / 60 < 1.21 * minutes
            waits.append(wait(self) / minutes)
            ExportQueue.objects.update(not_before=None)
            self.work()
        assert len({round(each, 3) for each in waits}) > 1, "Not all at the same moment."

    def test_nothing_is_asked_before_that(self) -> None:
        self.break_at("503")
        self.exported()
        asked = len(self.server.operations)
        self.work()
        self.exported(subject="Another one")
        assert export_runs.run_owner(self.alice.pk) == 0
        assert len(self.server.operations) == asked

    def test_one_that_fails_for_itself_alone_holds_nothing_up(self) -> None:
        self.break_at(FAULTS["appointment is refused"].on(self))
        self.exported()
        assert self.row().state == "failed"
        self.mend()
        self.exported(subject="Another one")
        assert self.shown()["subject"] == "Another one"

    def test_one_that_brings_the_server_down_comes_last(self) -> None:
        first = self.exported()
        ActivityExport.objects.update(attempts=3, try_at=timezone.now())
        ExportQueue.objects.update(attempts=3)
        self.add(subject="Another one")
        self.break_at("504", "update")
        self.work()
        assert {each.activity_id for each in self.stored()} > {str(first.uid)}
        assert wait(self) < 75, "The others do not wait for an hour."


class RetriesOnExchangeTests(RetriesContract, ExportCase):
    pass


class RetriesInMicrosoft365Tests(RetriesContract, CloudExportCase):
    pass


class RefusedPasswordTests(ExportCase):
    def test_it_stops_at_once_and_what_is_to_be_done_stays(self) -> None:
        self.server.password = "another one"
        self.add()
        self.exported()
        sign_ins = self.server.sign_ins
        assert sign_ins == 1
        assert not readiness_of(self.alice).is_ready
        assert self.queue().paused_at is not None
        assert "does not accept your user name and password" in self.queue().problem
        self.work(after=timedelta(days=1))
        assert self.server.sign_ins == sign_ins
        assert ActivityExport.objects.filter(state="waiting", try_at__isnull=False).count() == 2

    def test_it_catches_up_when_the_password_is_right_again(self) -> None:
        self.server.password = "another one"
        self.exported()
        self.server.password = PASSWORD
        settings = EmailSettings.of(self.alice)
        settings.set_exchange_password(PASSWORD, by=self.alice)
        self.work()
        assert not self.stored()
        checked(settings)
        self.work()
        assert len(self.stored()) == 1
        assert (self.queue().paused_at, self.queue().problem) == (None, "")


class EndedTokenTests(CloudExportCase):
    def test_a_second_one_that_is_refused_stops_it(self) -> None:
        self.break_at("InvalidAuthenticationToken", "find")
        self.exported()
        assert self.queue().paused_at is None
        self.work(after=timedelta(minutes=2))
        assert self.queue().paused_at is not None
        assert len(set(self.server.sign_ins)) == 2, "The second time with a new one."
        seen = len(self.server.sign_ins)
        self.work(after=timedelta(days=1))
        assert len(self.server.sign_ins) == seen

    def test_a_registration_that_has_ended_stops_it_at_once(self) -> None:
        self.microsoft.entra.client_secret = "another one"
        self.exported()
        assert self.queue().paused_at is not None
        assert self.queue().problem
        assert not self.server.operations
        self.microsoft.entra.client_secret = "client~secret.value"
        self.work(after=timedelta(hours=1))
        assert not self.stored()
        checked(EmailSettings.of(self.alice))
        self.work()
        assert len(self.stored()) == 1

    def test_a_token_is_renewed_in_the_middle_of_much_to_do(self) -> None:
        for number in range(3):
            self.add(subject=str(number))
        with mock.patch("users.mail.transports.exchange_online.TOKEN_SECONDS", -1):
            self.work()
        assert len(self.stored()) == 3


class SignedInTests(CloudExportCase):
    """The user has signed in to Microsoft."""

    flow = "sign_in"

    def test_it_is_exported_with_the_connection(self) -> None:
        self.exported()
        assert self.server.requests[0].startswith("GET /v1.0/me/calendar/events?")
        assert len(self.stored()) == 1

    def test_a_sign_in_that_is_no_longer_taken_closes_the_calendar_until_it_is_made_anew(self) -> None:
        self.break_at("InvalidAuthenticationToken", "find")
        self.exported()
        assert [item.requirement.code for item in readiness_of(self.alice).missing] == ["connection"]
        seen = len(self.server.sign_ins)
        self.mend()
        self.work(after=timedelta(days=1))
        assert len(self.server.sign_ins) == seen
        self.use_calendar()
        self.work()
        assert len(self.stored()) == 1


def test_a_server_that_wants_to_be_left_alone_for_ever_is_asked_again_the_next_day(exporting: Exporting) -> None:
    ask_for(exporting, "create")
    exporting.server.retry_after = 999_999_999
    exporting.break_at("503", "create")
    export_runs.run_owner(exporting.alice.pk)
    assert 86_000 < wait(exporting) <= 86_400
