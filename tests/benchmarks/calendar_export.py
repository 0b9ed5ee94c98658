"""How long it takes to export activities into calendars, and how many appointments there are when workers are killed.

    .venv/bin/python tests/benchmarks/calendar_export.py [ACTIVITIES [KILLS]]

500 activities of 50 users, 4 worker processes, a stand-in for Exchange that answers after 100 ms. The ideal is two
requests for each activity, one to look and one to write, shared by the workers. Bound: 1.5 times the ideal. Then the
calendars are emptied and filled again, while workers are killed at random moments, and every activity has to have
exactly one appointment. On SQLite, or on the database that ``tests/postgres.py`` names.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections import Counter
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

USERS, WORKERS, DELAY = 50, 4, 0.1
RATIO_AT_MOST = 1.5
PASSWORD = "benchmark"
FORK = get_context("fork")


def main(activities: int, kills: int) -> int:
    stage.prepare()
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    address, ca_file = ours.recv()
    with stage.database("calendar.sqlite3"):
        fill(address, ca_file, activities)
        seconds, ideal = timed(kills=0), 2 * activities * DELAY / WORKERS
        wrong = told(ours, activities)
        print(f"{activities} activities of {USERS} users, {WORKERS} workers, {DELAY * 1000:.0f} ms")
        print(f"{seconds:8.1f} s; ideal {ideal:.1f} s; ratio {seconds / ideal:.2f}, at most {RATIO_AT_MOST}")
        ours.send("clear")
        ours.recv()
        ask_again()
        print(f"{timed(kills=kills):8.1f} s with {kills} workers killed")
        wrong += told(ours, activities)
    ours.send("end")
    return int(bool(wrong) or seconds > RATIO_AT_MOST * ideal)


def serve(pipe: Connection) -> None:
    """The stand-in, in a process of its own; it says which activity each of its appointments belongs to."""
    from tests.servers.ews_calendar import EwsCalendarServer

    with EwsCalendarServer(scheme="Basic", password=PASSWORD, delay=DELAY) as server:
        pipe.send((server.address, str(server.ca_file)))
        while (wish := pipe.recv()) != "end":
            pipe.send([item.activity_id for item in list(server.items.values())])
            if wish == "clear":
                server.items.clear()


def fill(address: str, ca_file: str, activities: int) -> None:
    from django.conf import settings

    from tests.factories import configure, make_activity, make_settings, make_user

    settings.MAILSETTINGS_CA_FILE = Path(ca_file)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    configure(exchange_url=address, exchange_auth="basic")
    for number in range(USERS):
        user = make_user(f"user{number}")
        account = {"exchange_username": "FIRM\\alice", "exchange_password": PASSWORD}
        make_settings(user, method="exchange", export_activities=True, **account)
        for _number in range(activities // USERS):
            make_activity(user)


def ask_again() -> None:
    from django.utils import timezone

    from users.models import ActivityExport

    ActivityExport.objects.update(state="waiting", item_id="", when_written="", requested=2, try_at=timezone.now())


def timed(*, kills: int) -> float:
    """How long the workers take; a killed one is followed by another."""
    from django.db import connection

    from users import exports

    exports.LEASE = timedelta(seconds=5)
    connection.close()
    start = perf_counter()
    workers = [worker() for _number in range(WORKERS)]
    while any(each.is_alive() for each in workers):
        if not kills:
            sleep(0.02)
            continue
        sleep(random.uniform(0.05, 0.5))
        number = random.randrange(WORKERS)
        if workers[number].is_alive():
            os.kill(workers[number].pid or 0, signal.SIGKILL)
            workers[number].join()
            workers[number] = worker()
            kills -= 1
    return perf_counter() - start


def worker() -> Any:
    process = FORK.Process(target=work, daemon=True)
    process.start()
    return process


def work() -> None:
    from users import exports

    while exports.next_due() is not None:
        if not exports.run_due():
            sleep(0.05)


def told(pipe: Connection, activities: int) -> int:
    """Print how many activities have exactly one appointment. Returns how many have not."""
    pipe.send("count")
    numbers = Counter(Counter(pipe.recv()).values())
    right = numbers.pop(1, 0)
    print(f"{right} of {activities} activities have one appointment; other numbers: {dict(numbers) or 'none'}")
    return activities - right


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*wanted, *[500, 100][len(wanted) :]])))
