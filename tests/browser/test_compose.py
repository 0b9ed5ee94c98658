"""The built-in client: writing, attaching and sending, with the mouse, the keyboard, and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.session import sign_in
from tests.browser.steps import expect_error, field, open_page, press
from tests.factories import configure, make_settings, make_user
from tests.servers.smtp import SmtpServer
from users.models import User

FILES = [
    FilePayload(name="a.txt", mimeType="text/plain", buffer=b"one"),
    FilePayload(name="b.txt", mimeType="text/plain", buffer=b"two"),
]


@pytest.fixture
def server(settings: Settings, transactional_db: None) -> Iterator[SmtpServer]:
    """A mail server that the system settings name."""
    with SmtpServer() as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        configure(smtp_host=server.host, smtp_port=server.port)
        yield server


@pytest.fixture
def alice(server: SmtpServer) -> User:
    alice = make_user("alice")
    make_settings(alice, signature_html='<p style="color: #24666b">Alice Archer</p>', copy_mode="bcc")
    return alice


def write(page: Page) -> None:
    field(page, "To").fill("bob@example.com")
    field(page, "Subject").fill("Offer 2041")
    field(page, "Text").fill("Dear Bob")


def test_a_message_with_files_arrives(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    field(page, "Attachments").set_input_files(FILES)
    expect(page.get_by_text("a.txt (3 bytes), b.txt (3 bytes)")).to_be_visible()
    expect(page.frame_locator("iframe").get_by_text("Alice Archer")).to_be_visible()
    press(page, "Send")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    (received,) = server.received
    assert received.recipients == ["bob@example.com", "alice@example.com"]
    assert [part.get_payload(decode=True) for part in received.parsed.iter_attachments()] == [b"one", b"two"]


def test_a_name_turns_no_text_around(page: Page, alice: User) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    turning = FilePayload(name="a\u202efdp.exe", mimeType="text/plain", buffer=b"one")
    field(page, "Attachments").set_input_files([turning])
    expect(page.get_by_text("afdp.exe (3 bytes)")).to_be_visible()


def test_files_are_told_to_be_too_large_before_they_are_sent(page: Page, alice: User, tmp_path: Path) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(26 * 1024 * 1024)
    write(page)
    field(page, "Attachments").set_input_files(large)
    expect(page.locator("[data-attachments-text]")).to_contain_text("these have 26.0 MB, and at most 25.0 MB fit.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(field(page, "Attachments")).to_be_focused()
    field(page, "Attachments").set_input_files([])
    press(page, "Send")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()


def test_a_wrong_entry_keeps_text_and_files(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    field(page, "To").fill("nobody")
    field(page, "Attachments").set_input_files(FILES)
    press(page, "Send")
    expect_error(page, "To", "“nobody” is not a complete e-mail address")
    expect(field(page, "Text")).to_have_value("Dear Bob")
    press(page, "Remove a.txt")
    field(page, "To").fill("bob@example.com")
    press(page, "Send")
    (received,) = server.received
    assert [part.get_filename() for part in received.parsed.iter_attachments()] == ["b.txt"]


def test_a_double_click_sends_once(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    with page.expect_navigation():
        page.get_by_role("button", name="Send", exact=True).dblclick()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert len(server.received) == 1


def test_going_back_after_sending_shows_the_result(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    press(page, "Send")
    page.go_back()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert len(server.received) == 1


def test_the_keyboard_is_enough(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    field(page, "To").focus()
    for text in ("bob@example.com", "", "", "Hello", "Dear Bob"):
        page.keyboard.insert_text(text)
        page.keyboard.press("Tab")
    page.get_by_role("button", name="Send", exact=True).focus()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    (received,) = server.received
    assert received.parsed["Subject"] == "Hello"


def test_the_enter_key_in_the_subject_sends_nothing(page: Page, alice: User, server: SmtpServer) -> None:
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    with page.expect_navigation():
        field(page, "Subject").press("Enter")
    expect(field(page, "Text")).to_have_value("Dear Bob")
    assert server.received == []


def test_without_scripts_files_are_added_by_a_button(
    page_without_scripts: Page, alice: User, server: SmtpServer
) -> None:
    page = page_without_scripts
    sign_in(page, alice)
    page.goto("/messages/new/")
    write(page)
    field(page, "Attachments").set_input_files(FILES)
    page.get_by_role("button", name="Add the files", exact=True).last.click()
    expect(page.get_by_role("list", name="Attached files")).to_contain_text("b.txt")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert len(list(server.received[0].parsed.iter_attachments())) == 2


def test_a_draft_for_outlook_is_downloaded(page: Page, alice: User) -> None:
    make_settings(alice, method="outlook")
    sign_in(page, alice)
    open_page(page, "/messages/new/")
    write(page)
    press(page, "Open in Outlook")
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the draft").click()
    assert download.value.suggested_filename == "Offer 2041.eml"
    assert download.value.path().read_bytes().startswith(b"X-Unsent: 1\r\n")
    expect(page.get_by_role("link", name="Open as a plain e-mail")).to_have_attribute("href", MAILTO)


MAILTO = "mailto:bob@example.com?subject=Offer%202041&body=Dear%20Bob"
