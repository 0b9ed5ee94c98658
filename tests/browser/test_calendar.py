"""Activities and the calendar as people see them: closed, opened by a check, and closed again by a changed password."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.session import sign_in
from tests.browser.steps import expect_message, field, open_page, press
from tests.factories import checked, configure, in_days, make_activity, make_settings, make_staff, make_user
from tests.servers.ews_calendar import EwsCalendarServer
from users import tasks
from users.models import ActivityExport, User

PASSWORD, NEW_PASSWORD = "Pässwörd 5", "Pässwörd 6"
BY_DEFAULT, THIS_ONE = "Export activities to calendar program by default", "Export to the calendar program"


@pytest.fixture
def server(settings: Settings, transactional_db: None) -> Iterator[EwsCalendarServer]:
    with EwsCalendarServer(scheme="Basic", password=PASSWORD) as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        configure(exchange_url=server.address, exchange_auth="basic")
        yield server


@pytest.fixture
def alice(server: EwsCalendarServer, page: Page) -> User:
    """Everything is in place, and nobody has checked it yet."""
    alice = make_user("alice")
    make_settings(alice, method="exchange", exchange_username=server.username, exchange_password=PASSWORD)
    sign_in(page, alice)
    return alice


@pytest.fixture
def exported(alice: User, server: EwsCalendarServer) -> str:
    """The address of an activity that is in the calendar."""
    settings = {"exchange_username": server.username, "exchange_password": PASSWORD, "export_activities": True}
    checked(make_settings(alice, method="exchange", **settings))
    activity = make_activity(alice)
    tasks.export_due.call()
    return activity.get_absolute_url()


def calendar(page: Page, state: str) -> Locator:
    """The panel that says how the calendar stands."""
    return page.get_by_role("region", name=f"Calendar: {state}")


def check_now(page: Page) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.locator("[data-check-summary]")).to_have_text("The check passed.")


def add_activity(page: Page, subject: str) -> None:
    open_page(page, "/activities/add/")
    field(page, "Subject").fill(subject)
    for label, clock in (("Start", "09:00"), ("End", "10:00")):
        page.get_by_label(label, exact=True).fill(str(in_days(1)))
        page.get_by_label(f"{label} time").fill(clock)
    press(page, "Save")
    expect_message(page, "The activity is added.")


def test_it_is_closed_with_its_reasons_and_opened_by_a_check_that_passes(
    page: Page, alice: User, server: EwsCalendarServer
) -> None:
    open_page(page, "/activities/add/")
    expect(calendar(page, "closed until ready")).to_contain_text("Press “Check now”")
    expect(field(page, THIS_ONE)).to_be_disabled()
    calendar(page, "closed until ready").get_by_role("link", name="Check").click()
    expect(page).to_have_url("/profile/#check")
    expect(field(page, BY_DEFAULT)).to_be_disabled()

    check_now(page)
    open_page(page, "/profile/")
    expect(calendar(page, "open")).to_be_visible()
    field(page, BY_DEFAULT).check()
    press(page, "Save")
    add_activity(page, "Call the buyer")
    tasks.export_due.call()
    assert [item.fields["Subject"] for item in server.items.values()] == ["Call the buyer"]
    open_page(page, "/activities/")
    expect(page.get_by_role("row", name="Call the buyer")).to_contain_text("In the calendar")


def test_the_page_of_a_check_that_passes_says_so_at_once(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    expect(calendar(page, "closed until ready")).to_be_visible()
    expect(field(page, BY_DEFAULT)).to_be_disabled()
    check_now(page)
    expect(calendar(page, "open")).to_be_visible()
    field(page, BY_DEFAULT).check()
    check_now(page)
    expect(field(page, BY_DEFAULT)).to_be_checked()
    press(page, "Save")
    expect(field(page, BY_DEFAULT)).to_be_checked()


def test_a_changed_password_closes_it_and_nothing_is_lost(page: Page, exported: str, server: EwsCalendarServer) -> None:
    server.password = NEW_PASSWORD
    add_activity(page, "Visit the buyer")
    tasks.export_due.call()
    open_page(page, "/activities/")
    expect(calendar(page, "closed until ready")).to_contain_text("1 activity is waiting.")
    calendar(page, "closed until ready").get_by_role("link", name="Check").click()
    expect(page.get_by_role("region", name="Check", exact=True)).to_contain_text("does not accept")

    press(page, "Unlock to change")
    field(page, "Password (Exchange)").fill(NEW_PASSWORD)
    press(page, "Save")
    tasks.export_due.call()
    assert len(server.items) == 1, "Nobody has checked the new one."
    expect(calendar(page, "closed until ready")).to_be_visible()

    check_now(page)
    tasks.export_due.call()
    assert {item.fields["Subject"] for item in server.items.values()} == {"Call the buyer", "Visit the buyer"}


def test_what_was_removed_in_outlook_comes_back_at_a_click(
    page: Page, exported: str, server: EwsCalendarServer
) -> None:
    server.remove(server.only.item_id)
    open_page(page, exported)
    field(page, "Subject").fill("Visit the buyer")
    press(page, "Save")
    tasks.export_due.call()
    open_page(page, exported)
    expect(page.get_by_role("region", name="Removed in the calendar program")).to_contain_text(
        "does not come back by itself"
    )
    press(page, "Export again")
    expect_message(page, "The activity is on its way to the calendar.")
    tasks.export_due.call()
    assert server.only.fields["Subject"] == "Visit the buyer"
    open_page(page, exported)
    expect(page.get_by_role("region", name="In the calendar")).to_be_visible()


def test_a_time_that_was_set_in_outlook_is_overwritten_only_after_saying_so(
    page: Page, exported: str, server: EwsCalendarServer
) -> None:
    start = server.only.start
    server.shift(server.only.item_id, timedelta(hours=3))
    open_page(page, exported)
    field(page, "Place").fill("Hall 3")
    press(page, "Save")
    tasks.export_due.call()
    assert server.only.start == start + timedelta(hours=3)
    open_page(page, exported)
    expect(page.get_by_role("region", name="Its time was changed in the calendar program")).to_be_visible()
    press(page, "Overwrite the time there")
    tasks.export_due.call()
    assert server.only.start == start


def test_a_pause_is_told_to_the_user_and_to_the_staff(page: Page, exported: str, server: EwsCalendarServer) -> None:
    server.fault = lambda _operation: "ErrorAccessDenied"
    open_page(page, exported)
    field(page, "Place").fill("Hall 3")
    press(page, "Save")
    tasks.export_due.call()
    open_page(page, "/activities/")
    paused = calendar(page, "paused")
    expect(paused).to_contain_text("does not let this account write into your calendar")
    expect(paused).to_contain_text("1 activity is waiting.")
    expect(paused.get_by_role("link", name="To the e-mail settings")).to_have_attribute("href", "/profile/#check")
    owner = ActivityExport.objects.get().owner
    sign_in(page, make_staff())
    for address in (f"/users/{owner.uid}/activities/", f"/users/{owner.uid}/"):
        open_page(page, address)
        expect(calendar(page, "paused")).to_contain_text("does not let this account write")
