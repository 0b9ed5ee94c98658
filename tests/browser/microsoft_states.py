"""The states of pages that have to do with Microsoft 365: see ``states.py``."""

from __future__ import annotations

from typing import Any

import trustme
from playwright.sync_api import Page

from tests.browser.session import sign_in
from tests.browser.states import State, root
from tests.browser.steps import let_sign_in_grow_old, open_page, press
from tests.factories import (
    certificate_and_key,
    configure,
    connect,
    in_days,
    make_settings,
    make_superuser,
    make_user,
    register,
)
from users.models import EmailSettings, MicrosoftConnection, User

LONG_ADDRESS = f"{'a' * 60}@{'b' * 50}.example.com"
NOWHERE = {"cloud": "custom", "custom_authority": "https://login.invalid", "custom_graph": "https://graph.invalid"}


def alice(page: Page, flow: str = "sign_in", **fields: Any) -> User:
    configure()
    register(flow=flow)
    user = make_user("alice")
    make_settings(user, method="exchange_online", **fields)
    sign_in(page, user)
    return user


def not_connected(page: Page) -> None:
    alice(page, connected=False)
    open_page(page, "/profile/")


def not_connected_without_an_address(page: Page) -> None:
    user = alice(page, connected=False)
    EmailSettings.objects.filter(pk=user.pk).update(address="")
    open_page(page, "/profile/")


def connected(page: Page) -> None:
    alice(page, address=LONG_ADDRESS)
    open_page(page, "/profile/")


def connection_ended(page: Page) -> None:
    user = alice(page, address=LONG_ADDRESS)
    connect(user, has_ended=True)
    open_page(page, "/profile/")


def connection_refused(page: Page) -> None:
    """Microsoft can't be reached: the message has details that fold out."""
    alice(page, connected=False)
    register(**NOWHERE, client_secret="x")
    open_page(page, "/profile/")
    press(page, "Connect to Microsoft 365")
    page.get_by_text("Details for your administrator").click()


def address_locked(page: Page) -> None:
    alice(page, flow="application")
    open_page(page, "/profile/")


def connection_of_somebody_else(page: Page) -> None:
    user = alice(page)
    MicrosoftConnection.objects.update(account=LONG_ADDRESS)
    register(secret_expires_on=in_days(3))
    sign_in(page, make_superuser())
    open_page(page, f"/users/{user.uid}/")


def registration_checked(page: Page) -> None:
    root(page)
    register(flow="application", **NOWHERE)
    open_page(page, "/system/entra/")
    press(page, "Check the registration")
    page.get_by_text("Technical details").click()


def registration_with_all_steps(page: Page) -> None:
    root(page)
    register(flow="application", secret_expires_on=in_days(-3))
    open_page(page, "/system/entra/")


def certificate_stored(page: Page) -> None:
    root(page)
    certificate, key = certificate_and_key("mail-settings.a-long-name.example.com", key_type=trustme.KeyType.RSA)
    register(flow="application", certificate=certificate, private_key=key)
    open_page(page, "/system/entra/certificate/")


def certificate_refused(page: Page) -> None:
    root(page)
    open_page(page, "/system/entra/certificate/")
    let_sign_in_grow_old(page)
    open_page(page, "/system/entra/certificate/")
    press(page, "Upload and store")


def credentials_end_soon(page: Page) -> None:
    root(page)
    register(secret_expires_on=in_days(1))
    open_page(page, "/users/")


MICROSOFT_STATES: list[State] = [
    not_connected,
    not_connected_without_an_address,
    connected,
    connection_ended,
    connection_refused,
    address_locked,
    connection_of_somebody_else,
    registration_checked,
    registration_with_all_steps,
    certificate_stored,
    certificate_refused,
    credentials_end_soon,
]
