"""The system-wide pages: what a change does is shown before it is done."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.session import sign_in
from tests.browser.steps import (
    choose,
    expect_error,
    expect_message,
    field,
    open_page,
    press,
    press_for_effect,
    save_bar,
    wait_for_editor,
    write_signature,
)
from tests.factories import (
    CLIENT_ID,
    TENANT_ID,
    checked,
    configure,
    make_settings,
    make_superuser,
    make_template,
    make_user,
)
from users.models import EntraAppRegistration, SignatureTemplate, SystemSettings, User

OUTLOOK = "Client based, via Microsoft Outlook"
CONFIRM = "Save with this effect"


@pytest.fixture
def root(page: Page) -> User:
    configure()
    root = make_superuser()
    sign_in(page, root)
    return root


def test_a_change_shows_its_effect_and_is_saved_on_confirmation(page: Page, root: User) -> None:
    make_settings(make_user("alice"), method="")
    open_page(page, "/system/")
    choose(page, OUTLOOK)
    effect = press_for_effect(page, "Save")
    expect(effect).to_contain_text("2 users change from “Server based, via SMTP” to “Client based, via Microsoft")
    assert SystemSettings.load().sending_method == "smtp"
    press(page, CONFIRM)
    expect_message(page, "The system settings are saved.")
    assert SystemSettings.load().sending_method == "outlook"


def test_a_password_that_was_typed_stays_while_the_effect_is_shown(page: Page, root: User) -> None:
    configure(smtp_username="mailer")
    checked(make_settings(make_user("alice")))
    open_page(page, "/system/")
    press(page, "Unlock to change")
    field(page, "Password (SMTP)").fill("another one")
    expect(press_for_effect(page, "Save")).to_contain_text("1 user who is ready will have to be checked again.")
    choose(page, OUTLOOK)
    effect = press_for_effect(page, CONFIRM)
    expect(effect).to_contain_text("1 user changes from")
    choose(page, "Server based, via SMTP")
    press_for_effect(page, CONFIRM)
    expect(effect).not_to_contain_text("1 user changes from")
    press(page, CONFIRM)
    expect_message(page, "The system settings are saved.")
    assert SystemSettings.load().open_secret("smtp_password").reveal() == "another one"


def test_an_effect_can_be_given_up(page: Page, root: User) -> None:
    open_page(page, "/system/")
    choose(page, OUTLOOK)
    press_for_effect(page, "Save")
    page.get_by_role("link", name="Discard").click()
    expect(page.get_by_role("radio", name="Server based, via SMTP", exact=True)).to_be_checked()
    expect(save_bar(page)).to_be_hidden()


def test_a_change_without_effect_is_saved_at_once(page: Page, root: User) -> None:
    open_page(page, "/system/")
    field(page, "Allowed domains").fill("example.com\nexample.org")
    press(page, "Save")
    expect_message(page, "The system settings are saved.")
    assert SystemSettings.load().allowed_domain_list == ["example.com", "example.org"]


def test_the_smtp_password_has_a_padlock(page: Page, root: User) -> None:
    configure(smtp_username="mailer")
    open_page(page, "/system/")
    press(page, "Unlock to change")
    field(page, "Password (SMTP)").fill("another one")
    press(page, "Save")
    expect(page.locator("[name=smtp_password]")).to_have_count(0)
    assert SystemSettings.load().open_secret("smtp_password").reveal() == "another one"


def test_wrong_values_are_explained_at_their_fields(page: Page, root: User) -> None:
    open_page(page, "/system/")
    field(page, "SMTP server").fill("https://smtp.example.com/")
    field(page, "Port").fill("99999")
    field(page, "Exchange server (EWS address)").fill("mail.example.com")
    press(page, "Save")
    expect_error(page, "SMTP server", "without https://")
    expect_error(page, "Port", "65535")
    expect_error(page, "Exchange server (EWS address)", "Enter the whole address with https://")


def test_registers_the_application_with_the_help_of_the_guide(page: Page, root: User) -> None:
    open_page(page, "/system/entra/")
    expect(page.get_by_label("Status")).to_contain_text("Not complete yet")
    expect(page.get_by_role("heading", name="Register the application")).to_be_visible()
    field(page, "Directory (tenant) ID").fill(TENANT_ID)
    field(page, "Application (client) ID").fill(CLIENT_ID)
    page.locator("#padlock-client_secret").get_by_role("button", name="Unlock to enter").click()
    field(page, "Client secret").fill("the~value")
    field(page, "Client secret ends on").fill("2099-12-31")
    press(page, "Save")
    expect_message(page, "The app registration is saved.")
    expect(page.get_by_label("Status")).to_contain_text("Nothing is missing for the chosen access.")
    assert EntraAppRegistration.load().open_secret("client_secret").reveal() == "the~value"


def test_the_guide_follows_the_saved_access(page: Page, root: User) -> None:
    open_page(page, "/system/entra/")
    expect(page.get_by_text("Redirect address", exact=True)).to_be_visible()
    choose(page, "Client secret or certificate")
    press(page, "Save")
    expect(page.get_by_text("Redirect address", exact=True)).to_have_count(0)
    expect(page.get_by_text("Decide which mailboxes the application may use")).to_be_visible()


def test_the_values_of_the_guide_can_be_copied(page: Page, root: User) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    open_page(page, "/system/entra/")
    page.get_by_role("button", name="Copy Mail.Send").click()
    expect(page.get_by_role("button", name="Copied Mail.Send")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Mail.Send"


# --- Company signatures ---------------------------------------------------------------------------------------------


def test_without_company_signatures_the_page_says_what_to_do_first(page: Page, root: User) -> None:
    open_page(page, "/system/signatures/")
    expect(page.get_by_text("There is no company signature yet.")).to_be_visible()
    page.get_by_role("link", name="Add a company signature").first.click()
    field(page, "Name").fill("Letterhead")
    wait_for_editor(page)
    write_signature(page, "<p>{{ name }}</p>")
    press(page, "Save")
    expect(page.get_by_role("link", name="Letterhead")).to_be_visible()


def test_deletes_a_company_signature_after_a_question(page: Page, root: User) -> None:
    template = make_template()
    open_page(page, template.get_absolute_url())
    page.get_by_role("link", name="Delete").click()
    press(page, "Delete")
    expect_message(page, "The company signature is deleted.")
    assert not SignatureTemplate.objects.exists()


def test_a_signature_starts_from_a_company_signature(page: Page, root: User) -> None:
    make_template(name="Letterhead", html="<p>{{ name }}</p>")
    open_page(page, "/profile/signature/")
    press(page, "Letterhead")
    expect(field(page, "E-mail signature")).to_have_value("<p>Root Other</p>")
    expect(save_bar(page)).to_contain_text("Unsaved changes")
    press(page, "Save")
    expect_message(page, "Your signature is saved.")
