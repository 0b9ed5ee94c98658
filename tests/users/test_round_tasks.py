"""Knocks for rounds of checks: one is always arranged as long as somebody is left."""

from __future__ import annotations

from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import checked, configure, make_activity, make_settings
from tests.users.rounds import make_people, start
from users import round_crew, round_tasks, rounds, tasks
from users.models import EmailSettings, User


class KnockTests(TestCase):
    def setUp(self) -> None:
        configure(smtp_host="localhost", smtp_port=1)
        make_people()

    def waiting(self) -> list[bool]:
        """The knocks that wait, each with whether it is for later."""
        rows = DBTaskResult.objects.filter(status="READY", task_path=round_tasks.check_users.module_path)
        soon = timezone.now() + timedelta(hours=1)
        # What is for now has a day far away.
        return [timezone.now() < row.run_after < soon for row in rows.order_by("run_after")]

    def test_a_round_knocks(self) -> None:
        with self.captureOnCommitCallbacks(execute=True):
            start()
        assert self.waiting() == [False]

    def test_the_next_is_arranged_before_the_work_begins_and_once(self) -> None:
        start()
        for _time in range(2):
            with (
                mock.patch.object(round_crew, "check_one", side_effect=KeyboardInterrupt),
                self.assertRaises(KeyboardInterrupt),
            ):
                round_tasks.check_users.call()
        assert self.waiting() == [True]

    def test_it_knocks_again_at_once_only_when_something_was_done(self) -> None:
        start()
        tasks.export_due.enqueue()
        with mock.patch.object(round_crew, "SLICE", 0):
            assert round_tasks.check_users.call() == 0
        assert self.waiting() == [True]

    def test_it_stays_as_long_as_nothing_else_is_to_be_done(self) -> None:
        start()
        tasks.export_due.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
        with mock.patch.object(round_crew, "SLICE", 0):
            assert round_tasks.check_users.call() == 1

    def test_nothing_is_arranged_when_nothing_is_left(self) -> None:
        round_tasks.check_users.call()
        assert self.waiting() == []

    def test_the_work_is_done_and_ends(self) -> None:
        started = start()
        assert round_tasks.check_users.call() == 1
        started.refresh_from_db()
        assert not started.is_under_way

    def test_whoever_passes_is_no_work_for_others_without_activities(self) -> None:
        for user in User.objects.filter(username__in=["alice", "bob"]):
            make_settings(user, method="exchange")
        make_activity(User.objects.get(username="bob"), in_calendar=True)
        DBTaskResult.objects.all().delete()
        with self.captureOnCommitCallbacks(execute=True):
            for settings in EmailSettings.objects.filter(method="exchange"):
                checked(settings)
        bob = User.objects.get(username="bob")
        assert [row.args_kwargs["args"] for row in DBTaskResult.objects.all()] == [[bob.pk]]

    def test_other_work_comes_first(self) -> None:
        assert round_tasks.check_users.priority < 0

    def test_old_tasks_and_rounds_are_forgotten(self) -> None:
        started = start()
        long_ago = timezone.now() - rounds.KEPT_FOR - timedelta(days=1)
        started.finished_at = long_ago
        started.save()
        round_tasks.knock()
        DBTaskResult.objects.update(finished_at=long_ago)
        round_tasks.forget_old()
        assert not DBTaskResult.objects.exists()
        assert not type(started).objects.exists()
