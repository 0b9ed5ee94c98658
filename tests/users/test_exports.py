"""Activities in the calendar, on both kinds of servers: one appointment each, and the owner's word counts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.utils import timezone

from tests.factories import checked
from tests.users.calendars.appointments import HARD_TEXTS
from tests.users.exporting import CloudExportCase, ExportCase, Exporting
from users import export_runs, exports, services
from users.calendars.appointment import in_one_line
from users.calendars.base import Entry
from users.calendars.ews import EwsCalendar
from users.export_job import Overtaken
from users.mail.transports.exchange import ExchangeTransport
from users.mail.transports.exchange_online import ExchangeOnlineTransport
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue

NEW_PASSWORD = "Pässwörd 6"


class FollowsContract(Exporting):
    def test_an_activity_is_in_the_calendar(self) -> None:
        activity = self.exported(subject="Call", place="Hall 3", text="Bring it.", reference="Offer 2041")
        (appointment,) = self.stored()
        assert appointment.activity_id == str(activity.uid)
        assert self.shown() == {
            "subject": "Call",
            "text": "Bring it.\n\nOffer 2041",
            "place": "Hall 3",
            "is_busy": True,
        }
        assert self.times() == (activity.starts_at, activity.ends_at)
        assert (self.row().state, self.row().try_at) == ("written", None)

    def test_a_change_follows(self) -> None:
        activity = self.exported()
        self.change(activity, subject="Visit", is_done=True, starts_at=activity.starts_at - timedelta(hours=1))
        assert (self.shown()["subject"], self.shown()["is_busy"]) == ("✓ Visit", False)
        assert self.times() == (activity.starts_at, activity.ends_at)

    def test_times_become_whole_days(self) -> None:
        activity = self.exported(time_zone="Europe/Berlin")
        day = activity.local_start.date()
        self.change(activity, first_day=day, last_day=day)
        assert self.times() == (activity.starts_at, activity.ends_at)
        assert self.times()[1] - self.times()[0] in {timedelta(hours=hours) for hours in (23, 24, 25)}

    def test_every_text_arrives(self) -> None:
        activity = self.exported()
        for name, text in HARD_TEXTS.items():
            with self.subTest(name):  # type: ignore[attr-defined]
                activity.text = text
                activity.full_clean()
                self.change(activity, text=activity.text)
                assert self.shown()["text"] == activity.as_appointment().body
                assert self.row().state == "written"

    def test_a_deletion_follows(self) -> None:
        self.exported().cancel()
        self.work()
        assert not self.stored()
        assert len(self.server.deleted) == 1
        assert self.row().state == "withdrawn"

    def test_a_deletion_for_good_follows(self) -> None:
        self.exported()
        Activity.objects.all().delete()
        self.work()
        assert not self.stored()

    def test_one_that_is_brought_back_follows(self) -> None:
        activity = self.exported()
        activity.cancel()
        self.work()
        self.change(activity, cancelled_at=None)
        (appointment,) = self.stored()
        assert appointment.activity_id == str(activity.uid)
        assert self.row().state == "written"

    def test_one_that_is_made_anew_under_its_old_id_follows(self) -> None:
        activity = self.exported()
        Activity.objects.all().delete()
        self.work()
        self.exported(uid=activity.uid)
        (appointment,) = self.stored()
        assert appointment.activity_id == str(activity.uid)

    def test_one_that_is_not_to_be_there_is_not_there(self) -> None:
        activity = self.exported(in_calendar=False)
        assert not ActivityExport.objects.exists()
        services.export_activity(activity)
        self.work()
        assert len(self.stored()) == 1
        self.change(activity, in_calendar=False)
        assert not self.stored()

    def test_nothing_is_asked_twice(self) -> None:
        self.exported()
        asked = list(self.server.operations)
        self.work()
        assert self.server.operations == asked == [self.operations["find"], self.operations["create"]]

    def test_a_change_takes_a_look_and_one_writing(self) -> None:
        activity = self.exported()
        del self.server.operations[:]
        self.change(activity)
        assert self.server.operations == [self.operations["find"], self.operations["update"]]


class FollowsOnExchangeTests(FollowsContract, ExportCase):
    pass


class FollowsInMicrosoft365Tests(FollowsContract, CloudExportCase):
    pass


class OneAppointmentContract(Exporting):
    def test_a_lost_answer_makes_no_second_one(self) -> None:
        self.break_at("after")
        self.exported()
        assert self.row().state == "waiting"
        assert "may be stored already, or not" in self.row().problem
        self.mend()
        self.work(after=timedelta(minutes=2))
        assert len(self.stored()) == 1
        assert self.server.operations.count(self.operations["create"]) == 1
        assert self.row().state == "written"

    def test_a_worker_that_is_killed_before_it_notes_the_answer_makes_no_second_one(self) -> None:
        self.add()
        killed = mock.patch.object(export_runs, "_finish", side_effect=KeyboardInterrupt)
        with killed, self.assertRaises(KeyboardInterrupt):  # type: ignore[attr-defined]
            self.work()
        assert len(self.stored()) == 1
        self.work()
        assert len(self.stored()) == 1
        assert self.row().state == "written"

    def test_an_appointment_with_a_new_id_is_found_by_the_own_one(self) -> None:
        activity = self.exported()
        self.server.put_elsewhere(self.row().item_id)
        self.change(activity)
        assert self.shown()["subject"] == "Visit"

    def test_a_copy_that_its_owner_has_made_is_let_be(self) -> None:
        activity = self.exported()
        written = self.row().item_id
        self.server.copy(written)
        self.change(activity)
        subjects = {item.item_id: item.fields.get("Subject", item.fields.get("subject")) for item in self.stored()}
        assert subjects == {written: "Visit", "copy": "Call the buyer"}


class OneAppointmentOnExchangeTests(OneAppointmentContract, ExportCase):
    pass


class OneAppointmentInMicrosoft365Tests(OneAppointmentContract, CloudExportCase):
    pass


class OwnersWordContract(Exporting):
    def test_what_was_removed_there_does_not_come_back_by_itself(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        self.change(activity)
        self.change(activity, subject="Visit again")
        assert not self.stored()
        assert self.row().state == "gone"

    def test_what_was_done_there_shows_when_somebody_looks(self) -> None:
        activity = self.exported()
        self.server.shift(self.row().item_id, timedelta(hours=3))
        exports.follow(activity)
        self.work()
        assert self.row().state == "changed"
        exports.export_again(activity)
        self.work()
        self.server.remove(self.row().item_id)
        exports.follow(activity)
        self.work()
        assert (self.row().state, self.stored()) == ("gone", [])

    def test_what_is_removed_between_the_look_and_the_writing_does_not_come_back(self) -> None:
        activity = self.exported()
        self.break_at("ErrorItemNotFound", "update")
        self.change(activity)
        assert self.row().state == "gone"

    def test_it_comes_back_when_somebody_says_so(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        self.change(activity)
        exports.export_again(activity)
        self.work()
        assert self.shown()["subject"] == "Visit"

    def test_a_time_that_was_changed_there_is_overwritten_only_after_saying_so(self) -> None:
        activity = self.exported()
        self.server.shift(self.row().item_id, timedelta(hours=3))
        self.change(activity)
        assert self.times()[0] == activity.starts_at + timedelta(hours=3)
        assert self.row().state == "changed"
        exports.export_again(activity)
        self.work()
        assert self.times()[0] == activity.starts_at
        assert self.row().state == "written"

    def test_a_time_that_was_sent_without_an_answer_is_not_the_owners_word(self) -> None:
        """An answer is lost, a second attempt does not arrive, and the activity is changed each time."""
        activity = self.exported()
        for fault in ("after", "before", ""):
            self.break_at(fault, "update")
            ExportQueue.objects.update(not_before=None)
            self.change(activity, starts_at=activity.starts_at - timedelta(hours=1))
        assert self.row().state == "written"
        assert self.row().when_sent == ""
        assert self.times() == (activity.starts_at, activity.ends_at)

    def test_days_that_were_sent_without_an_answer_are_not_the_owners_word(self) -> None:
        activity = self.exported()
        day = activity.local_start.date()
        for fault in ("after", ""):
            self.break_at(fault, "update")
            ExportQueue.objects.update(not_before=None)
            self.change(activity, first_day=day, last_day=day)
            day += timedelta(days=1)
        assert self.row().state == "written"
        assert self.times() == (activity.starts_at, activity.ends_at)

    def test_a_worker_that_is_killed_after_it_changed_the_time_does_not_count_as_the_owner(self) -> None:
        activity = self.exported()
        activity.starts_at -= timedelta(hours=1)
        activity.save_unless_changed()
        killed = mock.patch.object(export_runs, "_finish", side_effect=KeyboardInterrupt)
        with killed, self.assertRaises(KeyboardInterrupt):  # type: ignore[attr-defined]
            self.work()
        self.work()
        assert self.row().state == "written"

    def test_one_that_was_removed_there_and_is_deleted_here_is_done_with(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        activity.cancel()
        self.work()
        assert (self.row().state, self.row().try_at) == ("withdrawn", None)


class OwnersWordOnExchangeTests(OwnersWordContract, ExportCase):
    def test_days_that_are_told_as_if_in_utc_are_the_same_days(self) -> None:
        self.server.tells_days_in_utc = True
        day = timezone.now().date() + timedelta(days=1)
        activity = self.exported(first_day=day, last_day=day, time_zone="Europe/Berlin")
        self.change(activity)
        self.change(activity, first_day=day + timedelta(days=1), last_day=day + timedelta(days=2))
        assert (self.row().state, self.times()) == ("written", (activity.starts_at, activity.ends_at))
        self.server.shift(self.row().item_id, timedelta(days=7))
        self.change(activity)
        assert self.row().state == "changed"

    def test_other_changes_there_are_no_change_of_time(self) -> None:
        activity = self.exported()
        (item,) = self.server.items.values()
        item.fields["Body"] = "Note of Alice"
        self.change(activity)
        assert self.row().state == "written"


class OwnersWordInMicrosoft365Tests(OwnersWordContract, CloudExportCase):
    pass


class MeanwhileTests(ExportCase):
    """What is asked for while a worker is at it."""

    def while_writing(self, act: Any) -> None:
        """A worker comes by, and just before it notes its first result, somebody does this."""
        finish = export_runs._finish
        done: list[bool] = []

        def first_act(row: ActivityExport) -> None:
            if not done:
                done.append(True)
                act()
            finish(row)

        with mock.patch.object(export_runs, "_finish", first_act):
            self.work()

    def save(self, activity: Activity, **fields: Any) -> None:
        for name, value in fields.items():
            setattr(activity, name, value)
        activity.save_unless_changed()

    def test_a_change_is_written_next(self) -> None:
        activity = self.add()
        self.while_writing(lambda: self.save(activity, subject="Newer"))
        assert self.shown()["subject"] == "Newer"

    def test_another_time_is_not_taken_for_one_that_the_owner_has_set(self) -> None:
        activity = self.exported()
        self.save(activity, ends_at=activity.ends_at + timedelta(hours=1))
        self.while_writing(lambda: self.save(activity, ends_at=activity.ends_at + timedelta(hours=1)))
        assert self.row().state == "written"
        assert self.times() == (activity.starts_at, activity.ends_at)

    def test_a_deletion_that_is_taken_back_is(self) -> None:
        activity = self.exported()
        self.save(activity, cancelled_at=timezone.now())
        self.while_writing(lambda: self.save(activity, cancelled_at=None))
        assert len(self.stored()) == 1
        assert self.row().state == "written"

    def test_a_wish_to_have_it_back_is_heard(self) -> None:
        activity = self.exported()
        self.server.remove(self.row().item_id)
        self.change(activity)
        self.save(activity, subject="Once more")
        self.while_writing(lambda: exports.export_again(activity))
        assert self.shown()["subject"] == "Once more"

    def test_what_comes_while_the_claim_keeps_others_away_is_not_forgotten(self) -> None:
        """Whoever is told of it finds the mailbox taken, and the worker at it has looked for the last time."""
        late: list[Activity] = []
        update = export_runs._update

        def act(queue: ExportQueue, **values: object) -> None:
            if not late:
                late.append(self.add(subject="Late"))
                assert export_runs.run_owner(self.alice.pk) == 0
            update(queue, **values)

        self.add(subject="In time")
        with mock.patch.object(export_runs, "_update", act):
            export_runs.run_owner(self.alice.pk)
        assert len(self.stored()) == 2


class ClaimTests(ExportCase):
    def test_a_claim_keeps_others_away_until_it_runs_out(self) -> None:
        self.add()
        queue = export_runs._claim(self.alice.pk, timezone.now())
        assert queue is not None
        self.work()
        assert not self.stored()
        self.work(after=timedelta(minutes=4))
        assert len(self.stored()) == 1
        with self.assertRaises(Overtaken):
            export_runs._hold(queue)

    def test_a_worker_that_was_overtaken_while_it_looked_writes_nothing(self) -> None:
        """The server took so long to answer that the claim ran out, and another worker came."""
        self.add()
        find = EwsCalendar.find

        def find_slowly(calendar: EwsCalendar, uid: UUID, *, known: str = "") -> Entry | None:
            found = find(calendar, uid, known=known)
            ExportQueue.objects.update(claim=uuid4())
            return found

        with mock.patch.object(EwsCalendar, "find", find_slowly):
            self.work()
        assert self.server.operations == ["FindItem"]
        assert self.row().try_at is not None

    def test_a_claim_outlasts_every_operation(self) -> None:
        for transport in (ExchangeTransport, ExchangeOnlineTransport):
            longest = (transport.__init__.__kwdefaults__ or {})["whole"]
            assert timedelta(seconds=longest + 30) < export_runs.LEASE

    def test_the_settings_decide_what_is_exported_by_default(self) -> None:
        self.use_calendar(export_activities=False)
        self.exported()
        assert not self.stored()

    def test_a_subject_of_any_length_fits(self) -> None:
        self.exported(subject="x" * 250, is_done=True)
        assert self.shown()["subject"] == f"✓ {'x' * 250}"

    def test_a_subject_with_control_characters_is_one_line(self) -> None:
        self.exported(subject="a\tb\x07c")
        assert self.shown()["subject"] == in_one_line("a\tb\x07c")


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
        assert len(self.stored()) == 1

    def test_nothing_goes_out_before_the_settings_are_ready(self) -> None:
        EmailSettings.objects.update(exchange_username="")
        self.exported()
        assert not self.server.operations
        EmailSettings.objects.update(exchange_username=self.server.username)
        self.work(after=timedelta(minutes=6))
        assert len(self.stored()) == 1

    def test_a_new_password_closes_it_until_it_is_checked(self) -> None:
        settings = EmailSettings.of(self.alice)
        settings.set_exchange_password(NEW_PASSWORD, by=self.alice)
        self.exported()
        assert not self.server.operations
        self.server.password = NEW_PASSWORD
        checked(EmailSettings.of(self.alice))
        self.work()
        assert len(self.stored()) == 1

    def test_with_a_method_without_a_calendar_nothing_is_to_be_done(self) -> None:
        self.leave_calendar()
        self.exported()
        assert not ActivityExport.objects.exists()
