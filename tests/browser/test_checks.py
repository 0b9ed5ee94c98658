"""Checks as people see them: stage by stage, once, and whatever they do meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.accessibility import assert_accessible
from tests.browser.session import sign_in
from tests.browser.steps import field, open_page
from tests.factories import configure, make_settings, make_superuser, make_user
from tests.servers.smtp import SmtpServer
from users.models import CheckRun, EmailSettings, User

SLOW = 1.0


@pytest.fixture
def server(settings: Settings, transactional_db: None) -> Iterator[SmtpServer]:
    """A mail server that the system settings name, and that takes its time."""
    with SmtpServer(delays={"MAIL": SLOW, "RCPT": SLOW}) as server:
        settings.MAILSETTINGS_CA_FILE = server.ca_file
        configure(smtp_host=server.host, smtp_port=server.port)
        yield server


@pytest.fixture
def alice(server: SmtpServer, page: Page) -> User:
    alice = make_user("alice")
    make_settings(alice)
    sign_in(page, alice)
    open_page(page, "/profile/")
    return alice


def check_now(page: Page) -> None:
    page.get_by_role("button", name="Check now").click()


def stage(page: Page, code: str) -> Locator:
    return page.locator(f"[data-step='{code}']")


def expect_passed(page: Page) -> None:
    expect(page.locator("[data-check-summary]")).to_have_text("The check passed.")


def wait_for_the_end(page: Page) -> None:
    """Of the check, also where no page shows it any more."""
    for _time in range(600):
        if not CheckRun.objects.filter(finished_at=None).exists():
            return
        page.wait_for_timeout(50)
    raise AssertionError("The check did not end.")


def test_the_stages_appear_one_after_the_other(page: Page, alice: User) -> None:
    check_now(page)
    expect(stage(page, "sender")).to_have_class(re.compile("is-running"))
    expect(stage(page, "encrypted")).to_have_class(re.compile("is-passed"))
    expect(stage(page, "recipient")).to_have_class(re.compile("is-waiting"))
    expect(stage(page, "recipient")).to_have_class(re.compile("is-running"))
    expect(stage(page, "sender")).to_contain_text("passed · 1.")
    expect_passed(page)
    expect(page.get_by_role("heading", name="Ready", exact=True)).to_be_visible()
    expect(page.locator("[data-status='last-check']")).to_have_text("Passed just now.")


def test_screen_readers_hear_each_stage_once(page: Page, alice: User) -> None:
    place = page.locator("#check [data-check-place]")
    expect(place).to_have_attribute("aria-live", "polite")
    check_now(page)
    expect(stage(page, "sender")).to_have_class(re.compile("is-running"))
    stage(page, "encrypted").evaluate("(step) => { step.mark = 'the same element' }")
    expect_passed(page)
    # What is not put into the page anew is not read again.
    assert stage(page, "encrypted").evaluate("(step) => step.mark") == "the same element"


def test_a_second_click_starts_no_second_check(page: Page, alice: User, server: SmtpServer) -> None:
    check_now(page)
    check_now(page)
    other = page.context.new_page()
    open_page(other, "/profile/")
    expect(stage(other, "sender")).to_be_visible()
    check_now(other)
    expect_passed(other)
    expect_passed(page)
    assert (CheckRun.objects.count(), server.connections) == (1, 1)


def test_leaving_the_page_does_no_harm(page: Page, alice: User) -> None:
    check_now(page)
    expect(stage(page, "sender")).to_have_class(re.compile("is-running"))
    open_page(page, "/profile/signature/")
    open_page(page, "/profile/")
    # Whether it still goes on or is done by now.
    expect(page.locator("[data-status='last-check']")).to_have_text("Passed just now.")
    assert EmailSettings.of(alice).last_check.is_good


def test_a_failure_leads_to_the_field_and_can_be_copied(page: Page, alice: User, server: SmtpServer) -> None:
    server.replies = {"RCPT": "550 5.1.1 Who is that?"}
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    check_now(page)
    failed = stage(page, "recipient")
    expect(failed).to_contain_text("takes no messages for your own address")
    failed.get_by_text("Technical details").click()
    failed.get_by_role("button", name="Copy").click()
    expect(failed.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "550 5.1.1 Who is that?"
    failed.get_by_role("link", name="Go to “E-mail address”").click()
    expect(field(page, "E-mail address")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="1 thing left")).to_be_visible()
    assert_accessible(page)


def test_what_is_typed_is_tested_and_stays(page: Page, alice: User) -> None:
    field(page, "E-mail address").fill("other@example.com")
    check_now(page)
    expect_passed(page)
    expect(page.get_by_text("What is on this page was checked; it is not saved.")).to_be_visible()
    expect(field(page, "E-mail address")).to_have_value("other@example.com")
    expect(page.locator("[data-status='last-check']")).to_have_text("Never checked.")


def test_what_has_to_be_mended_first_is_named(page: Page, alice: User, problems: list[str]) -> None:
    field(page, "E-mail address").fill("not an address")
    check_now(page)
    page.locator(".check-errors").get_by_role("link", name="E-mail address").click()
    expect(field(page, "E-mail address")).to_be_in_viewport()
    problems.clear()


def test_the_keyboard_is_enough(page: Page, alice: User) -> None:
    page.get_by_role("button", name="Check now").focus()
    page.keyboard.press("Enter")
    expect_passed(page)
    expect(page.get_by_role("button", name="Check now")).to_be_focused()


def test_whoever_was_signed_out_meanwhile_is_told(page: Page, alice: User) -> None:
    page.context.clear_cookies()
    check_now(page)
    expect(page.get_by_text("The check could not be started.")).to_be_visible()


def test_a_network_that_comes_back_is_no_harm(page: Page, alice: User, problems: list[str]) -> None:
    page.route("**/checks/*/", lambda route: route.abort())
    with page.expect_event("requestfailed"):
        check_now(page)
    page.unroute_all()
    expect_passed(page)
    expect(page.get_by_role("button", name="Check now")).to_have_attribute("aria-busy", "false")
    problems.clear()


def test_whoever_is_signed_out_in_the_middle_is_told(page: Page, alice: User) -> None:
    check_now(page)
    expect(stage(page, "sender")).to_have_class(re.compile("is-running"))
    page.context.clear_cookies()
    expect(page.get_by_text("The check can’t be followed any more.")).to_be_visible()
    expect(page.get_by_role("button", name="Check now")).to_have_attribute("aria-busy", "false")
    wait_for_the_end(page)
    assert EmailSettings.of(alice).last_check.is_good


def test_a_server_is_checked_on_its_own(page: Page, server: SmtpServer) -> None:
    sign_in(page, make_superuser())
    open_page(page, "/system/")
    page.get_by_role("button", name="Check the SMTP server").click()
    expect_passed(page)
    assert_accessible(page)


def test_without_scripts_the_answer_is_the_whole_result(page_without_scripts: Page, server: SmtpServer) -> None:
    page = page_without_scripts
    alice = make_user("alice")
    make_settings(alice)
    sign_in(page, alice)
    page.goto("/profile/")
    check_now(page)
    expect_passed(page)
    expect(stage(page, "recipient")).to_contain_text("passed")
