"""The states of the pages for staff: users and the system: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.profile_states import profile_with_long_values
from tests.browser.session import sign_in
from tests.browser.states import root
from tests.browser.steps import choose, field, open_page, press, press_for_effect
from tests.factories import configure, make_superuser
from tests.factories import register as register_application
from users.models import SystemSettings, User

# --- Users ----------------------------------------------------------------------------------------------------------


def list_of_many(page: Page) -> None:
    for number in range(55):
        User.objects.create_user(f"person{number:02}")
    root(page, "/users/?page=2&sort=-name")


def list_with_long_values(page: Page) -> None:
    profile_with_long_values(page)
    sign_in(page, make_superuser(), "/users/")


def list_without_match(page: Page) -> None:
    root(page, "/users/?q=nobody&method=smtp&ready=yes")


def add_with_errors(page: Page) -> None:
    root(page, "/users/add/")
    field(page, "User name").fill("root")
    press(page, "Add the user")


# --- System ---------------------------------------------------------------------------------------------------------


def system_with_errors(page: Page) -> None:
    configure(smtp_username="mailer")
    root(page, "/system/")
    field(page, "SMTP server").fill("a b")
    field(page, "Port").fill("99999")
    field(page, "Exchange server (EWS address)").fill("ftp:nowhere")
    field(page, "Allowed domains").fill("@")
    press(page, "Save")


def system_with_effect(page: Page) -> None:
    root(page, "/system/")
    choose(page, "Client based, via Microsoft Outlook")
    press_for_effect(page, "Save")


def system_unlocked(page: Page) -> None:
    root(page)
    SystemSettings.objects.update(smtp_username="mailer")
    open_page(page, "/system/")
    press(page, "Unlock to enter")


def entra_by_password(page: Page) -> None:
    register_application(flow="password")
    root(page, "/system/entra/")


def entra_with_errors(page: Page) -> None:
    root(page, "/system/entra/")
    field(page, "Cloud").select_option("custom")
    field(page, "Directory (tenant) ID").fill("not an id")
    press(page, "Save")
