"""Connecting to Microsoft 365 as people do it: away to Microsoft's page, a click there, and back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from tests.browser.problems import Problems
from tests.browser.session import sign_in
from tests.browser.steps import expect_message, open_page, press, session_key, wait_for_scripts
from tests.factories import configure, make_settings, make_user, register
from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import Account
from users.models import EmailSettings, MicrosoftConnection, User

ALICE, MALLORY = "alice@example.com", "mallory@example.com"
UNKNOWN = "was used already, is older than ten minutes, or is not for you"


@pytest.fixture
def server(live_server: LiveServer, settings: Any) -> Iterator[EntraServer]:
    accounts = {name: Account(name) for name in (ALICE, MALLORY)}
    with EntraServer(accounts=accounts, redirect_addresses=[f"{live_server.url}/entra/callback/"]) as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        yield server


@pytest.fixture
def alice(page: Page, server: EntraServer) -> User:
    configure()
    register(
        flow="sign_in",
        cloud="custom",
        custom_authority=server.authority,
        custom_graph=server.graph,
        client_secret=server.client_secret,
    )
    user = make_user("alice")
    make_settings(user, method="exchange_online", connected=False)
    sign_in(page, user)
    return user


def go_to_microsoft(page: Page) -> None:
    open_page(page, "/profile/")
    with page.expect_navigation():
        page.get_by_role("button", name="Connect to Microsoft 365").click()
    expect(page.get_by_role("heading", name="Pick an account")).to_be_visible()


def click(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def connect(page: Page, account: str = ALICE) -> None:
    go_to_microsoft(page)
    click(page, account)
    wait_for_scripts(page)


def is_connected(user: User) -> bool:
    return EmailSettings.of(user).is_connected


def callback_address(page: Page) -> str:
    """Pick the right account, and catch the address that the browser is sent back to."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url) if "/entra/callback/" in request.url else None)
    click(page, ALICE)
    wait_for_scripts(page)
    return seen[-1]


def test_connecting_shows_the_account_and_leaves_nothing_in_the_address(page: Page, alice: User) -> None:
    connect(page)
    expect_message(page, f"You are connected to Microsoft 365 as {ALICE}.")
    expect(page.get_by_text(f"Connected as {ALICE} since")).to_be_visible()
    assert page.url.endswith("/profile/")
    assert is_connected(alice)


def test_disconnecting_offers_to_connect_again(page: Page, alice: User) -> None:
    connect(page)
    press(page, "Disconnect")
    expect_message(page, "You are disconnected from Microsoft 365")
    expect(page.get_by_role("button", name="Connect to Microsoft 365")).to_be_visible()
    assert not is_connected(alice)


def test_the_wrong_account_is_named_and_the_right_one_can_follow(page: Page, alice: User) -> None:
    connect(page, MALLORY)
    expect_message(page, f"You signed in to Microsoft as {MALLORY}")
    assert not is_connected(alice)
    connect(page)
    assert is_connected(alice)


def test_declining_is_told_with_details_for_the_administrator(page: Page, alice: User, server: EntraServer) -> None:
    server.is_approved = False
    go_to_microsoft(page)
    click(page, ALICE)
    expect(page.get_by_role("heading", name="Permissions requested")).to_be_visible()
    click(page, "Decline")
    expect_message(page, "You did not allow the access, so nothing was connected.")
    page.get_by_text("Details for your administrator").click()
    expect(page.get_by_text("AADSTS65004")).to_be_visible()
    assert not is_connected(alice)


def test_allowing_connects(page: Page, alice: User, server: EntraServer) -> None:
    server.is_approved = False
    go_to_microsoft(page)
    click(page, ALICE)
    click(page, "Accept")
    expect_message(page, "You are connected to Microsoft 365")
    assert is_connected(alice)


def test_cancelling_is_told(page: Page, alice: User) -> None:
    go_to_microsoft(page)
    click(page, "Cancel")
    expect_message(page, "The sign-in to Microsoft was cancelled, so nothing was connected.")
    assert not is_connected(alice)


