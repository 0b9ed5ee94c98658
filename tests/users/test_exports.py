"""Activities in the calendar, on both kinds of servers: one appointment each, and the owner's word counts."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

from django.utils import timezone

from tests.users.calendars.appointments import HARD_TEXTS
from tests.users.exporting import CloudExportCase, ExportCase, Exporting
from users import export_runs, exports, services
from users.models import Activity, ActivityExport, ExportQueue

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
