"""The states of the app registration and its certificate: see ``states.py``."""

from __future__ import annotations

import trustme
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.microsoft_states import NOWHERE, microsoft
from tests.browser.states import State, root
from tests.browser.steps import field, let_sign_in_grow_old, open_page, press
from tests.factories import certificate_and_key, in_days, make_settings, register
from tests.users.entra.test_new_certificates import pfx


def registration_check_failed(page: Page) -> None:
    root(page)
    register(flow="application", **NOWHERE)
    open_page(page, "/system/entra/")
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
    root(page)
    register(flow="application")
    open_page(page, "/system/entra/")
    field(page, "Directory (tenant) ID").fill("not an id")
    page.get_by_role("button", name="Check the registration").click()
    expect(page.get_by_text("Nothing was checked")).to_be_visible()


def registration_with_all_steps(page: Page) -> None:
    root(page)
    register(flow="application", secret_expires_on=in_days(-3))
    open_page(page, "/system/entra/")


def registration_with_a_certificate_that(page: Page, *, days: int) -> None:
    root(page)
    certificate, key = certificate_and_key("mail-settings.a-long-name.example.com", days=days)
    register(flow="application", certificate=certificate, private_key=key, client_secret="")
    open_page(page, "/system/entra/")


def registration_with_a_certificate_that_ends_soon(page: Page) -> None:
    registration_with_a_certificate_that(page, days=10)


def registration_with_a_certificate_that_has_ended(page: Page) -> None:
    registration_with_a_certificate_that(page, days=-3)


def certificate_that_has_ended(page: Page) -> None:
    registration_with_a_certificate_that_has_ended(page)
    open_page(page, "/system/entra/certificate/")


def certificate_made(page: Page) -> None:
    root(page)
    register(flow="application", client_secret="")
    open_page(page, "/system/entra/certificate/")
    press(page, "Make and store")


def certificate_uploaded(page: Page) -> None:
    root(page)
    register(flow="application", client_secret="")
    open_page(page, "/system/entra/certificate/")
    content = "".join(certificate_and_key("uploaded.example.com", key_type=trustme.KeyType.RSA)).encode()
    page.get_by_label("Files").set_input_files([FilePayload(name="app.pem", mimeType="text/plain", buffer=content)])
    press(page, "Upload and store")


def certificate_with_the_wrong_passphrase(page: Page) -> None:
    root(page)
    open_page(page, "/system/entra/certificate/")
    name = f"{'our-company-' * 9}.pfx"
    page.get_by_label("Files").set_input_files([FilePayload(name=name, mimeType="text/plain", buffer=pfx())])
    press(page, "Upload and store")


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


def secret_ends_soon(page: Page) -> None:
    root(page)
    register(flow="application", secret_expires_on=in_days(20))
    open_page(page, "/system/entra/")


def secret_has_ended(page: Page) -> None:
    root(page)
    register(flow="application", secret_expires_on=in_days(-3))
    open_page(page, "/system/")


REGISTRATION_STATES: list[State] = [
    registration_check_failed,
    registration_check_passed,
    registration_check_refused,
    registration_with_all_steps,
    registration_with_a_certificate_that_ends_soon,
    registration_with_a_certificate_that_has_ended,
    certificate_that_has_ended,
    certificate_made,
    certificate_uploaded,
    certificate_with_the_wrong_passphrase,
    certificate_stored,
    certificate_refused,
    credentials_end_soon,
    secret_ends_soon,
    secret_has_ended,
]
