"""Background work: knocks on the door, one of which is always arranged as long as something is to be done."""

from __future__ import annotations

from datetime import timedelta
from time import perf_counter
from typing import Any
from unittest import mock

from django.core.management import call_command
from django.db import transaction
from django.test import TestCase, TransactionTestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from tests.factories import configure, make_activity, make_settings, make_user
from tests.users.exporting import OnExchange
from users import export_runs, exports, knocks, services, tasks
from users.models import ActivityExport


class TaskCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange", export_activities=True)

    def add(self) -> None:
        make_activity(self.alice)

    def waiting(self) -> list[tuple[str, Any]]:
        rows = DBTaskResult.objects.filter(status="READY").order_by("enqueued_at")
        return [(row.task_path.rpartition(".")[2], row.args_kwargs["args"]) for row in rows]


class KnockTests(TaskCase):
    def test_an_activity_knocks_for_its_owner(self) -> None:
        self.add()
        assert self.waiting() == [("export_owner", [self.alice.pk])]

    def test_nobody_knocks_for_what_is_not_exported(self) -> None:
        make_settings(self.alice, method="smtp")
        self.add()
        assert self.waiting() == []

    def test_changed_settings_knock(self) -> None:
        self.add()
        DBTaskResult.objects.all().delete()
        exports.go_on(self.alice.pk)
        exports.go_on_everywhere()
        assert self.waiting() == [("export_owner", [self.alice.pk]), ("export_due", [])]

    def test_changed_settings_of_somebody_without_activities_do_not(self) -> None:
        exports.go_on(self.alice.pk)
        assert self.waiting() == []

    def test_nobody_hears_of_what_is_undone(self) -> None:
        with self.assertRaises(ZeroDivisionError), transaction.atomic():
            self.add()
            raise ZeroDivisionError
        assert self.waiting() == []


class NextKnockTests(TaskCase):
    def test_it_is_arranged_before_the_work_begins(self) -> None:
        self.add()
        with (
            mock.patch.object(export_runs, "run_owner", side_effect=KeyboardInterrupt),
            self.assertRaises(KeyboardInterrupt),
        ):
            tasks.export_owner.call(self.alice.pk)
        assert ("export_due", []) in self.waiting()

    def test_it_is_arranged_once(self) -> None:
        self.add()
        for _time in range(3):
            tasks.arrange_next()
        assert self.waiting().count(("export_due", [])) == 1

    def test_it_is_not_arranged_when_nothing_is_left(self) -> None:
        tasks.arrange_next()
        assert self.waiting() == []

    def test_it_comes_when_something_is_due_and_not_at_once(self) -> None:
        self.add()
        later = timezone.now() + timedelta(hours=1)
        for try_at in (timezone.now(), later):
            ActivityExport.objects.update(try_at=try_at)
            DBTaskResult.objects.all().delete()
            tasks.arrange_next()
            expected = max(try_at, timezone.now() + knocks.AGAIN_AFTER)
            assert abs(DBTaskResult.objects.get().run_after - expected) < timedelta(seconds=5)

    def test_old_tasks_are_forgotten(self) -> None:
        tasks.knock(None)
        DBTaskResult.objects.update(finished_at=timezone.now() - timedelta(days=2))
        tasks.forget_old()
        assert not DBTaskResult.objects.exists()


class WorkerTests(OnExchange, TransactionTestCase):
    """With the worker as it is in production: ``manage.py db_worker``, told to stop when nothing is left to do."""

    def setUp(self) -> None:
        self.start(self.enterContext)

    def let_it_work(self) -> float:
        """Returns how many seconds it took."""
        start = perf_counter()
        call_command("db_worker", batch=True, interval=0, startup_delay=False, verbosity=0)
        return perf_counter() - start

    def test_adding_changing_doing_and_deleting_follow_within_seconds(self) -> None:
        activity = self.add()
        seconds = [self.let_it_work()]
        assert self.shown()["subject"] == "Call the buyer"
        for fields, subject in (({"subject": "Visit"}, "Visit"), ({"is_done": True}, "✓ Visit")):
            for name, value in fields.items():
                setattr(activity, name, value)
            activity.save_unless_changed()
            seconds.append(self.let_it_work())
            assert self.shown()["subject"] == subject
        activity.cancel()
        seconds.append(self.let_it_work())
        assert not self.stored()
        assert max(seconds) < 10

    def test_the_gate_opens_with_a_passed_check(self) -> None:
        self.fill_in()
        self.add()
        self.let_it_work()
        assert not self.stored()
        assert list(services.verify(self.alice).results)[-1].state == "passed"
        self.let_it_work()
        assert len(self.stored()) == 1
