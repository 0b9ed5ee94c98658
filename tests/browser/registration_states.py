"""The states of the app registration and its certificate: see ``states.py``."""

from __future__ import annotations

import trustme
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.microsoft_states import NOWHERE, microsoft
from tests.browser.states import root
from tests.browser.steps import field, let_sign_in_grow_old, open_page, press
from tests.factories import certificate_and_key, in_days, make_settings, register
from tests.users.entra.test_new_certificates import pfx


def registration_check_failed(page: Page) -> None:
    register(flow="application", **NOWHERE)
    root(page, "/system/entra/")
    page.get_by_role("button", name="Check the registration").click()
    page.get_by_text("Technical details").click()


def registration_check_passed(page: Page) -> None:
    with microsoft() as cloud:
        administrator = root(page)
        register(flow="application", **cloud.registration)
        make_settings(administrator, method="exchange_online")
        open_page(page, "/system/entra/")
        page.get_by_role("button", name="Check the registration").click()
        expect(page.get_by_text("The check passed.")).to_be_visible()


def registration_check_refused(page: Page) -> None:
    """A check can't begin while a field is wrong."""
    register(flow="application")
    root(page, "/system/entra/")
    field(page, "Directory (tenant) ID").fill("not an id")
    page.get_by_role("button", name="Check the registration").click()
    expect(page.get_by_text("Nothing was checked")).to_be_visible()


def registration_with_all_steps(page: Page) -> None:
    register(flow="application", secret_expires_on=in_days(-3))
    root(page, "/system/entra/")


def registration_with_a_certificate_that(page: Page, *, days: int) -> None:
    certificate, key = certificate_and_key("mail-settings.a-long-name.example.com", days=days)
    register(flow="application", certificate=certificate, private_key=key, client_secret="")
    root(page, "/system/entra/")


def registration_with_a_certificate_that_ends_soon(page: Page) -> None:
    registration_with_a_certificate_that(page, days=10)


def registration_with_a_certificate_that_has_ended(page: Page) -> None:
    registration_with_a_certificate_that(page, days=-3)


def certificate_that_has_ended(page: Page) -> None:
    registration_with_a_certificate_that_has_ended(page)
    open_page(page, "/system/entra/certificate/")


def certificate_made(page: Page) -> None:
    register(flow="application", client_secret="")
    root(page, "/system/entra/certificate/")
    press(page, "Make and store")


def certificate_uploaded(page: Page) -> None:
    register(flow="application", client_secret="")
    root(page, "/system/entra/certificate/")
    content = "".join(certificate_and_key("uploaded.example.com", key_type=trustme.KeyType.RSA)).encode()
    page.get_by_label("Files").set_input_files([FilePayload(name="app.pem", mimeType="text/plain", buffer=content)])
    press(page, "Upload and store")


def certificate_with_the_wrong_passphrase(page: Page) -> None:
    root(page, "/system/entra/certificate/")
    name = f"{'our-company-' * 9}.pfx"
    page.get_by_label("Files").set_input_files([FilePayload(name=name, mimeType="text/plain", buffer=pfx())])
    press(page, "Upload and store")


def certificate_stored(page: Page) -> None:
    certificate, key = certificate_and_key("mail-settings.a-long-name.example.com", key_type=trustme.KeyType.RSA)
    register(flow="application", certificate=certificate, private_key=key)
    root(page, "/system/entra/certificate/")


def certificate_refused(page: Page) -> None:
    root(page, "/system/entra/certificate/")
    let_sign_in_grow_old(page)
    open_page(page, "/system/entra/certificate/")
    press(page, "Upload and store")


def credentials_end_soon(page: Page) -> None:
    register(secret_expires_on=in_days(1))
    root(page, "/users/")


def secret_ends_soon(page: Page) -> None:
    register(flow="application", secret_expires_on=in_days(20))
    root(page, "/system/entra/")


def secret_has_ended(page: Page) -> None:
    register(flow="application", secret_expires_on=in_days(-3))
    root(page, "/system/")
