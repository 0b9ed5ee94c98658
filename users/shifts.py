"""How long a worker stays at something that has no end, and how it does several things at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Thread
from time import monotonic

from django.db import connections

LOOK_AGAIN = 2
"""Seconds between two looks for other work."""


class Shift:
    """It lasts `seconds`, and while `has_other_work` says no, up to `longest`: so that workers can stop."""

    def __init__(self, seconds: float, longest: float, has_other_work: Callable[[], bool]) -> None:
        self._look_at = monotonic() + seconds
        self._end = monotonic() + longest
        self._has_other_work = has_other_work

    @property
    def is_over(self) -> bool:
        now = monotonic()
        if now < self._look_at:
            return False
        if now >= self._end or self._has_other_work():
            self._look_at = self._end = now
            return True
        self._look_at = now + LOOK_AGAIN
        return False


def side_by_side(jobs: Sequence[Callable[[], None]]) -> None:
    """Do all at once: the first here, the others in threads."""
    threads = [Thread(target=_apart, args=(job,), name="side by side", daemon=True) for job in jobs[1:]]
    for thread in threads:
        thread.start()
    try:
        for job in jobs[:1]:
            job()
    finally:
        for thread in threads:
            thread.join()


def _apart(job: Callable[[], None]) -> None:
    """In a thread, which has database connections of its own."""
    try:
        job()
    finally:
        connections.close_all()
