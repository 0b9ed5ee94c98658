"""The check of the app registration as an administrator sees it: step by step, once, and whatever happens meanwhile."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect
from pytest_django.fixtures import Settings

from tests.browser.problems import Problems
from tests.browser.session import sign_in
from tests.browser.steps import field, open_page
from tests.factories import configure, make_settings, make_superuser, register
from tests.servers.entra_tokens import Account
from tests.servers.microsoft import Microsoft365
from users.entra.access import MEMORY
from users.models import CheckRun, EntraAppRegistration, User

PATH = "/system/entra/"
SLOW = 1.0


@pytest.fixture
def cloud(settings: Settings, transactional_db: None) -> Iterator[Microsoft365]:
    """A Microsoft that takes its time over tokens."""
    MEMORY.forget()
    with Microsoft365(Account("root@example.com")) as cloud:
        cloud.entra.delay, cloud.entra.faulty = SLOW, frozenset({"token"})
        settings.MAILSETTINGS_CA_FILE = cloud.ca_file
        configure()
        register(flow="application", **cloud.registration)
        make_settings(make_superuser(), method="exchange_online")
        yield cloud
    MEMORY.forget()


@pytest.fixture
def root(page: Page, cloud: Microsoft365) -> None:
    sign_in(page, administrator())
    open_page(page, PATH)


def administrator() -> User:
    return User.objects.get(username="root")


def check(page: Page) -> None:
    page.get_by_role("button", name="Check the registration").click()


def step(page: Page, code: str) -> Locator:
    return page.locator(f"[data-step='{code}']")


def expect_passed(page: Page) -> None:
    expect(page.locator("[data-check-summary]")).to_have_text("The check passed.")


def test_the_steps_appear_one_after_the_other(page: Page, root: None) -> None:
    check(page)
    expect(step(page, "application")).to_have_class(re.compile("is-running"))
    expect(step(page, "directory")).to_have_class(re.compile("is-passed"))
    expect(step(page, "mail")).to_have_class(re.compile("is-waiting"))
    expect(page.locator("[data-check-place]")).to_have_attribute("aria-live", "polite")
    expect_passed(page)
    expect(step(page, "calendar")).to_contain_text("Tried with the mailbox of root@example.com")


def test_a_second_click_starts_no_second_check(page: Page, root: None, cloud: Microsoft365) -> None:
    check(page)
    check(page)
    other = page.context.new_page()
    open_page(other, PATH)
    expect(step(other, "application")).to_be_visible()
    check(other)
    expect_passed(other)
    expect_passed(page)
    assert (CheckRun.objects.count(), cloud.entra.count("token")) == (1, 1)


def test_leaving_the_page_does_no_harm(page: Page, root: None) -> None:
    check(page)
    expect(step(page, "application")).to_have_class(re.compile("is-running"))
    open_page(page, "/system/")
    open_page(page, PATH)
    expect(page.get_by_role("heading", name="Check the registration")).to_be_visible()
    for _time in range(100):
        if CheckRun.objects.get().has_passed:
            return
        page.wait_for_timeout(100)
    raise AssertionError("The check did not go on.")


def test_what_is_typed_is_checked_and_stays(page: Page, root: None, cloud: Microsoft365) -> None:
    field(page, "Directory (tenant) ID").fill("nobody.example")
    check(page)
    failed = step(page, "directory")
    expect(failed).to_contain_text("Check the Directory (tenant) ID and the cloud.")
    failed.get_by_role("link", name="Go to “Directory (tenant) ID”").click()
    expect(field(page, "Directory (tenant) ID")).to_be_in_viewport()
    expect(field(page, "Directory (tenant) ID")).to_have_value("nobody.example")
    assert EntraAppRegistration.load().tenant_id == cloud.entra.tenant


def test_what_has_to_be_mended_first_is_named(page: Page, root: None, problems: Problems) -> None:
    field(page, "Application (client) ID").fill("not an id")
    check(page)
    page.locator(".check-errors").get_by_role("link", name="Application (client) ID").click()
    expect(field(page, "Application (client) ID")).to_be_in_viewport()
    problems.clear()


def test_without_scripts_the_answer_is_the_whole_result(page_without_scripts: Page, cloud: Microsoft365) -> None:
    page = page_without_scripts
    sign_in(page, administrator())
    page.goto(PATH)
    check(page)
    expect_passed(page)
    expect(step(page, "calendar")).to_contain_text("passed")
