"""The states of the connection to Microsoft 365: see ``states.py``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from django.test import override_settings
from playwright.sync_api import Page

from tests.browser import states
from tests.browser.session import sign_in
from tests.browser.steps import open_page, press, wait_for_scripts
from tests.factories import configure, connect, in_days, make_superuser, register
from tests.servers.entra_tokens import Account
from tests.servers.microsoft import Microsoft365
from users.models import EmailSettings, MicrosoftConnection, User

ALICE = "alice@example.com"
LONG_ADDRESS = f"{'a' * 60}@{'b' * 50}.example.com"
NOWHERE = {"cloud": "custom", "custom_authority": "https://login.invalid", "custom_graph": "https://graph.invalid"}


def alice(page: Page, path: str = "", *, flow: str = "sign_in", **fields: Any) -> User:
    configure()
    register(flow=flow)
    return states.alice(page, path, method="exchange_online", **fields)


def not_connected(page: Page) -> None:
    alice(page, "/profile/", connected=False)


def not_connected_without_an_address(page: Page) -> None:
    user = alice(page, connected=False)
    EmailSettings.objects.filter(pk=user.pk).update(address="")
    open_page(page, "/profile/")


def connected(page: Page) -> None:
    alice(page, "/profile/", address=LONG_ADDRESS)


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


@contextmanager
def microsoft() -> Iterator[Microsoft365]:
    """Microsoft is there while a page gets into its state."""
    accounts = map(Account, (ALICE, LONG_ADDRESS, "root@example.com"))
    with Microsoft365(*accounts) as cloud, override_settings(MAILSETTINGS_CA_FILE=cloud.ca_file):
        yield cloud


def come_back_as(page: Page, account: str) -> None:
    """Go to Microsoft's page, choose an account there, and come back."""
    with microsoft() as cloud:
        alice(page, connected=False)
        register(**cloud.registration)
        open_page(page, "/profile/")
        cloud.entra.redirect_addresses = [urljoin(page.url, "/entra/callback/")]
        for name in ("Connect to Microsoft 365", account):
            with page.expect_navigation():
                page.get_by_role("button", name=name, exact=True).click()
        wait_for_scripts(page)


def another_account_came_back(page: Page) -> None:
    come_back_as(page, LONG_ADDRESS)


def connected_by_microsoft(page: Page) -> None:
    come_back_as(page, ALICE)


def credentials_have_ended(page: Page) -> None:
    alice(page, flow="application")
    register(secret_expires_on=in_days(-3))
    open_page(page, "/profile/")


def address_locked(page: Page) -> None:
    alice(page, "/profile/", flow="application")


def connection_of_somebody_else(page: Page) -> None:
    user = alice(page)
    MicrosoftConnection.objects.update(account=LONG_ADDRESS)
    register(secret_expires_on=in_days(3))
    sign_in(page, make_superuser(), f"/users/{user.uid}/")
