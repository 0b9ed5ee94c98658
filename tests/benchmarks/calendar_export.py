"""How long it takes to export activities into calendars, and how many appointments there are when workers are killed.

    .venv/bin/python tests/benchmarks/calendar_export.py [ACTIVITIES [KILLS]]

500 activities of 50 users, 4 worker processes, and stand-ins for Exchange and for Microsoft Graph that answer after
100 ms. The ideal counts the two requests that one appointment for each activity demands: a look whether an attempt
whose answer was lost has made it, and the writing; they are shared by the workers, and everything else takes no time.
Bound: 1.5 times the ideal. A worker in production has its libraries loaded, and so have these.

Then the calendars are emptied and filled again, while workers kill themselves between the server's answer and the
commit, KILLS times, and are killed at random moments, a quarter as often. Every activity has to have exactly one
appointment. On SQLite, or on the database that ``tests/postgres.py`` names.
"""

from __future__ import annotations

import os
import random
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

USERS, WORKERS, DELAY = 50, 4, 0.1
REQUESTS = 2
RATIO_AT_MOST = 1.5
DEATH_RATE = 0.3
"""How likely a worker dies after an answer, until there were enough deaths."""
PASSWORD = "benchmark"
FORK = get_context("fork")
DEATHS = FORK.RawValue("i", 0)
"""How many times workers are still to die. Without a lock, which would stay locked behind one that is killed; two that
die at once may count as one."""


@dataclass(frozen=True)
class Kind:
    """A kind of server: who plays it, what to enter of it, and where to look for its appointments."""

    name: str
    method: str
    play: Callable[[], Any]
    configure: Callable[[dict[str, Any]], None]


def main(activities: int, kills: int) -> int:
    stage.prepare()
    load_libraries()
    return max([measure(kind, activities, kills) for kind in KINDS])


def measure(kind: Kind, activities: int, kills: int) -> int:
    print(f"{kind.name}: {activities} activities of {USERS} users, {WORKERS} workers, {DELAY * 1000:.0f} ms")
    with served(kind) as (pipe, address), stage.database(f"calendar-{kind.method}.sqlite3"):
        fill(kind, address, activities)
        seconds, ideal = timed(), REQUESTS * activities * DELAY / WORKERS
        print(f"{seconds:8.1f} s; ideal {ideal:.1f} s; ratio {seconds / ideal:.2f}, at most {RATIO_AT_MOST}")
        wrong = told(pipe, activities)
        ask(pipe, "clear")
        ask_again()
        print(f"{timed(kills=kills):8.1f} s with {kills} workers killed before the commit, and {kills // 4} at random")
        wrong += told(pipe, activities)
    return int(bool(wrong) or seconds > RATIO_AT_MOST * ideal)


def load_libraries() -> None:
    import msal  # noqa: F401

    import users.calendars.ews
    import users.calendars.graph
    import users.entra.client  # noqa: F401


# --- The servers ----------------------------------------------------------------------------------------------------


@contextmanager
def served(kind: Kind) -> Iterator[tuple[Connection, dict[str, Any]]]:
    ours, theirs = FORK.Pipe()
    process = FORK.Process(target=serve, args=(kind, theirs), daemon=True)
    process.start()
    yield ours, ours.recv()
    ours.send("end")
    process.join()


def serve(kind: Kind, pipe: Connection) -> None:
    """A stand-in, in a process of its own; it says which activity each of its appointments belongs to."""
    with kind.play() as server:
        calendar = getattr(server, "graph", server)
        calendar.fault = take_time
        stored = calendar.events if hasattr(calendar, "events") else calendar.items
        pipe.send({"ca_file": str(server.ca_file)} | entered(server))
        while (wish := pipe.recv()) != "end":
            pipe.send([item.activity_id for item in list(stored.values())])
            if wish == "clear":
                stored.clear()


def take_time(_operation: str) -> str:
    sleep(DELAY)
    return ""


def entered(server: Any) -> dict[str, Any]:
    """What the settings say of the server."""
    return server.registration if hasattr(server, "registration") else {"exchange_url": server.address}


