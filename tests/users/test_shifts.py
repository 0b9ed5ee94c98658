"""Shifts of workers: they end when they should, and stay ended."""

from __future__ import annotations

from collections.abc import Iterator
from threading import get_ident
from unittest import mock

import pytest

from users import shifts
from users.shifts import Shift, side_by_side


@pytest.fixture
def clock() -> Iterator[mock.Mock]:
    """The time in seconds, as ``return_value``."""
    with mock.patch.object(shifts, "monotonic", return_value=0) as clock:
        yield clock


def test_it_lasts_at_least_so_long_whatever_waits(clock: mock.Mock) -> None:
    has_other_work = mock.Mock(return_value=True)
    shift = Shift(30, 60, has_other_work)
    clock.return_value = 29
    assert not shift.is_over
    has_other_work.assert_not_called()
    clock.return_value = 30
    assert shift.is_over


def test_it_goes_on_while_nothing_waits_but_not_for_ever(clock: mock.Mock) -> None:
    has_other_work = mock.Mock(return_value=False)
    shift = Shift(30, 60, has_other_work)
    clock.return_value = 30
    assert [shift.is_over for _time in range(3)] == [False] * 3
    assert has_other_work.call_count == 1
    clock.return_value += shifts.LOOK_AGAIN
    assert not shift.is_over
    assert has_other_work.call_count == 2
    clock.return_value = 60
    assert shift.is_over


def test_whoever_asks_again_hears_the_same(clock: mock.Mock) -> None:
    shift = Shift(0, 60, mock.Mock(side_effect=[True, False]))
    assert [shift.is_over for _time in range(5)] == [True] * 5


def test_jobs_are_done_at_once_and_the_first_here() -> None:
    seen: list[tuple[str, bool]] = []
    here = get_ident()

    def job(name: str) -> None:
        seen.append((name, get_ident() == here))

    side_by_side([lambda: job("a"), lambda: job("b"), lambda: job("c")])
    assert sorted(seen) == [("a", True), ("b", False), ("c", False)]


def test_without_jobs_nothing_happens() -> None:
    side_by_side([])
