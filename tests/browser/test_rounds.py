"""Checking all users as people see it: from the button on the list to the last result, with a worker at work."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from tests.browser.accessibility import assert_accessible
from tests.browser.session import sign_in
from tests.browser.steps import open_page, press
from tests.factories import make_superuser
from tests.servers.smtp import SmtpServer
from tests.users.rounds import make_people, use_server
from users.demo.worker import DemoWorker
from users.models import CheckRound

SLOW = 0.4
NUMBER = 12


@pytest.fixture
def server(settings: Settings, transactional_db: None) -> Iterator[SmtpServer]:
    """A mail server that takes its time, and knows nobody with the name user05."""
    with SmtpServer(delays={"MAIL": SLOW}, replies={"RCPT user05@example.com": "550 5.1.1 Who?"}) as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        use_server(server)
        yield server


@pytest.fixture
def people(server: SmtpServer, page: Page) -> None:
    make_people(*[f"user{number:02}" for number in range(NUMBER)])
    sign_in(page, make_superuser())
    open_page(page, "/users/?q=example.com")


@pytest.fixture
def worker(people: None) -> Iterator[DemoWorker]:
    worker = DemoWorker()
    worker.start()
    yield worker
    worker.stop()


def start(page: Page) -> None:
    page.get_by_role("link", name=f"Check these {NUMBER} users").click()
    expect(page.get_by_text("No message is sent to anyone.")).to_be_visible()
    press(page, "Start the check")


def test_a_round_goes_from_the_list_to_the_last_result(page: Page, worker: DemoWorker) -> None:
    start(page)
    progress = page.get_by_role("progressbar", name="Users checked")
    expect(progress).to_be_visible()
    status = page.locator("[data-piece='told']")
    status.evaluate("(element) => { element.mark = 'the same element' }")
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    assert progress.evaluate("(bar) => bar.value") == NUMBER
    expect(status).to_have_text("Finished. Failed: 1, Passed: 11")
    # What is read out stands in the element that was there from the beginning.
    assert status.evaluate("(element) => element.mark") == "the same element"
    expect(page.get_by_role("button", name="Stop")).to_have_count(0)
    assert_accessible(page)
    page.get_by_role("link", name="User05").click()
    expect(page.get_by_text("takes no messages for your own address").first).to_be_visible()


def test_the_page_follows_by_itself(page: Page, people: None) -> None:
    start(page)
    expect(page.get_by_text(f"0 of {NUMBER} users")).to_be_visible()
    CheckRound.objects.get().members.filter(user__username__lt="user06").update(state="passed")
    expect(page.get_by_text(f"6 of {NUMBER} users · 50 %")).to_be_visible()
    expect(page.locator("[data-piece='told']")).to_have_text("50 percent checked")


def test_a_second_click_shows_the_one_that_goes_on(page: Page, people: None) -> None:
    start(page)
    address = page.url
    other = page.context.new_page()
    open_page(other, "/users/?q=example.com")
    start(other)
    assert other.url == address
    expect(other.get_by_text("These users are being checked already")).to_be_visible()
    other.close()


def test_it_can_be_stopped(page: Page, worker: DemoWorker) -> None:
    start(page)
    press(page, "Stop")
    expect(page.get_by_role("heading", name="Stopped", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="Not checked")).to_be_visible()
    assert CheckRound.objects.get().members.filter(state="left").exists()


def test_whoever_comes_back_finds_it(page: Page, people: None) -> None:
    start(page)
    address = page.url
    page.get_by_role("link", name="Users").first.click()
    page.get_by_role("link", name=f"Check all {NUMBER + 1} users").click()
    page.get_by_role("region", name="Recent checks").get_by_role("link").click()
    assert page.url == address


def test_the_keyboard_keeps_its_place(page: Page, people: None) -> None:
    start(page)
    page.get_by_role("button", name="Stop").focus()
    CheckRound.objects.get().members.update(state="passed")
    CheckRound.objects.update(finished_at=CheckRound.objects.get().started_at)
    expect(page.get_by_role("heading", name="Finished")).to_be_visible()
    expect(page.locator("[data-round-title]")).to_be_focused()


def test_without_scripts_it_is_asked_for(page_without_scripts: Page, server: SmtpServer) -> None:
    page = page_without_scripts
    make_people("alice")
    sign_in(page, make_superuser())
    page.goto("/users/check/?q=alice")
    page.get_by_role("button", name="Start the check").click()
    expect(page.get_by_text("0 of 1 user")).to_be_visible()
    CheckRound.objects.get().members.update(state="passed")
    page.get_by_role("link", name="Show how far it is now").click()
    expect(page.get_by_text("1 of 1 user")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("heading", name="Stopped")).to_be_visible()
