"""Everything works where JavaScript is off."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.session import sign_in
from tests.browser.steps import choose, field
from tests.factories import PASSWORD, configure, make_settings, make_superuser, make_user
from tests.pictures import png
from users.models import EmailSettings, SystemSettings, User

EXCHANGE = "Server based, via Microsoft Exchange"
SMTP = "Server based, via SMTP"


@pytest.fixture
def page(page_without_scripts: Page) -> Page:
    return page_without_scripts


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def test_signs_in_and_out(page: Page) -> None:
    make_user("alice")
    page.goto("/profile/")
    field(page, "Username").fill("alice")
    field(page, "Password").fill(PASSWORD)
    press(page, "Sign in")
    expect(page.get_by_role("heading", name="My e-mail settings")).to_be_visible()


def test_the_bar_that_saves_is_always_there(page: Page, alice: User) -> None:
    page.goto("/profile/")
    field(page, "E-mail address").fill("new@example.com")
    press(page, "Save")
    expect(page.get_by_text("Your e-mail settings are saved.")).to_be_visible()
    assert EmailSettings.of(alice).address == "new@example.com"


def test_saving_another_method_shows_its_fields_with_what_is_missing(page: Page, alice: User) -> None:
    page.goto("/profile/")
    choose(page, EXCHANGE)
    press(page, "Save")
    expect(field(page, "User name (Exchange)")).to_be_visible()
    expect(page.get_by_text("Enter the user name that signs in to Exchange")).to_be_visible()
    expect(page.get_by_text("Enter the Exchange password: press Unlock, then type it.")).to_be_visible()


def test_a_button_shows_the_fields_of_the_chosen_method(page: Page, alice: User) -> None:
    page.goto("/profile/")
    choose(page, EXCHANGE)
    press(page, "Show the fields of the chosen method")
    field(page, "User name (Exchange)").fill("FIRM\\alice")
    press(page, "Unlock to enter")
    field(page, "Password (Exchange)").fill("typed without scripts")
    press(page, "Save")
    expect(page.get_by_text("Your e-mail settings are saved.")).to_be_visible()
    assert EmailSettings.of(alice).open_secret("exchange_password").reveal() == "typed without scripts"


def test_the_same_button_says_what_would_be_removed(page: Page, alice: User) -> None:
    make_settings(alice, method="exchange")
    page.goto("/profile/")
    choose(page, SMTP)
    press(page, "Show the fields of the chosen method")
    expect(page.get_by_text("user name and password are removed when you save")).to_be_visible()
    expect(page.locator("[data-part=account]")).to_be_hidden()


def test_the_enter_key_saves(page: Page, alice: User) -> None:
    page.goto("/profile/")
    field(page, "E-mail address").fill("new@example.com")
    field(page, "E-mail address").press("Enter")
    expect(page.get_by_text("Your e-mail settings are saved.")).to_be_visible()


def test_an_effect_is_shown_and_confirmed(page: Page) -> None:
    configure()
    sign_in(page, make_superuser())
    page.goto("/system/")
    choose(page, EXCHANGE)
    press(page, "Save")
    expect(page.get_by_text("This change has an effect on users.")).to_be_visible()
    press(page, "Save with this effect")
    expect(page.get_by_text("The system settings are saved.")).to_be_visible()
    assert SystemSettings.load().sending_method == "exchange"


def test_the_addresses_of_a_custom_cloud_are_in_view(page: Page) -> None:
    sign_in(page, make_superuser())
    page.goto("/system/entra/")
    expect(field(page, "Sign-in address (authority)")).to_be_visible()
    expect(page.get_by_role("button", name="Copy Mail.Send")).to_have_count(0)


# --- The signature --------------------------------------------------------------------------------------------------


def test_a_signature_is_written_as_html_and_previewed_once_saved(page: Page, alice: User) -> None:
    page.goto("/profile/signature/")
    field(page, "E-mail signature").fill('<p style="color: #24666b">Alice</p>')
    press(page, "Save")
    expect(page.get_by_text("Your signature is saved.")).to_be_visible()
    preview = page.frame_locator("iframe[name=signature-preview]")
    expect(preview.get_by_text("Alice")).to_have_css("color", "rgb(36, 102, 107)")
    page.locator("label", has_text="Plain text").last.click()
    press(page, "Show")
    expect(preview.locator("pre")).to_have_text("Alice")


def test_outlooks_files_are_read_by_a_button(page: Page, alice: User) -> None:
    page.goto("/profile/signature/")
    page.get_by_text("Take it from Outlook’s files").click()
    html = b'<p>From Outlook <img src="A_files/image001.png" width="120" alt="Logo"></p>'
    field(page, "Files of the signature").set_input_files(
        [
            FilePayload(name="A.htm", mimeType="text/html", buffer=html),
            FilePayload(name="image001.png", mimeType="image/png", buffer=png()),
        ]
    )
    press(page, "Read the files")
    expect(field(page, "E-mail signature")).to_have_value(re.compile(r'From Outlook <img src="cid:\w+@signature"'))
    press(page, "Save")
    expect(page.frame_locator("iframe[name=signature-preview]").get_by_role("img", name="Logo")).to_be_visible()
    assert alice.signature_images.get().is_used


def test_the_plain_text_can_be_written_by_hand(page: Page, alice: User) -> None:
    make_settings(alice, signature_html="<p>Alice</p>", signature_text="Alice")
    page.goto("/profile/signature/")
    page.get_by_text("Written by hand").click()
    press(page, "Save")
    page.locator("textarea[name=signature_text]").fill("By hand")
    press(page, "Save")
    assert EmailSettings.of(alice).signature_text == "By hand"
