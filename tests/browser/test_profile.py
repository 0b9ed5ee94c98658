"""The own profile page: what it shows, and how it saves."""

from __future__ import annotations

from playwright.sync_api import Page, Request, expect
from pytest_django.fixtures import Settings

from tests.browser.steps import choose, expect_error, expect_message, field, open_page, press, save_bar
from tests.factories import SMTP_PASSWORD, configure, make_settings
from tests.servers.smtp import SmtpServer
from users.models import EmailSettings, User

TEST_MESSAGE = "Send a test message to my address"


def posts(page: Page) -> list[Request]:
    """The requests that the page sends by POST from now on."""
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.method == "POST" else None)
    return sent


def test_shows_each_value_in_force_and_its_source(page: Page, alice: User) -> None:
    make_settings(alice, method="", copy_mode="bcc")
    open_page(page, "/profile/")
    values = page.get_by_label("Values in force")
    expect(values).to_contain_text("Server based, via SMTP from the system settings")
    expect(values).to_contain_text("alice@example.com own setting")
    expect(values).to_contain_text("smtp.example.com:587 from the system settings")
    expect(page.get_by_label("As the system setting (now: Server based, via SMTP)")).to_be_checked()


def test_the_home_page_leads_to_the_own_settings(page: Page, alice: User) -> None:
    page.goto("/")
    expect(page).to_have_title("My e-mail settings – Mail Settings")


