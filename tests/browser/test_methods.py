"""Choosing a method: what belongs to it shows at once, what does not goes away and is not sent."""

from __future__ import annotations

from urllib.parse import parse_qs

from playwright.sync_api import Locator, Page, expect

from tests.browser.session import sign_in
from tests.browser.steps import choose, field, open_page, press, save_bar
from tests.factories import configure, make_settings, make_superuser, register
from users.methods import METHODS
from users.models import EmailSettings, Installation, User

EXCHANGE = "Server based, via Microsoft Exchange"
EXCHANGE_ONLINE = "Server based, via Microsoft Exchange Online"
SMTP = "Server based, via SMTP"
OUTLOOK = "Client based, via Microsoft Outlook"
REMOVED = "user name and password are removed when you save"


def account(page: Page) -> Locator:
    return page.locator("[data-part=account]")


def test_each_method_shows_its_fields_at_once(page: Page, alice: User) -> None:
    register(flow="password")
    flow = Installation.load().registration.flow
    open_page(page, "/profile/")
    for method in METHODS.values():
        choose(page, method.label)
        expect(account(page)).to_be_visible(visible=method.asks_for_account(flow))
        expect(field(page, "Copy (CC)")).to_be_enabled(enabled=method.can_copy)


def test_an_inherited_method_shows_its_fields_too(page: Page, alice: User) -> None:
    configure(sending_method="exchange")
    open_page(page, "/profile/")
    expect(account(page)).to_be_hidden()
    choose(page, f"As the system setting (now: {EXCHANGE})")
    expect(account(page)).to_be_visible()


def test_nothing_hidden_is_posted(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    choose(page, EXCHANGE)
    field(page, "User name (Exchange)").fill("FIRM\\alice")
    choose(page, OUTLOOK)
    with page.expect_request(lambda request: request.method == "POST") as posted:
        press(page, "Save")
    names = parse_qs(posted.value.post_data or "", keep_blank_values=True).keys()
    assert {"method", "address", "version"} <= names
    assert not {"exchange_username", "exchange_password", "copy_mode"} & names
    assert EmailSettings.of(alice).method == "outlook"


def test_outlook_keeps_the_copies_in_view_with_the_reason(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    reason = page.get_by_text("Not available with Microsoft Outlook")
    expect(reason).to_be_hidden()
    choose(page, OUTLOOK)
    expect(reason).to_be_visible()
    expect(page.get_by_text("No copy", exact=True).first).to_be_visible()


def test_says_before_saving_that_the_stored_password_goes(page: Page, alice: User) -> None:
    make_settings(alice, method="exchange")
    open_page(page, "/profile/")
    expect(page.get_by_text(REMOVED)).to_be_hidden()
    choose(page, SMTP)
    expect(page.get_by_text(REMOVED)).to_be_visible()
    press(page, "Save")
    expect(page.get_by_text(REMOVED)).to_have_count(0)
    assert EmailSettings.of(alice).exchange_password == ""


def test_going_back_to_the_stored_method_takes_the_notice_and_the_bar_away(page: Page, alice: User) -> None:
    make_settings(alice, method="exchange")
    open_page(page, "/profile/")
    choose(page, SMTP)
    choose(page, EXCHANGE)
    expect(page.get_by_text(REMOVED)).to_be_hidden()
    expect(save_bar(page)).to_be_hidden()


def test_nothing_is_said_of_a_password_that_was_never_stored(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    choose(page, OUTLOOK)
    expect(page.get_by_text(REMOVED)).to_have_count(0)


def test_exchange_online_says_why_it_needs_no_password(page: Page, alice: User) -> None:
    register(flow="application")
    open_page(page, "/profile/")
    reason = page.get_by_text("Not needed: the app registration uses “Client secret or certificate”")
    expect(reason).to_be_hidden()
    choose(page, EXCHANGE_ONLINE)
    expect(reason).to_be_visible()
    expect(account(page)).to_be_hidden()
    press(page, "Save")
    assert EmailSettings.of(alice).method == "exchange_online"


def test_the_addresses_of_a_custom_cloud_show_for_a_custom_cloud_only(page: Page) -> None:
    sign_in(page, make_superuser())
    open_page(page, "/system/entra/")
    addresses = field(page, "Sign-in address (authority)")
    expect(addresses).to_be_hidden()
    field(page, "Cloud").select_option("custom")
    expect(addresses).to_be_visible()
    field(page, "Cloud").select_option("china")
    expect(addresses).to_be_hidden()
