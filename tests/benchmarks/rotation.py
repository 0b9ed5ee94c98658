"""How long ``manage.py vault rotate`` takes with 100,000 sealed passwords, and for how long nobody else can write.

    .venv/bin/python tests/benchmarks/rotation.py [NUMBER]

On SQLite, where one writer locks all others out. Bounds: 60 seconds for everything, 0.5 seconds for the longest write
transaction. Somebody else writes all the while on a second connection, and the longest time that this took is printed
too: it includes SQLite's own waiting, which looks again after up to 0.1 seconds.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

NUMBER = 100_000
SECONDS_AT_MOST = 60
LOCK_AT_MOST = 0.5


def main(number: int) -> int:
    os.environ.pop("DATABASE_URL", None)
    stage.prepare()
    with stage.database("rotation.sqlite3"):
        _fill(number)
        with transactions() as locks, other_writer() as waits:
            seconds = timed_rotation()
        left = _values_with_other_keys()
    print(f"rotation of {number:,} passwords  {seconds:8.2f} s   at most {SECONDS_AT_MOST} s")
    print(f"longest of {len(locks):,} transactions  {max(locks):8.3f} s   at most {LOCK_AT_MOST} s")
    print(f"longest of {len(waits):,} other writes  {max(waits):8.3f} s")
    print(f"left with another key: {left}")
    return int(bool(left) or seconds > SECONDS_AT_MOST or max(locks) > LOCK_AT_MOST)


def timed_rotation() -> float:
    """Put a new key in front of the present one, and rotate."""
    from django.conf import settings
    from django.core.management import call_command

    from users.vault import new_key

    settings.MAILSETTINGS_KEYS = f"{new_key()},{settings.MAILSETTINGS_KEYS}"
    start = perf_counter()
    call_command("vault", "rotate")
    return perf_counter() - start


@contextmanager
def transactions() -> Iterator[list[float]]:
    """Collect how long each transaction was, from its beginning to the first statement after its end."""
    from django.db import connection

    lengths: list[float] = []
    started: list[float] = []

    def follow(statement: str) -> None:
        now = perf_counter()
        if statement.startswith("BEGIN"):
            started[:] = [now]
        elif started and len(started) > 1:
            lengths.append(now - started[0])
            started.clear()
        elif statement.startswith("COMMIT"):
            started.append(now)

    connection.ensure_connection()
    connection.connection.set_trace_callback(follow)
    yield lengths
    connection.connection.set_trace_callback(None)


@contextmanager
def other_writer() -> Iterator[list[float]]:
    """Somebody else who writes all the while; collect how long each write took."""
    waits: list[float] = []
    is_over = Event()
    thread = Thread(target=_write, args=(waits, is_over))
    thread.start()
    try:
        yield waits
    finally:
        is_over.set()
        thread.join()


def _write(waits: list[float], is_over: Event) -> None:
    from django.db import connection

    from users.models import User

    while not is_over.is_set():
        start = perf_counter()
        User.objects.filter(username="user000000").update(phone=str(start))
        waits.append(perf_counter() - start)
        sleep(0.02)
    connection.close()


def _fill(number: int) -> None:
    from tests.benchmarks.population import make_installation, make_passwords

    make_passwords(number, make_installation())


def _values_with_other_keys() -> int:
    from users.models import sealed_columns
    from users.vault import key_ids

    return sum(column.rows_with_other_keys_than(key_ids()[:1]).count() for column in sealed_columns())


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else NUMBER))