def test_an_answer_that_is_opened_again_changes_nothing(page: Page, alice: User) -> None:
    go_to_microsoft(page)
    address = callback_address(page)
    before = MicrosoftConnection.objects.get().token_cache
    open_page(page, address)
    expect_message(page, UNKNOWN)
    expect(page.get_by_text(f"Connected as {ALICE} since")).to_be_visible()
    assert MicrosoftConnection.objects.get().token_cache == before


def test_an_answer_for_somebody_else_connects_nobody(page: Page, alice: User) -> None:
    go_to_microsoft(page)
    bob = make_user("bob")
    make_settings(bob, method="exchange_online", connected=False)
    sign_in(page, bob)
    click(page, ALICE)
    expect_message(page, UNKNOWN)
    assert not MicrosoftConnection.objects.exclude(token_cache="").exists()


def test_an_answer_after_more_than_ten_minutes_connects_nobody(page: Page, alice: User) -> None:
    go_to_microsoft(page)
    session = SessionStore(session_key(page))
    session["microsoft_sign_ins"] = {
        state: [sealed, began - 600] for state, (sealed, began) in session["microsoft_sign_ins"].items()
    }
    session.save()
    click(page, ALICE)
    expect_message(page, UNKNOWN)
    assert not is_connected(alice)


def test_going_back_after_success_and_clicking_again_leaves_the_connection(page: Page, alice: User) -> None:
    connect(page)
    before = MicrosoftConnection.objects.get().token_cache
    page.go_back()
    expect(page.get_by_role("heading", name="Pick an account")).to_be_visible()
    click(page, ALICE)
    expect_message(page, UNKNOWN)
    expect(page.get_by_text(f"Connected as {ALICE} since")).to_be_visible()
    assert MicrosoftConnection.objects.get().token_cache == before


def test_signed_out_meanwhile_one_signs_in_and_starts_again(page: Page, alice: User) -> None:
    go_to_microsoft(page)
    page.context.clear_cookies()
    click(page, ALICE)
    expect(page.get_by_role("button", name="Sign in")).to_be_visible()
    assert "code" not in page.url
    assert "code-" not in page.content()
    assert not is_connected(alice)


def test_a_connection_that_has_ended_is_connected_again(page: Page, alice: User) -> None:
    connect(page)
    MicrosoftConnection.objects.update(has_ended=True)
    open_page(page, "/profile/")
    expect(page.get_by_text("Needs to be connected again")).to_be_visible()
    with page.expect_navigation():
        page.get_by_role("button", name="Connect again").click()
    click(page, ALICE)
    wait_for_scripts(page)
    assert is_connected(alice)


def test_a_slow_microsoft_is_asked_once_however_often_one_clicks(page: Page, alice: User, server: EntraServer) -> None:
    server.delay, server.faulty = 1, frozenset({"discovery"})
    open_page(page, "/profile/")
    with page.expect_navigation():
        page.get_by_role("button", name="Connect to Microsoft 365").dblclick()
    expect(page.get_by_role("heading", name="Pick an account")).to_be_visible()
    assert server.count("discovery") == 1


def test_a_microsoft_that_is_not_there_is_told_on_the_own_page(
    page: Page, alice: User, server: EntraServer, problems: Problems
) -> None:
    server.drop = True
    open_page(page, "/profile/")
    press(page, "Connect to Microsoft 365")
    expect_message(page, "can't be reached")


def test_without_scripts_it_works_as_well(page_without_scripts: Page, alice: User) -> None:
    page = page_without_scripts
    sign_in(page, alice)
    page.goto("/profile/")
    page.get_by_role("button", name="Connect to Microsoft 365").click()
    page.get_by_role("button", name=ALICE, exact=True).click()
    expect(page.get_by_text(f"Connected as {ALICE} since")).to_be_visible()
