"""What happens to the calendar while a worker is at it, and while the settings are not ready."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock
from uuid import UUID, uuid4

from django.utils import timezone

from tests.factories import checked
from tests.users.exporting import ExportCase
from users import export_runs, exports
from users.calendars.appointment import in_one_line
from users.calendars.base import Entry
from users.calendars.ews import EwsCalendar
from users.export_job import Overtaken
from users.mail.transports.exchange import ExchangeTransport
from users.mail.transports.exchange_online import ExchangeOnlineTransport
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue

NEW_PASSWORD = "Pässwörd 6"


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
