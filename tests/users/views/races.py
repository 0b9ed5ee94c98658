"""Somebody else who saves at the worst moment: after the check for uniqueness, and before the row is written."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Model


@contextmanager
def right_after_checking(model: type[Model], act: Callable[[], Any], *, check: int = 1) -> Iterator[None]:
    """Run `act` once, right after the query with this number that asks whether a row of `model` exists."""
    seen = 0

    def watch(execute: Callable[..., Any], sql: str, *arguments: Any) -> Any:
        nonlocal seen
        result = execute(sql, *arguments)
        if f' AS "a" FROM "{model._meta.db_table}"' in sql:
            seen += 1
            if seen == check:
                act()
        return result

    with connection.execute_wrapper(watch):
        yield
    assert seen >= check
