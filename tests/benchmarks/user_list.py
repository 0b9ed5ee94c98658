"""How long a page of the user list takes with 100,000 users, compared with 1,000.

    .venv/bin/python tests/benchmarks/user_list.py [NUMBER]
    .venv/bin/python tests/postgres.py .venv/bin/python tests/benchmarks/user_list.py

The whole request through Django's test client is measured, in turn on both databases; the best of some requests counts,
since other work on the machine can only make one slower. Bounds: no page takes more than 8 queries, for a superuser or
for other staff, and none takes more than twice as long with the many users as with the few.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from http import HTTPStatus
from pathlib import Path
from time import perf_counter
from urllib.parse import parse_qsl

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.benchmarks import stage

FEW, MANY = 1_000, 100_000
ROUNDS, REQUESTS = 5, 3
QUERIES_AT_MOST = 8
RATIO_AT_MOST = 2.0
CASES = {
    "first page": "",
    "second page": "page=2",
    "page in the middle": "page=MIDDLE",
    "last full page": "page=LAST",
    "downwards": "sort=-name",
    "by user name": "sort=username",
    "by user name, downwards": "sort=-username",
    "by user name, middle": "sort=username&page=MIDDLE",
    "search: none matches": "q=nobody",
    "search: one matches": "q=user000500",
    "search: an address": "q=user000500@example.com",
    "search: two words, one matches": "q=user000500+example",
    "search: some match": "q=ber",
    "search: many match": "q=example",
    "search: two words, many match": "q=user+example.com",
    "search: all match": "q=user",
    "search: last full page": "q=user&page=LAST",
    "method outlook": "method=outlook",
    "method outlook, middle": "method=outlook&page=MIDDLE",
    "method outlook, last": "method=outlook&page=LAST",
    "method exchange": "method=exchange",
    "method exchange, last": "method=exchange&page=LAST",
    "method smtp, the system's": "method=smtp",
    "method smtp, middle": "method=smtp&page=MIDDLE",
    "method smtp, last": "method=smtp&page=LAST",
    "method exchange_online, nobody's": "method=exchange_online",
    "ready": "ready=yes",
    "ready, middle": "ready=yes&page=MIDDLE",
    "ready, last": "ready=yes&page=LAST",
    "not ready": "ready=no",
    "not ready, middle": "ready=no&page=MIDDLE",
    "not ready, last": "ready=no&page=LAST",
    "settings missing": "ready=settings",
    "settings missing, middle": "ready=settings&page=MIDDLE",
    "not checked": "ready=check",
    "not checked, middle": "ready=check&page=MIDDLE",
    "check failed": "ready=failed",
    "check failed, middle": "ready=failed&page=MIDDLE",
    "method, ready, downwards": "method=smtp&ready=yes&sort=-name",
    "method, not ready, by user name": "method=smtp&ready=no&sort=-username",
    "search, method": "q=user&method=outlook",
    "search, not ready": "q=user&ready=no",
    "search: longer, all match, method": "q=user0&method=outlook",
    "search, method, ready": "q=example&method=smtp&ready=yes",
}
"""Chosen so that both databases show as many rows on the page, since most of the time goes into writing the rows."""


def main(many: int) -> int:
    stage.prepare()
    with stage.database("user_list_few") as small, stage.database("user_list_many") as large:
        lists = [_filled(small, FEW), _filled(large, many)]
        print(f"{'':34}{FEW:>7,} users{many:>9,} users   ratio queries")
        good = [report(case, query, lists) for case, query in CASES.items()]
    print(f"{good.count(False)} of {len(good)} cases are over a bound")
    return int(not all(good))


def report(case: str, query: str, lists: Sequence[UserList]) -> bool:
    """Print one line; tell whether both bounds hold."""
    times = [min(times) for times in zip(*(_one_round(query, lists) for _ in range(ROUNDS)), strict=True)]
    ratio = times[1] / times[0]
    queries = max(one.queries(query) for one in lists)
    good = ratio <= RATIO_AT_MOST and queries <= QUERIES_AT_MOST
    line = f"{case:34}{times[0] * 1000:10.1f} ms{times[1] * 1000:12.1f} ms{ratio:8.2f}{queries:8}"
    print(line if good else f"{line}   over", flush=True)
    return good


class UserList:
    """The list in one of the databases."""

    def __init__(self, database: str) -> None:
        from django.test import Client

        from users.models import User

        self.database = database
        self.clients = {name: Client() for name in ("root", "staff")}
        for name, client in self.clients.items():
            client.force_login(User.objects.get(username=name))

    def get(self, query: str, username: str = "root") -> None:
        response = self.clients[username].get(f"/users/?{query}")
        assert response.status_code == HTTPStatus.OK, response.status_code

    def seconds(self, query: str) -> float:
        """The best of a few; a first one opens the connection."""
        stage.use(self.database)
        query = self.with_page(query)
        self.get(query)
        return min(self._timed(query) for _ in range(REQUESTS))

    def with_page(self, query: str) -> str:
        """Put the number of the last full page, or of the one in the middle, into the query."""
        from users.directory import PAGE_SIZE, Directory
        from users.models import Installation

        if not query.endswith(("LAST", "MIDDLE")):
            return query
        options = {name: value for name, value in parse_qsl(query) if name != "page"}
        pages = Directory(Installation.load(), **options).keys.count() // PAGE_SIZE
        return query.replace("LAST", str(max(pages, 1))).replace("MIDDLE", str(pages // 2 + 1))

    def _timed(self, query: str) -> float:
        start = perf_counter()
        self.get(query)
        return perf_counter() - start

    def queries(self, query: str) -> int:
        """The most that anybody's page takes."""
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        stage.use(self.database)
        query = self.with_page(query)
        most = 0
        for username in self.clients:
            with CaptureQueriesContext(connection) as queries:
                self.get(query, username)
            most = max(most, len(queries))
        return most


def _one_round(query: str, lists: Sequence[UserList]) -> list[float]:
    return [one.seconds(query) for one in lists]


def _filled(database: str, number: int) -> UserList:
    from django.contrib.auth.models import Permission
    from django.db import connection

    from tests.benchmarks.population import make_installation, make_users
    from users.models import User

    stage.use(database)
    make_users(number, make_installation())
    User.objects.create_superuser("root", password="!")
    staff = User.objects.create_user("staff", password="!", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(content_type__app_label="users"))
    if connection.vendor == "postgresql":
        # As the server itself does a minute after so many changes.
        connection.cursor().execute("VACUUM ANALYZE")
    return UserList(database)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else MANY))
