"""Checks that somebody watches: one at a time, step by step, and whatever happens to whoever runs them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from threading import Event
from threading import enumerate as threads
from typing import Any

import pytest
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from tests.factories import make_user
from users import checking
from users.choices import StepState
from users.mail.steps import Finding, Step
from users.models import CheckRun
from users.verification import StepResult

STEPS = [Step(code=code, label=code.capitalize(), run=lambda: Finding("")) for code in ("first", "second")]


def result(code: str, state: StepState = StepState.PASSED) -> StepResult:
    return StepResult(code=code, label=code.capitalize(), state=state, seconds=0.1, sentence="It is so.")


def passing() -> Iterator[StepResult]:
    yield result("first")
    yield result("second")


def start(user: Any, results: Any = passing, **options: Any) -> CheckRun:
    fields: dict[str, Any] = {"subject": "alice", "by": user, "steps": STEPS, "results": results, "fields": {}}
    return checking.start(**fields | {"is_of_saved": True, "in_background": False} | options)


class RunTests(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")

    def test_results_are_kept_as_they_come(self) -> None:
        seen = []

        def results() -> Iterator[StepResult]:
            for each in passing():
                seen.append(len(CheckRun.objects.get().results))
                yield each

        run = start(self.alice, results)
        assert seen == [0, 1]
        assert (run.has_passed, run.is_under_way, len(run.results)) == (True, False, 2)

    def test_while_one_goes_on_there_is_no_second(self) -> None:
        first = CheckRun.objects.create(subject="alice", started_by=self.alice)
        assert start(self.alice) == first
        assert start(self.alice, subject="bob") != first

    def test_one_that_was_stopped_half_way_blocks_nobody(self) -> None:
        old = timezone.now() - timedelta(minutes=4)
        lost = CheckRun.objects.create(subject="alice", started_by=self.alice, started_at=old)
        assert lost.is_lost
        assert start(self.alice).has_passed

    def test_an_error_in_the_site_is_told_and_ends_it(self) -> None:
        def results() -> Iterator[StepResult]:
            yield result("first")
            raise RuntimeError("a defect")

        with pytest.raises(RuntimeError):
            start(self.alice, results)
        run = CheckRun.objects.get()
        assert run.failure is not None
        assert (run.failure["code"], run.failure["problem"], run.is_under_way) == ("second", "broken_off", False)

    def test_old_ones_are_removed(self) -> None:
        long_ago = timezone.now() - timedelta(days=2)
        CheckRun.objects.create(subject="x", started_by=self.alice, started_at=long_ago, finished_at=long_ago)
        run = start(self.alice)
        assert list(CheckRun.objects.all()) == [run]


class BackgroundTests(TransactionTestCase):
    def test_the_caller_does_not_wait(self) -> None:
        go_on = Event()

        def results() -> Iterator[StepResult]:
            go_on.wait(10)
            yield from passing()

        run = start(make_user("alice"), results, in_background=True)
        assert CheckRun.objects.get().is_under_way
        go_on.set()
        (thread,) = [thread for thread in threads() if thread.name == f"check {run.uid}"]
        thread.join()
        assert CheckRun.objects.get().has_passed
