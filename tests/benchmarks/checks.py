"""How long it takes to check many users at a server that takes its time, by the workers as they really run.

    .venv/bin/python tests/benchmarks/checks.py [USERS [WORKERS]]

200 users with SMTP, and a stand-in whose every answer takes 200 ms, in a process of its own; `manage.py db_worker` in
another one, or in as many as are given. The ideal is what one user takes at the server, times the users, shared by the
number that the product checks at a time. Bound: 1.3 times the ideal. On SQLite, or on the database that
``tests/postgres.py`` names.
"""

from __future__ import annotations

import sys
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from time import perf_counter, sleep

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

DELAY = 0.2
ANSWERS = ("greeting", "EHLO", "STARTTLS", "EHLO", "AUTH", "MAIL", "RCPT", "RSET", "QUIT")
"""What a check asks for, each in a round trip of its own."""
RATIO_AT_MOST = 1.3
PASSWORD = "benchmark"
FORK = get_context("fork")


def main(users: int, workers: int) -> int:
    stage.prepare()
    ours, theirs = FORK.Pipe()
    server = FORK.Process(target=serve, args=(theirs,), daemon=True)
    server.start()
    port, ca_file = ours.recv()
    with stage.database("checks.sqlite3"):
        from users import rounds

        fill(port, ca_file, users)
        seconds = timed(workers)
        ideal = users / rounds.AT_A_TIME * len(ANSWERS) * DELAY
        passed = told()
    ours.send("end")
    connections, answers = ours.recv()
    print(f"{users} users, {rounds.AT_A_TIME} at a time, {workers} workers")
    print(f"{connections} connections, {answers / max(1, connections):.1f} answers each, of {DELAY * 1000:.0f} ms")
    print(f"{seconds:8.1f} s; ideal {ideal:.1f} s; ratio {seconds / ideal:.2f}, at most {RATIO_AT_MOST}")
    right = passed == connections == users and answers == users * len(ANSWERS)
    return int(not right or seconds > RATIO_AT_MOST * ideal)


def serve(pipe: Connection) -> None:
    """The stand-in, in a process of its own; at the end it says how much it was asked."""
    from tests.servers.smtp import SmtpServer

    with SmtpServer(username="site", password=PASSWORD, pace=DELAY) as server:
        pipe.send((server.port, str(server.ca_file)))
        pipe.recv()
        pipe.send((server.connections, server.answers))


def fill(port: int, ca_file: str, number: int) -> None:
    from django.conf import settings

    from tests.factories import configure, make_settings, make_superuser, make_user
    from tests.users.rounds import start

    settings.MAILSETTINGS_CA_FILE = Path(ca_file)
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    configure(smtp_host="localhost", smtp_port=port, smtp_username="site", smtp_password=PASSWORD)
    make_superuser()
    for each in range(number):
        make_settings(make_user(f"user{each}"))
    start()


def timed(workers: int) -> float:
    """How long the workers take, from their start to the end of the round."""
    from django.db import connection

    from users import rounds

    connection.close()
    begin = perf_counter()
    running = [FORK.Process(target=work, args=(number,), daemon=True) for number in range(workers)]
    for process in running:
        process.start()
    while rounds.is_something_left():
        sleep(0.05)
    seconds = perf_counter() - begin
    for process in running:
        process.terminate()
        process.join()
    return seconds


def work(number: int) -> None:
    from django.core.management import call_command

    call_command("db_worker", worker_id=f"benchmark {number}", startup_delay=False, reload=False, verbosity=0)


def told() -> int:
    """Print what came out. Returns how many have passed."""
    from users import rounds
    from users.models import CheckRound

    counts = rounds.Progress(CheckRound.objects.get()).counts
    print(", ".join(f"{state}: {number}" for state, number in counts.items() if number))
    return counts["passed"]


if __name__ == "__main__":
    wanted = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*([*wanted, *[200, 1][len(wanted) :]])))
