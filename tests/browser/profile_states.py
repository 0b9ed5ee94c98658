"""The states of the profile page: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.states import LONG, alice
from tests.browser.steps import choose, field, let_sign_in_grow_old, open_page, press
from tests.factories import configure
from tests.factories import register as register_application
from users.models import EmailSettings, User

# --- The profile page -----------------------------------------------------------------------------------------------


def profile_with_errors(page: Page) -> None:
    alice(page, "/profile/")
    for label in ("E-mail address", "User name (Exchange)"):
        field(page, label).fill("")
    press(page, "Remove")
    press(page, "Save")


def profile_with_changes(page: Page) -> None:
    alice(page, "/profile/")
    choose(page, "Client based, via Microsoft Outlook")


def profile_in_conflict(page: Page) -> None:
    alice(page, "/profile/")
    EmailSettings.objects.update(version=9, address="a.quite.long.address.of.somebody@mail.example.com")
    _press_save_after_change(page)


def profile_kept_by_the_administrator(page: Page) -> None:
    configure(users_may_choose_method=False, users_may_edit_address=False)
    alice(page, "/profile/")


def profile_without_need_of_a_password(page: Page) -> None:
    register_application(flow="application")
    account = {"exchange_username": "FIRM\\alice", "exchange_password": "left over"}
    alice(page, "/profile/", method="exchange_online", **account)


def profile_with_long_values(page: Page) -> None:
    address = f"{'a' * 60}@{'b' * 60}.{'c' * 50}.example.com"
    alice(page, method="exchange", address=address, exchange_username="u" * 150)
    User.objects.update(first_name=LONG[:150], last_name="x" * 150)
    open_page(page, "/profile/")


def failed_test_message(page: Page) -> None:
    configure(smtp_host="smtp.invalid")
    alice(page, "/profile/", method="smtp")
    press(page, "Send a test message to my address")


def _press_save_after_change(page: Page) -> None:
    field(page, "E-mail address").fill("mine@example.com")
    press(page, "Save")


# --- The padlock ----------------------------------------------------------------------------------------------------


def padlock_open(page: Page) -> None:
    alice(page, "/profile/")
    press(page, "Unlock to change")


def padlock_asking(page: Page) -> None:
    alice(page, "/profile/")
    let_sign_in_grow_old(page)
    press(page, "Unlock to change")


def padlock_asking_again(page: Page) -> None:
    padlock_asking(page)
    field(page, "Your sign-in password").fill("wrong")
    press(page, "Unlock")


def padlock_removing(page: Page) -> None:
    alice(page, "/profile/")
    press(page, "Remove")


def padlock_unreadable(page: Page) -> None:
    alice(page)
    EmailSettings.objects.update(exchange_password="v1.deadbeef.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
    open_page(page, "/profile/")
