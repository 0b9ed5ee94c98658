"""*Find my settings* in a browser: the answer appears in place, and choosing is a click that saves nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings

from tests.browser.session import sign_in
from tests.browser.steps import field, open_page, press, save_bar
from tests.factories import configure, make_settings, make_superuser, make_user, register
from tests.servers.name_server import NameServer
from users.models import DomainLookUps, EmailSettings, User

RECORDS = {"example.com": {"MX": ["0 example-com.mail.protection.outlook.com."]}}
ONLINE = "Server based, via Microsoft Exchange Online"


@pytest.fixture
def names(settings: Settings) -> Iterator[NameServer]:
    with NameServer(RECORDS) as server:
        settings.MAILSETTINGS_NAME_SERVERS = [server.address]
        yield server


@pytest.fixture
def alice(names: NameServer, transactional_db: None) -> User:
    configure()
    register()
    alice = make_user("alice")
    make_settings(alice)
    return alice


def find(page: Page) -> None:
    page.get_by_role("button", name="Find what fits the address").click()


def choose(page: Page) -> None:
    page.get_by_role("button", name=f"Choose “{ONLINE}”").click()


def test_what_fits_is_told_and_chosen_with_a_click(page: Page, alice: User) -> None:
    sign_in(page, alice)
    open_page(page, "/profile/")
    find(page)
    expect(page.get_by_text("is received by Microsoft 365")).to_be_visible()
    expect(page.locator("#find [data-check-place]")).to_have_attribute("aria-live", "polite")
    expect(save_bar(page).get_by_text("Unsaved changes")).to_be_hidden()
    choose(page)
    chosen = page.get_by_role("radio", name=ONLINE, exact=True)
    expect(chosen).to_be_checked()
    expect(chosen).to_be_focused()
    expect(save_bar(page).get_by_text("Unsaved changes")).to_be_visible()
    assert EmailSettings.of(alice).method == "smtp"
    press(page, "Save")
    assert EmailSettings.of(alice).method == "exchange_online"


def test_a_second_click_looks_up_nothing_more(page: Page, alice: User, names: NameServer) -> None:
    names.delay = 0.4
    sign_in(page, alice)
    open_page(page, "/profile/")
    page.get_by_role("button", name="Find what fits the address").dblclick()
    expect(page.get_by_text("is received by Microsoft 365")).to_be_visible()
    assert len(DomainLookUps.objects.get().times) == 1


def test_the_keyboard_is_enough(page: Page, alice: User) -> None:
    sign_in(page, alice)
    open_page(page, "/profile/")
    for name in ("Find what fits the address", f"Choose “{ONLINE}”"):
        page.get_by_role("button", name=name).focus()
        page.keyboard.press("Enter")
    expect(page.get_by_role("radio", name=ONLINE, exact=True)).to_be_checked()


def test_what_is_typed_counts_and_stays(page: Page, alice: User) -> None:
    sign_in(page, alice)
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("alice@nowhere.example")
    find(page)
    expect(page.get_by_text("There is no domain nowhere.example. Check the address.")).to_be_visible()
    expect(field(page, "E-mail address")).to_have_value("alice@nowhere.example")


def test_without_scripts_it_works_as_well(page_without_scripts: Page, alice: User) -> None:
    page = page_without_scripts
    sign_in(page, make_superuser())
    page.goto(alice.get_absolute_url())
    find(page)
    expect(page.get_by_text("is received by Microsoft 365")).to_be_visible()
    choose(page)
    expect(page.get_by_role("radio", name=ONLINE, exact=True)).to_be_checked()
    assert EmailSettings.of(alice).method == "smtp"
