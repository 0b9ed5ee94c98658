"""For how long a mail server may keep somebody waiting: for its next answer, and in all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic

CONNECT_SECONDS = 5
"""For one address of a server."""
CONNECT_SECONDS_IN_ALL = 10
"""For all its addresses together."""


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
        """What happens inside counts together. Inside another job, it has a time of its own if `whole` is given."""
        was_job, end = self._is_job, self._end
        self.start()
        if whole is not None:
            self._end = monotonic() + whole
        self._is_job = True
        try:
            yield
        finally:
            self._is_job, self._end = was_job, end

    def left(self) -> float:
        """For how many seconds to wait now. Raises :class:`TimeoutError` when the whole time is over."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError(f"Not done after {self.whole:g} seconds.")
        return min(left, self.wait)
