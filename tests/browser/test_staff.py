"""Administrators find users and edit them in the browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.session import sign_in
from tests.browser.steps import choose, expect_error, expect_message, field, open_page, press
from tests.factories import configure, make_settings, make_staff, make_superuser, make_user
from users.models import EmailSettings, User

EXCHANGE = "Server based, via Microsoft Exchange"


@pytest.fixture
def sam(page: Page) -> User:
    configure()
    sam = make_staff("sam")
    sign_in(page, sam)
    return sam


def open_user(page: Page, user: User) -> None:
    open_page(page, f"/users/{user.uid}/")


def test_finds_a_user_and_sets_everything(page: Page, sam: User) -> None:
    make_user("alice")
    bob = make_user("bob")
    open_page(page, "/users/")
    field(page, "Search").fill("baker")
    press(page, "Show")
    expect(page.get_by_role("link", name="Alice Archer")).to_have_count(0)
    page.get_by_role("link", name="Bob Baker").click()
    expect(page.get_by_role("heading", name="Bob Baker")).to_be_visible()

    choose(page, EXCHANGE)
    field(page, "E-mail address").fill("bob@example.com")
    field(page, "User name (Exchange)").fill("FIRM\\bob")
    page.get_by_text("Bcc", exact=True).click()
    press(page, "Unlock to enter")
    field(page, "Password (Exchange)").fill("from the administrator")
    press(page, "Save")

    expect_message(page, "The user's settings are saved.")
    expect(page.locator("#padlock-exchange_password")).to_contain_text("by you")
    expect(page.get_by_label("Status")).to_contain_text("1 thing left")
    stored = EmailSettings.of(bob)
    assert (stored.method, stored.address, stored.copy_mode) == ("exchange", "bob@example.com", "bcc")
    assert stored.exchange_username == "FIRM\\bob"
    assert stored.open_secret("exchange_password").reveal() == "from the administrator"


def test_edits_the_account_beside_the_settings(page: Page, sam: User) -> None:
    alice = make_user("alice")
    make_settings(alice)
    open_user(page, alice)
    field(page, "Job title").fill("Director")
    press(page, "Save")
    alice.refresh_from_db()
    assert alice.job_title == "Director"


def test_the_owner_sees_who_set_the_password(page: Page, sam: User) -> None:
    alice = make_user("alice")
    make_settings(alice, method="exchange").set_secret("exchange_password", "typed", by=sam)
    settings = EmailSettings.of(alice)
    settings.set_secret("exchange_password", "typed", by=sam)
    settings.save()
    sign_in(page, alice)
    open_page(page, "/profile/")
    expect(page.locator("#padlock-exchange_password")).to_contain_text("by Sam Staffer")


def test_adds_a_user_with_settings(page: Page, sam: User) -> None:
    open_page(page, "/users/")
    page.get_by_role("link", name="Add a user").click()
    field(page, "User name").fill("dora")
    field(page, "Password").fill("a good long password")
    field(page, "Password confirmation").fill("a good long password")
    field(page, "E-mail address").fill("dora@example.com")
    press(page, "Add the user")
    expect_message(page, "The user is added.")
    assert EmailSettings.of(User.objects.get(username="dora")).address == "dora@example.com"


def test_a_user_that_can_not_be_added_is_explained_at_every_field(page: Page, sam: User) -> None:
    open_page(page, "/users/add/")
    field(page, "User name").fill("sam")
    field(page, "Password").fill("a good long password")
    field(page, "Password confirmation").fill("another password")
    press(page, "Add the user")
    expect_error(page, "User name", "already exists")
    expect_error(page, "Password confirmation", "didn’t match")
    expect_error(page, "E-mail address", "every message is sent from it")
    expect(field(page, "User name")).to_be_focused()


# --- The list -------------------------------------------------------------------------------------------------------


def test_the_filters_stay_in_the_address(page: Page, sam: User) -> None:
    make_settings(make_user("alice"))
    make_settings(make_user("bob"), method="outlook", address="")
    open_page(page, "/users/")
    field(page, "E-mail method").select_option("outlook")
    press(page, "Show")
    expect(page.get_by_role("row")).to_have_count(2)
    open_page(page, page.url)
    expect(field(page, "E-mail method")).to_have_value("outlook")
    page.get_by_role("link", name="Clear").click()
    expect(page.get_by_role("row")).to_have_count(4)


def test_a_list_without_a_match_says_what_to_do(page: Page, sam: User) -> None:
    open_page(page, "/users/?q=nobody")
    expect(page.get_by_text("No user matches. Try another word, or fewer filters.")).to_be_visible()
    page.get_by_role("link", name="Show all users").click()
    expect(page.get_by_role("row")).to_have_count(2)


def test_pages_keep_the_filters(page: Page, sam: User) -> None:
    for number in range(55):
        User.objects.create_user(f"person{number:02}")
    open_page(page, "/users/?q=person")
    page.get_by_role("link", name="Next").click()
    expect(page.get_by_text("Page 2 of 2")).to_be_visible()
    expect(field(page, "Search")).to_have_value("person")


def test_the_whole_row_leads_to_the_user(page: Page, sam: User) -> None:
    make_settings(make_user("alice"))
    open_page(page, "/users/?q=alice")
    page.get_by_role("cell", name="alice@example.com").click(force=True)
    expect(page.get_by_role("heading", name="Alice Archer")).to_be_visible()


def test_a_superuser_is_out_of_reach_of_other_staff(page: Page, sam: User) -> None:
    root = make_superuser()
    open_page(page, "/users/?q=root")
    expect(page.get_by_role("link", name=root.display_name)).to_have_count(0)
    open_user(page, root)
    expect(page.get_by_role("heading", name="You may not open this page")).to_be_visible()
