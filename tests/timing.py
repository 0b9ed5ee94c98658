"""How long something takes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import monotonic


@contextmanager
def seconds_at_most(limit: float) -> Iterator[None]:
    """Fail when the block takes longer."""
    start = monotonic()
    yield
    assert monotonic() - start < limit
