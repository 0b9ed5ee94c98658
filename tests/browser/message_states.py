"""The states of the built-in client: see ``states.py``."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import FilePayload, Page

from tests.browser.session import sign_in
from tests.browser.states import LONG, alice, path_of_message, root
from tests.browser.steps import field, open_page, press
from tests.factories import configure, make_user
from users.choices import Outcome


def open_message(page: Page, **fields: Any) -> None:
    root(page)
    open_page(page, path_of_message(**fields))


def messages_of_many_kinds(page: Page) -> None:
    root(page)
    for outcome in Outcome.values:
        path_of_message(outcome=outcome, subject=LONG, to="bob@example.com\n" * 9)
    path_of_message(state="sending", outcome="")
    open_page(page, "/messages/")


def message_failed(page: Page) -> None:
    open_message(page, outcome="failed", subject=LONG, refused={"bob@example.com": "No such mailbox."})


def message_uncertain(page: Page) -> None:
    open_message(page, outcome="unknown")


def message_handed_over(page: Page) -> None:
    open_message(page, outcome="handed_over", method="outlook", draft=b"x")


def message_on_its_way(page: Page) -> None:
    open_message(page, outcome="", state="sending")


def compose_with_errors(page: Page) -> None:
    alice(page, "/messages/new/")
    field(page, "To").fill("nobody")
    field(page, "Attachments").set_input_files([FilePayload(name=f"{LONG}.txt", mimeType="text/plain", buffer=b"x")])
    press(page, "Send")


def compose_when_not_ready(page: Page) -> None:
    configure(smtp_host="")
    sign_in(page, make_user("alice"), "/messages/new/")


def compose_for_outlook(page: Page) -> None:
    configure(sending_method="outlook")
    sign_in(page, make_user("alice"), "/messages/new/")
