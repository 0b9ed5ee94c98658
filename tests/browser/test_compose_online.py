"""The built-in client of a user whose mailbox lies in Microsoft 365."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import FilePayload, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.session import sign_in
from tests.browser.steps import field, open_page, press
from tests.factories import configure, make_settings, make_user, register
from tests.servers.entra_tokens import Account
from tests.servers.graph import Fault, GraphServer
from tests.servers.microsoft import Microsoft365
from users.entra.access import MEMORY

LARGE = FilePayload(name="plan.bin", mimeType="application/octet-stream", buffer=bytes(range(256)) * 20_000)


@pytest.fixture
def graph(page: Page, settings: Settings, transactional_db: None) -> Iterator[GraphServer]:
    """Alice's organisation has registered this site; she has signed in here."""
    MEMORY.forget()
    with Microsoft365(Account("alice@example.com")) as microsoft:
        settings.MAILSETTINGS_CA_FILE = microsoft.ca_file
        configure()
        register(flow="application", **microsoft.registration)
        alice = make_user("alice")
        make_settings(alice, method="exchange_online", copy_mode="cc", signature_html="<p>Alice Archer</p>")
        sign_in(page, alice)
        yield microsoft.graph
    MEMORY.forget()


def write(page: Page) -> None:
    open_page(page, "/messages/new/")
    field(page, "To").fill("bob@example.com")
    field(page, "Subject").fill("Offer 2041")
    field(page, "Text").fill("Dear Bob")


def test_a_message_with_a_large_file_arrives(page: Page, graph: GraphServer) -> None:
    write(page)
    expect(page.locator(".envelope-line")).to_contain_text("Server based, via Microsoft Exchange Online")
    expect(page.frame_locator("iframe").get_by_text("Alice Archer")).to_be_visible()
    field(page, "Attachments").set_input_files([LARGE])
    press(page, "Send")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    (sent,) = graph.sent
    (attachment,) = sent.parsed.iter_attachments()
    assert attachment.get_payload(decode=True) == LARGE["buffer"]
    assert [each.addr_spec for name in ("To", "Cc") for each in sent.parsed[name].addresses] == [
        "bob@example.com",
        "alice@example.com",
    ]


def test_a_message_that_was_not_confirmed_is_looked_for(page: Page, graph: GraphServer) -> None:
    graph.faults["sendMail"] = Fault(drop="after")
    write(page)
    press(page, "Send")
    expect(page.get_by_role("heading", name="Not certain")).to_be_visible()
    expect(page.get_by_text("it may have been sent, or not")).to_be_visible()
    press(page, "Look in Sent Items")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert len(graph.sent) == 1


def test_a_refused_message_says_what_to_do_and_goes_out_once_that_is_done(page: Page, graph: GraphServer) -> None:
    graph.faults["sendMail"] = Fault(403, "ErrorAccessDenied")
    write(page)
    press(page, "Send")
    expect(page.get_by_role("heading", name="Not sent")).to_be_visible()
    expect(page.get_by_text("It can take two hours until that has an effect.")).to_be_visible()
    graph.faults.clear()
    with page.expect_navigation():
        page.get_by_role("link", name="Change it and send it again").click()
    expect(field(page, "Text")).to_have_value("Dear Bob")
    press(page, "Send")
    expect(page.get_by_role("heading", name="Sent")).to_be_visible()
    assert len(graph.sent) == 1


def test_the_test_message_arrives(page: Page, graph: GraphServer) -> None:
    open_page(page, "/profile/")
    press(page, "Send a test message to my address")
    assert [sent.parsed["To"] for sent in graph.sent] == ["alice@example.com"]
