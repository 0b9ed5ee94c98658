"""The states of a check of many users: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.states import LONG, root
from tests.browser.steps import open_page
from tests.factories import make_settings, make_user
from tests.users.rounds import make_people
from tests.users.rounds import start as start_round
from users import rounds
from users.models import CheckRound, User

SENTENCE = "The mail server smtp.example.com takes no messages for your own address."


def path_of_round() -> str:
    """The address of a round in which something of everything has come out."""
    people = make_people("alice", "bob", "charlie", "dora", "emil", "fred")
    started = start_round()
    for user, fields in zip(
        people,
        (
            {"state": "passed"},
            {"state": "failed", "problem": "own_address_refused", "sentence": SENTENCE, "whose_turn": "user"},
            {"state": "skipped", "problem": "missing_address", "sentence": "Missing: E-mail address."},
            {
                "state": "no_server",
                "problem": "timed_out",
                "sentence": "It did not answer.",
                "whose_turn": "administrator",
            },
            {"state": "left", "problem": "stopped", "sentence": "The run was stopped before this user’s turn."},
        ),
        strict=False,
    ):
        started.members.filter(user=user).update(**fields)
    return started.get_absolute_url()


def question_with_filters(page: Page) -> None:
    root(page)
    make_settings(make_user("bob"), method="outlook")
    start_round(q="bob", ready="yes")
    User.objects.filter(username="bob").update(last_name=LONG[:150])
    start_round(q="wilhelmine " * 8)
    open_page(page, "/users/check/?ready=no")


def question_without_users(page: Page) -> None:
    root(page, f"/users/check/?q={LONG[:90]}&method=smtp&ready=check")


def round_without_a_worker(page: Page) -> None:
    root(page)
    make_people("alice")
    started = start_round(method="smtp", ready="no")
    CheckRound.objects.update(started_at=started.started_at - rounds.TAKEN_UP_AFTER)
    open_page(page, started.get_absolute_url())


def round_with_a_server_out(page: Page) -> None:
    root(page)
    path = path_of_round()
    sentence = f"The mail server {'very-long-name-of-a-mail-server.' * 5}example.com did not answer in time."
    CheckRound.objects.get().servers.update(
        state="out", failure={"sentence": sentence, "advice": "Try again in a few minutes."}
    )
    open_page(page, f"{path}?show=no_server")


def round_stopped_with_long_values(page: Page) -> None:
    root(page)
    path = path_of_round()
    User.objects.filter(username="bob").update(first_name=LONG[:150], last_name="x" * 150)
    started = CheckRound.objects.get()
    started.members.filter(user__username="bob").update(sentence=f"{SENTENCE} {'y' * 200}")
    rounds.stop(started)
    open_page(page, path)


def round_of_many_failures(page: Page) -> None:
    root(page)
    make_people(*[f"person{number:02}" for number in range(55)])
    started = start_round()
    started.members.update(state="failed", problem="sender_refused", sentence=SENTENCE, whose_turn="user")
    rounds.finish_done()
    open_page(page, f"{started.get_absolute_url()}?page=2")
