"""The whole life of a stored password, as it shows on the page."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.steps import expect_message, field, let_sign_in_grow_old, open_page, press, save_bar
from tests.factories import EXCHANGE_PASSWORD, PASSWORD, make_settings
from users.models import EmailSettings, User

TYPED = " new pässword "
LABEL = "Password (Exchange)"
OWN_PASSWORD = "Your sign-in password"


@pytest.fixture
def own_settings() -> dict[str, str]:
    return {"method": "exchange"}


def stored_password(user: User) -> str:
    return EmailSettings.of(user).open_secret("exchange_password").reveal()


def padlock(page: Page) -> Locator:
    return page.locator("#padlock-exchange_password")


def inputs(page: Page) -> Locator:
    return page.locator("input[type=password], [name=exchange_password]")


def test_while_locked_there_is_nothing_to_fill_in_or_to_post(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    expect(padlock(page)).to_contain_text("Set on")
    expect(padlock(page)).to_contain_text("by you.")
    expect(inputs(page)).to_have_count(0)
    content = page.content()
    assert EXCHANGE_PASSWORD not in content
    assert EmailSettings.of(alice).exchange_password not in content


def test_unlock_type_save_and_it_is_locked_again(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Unlock to change")
    expect(field(page, LABEL)).to_be_focused()
    expect(field(page, LABEL)).to_have_value("")
    expect(field(page, LABEL)).to_have_attribute("autocomplete", "new-password")
    field(page, LABEL).fill(TYPED)
    press(page, "Save")
    expect_message(page, "Your e-mail settings are saved.")
    expect(inputs(page)).to_have_count(0)
    assert stored_password(alice) == TYPED


def test_saving_an_open_and_empty_padlock_keeps_the_password(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Unlock to change")
    press(page, "Save")
    assert stored_password(alice) == EXCHANGE_PASSWORD


def test_reloading_locks_it_again(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Unlock to change")
    open_page(page, "/profile/")
    expect(inputs(page)).to_have_count(0)


def test_unlocking_keeps_what_was_typed_elsewhere(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("half typed")
    press(page, "Unlock to change")
    expect(field(page, "E-mail address")).to_have_value("half typed")
    expect(save_bar(page)).to_contain_text("Unsaved changes")


def test_says_that_a_password_is_not_set(page: Page, alice: User) -> None:
    make_settings(alice, method="exchange", exchange_password="")
    open_page(page, "/profile/")
    expect(padlock(page)).to_contain_text("Not set.")
    expect(page.get_by_role("button", name="Remove")).to_have_count(0)
    press(page, "Unlock to enter")
    field(page, LABEL).fill(TYPED)
    press(page, "Save")
    assert stored_password(alice) == TYPED


def test_a_refused_form_does_not_send_the_typed_password_back(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Unlock to change")
    field(page, LABEL).fill(TYPED)
    field(page, "E-mail address").fill("nonsense")
    press(page, "Save")
    expect(field(page, LABEL)).to_have_value("")
    assert TYPED not in page.content()
    assert stored_password(alice) == EXCHANGE_PASSWORD


# --- The own password -----------------------------------------------------------------------------------------------


def test_asks_for_the_own_password_when_the_sign_in_is_old(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")
    expect(field(page, OWN_PASSWORD)).to_be_focused()
    expect(field(page, OWN_PASSWORD)).to_have_attribute("autocomplete", "current-password")
    expect(page.locator("[name=exchange_password]")).to_have_count(0)
    field(page, OWN_PASSWORD).fill(PASSWORD)
    press(page, "Unlock")
    expect(field(page, LABEL)).to_be_focused()
    expect(field(page, OWN_PASSWORD)).to_have_count(0)


def test_the_enter_key_confirms_the_own_password(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")
    field(page, OWN_PASSWORD).fill(PASSWORD)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(field(page, LABEL)).to_be_focused()


def test_a_wrong_own_password_unlocks_nothing(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")
    field(page, OWN_PASSWORD).fill("wrong")
    press(page, "Unlock")
    expect(padlock(page)).to_contain_text("This is not your sign-in password.")
    expect(field(page, OWN_PASSWORD)).to_be_focused()
    expect(page.locator("[name=exchange_password]")).to_have_count(0)


def test_it_can_stay_locked_after_all(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")
    press(page, "Keep locked")
    expect(inputs(page)).to_have_count(0)
    expect(page.get_by_role("button", name="Unlock to change")).to_be_visible()


# --- Removing -------------------------------------------------------------------------------------------------------


def test_removing_is_announced_and_can_be_taken_back(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Remove")
    expect(padlock(page)).to_contain_text("Will be removed when you save.")
    expect(padlock(page)).to_be_in_viewport()
    assert stored_password(alice) == EXCHANGE_PASSWORD
    press(page, "Keep it")
    expect(padlock(page)).to_contain_text("Set on")
    press(page, "Save")
    assert stored_password(alice) == EXCHANGE_PASSWORD


def test_a_removed_password_that_is_needed_is_told_as_missing(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    press(page, "Remove")
    press(page, "Save")
    expect_message(page, "Your e-mail settings are saved.")
    expect(padlock(page)).to_contain_text("Not set.")
    # Once among what is left, and once among what keeps the calendar closed.
    expect(page.get_by_label("Status").get_by_role("link", name=LABEL)).to_have_count(2)
    assert EmailSettings.of(alice).exchange_password == ""


def test_a_password_that_can_not_be_read_any_more_has_to_be_entered_again(page: Page, alice: User) -> None:
    EmailSettings.objects.update(exchange_password="v1.deadbeef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    open_page(page, "/profile/")
    expect(padlock(page)).to_contain_text("enter it again")
    press(page, "Unlock to change")
    field(page, LABEL).fill(TYPED)
    press(page, "Save")
    assert stored_password(alice) == TYPED
