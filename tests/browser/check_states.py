"""The states of a user's check, and of what was found for an address: see ``states.py``."""

from __future__ import annotations

import time
from datetime import timedelta

from django.contrib.sessions.backends.db import SessionStore
from django.test import override_settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from tests.browser import microsoft_states
from tests.browser.session import sign_in
from tests.browser.states import LONG, alice
from tests.browser.steps import field, open_page, session_key
from tests.factories import SMTP_HOST, checked, configure, make_superuser, register
from tests.servers.name_server import NameServer
from tests.servers.smtp import SmtpServer
from users import guard
from users.choices import StepState
from users.models import CheckRun, EmailSettings, SignInAttempts
from users.verification import StepResult


def press_check(page: Page, outcome: str) -> None:
    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_text(outcome)).to_be_visible()


def check_passed(page: Page) -> None:
    with SmtpServer() as server:
        configure(smtp_host=server.host, smtp_port=server.port, smtp_security="none")
        alice(page, "/profile/", method="smtp")
        press_check(page, "The check passed.")


def check_failed(page: Page) -> None:
    """An answer as long as servers give them."""
    with SmtpServer(replies={"RCPT": f"550 5.1.1 {LONG}"}) as server:
        configure(smtp_host=server.host, smtp_port=server.port, smtp_security="none")
        alice(page, "/profile/", method="smtp")
        press_check(page, "The check failed.")
        page.locator("[data-step='recipient'] summary").click()


def check_refused(page: Page) -> None:
    alice(page, "/profile/")
    field(page, "E-mail address").fill("not an address")
    press_check(page, "Nothing was checked")


def check_paused(page: Page) -> None:
    user = microsoft_states.alice(page, flow="password")
    account = guard.account_of(EmailSettings.of(user))
    assert account is not None
    SignInAttempts.objects.create(mailbox=account.mailbox, paused_until=timezone.now() + timedelta(minutes=29))
    open_page(page, "/profile/")
    press_check(page, "has refused this account several times")


def check_under_way(page: Page) -> None:
    """Whoever comes back to the page while a check goes on."""
    user = alice(page)
    steps = [["name", "Server found"], ["connected", "Connected"], ["encrypted", "Encrypted"]]
    found = StepResult(code="name", label="Server found", state=StepState.PASSED, seconds=0.02, sentence="There it is.")
    run = CheckRun.objects.create(subject=str(user.uid), started_by=user, steps=steps, results=[found.as_json()])
    session = SessionStore(session_key(page))
    session["checks"] = {run.subject: [str(run.uid), time.time()]}
    session.save()
    open_page(page, "/profile/")
    expect(page.get_by_text("Checking …")).to_be_visible()


def ready(page: Page) -> None:
    checked(EmailSettings.of(alice(page)))
    open_page(page, "/profile/")


def failed_before(page: Page) -> None:
    checked(EmailSettings.of(alice(page)), passed=False)
    open_page(page, "/profile/")


def out_of_date(page: Page) -> None:
    checked(EmailSettings.of(alice(page, method="smtp")))
    configure(smtp_host=f"{'a' * 50}.{SMTP_HOST}", smtp_port=2525)
    EmailSettings.objects.update(address="another@example.com")
    open_page(page, "/profile/")


def out_of_date_for_staff(page: Page) -> None:
    out_of_date(page)
    sign_in(page, make_superuser(), EmailSettings.objects.get().user.get_absolute_url())


def find(page: Page, path: str, *servers: str) -> None:
    """Look up the domain, whose mail these servers receive."""
    records = {"example.com": {"MX": [f"1 {server}." for server in servers]}}
    with NameServer(records) as names, override_settings(MAILSETTINGS_NAME_SERVERS=[names.address]):
        open_page(page, path)
        page.get_by_role("button", name="Find what fits the address").click()
        expect(page.get_by_text("The mail of example.com")).to_be_visible()


def found_in_microsoft_365(page: Page) -> None:
    register()
    alice(page)
    find(page, "/profile/", "example-com.mail.protection.outlook.com")


def found_what_is_not_set_up(page: Page) -> None:
    user = alice(page)
    sign_in(page, make_superuser())
    find(page, user.get_absolute_url(), "example-com.mail.protection.outlook.com")


def found_several(page: Page) -> None:
    alice(page, method="smtp")
    find(page, "/profile/", *(f"{'a' * 60}{number}.{'b' * 50}.example.com" for number in range(5)))


def nothing_to_look_up(page: Page) -> None:
    alice(page, "/profile/")
    field(page, "E-mail address").fill("")
    page.get_by_role("button", name="Find what fits the address").click()
    expect(page.get_by_text("Enter the e-mail address first.")).to_be_visible()