def ask(pipe: Connection, wish: str) -> list[str]:
    pipe.send(wish)
    activity_ids: list[str] = pipe.recv()
    return activity_ids


def play_exchange() -> Any:
    from tests.servers.ews_calendar import EwsCalendarServer

    class OfMany(EwsCalendarServer):
        """Every user has an own account, with the same password."""

        def knows(self, credentials: str) -> bool:
            return credentials.startswith("FIRM\\user") and credentials.endswith(f":{PASSWORD}")

    return OfMany(scheme="Basic")


def play_microsoft() -> Any:
    from tests.servers.entra_tokens import Account
    from tests.servers.graph_calendar import GraphCalendarServer
    from tests.servers.microsoft import Microsoft365

    return Microsoft365(*(Account(f"user{number}@example.com") for number in range(USERS)), graph=GraphCalendarServer)


def use_exchange(address: dict[str, Any]) -> None:
    from tests.factories import configure

    configure(**address, exchange_auth="basic")


def use_microsoft(address: dict[str, Any]) -> None:
    from tests.factories import configure, register

    configure()
    register(flow="application", **address)


KINDS = (
    Kind("Exchange", "exchange", play_exchange, use_exchange),
    Kind("Exchange Online", "exchange_online", play_microsoft, use_microsoft),
)


# --- The users ------------------------------------------------------------------------------------------------------


def fill(kind: Kind, address: dict[str, Any], activities: int) -> None:
    from django.conf import settings

    from tests.factories import checked, make_activity, make_settings, make_user
    from users import guard

    settings.MAILSETTINGS_CA_FILE = Path(address.pop("ca_file"))
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    kind.configure(address)
    for number in range(USERS):
        user = make_user(f"user{number}")
        account = {"exchange_username": f"FIRM\\user{number}", "exchange_password": PASSWORD}
        stored = make_settings(user, method=kind.method, export_activities=True, **account)
        # As after a check that has passed.
        with guard.deliberate(guard.account_of(checked(stored))):
            for _number in range(activities // USERS):
                make_activity(user)


def ask_again() -> None:
    from django.utils import timezone

    from users.models import ActivityExport

    ActivityExport.objects.update(
        state="waiting", item_id="", when_written="", generation=1, requested=2, try_at=timezone.now()
    )


# --- The workers ----------------------------------------------------------------------------------------------------


def timed(*, kills: int = 0) -> float:
    """How long the workers take; a dead one is followed by another."""
    from django.db import connection

    from users import export_runs

    export_runs.LEASE = timedelta(seconds=5)
    connection.close()
    DEATHS.value, at_random = kills, kills // 4
    start = perf_counter()
    workers = [worker() for _number in range(WORKERS)]
    while any(each.is_alive() for each in workers):
        sleep(0.02)
        if at_random and not random.randrange(10):
            os.kill(random.choice(workers).pid or 0, signal.SIGKILL)
            at_random -= 1
        workers = [worker() if each.exitcode == -signal.SIGKILL else each for each in workers]
    assert not DEATHS.value, f"{DEATHS.value} did not die."
    return perf_counter() - start


def worker() -> Any:
    process = FORK.Process(target=work, daemon=True)
    process.start()
    return process


def work() -> None:
    from users import export_runs, exports

    finish = export_runs._finish

    def die_or_finish(row: Any) -> None:
        if is_to_die():
            os.kill(os.getpid(), signal.SIGKILL)
        finish(row)

    export_runs._finish = die_or_finish
    while exports.next_due() is not None:
        if not export_runs.run_due():
            sleep(0.05)


def is_to_die() -> bool:
    dies = DEATHS.value > 0 and random.random() < DEATH_RATE
    DEATHS.value -= dies
    return dies


def told(pipe: Connection, activities: int) -> int:
    """Print how many activities have exactly one appointment. Returns how many have not."""
    numbers = Counter(Counter(ask(pipe, "count")).values())
    right = numbers.pop(1, 0)
    print(f"{right} of {activities} activities have one appointment; other numbers: {dict(numbers) or 'none'}")
    return activities - right


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*wanted, *[500, 100][len(wanted) :]])))
