"""Activities in the calendar on Exchange: one appointment each, whatever happens, and the owner's word counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import time_machine
from django.test import TestCase, override_settings
from django.utils import timezone

from tests.factories import checked, configure, make_activity, make_settings, make_user
from tests.servers.ews_calendar import EwsCalendarServer, Stored
from users import exports, services
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue
from users.readiness import readiness_of

PASSWORD = "Pässwörd 5"


class ExportCase(TestCase):
    """Alice has her calendar on an Exchange server."""

    def setUp(self) -> None:
        self.server = self.enterContext(EwsCalendarServer(scheme="Basic", password=PASSWORD))
        self.enterContext(override_settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="basic")
        self.alice = make_user("alice")
        self.use_exchange()

    def use_exchange(self, **changes: Any) -> EmailSettings:
        return checked(self.fill_in(**changes))

    def fill_in(self, **changes: Any) -> EmailSettings:
        """Everything is in place, but nobody has checked it."""
        defaults = {"exchange_username": self.server.username, "exchange_password": PASSWORD, "export_activities": True}
        return make_settings(self.alice, **{"method": "exchange"} | defaults | changes)

    def add(self, **fields: Any) -> Activity:
        return make_activity(self.alice, **fields)

    def work(self, *, after: timedelta = timedelta()) -> None:
        """A worker comes by, now or later."""
        with time_machine.travel(timezone.now() + after, tick=True):
            exports.run_due()

    def exported(self, **fields: Any) -> Activity:
        activity = self.add(**fields)
        self.work()
        return activity

    def row(self) -> ActivityExport:
        return ActivityExport.objects.get()

    def queue(self) -> ExportQueue:
        return ExportQueue.objects.get()

    def appointment(self) -> Stored:
        return self.server.only


class FollowsTests(ExportCase):
    def test_an_activity_is_in_the_calendar(self) -> None:
        activity = self.exported(subject="Call", place="Hall 3", text="Bring it.", reference="Offer 2041")
        appointment = self.appointment()
        assert appointment.activity_id == str(activity.uid)
        assert appointment.fields["Subject"] == "Call"
        assert appointment.fields["Body"] == "Bring it.\n\nOffer 2041"
        assert (appointment.start, appointment.end) == (activity.starts_at, activity.ends_at)
        assert (self.row().state, self.row().try_at) == ("written", None)

    def test_a_change_follows(self) -> None:
        activity = self.exported()
        activity.subject, activity.is_done = "Visit", True
        activity.starts_at -= timedelta(hours=1)
        activity.save_unless_changed()
        self.work()
        assert self.appointment().fields["Subject"] == "✓ Visit"
        assert self.appointment().fields["LegacyFreeBusyStatus"] == "Free"
        assert self.appointment().start == activity.starts_at

    def test_a_deletion_follows(self) -> None:
        self.exported().cancel()
        self.work()
        assert not self.server.items
        assert self.row().state == "withdrawn"

    def test_a_deletion_for_good_follows(self) -> None:
        self.exported()
        Activity.objects.all().delete()
        self.work()
        assert not self.server.items

    def test_one_that_is_brought_back_follows(self) -> None:
        activity = self.exported()
        activity.cancel()
        self.work()
        activity.cancelled_at = None
        activity.save_unless_changed()
        self.work()
        assert self.appointment().activity_id == str(activity.uid)

    def test_one_that_is_not_to_be_there_is_not_there(self) -> None:
        activity = self.exported(in_calendar=False)
        assert not ActivityExport.objects.exists()
        services.export_activity(activity)
        self.work()
        assert len(self.server.items) == 1
        activity.in_calendar = False
        activity.save_unless_changed()
        self.work()
        assert not self.server.items

    def test_the_settings_decide_what_is_exported_by_default(self) -> None:
        self.use_exchange(export_activities=False)
        self.exported()
        assert not self.server.items

    def test_nothing_is_asked_twice(self) -> None:
        self.exported()
        asked = list(self.server.operations)
        self.work()
        assert self.server.operations == asked == ["FindItem", "CreateItem"]

    def test_a_change_while_it_is_written_is_written_next(self) -> None:
        activity = self.add()

        with mock.patch.object(exports, "_finish", self.finish_after(activity)):
            self.work()
        assert self.appointment().fields["Subject"] == "Newer"

    def finish_after(self, activity: Activity) -> Any:
        finish = exports._finish
        changed: list[bool] = []

        def act(row: ActivityExport) -> None:
            if not changed:
                changed.append(True)
                activity.subject = "Newer"
                activity.save_unless_changed()
            finish(row)

        return act


class OneAppointmentTests(ExportCase):
    def test_a_lost_answer_makes_no_second_one(self) -> None:
        self.server.fault = lambda operation: "after" if operation == "CreateItem" else ""
        self.exported()
        assert self.row().state == "waiting"
        assert "may be stored already, or not" in self.row().problem
        self.server.fault = lambda _operation: ""
        self.work(after=timedelta(minutes=2))
        assert len(self.server.items) == 1
        assert self.server.operations.count("CreateItem") == 1
        assert self.row().state == "written"

    def test_a_worker_that_is_killed_before_it_notes_the_answer_makes_no_second_one(self) -> None:
        self.add()
        with mock.patch.object(exports, "_finish", side_effect=KeyboardInterrupt), self.assertRaises(KeyboardInterrupt):
            self.work()
        assert len(self.server.items) == 1
        self.work()
        assert len(self.server.items) == 1
        assert self.row().state == "written"

    def test_a_claim_keeps_others_away_until_it_runs_out(self) -> None:
        self.add()
        queue = exports._claim(self.alice.pk, timezone.now())
        assert queue is not None
        self.work()
        assert not self.server.items
        self.work(after=timedelta(minutes=3))
        assert len(self.server.items) == 1
        assert not exports._keep(queue)

    def test_an_appointment_with_a_new_id_is_found_by_the_own_one(self) -> None:
        activity = self.exported()
        self.server.put_elsewhere(self.row().item_id)
        activity.subject = "Visit"
        activity.save_unless_changed()
        self.work()
        assert self.appointment().fields["Subject"] == "Visit"


class OwnersWordTests(ExportCase):
    def change(self, activity: Activity) -> None:
        activity.subject = "Visit"
        activity.save_unless_changed()
        self.work()

    def test_what_was_removed_there_does_not_come_back_by_itself(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        self.change(activity)
        self.change(activity)
        assert not self.server.items
        assert self.row().state == "gone"

    def test_it_comes_back_when_somebody_says_so(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        self.change(activity)
        exports.export_again(activity)
        self.work()
        assert self.appointment().fields["Subject"] == "Visit"

    def test_a_time_that_was_changed_there_is_overwritten_only_after_saying_so(self) -> None:
        activity = self.exported()
        self.server.shift(self.row().item_id, timedelta(hours=3))
        self.change(activity)
        assert self.appointment().start == activity.starts_at + timedelta(hours=3)
        assert self.row().state == "changed"
        exports.export_again(activity)
        self.work()
        assert self.appointment().start == activity.starts_at
        assert self.row().state == "written"

    def test_other_changes_there_are_no_change_of_time(self) -> None:
        activity = self.exported()
        (item,) = self.server.items.values()
        item.fields["Body"] = "Note of Alice"
        self.change(activity)
        assert self.row().state == "written"

    def test_one_that_was_removed_there_and_is_deleted_here_is_done_with(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        activity.cancel()
        self.work()
        assert (self.row().state, self.row().try_at) == ("withdrawn", None)


class FaultTests(ExportCase):
    def break_at(self, code: str, operation: str = "CreateItem") -> None:
        self.server.fault = lambda asked: code if asked == operation else ""

    def test_it_is_tried_again_after_one_five_fifteen_and_sixty_minutes(self) -> None:
        self.break_at("ErrorInternalServerTransientError")
        self.exported()
        for minutes in (1, 5, 15, 60, 60):
            wait = (self.queue().not_before or timezone.now()) - timezone.now()
            assert 0.79 * minutes < wait.total_seconds() / 60 < 1.21 * minutes
            ExportQueue.objects.update(not_before=None)
            ActivityExport.objects.update(try_at=timezone.now())
            self.work()

    def test_when_the_server_says_how_long_to_wait_that_counts(self) -> None:
        self.server.status, self.server.headers = 503, {"Retry_After": "1800"}
        self.exported()
        wait = (self.queue().not_before or timezone.now()) - timezone.now()
        assert 1700 < wait.total_seconds() <= 1800

    def test_every_fault_ends_with_one_appointment_once_it_is_over(self) -> None:
        faults = (
            *((code, operation) for code in ("before", "after") for operation in ("FindItem", "CreateItem")),
            ("ErrorServerBusy", "FindItem"),
            ("ErrorMailboxStoreUnavailable", "CreateItem"),
            ("ErrorMailboxMoveInProgress", "FindItem"),
            ("ErrorQuotaExceeded", "CreateItem"),
        )
        for code, operation in faults:
            with self.subTest(code, operation=operation):
                self.break_at(code, operation)
                activity = self.exported()
                self.server.fault = lambda _operation: ""
                self.work(after=timedelta(hours=2))
                found = [item for item in self.server.items.values() if item.activity_id == str(activity.uid)]
                assert len(found) == 1
                ActivityExport.objects.all().delete()
                ExportQueue.objects.all().delete()

    def test_a_refused_password_stops_at_once_and_what_is_to_be_done_stays(self) -> None:
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
        assert not self.server.items
        checked(settings)
        self.work()
        assert len(self.server.items) == 1
        assert (self.queue().paused_at, self.queue().problem) == (None, "")

    def test_lost_rights_stop_the_export(self) -> None:
        self.break_at("ErrorAccessDenied")
        self.exported()
        assert self.queue().paused_at is not None
        assert "does not let this account write into your calendar" in self.queue().problem

    def test_what_the_calendar_refuses_holds_nothing_up(self) -> None:
        self.server.fault = lambda operation: "ErrorInvalidPropertyRequest" if operation == "CreateItem" else ""
        self.exported()
        assert self.row().state == "failed"
        self.server.fault = lambda _operation: ""
        self.exported(subject="Another one")
        assert self.appointment().fields["Subject"] == "Another one"


class GateTests(ExportCase):
    def test_the_calendar_opens_when_a_check_has_passed(self) -> None:
        settings = self.fill_in()
        self.exported()
        assert not self.server.operations
        checked(settings, passed=False)
        self.work()
        assert not self.server.operations
        checked(settings)
        self.work()
        assert len(self.server.items) == 1

    def test_nothing_goes_out_before_the_settings_are_ready(self) -> None:
        EmailSettings.objects.update(exchange_username="")
        self.exported()
        assert not self.server.operations
        EmailSettings.objects.update(exchange_username=self.server.username)
        self.work(after=timedelta(minutes=6))
        assert len(self.server.items) == 1

    def test_with_a_method_without_a_calendar_nothing_is_to_be_done(self) -> None:
        self.use_exchange(method="smtp", exchange_username="", exchange_password="")
        self.exported()
        assert not ActivityExport.objects.exists()


class AnotherCalendarTests(ExportCase):
    def test_what_is_still_to_come_moves_and_the_rest_stays(self) -> None:
        now = timezone.now()
        self.exported(subject="past", starts_at=now - timedelta(days=2), ends_at=now - timedelta(days=1))
        self.exported(subject="to come")
        self.use_exchange(method="smtp", exchange_username="", exchange_password="")
        exports.run_owner(self.alice.pk)
        assert set(ActivityExport.objects.values_list("state", flat=True)) == {"left"}
        self.use_exchange(address="alice.new@example.com")
        exports.run_owner(self.alice.pk)
        (moved,) = ActivityExport.objects.exclude(state="left")
        assert moved.activity is not None
        assert (moved.activity.subject, moved.state) == ("to come", "written")

    def test_back_in_the_old_one_it_is_the_same_appointment(self) -> None:
        self.exported()
        self.use_exchange(method="smtp", exchange_username="", exchange_password="")
        exports.run_owner(self.alice.pk)
        self.use_exchange()
        exports.run_owner(self.alice.pk)
        assert len(self.server.items) == 1
        assert self.row().state == "written"
