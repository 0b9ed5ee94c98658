"""Light and dark, narrow and wide."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from tests.browser.looks import Look, in_every_look, on_a_phone
from tests.browser.session import sign_in
from tests.browser.steps import field, open_page, save_bar
from tests.factories import make_superuser
from users.models import User


def expect_theme(page: Page, name: str) -> None:
    expect(page.locator("html")).to_have_attribute("data-bs-theme", name)


@in_every_look
def test_follows_the_system(page: Page, look: Look, alice: User) -> None:
    open_page(page, "/profile/")
    expect_theme(page, look.colors)


def test_the_switch_is_remembered(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    page.get_by_role("button", name="Switch between light and dark").click()
    expect_theme(page, "dark")
    open_page(page, "/profile/signature/")
    expect_theme(page, "dark")


def test_switching_back_follows_the_system_again(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    for _time in range(2):
        page.get_by_role("button", name="Switch between light and dark").click()
    page.emulate_media(color_scheme="dark")
    expect_theme(page, "dark")


def test_after_a_visit_to_the_django_admin_pages_still_follow_the_system(page: Page) -> None:
    sign_in(page, make_superuser())
    page.goto("/admin/")
    expect(page.locator("html")).to_have_attribute("data-theme", "auto")
    page.emulate_media(color_scheme="dark")
    open_page(page, "/profile/")
    expect_theme(page, "dark")


def test_the_site_learns_the_time_zone_of_the_computer(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    told = {cookie.get("name"): cookie.get("value") for cookie in page.context.cookies()}
    assert told["zone"] == page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")


@on_a_phone
def test_a_phone_shows_the_status_before_the_form(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    status, form = page.get_by_label("Status").bounding_box(), page.locator("[data-settings-form]").bounding_box()
    assert status is not None
    assert form is not None
    assert status["y"] < form["y"]


@on_a_phone
def test_a_phone_shows_the_save_bar_at_its_lower_edge(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("new@example.com")
    expect(save_bar(page)).to_be_in_viewport(ratio=1)


@on_a_phone
def test_a_phone_has_a_menu(page: Page) -> None:
    sign_in(page, make_superuser())
    open_page(page, "/profile/")
    link = page.get_by_role("link", name="Users")
    expect(link).to_be_hidden()
    page.get_by_role("button", name="Menu").click()
    link.click()
    expect(page.get_by_role("heading", name="Users")).to_be_visible()
