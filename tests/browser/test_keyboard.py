"""The keyboard alone is enough."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.session import sign_in
from tests.browser.steps import expect_message, field, open_page
from tests.factories import PASSWORD, make_superuser, make_user
from users.models import EmailSettings, User

FOCUSED = """() => {
    const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
    const card = document.activeElement.closest(".choice-card, tr");
    const around = getComputedStyle(document.activeElement.nextElementSibling ?? document.body);
    const seen = [[outlineStyle, outlineWidth], [around.outlineStyle, around.outlineWidth]];
    if (card) seen.push([getComputedStyle(card).outlineStyle, getComputedStyle(card).outlineWidth]);
    return seen.some(([style, width]) => style !== "none" && parseFloat(width) >= 2);
}"""
NAME = """() => {
    const { activeElement: element } = document;
    return element.labels?.[0]?.textContent.trim() ?? element.textContent.trim();
}"""


@pytest.fixture
def own_settings() -> dict[str, str]:
    return {"method": "exchange"}


def tab(page: Page, times: int) -> list[str]:
    """The names of what the focus visits; it must be visible on each."""
    names = []
    for _time in range(times):
        page.keyboard.press("Tab")
        names.append(page.evaluate(NAME))
        assert page.evaluate(FOCUSED), f"The focus can't be seen on {names[-1]}"
    return names


def test_the_focus_is_visible_and_follows_the_page(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("changed@example.com")
    page.locator("main").focus()
    assert tab(page, 13) == [
        "Check",
        "Check now",
        "Find what fits the address",
        "Send a test message to my address",
        "Check",
        "Server based, via Microsoft Exchange",
        "E-mail address",
        "User name (Exchange)",
        "Unlock to change",
        "Remove",
        "No copy",
        "Discard",
        "Save",
    ]


def test_the_first_stop_leads_past_the_navigation(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    assert tab(page, 1) == ["Skip to the content"]
    page.keyboard.press("Enter")
    assert tab(page, 1) == ["Check"]


def test_the_arrow_keys_choose_a_method(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    page.get_by_role("radio", name="Server based, via Microsoft Exchange", exact=True).focus()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Server based, via SMTP", exact=True)).to_be_checked()
    expect(page.locator("[data-part=account]")).to_be_hidden()
    assert page.evaluate(FOCUSED)


def test_the_enter_key_in_a_text_field_saves_and_does_not_unlock(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "User name (Exchange)").focus()
    field(page, "E-mail address").fill("new@example.com")
    page.keyboard.press("Enter")
    expect_message(page, "Your e-mail settings are saved.")
    expect(page.locator("input[type=password]")).to_have_count(0)
    assert EmailSettings.of(alice).address == "new@example.com"


def test_the_enter_key_in_an_open_padlock_saves(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    page.get_by_role("button", name="Unlock to change").focus()
    page.keyboard.press("Enter")
    expect(field(page, "Password (Exchange)")).to_be_focused()
    page.keyboard.type("typed by hand")
    page.keyboard.press("Enter")
    expect_message(page, "Your e-mail settings are saved.")
    assert EmailSettings.of(alice).open_secret("exchange_password").reveal() == "typed by hand"


def test_what_has_the_focus_is_not_under_the_save_bar(page: Page, alice: User) -> None:
    page.set_viewport_size({"width": 1280, "height": 500})
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("changed@example.com")
    page.locator("main").focus()
    for _stop in range(6):
        page.keyboard.press("Tab")
        covered = page.evaluate(
            """() => {
                const bar = document.querySelector("[data-save-bar]");
                const { activeElement: element } = document;
                const [lowest, highest] = [element.getBoundingClientRect().bottom, bar.getBoundingClientRect().top];
                return !bar.contains(element) && lowest > highest;
            }"""
        )
        assert not covered, page.evaluate(NAME)


def test_the_menus_open_and_close(page: Page) -> None:
    sign_in(page, make_superuser())
    open_page(page, "/profile/")
    page.get_by_role("button", name="System").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="System settings")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("link", name="System settings")).to_be_hidden()


def test_signs_in(page: Page) -> None:
    make_user("alice")
    open_page(page, "/profile/")
    expect(field(page, "Username")).to_be_focused()
    page.keyboard.type("alice")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="My e-mail settings")).to_be_visible()
