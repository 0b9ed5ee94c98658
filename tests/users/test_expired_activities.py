"""What was deleted a month ago is removed for good, and with it what is known of it in calendars."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from django.test import TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import configure, make_activity, make_settings, make_user
from tests.users.exporting import ExportCase
from users import expired_activities, tasks
from users.models import Activity, ActivityExport
from users.models.activity import KEPT_WHEN_CANCELLED

A_DAY = timedelta(days=1)


class RemovalTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice)

    def deleted(self, ago: timedelta) -> Activity:
        activity = make_activity(self.alice)
        with time_machine.travel(timezone.now() - ago):
            activity.cancel()
        return activity

    def test_after_thirty_days_it_is_gone(self) -> None:
        self.deleted(KEPT_WHEN_CANCELLED + A_DAY)
        kept = [self.deleted(KEPT_WHEN_CANCELLED - A_DAY), make_activity(self.alice)]
        assert expired_activities.remove_expired() == 1
        assert set(Activity.objects.all()) == set(kept)

    def test_one_that_was_brought_back_stays(self) -> None:
        activity = self.deleted(KEPT_WHEN_CANCELLED + A_DAY)
        activity.cancelled_at = None
        activity.save_unless_changed()
        assert expired_activities.remove_expired() == 0

    def test_many_go_in_parts(self) -> None:
        long_ago = timezone.now() - KEPT_WHEN_CANCELLED - A_DAY
        fields = {"starts_at": long_ago, "ends_at": long_ago + A_DAY, "cancelled_at": long_ago, "subject": "x"}
        Activity.objects.bulk_create(Activity(owner=self.alice, in_calendar=False, **fields) for _number in range(250))
        assert expired_activities.remove_expired() == expired_activities.AT_ONCE == 200
        assert expired_activities.remove_expired() == 50

    def test_the_background_work_comes_for_it_although_nothing_else_is_to_be_done(self) -> None:
        activity = self.deleted(timedelta())
        row = DBTaskResult.objects.get(status="READY")
        assert activity.cancelled_at is not None
        assert abs(row.run_after - activity.cancelled_at - KEPT_WHEN_CANCELLED) < timedelta(seconds=5)
        with time_machine.travel(timezone.now() + KEPT_WHEN_CANCELLED + A_DAY, tick=True):
            tasks.export_due.call()
        assert not Activity.objects.exists()

    def test_a_removal_in_a_month_keeps_no_export_waiting(self) -> None:
        self.deleted(timedelta())
        make_settings(self.alice, method="exchange", export_activities=True)
        make_activity(self.alice)
        tasks.arrange_next()
        soonest = DBTaskResult.objects.filter(task_path=tasks.export_due.module_path).earliest("run_after")
        assert soonest.run_after < timezone.now() + timedelta(minutes=2)


class InCalendarTests(ExportCase):
    def test_its_row_goes_with_it_once_the_appointment_is_away(self) -> None:
        self.exported().cancel()
        self.work()
        Activity.objects.update(cancelled_at=timezone.now() - KEPT_WHEN_CANCELLED - A_DAY)
        expired_activities.remove_expired()
        assert not ActivityExport.objects.exists()

    def test_an_appointment_that_is_still_there_is_taken_away_first(self) -> None:
        activity = self.exported()
        self.server.password = "another one"
        activity.cancel()
        self.work()
        Activity.objects.update(cancelled_at=timezone.now() - KEPT_WHEN_CANCELLED - A_DAY)
        expired_activities.remove_expired()
        assert not Activity.objects.exists()
        assert len(self.stored()) == 1
        self.server.password = "Pässwörd 5"
        self.use_calendar()
        self.work()
        assert not self.stored()
        expired_activities.remove_expired()
        assert not ActivityExport.objects.exists()

    def test_one_that_was_deleted_past_the_model_is_taken_away(self) -> None:
        self.exported()
        Activity.objects.update(cancelled_at=timezone.now() - KEPT_WHEN_CANCELLED - A_DAY)
        expired_activities.remove_expired()
        self.work()
        assert not self.stored()
