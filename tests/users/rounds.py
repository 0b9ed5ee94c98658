"""What the tests of rounds of checks have in common: people with SMTP and a server, and workers."""

from __future__ import annotations

from tests.factories import configure, make_settings, make_superuser, make_user
from tests.servers.smtp import SmtpServer
from users import round_crew, rounds
from users.directory import Directory
from users.models import CheckRound, Installation, User

NAMES = ("alice", "bob", "charlie")


def make_people(*names: str) -> list[User]:
    """Users with SMTP and complete settings."""
    people = [make_user(name) for name in names or NAMES]
    for each in people:
        make_settings(each)
    return people


def use_server(server: SmtpServer) -> None:
    configure(smtp_host=server.host, smtp_port=server.port)


def select(editor: User | None = None, **filters: str) -> rounds.Selection:
    """The users whom `editor`, or else a superuser, finds with these filters."""
    editor = editor or User.objects.filter(username="root").first() or make_superuser()
    return rounds.Selection(Directory(Installation.load(), **filters), editor)


def start(editor: User | None = None, **filters: str) -> CheckRound:
    return rounds.start(select(editor, **{"q": "example.com"} | filters))[0]


def work_off(started: CheckRound) -> CheckRound:
    """Be the worker until nobody is left."""
    while round_crew.run_due():
        pass
    started.refresh_from_db()
    return started


def results(of: CheckRound) -> dict[str, str]:
    """The state of each user, by name."""
    return dict(of.members.order_by("user__username").values_list("user__username", "state"))