def test_saves_what_was_changed(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("alice.archer@example.com")
    page.get_by_text("Copy (CC)", exact=True).first.click()
    press(page, "Save")
    expect_message(page, "Your e-mail settings are saved.")
    expect(page.get_by_label("Values in force")).to_contain_text("alice.archer@example.com")
    stored = EmailSettings.of(alice)
    assert (stored.address, stored.copy_mode) == ("alice.archer@example.com", "cc")


def test_the_save_bar_shows_while_something_is_changed(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    expect(save_bar(page)).to_be_hidden()
    field(page, "E-mail address").fill("someone@example.com")
    expect(save_bar(page)).to_be_visible()
    expect(save_bar(page)).to_be_in_viewport()
    expect(save_bar(page)).to_contain_text("Unsaved changes")
    field(page, "E-mail address").fill("alice@example.com")
    expect(save_bar(page)).to_be_hidden()


def test_the_save_bar_is_gone_after_saving(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("someone@example.com")
    press(page, "Save")
    expect(save_bar(page)).to_be_hidden()


def test_discards_what_was_typed(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("someone@example.com")
    page.get_by_role("link", name="Discard").click()
    expect(field(page, "E-mail address")).to_have_value("alice@example.com")
    expect(save_bar(page)).to_be_hidden()


def test_the_back_button_shows_what_is_stored_now(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    page.get_by_role("link", name="Signature").click()
    page.wait_for_url("**/profile/signature/")
    EmailSettings.objects.update(address="changed@example.com")
    page.go_back()
    expect(field(page, "E-mail address")).to_have_value("changed@example.com")


def test_a_refused_form_keeps_what_was_typed_and_leads_to_the_first_error(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("Alice <alice@example.com>")
    press(page, "Save")
    expect(page.get_by_text("Nothing is saved yet. Please mend what is marked below.")).to_be_visible()
    expect(field(page, "E-mail address")).to_have_value("Alice <alice@example.com>")
    expect(field(page, "E-mail address")).to_be_focused()
    expect(field(page, "E-mail address")).to_have_attribute("aria-invalid", "true")
    expect(save_bar(page)).to_contain_text("Unsaved changes")
    assert EmailSettings.of(alice).address == "alice@example.com"


def test_an_empty_address_is_explained_in_a_sentence(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    field(page, "E-mail address").fill("")
    press(page, "Save")
    expect_error(page, "E-mail address", "every message is sent from it.")


def test_a_second_click_sends_nothing_more(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    sent = posts(page)
    field(page, "E-mail address").fill("someone@example.com")
    page.get_by_role("button", name="Save").dblclick()
    expect_message(page, "Your e-mail settings are saved.")
    assert len(sent) == 1


def test_two_people_saving_the_same_settings_both_see_both_values(page: Page, alice: User) -> None:
    other = page.context.new_page()
    open_page(page, "/profile/")
    open_page(other, "/profile/")
    field(other, "E-mail address").fill("theirs@example.com")
    press(other, "Save")
    field(page, "E-mail address").fill("mine@example.com")
    press(page, "Save")
    conflict = page.get_by_role("alert")
    expect(conflict).to_be_focused()
    expect(conflict).to_contain_text("theirs@example.com mine@example.com")
    assert EmailSettings.of(alice).address == "theirs@example.com"
    press(page, "Save")
    expect_message(page, "Your e-mail settings are saved.")
    assert EmailSettings.of(alice).address == "mine@example.com"


def test_a_conflict_can_be_given_up(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    EmailSettings.objects.update(address="theirs@example.com", version=7)
    field(page, "E-mail address").fill("mine@example.com")
    press(page, "Save")
    page.get_by_role("link", name="Discard").click()
    expect(field(page, "E-mail address")).to_have_value("theirs@example.com")
    expect(page.get_by_role("alert")).to_have_count(0)


def test_what_the_administrator_keeps_can_be_read_and_not_changed(page: Page, alice: User) -> None:
    configure(users_may_choose_method=False, users_may_edit_address=False)
    open_page(page, "/profile/")
    expect(page.get_by_text("Your administrator sets this.")).to_have_count(2)
    expect(field(page, "E-mail address")).to_be_disabled()
    expect(page.get_by_role("radio", name="Server based, via SMTP", exact=True)).to_be_disabled()
    expect(page.get_by_role("radio", name="Server based, via Microsoft Exchange", exact=True)).to_be_hidden()


def test_tells_what_is_missing_and_leads_there(page: Page, alice: User) -> None:
    make_settings(alice, address="")
    open_page(page, "/profile/")
    status = page.get_by_label("Status")
    expect(status.get_by_role("heading", name="2 things left")).to_be_visible()
    status.get_by_role("link", name="E-mail address").click()
    expect(field(page, "E-mail address")).to_be_in_viewport()


def test_exchange_online_without_a_registration_says_whom_to_ask(page: Page, alice: User) -> None:
    open_page(page, "/profile/")
    choose(page, "Server based, via Microsoft Exchange Online")
    press(page, "Save")
    expect(page.get_by_text("Ask your administrator to complete it, or choose another method.")).to_be_visible()


# --- The test message -----------------------------------------------------------------------------------------------


def test_the_test_message_arrives(page: Page, alice: User, settings: Settings) -> None:
    make_settings(alice, copy_mode="cc", signature_html="<p>Alice <b>Archer</b></p>", signature_text="Alice Archer")
    with SmtpServer(username="mailer", password=SMTP_PASSWORD) as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        configure(smtp_host=server.host, smtp_port=server.port, smtp_username="mailer")
        open_page(page, "/profile/")
        press(page, TEST_MESSAGE)
        expect_message(page, "The test message is sent. Look for it in your mailbox.")
    [received] = server.received
    assert received.sender == "alice@example.com"
    assert received.recipients == ["alice@example.com"]
    assert b"Alice Archer" in received.content
    assert b"<b>Archer</b>" in received.content


def test_a_failed_test_message_says_what_is_wrong_and_what_to_do(page: Page, alice: User, settings: Settings) -> None:
    with SmtpServer(username="mailer", password="another password") as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        configure(smtp_host=server.host, smtp_port=server.port, smtp_username="mailer")
        open_page(page, "/profile/")
        press(page, TEST_MESSAGE)
        message = page.locator(".site-message")
        expect(message).to_contain_text("does not accept the user name and password.")
        expect(message.locator("br")).to_have_count(1)
    assert server.received == []


def test_there_is_no_test_message_while_something_is_missing(page: Page, alice: User) -> None:
    make_settings(alice, address="")
    open_page(page, "/profile/")
    expect(page.get_by_role("button", name=TEST_MESSAGE)).to_have_count(0)
    expect(page.get_by_text("Once all settings are in place")).to_be_visible()
