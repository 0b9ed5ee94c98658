"""For how long a mail server may keep somebody waiting: for its next answer, and in all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


class Clock:
    """At most `wait` seconds until the other side does something, and at most `whole` seconds from :meth:`start` on.

    The second limit is for the server that sends one letter every few seconds: it would keep every wait short, and its
    visitor for ever.
    """

    def __init__(self, *, wait: float, whole: float) -> None:
        self.wait = wait
        self.whole = whole
        self._is_job = False
        self.start()

    def start(self) -> None:
        """Begin to count, unless this is a part of a job that counts already."""
        if not self._is_job:
            self._end = monotonic() + self.whole

    @contextmanager
    def job(self, whole: float | None = None) -> Iterator[None]:
        """What happens inside counts together. With a time of its own, the count begins anew even inside another."""
        self.start()
        if whole is not None:
            self._end = monotonic() + whole
        was_job, self._is_job = self._is_job, True
        try:
            yield
        finally:
            self._is_job = was_job

    def left(self) -> float:
        """For how many seconds to wait now. Raises :class:`TimeoutError` when the whole time is over."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError(f"Not done after {self.whole:g} seconds.")
        return min(left, self.wait)
