"""The states of what all pages have in common: signing in, menus, errors: see ``states.py``."""

from __future__ import annotations

from django.conf import settings
from django.template.loader import render_to_string
from django.test import RequestFactory
from playwright.sync_api import Page, Route

from tests.browser.states import alice, root
from tests.browser.steps import field, open_page, press
from tests.factories import make_user

# --- Signing in, and the menus --------------------------------------------------------------------------------------


def sign_in_refused(page: Page) -> None:
    open_page(page, "/accounts/login/")
    field(page, "Username").fill("nobody")
    field(page, "Password").fill("wrong")
    press(page, "Sign in")


def password_change_refused(page: Page) -> None:
    alice(page, "/accounts/password_change/")
    press(page, "Change the password")


def menu_open(page: Page) -> None:
    root(page, "/profile/")
    page.get_by_role("button", name="System").click()


# --- Errors ---------------------------------------------------------------------------------------------------------


def not_found(page: Page) -> None:
    alice(page, "/nowhere/")


def forbidden(page: Page) -> None:
    alice(page, "/system/")


def open_for_too_long(page: Page) -> None:
    open_page(page, "/accounts/login/")
    page.context.clear_cookies()
    press(page, "Sign in")


def show_template(page: Page, name: str) -> None:
    """Open a page that needs a defect to be seen, with the security policy of all pages."""
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    policy = "; ".join(f"{name} {' '.join(values)}" for name, values in directives.items())
    request = RequestFactory().get("/")
    request.user = make_user("alice")
    content = render_to_string(name, request=request)

    def answer(route: Route) -> None:
        route.fulfill(body=content, content_type="text/html", headers={"Content-Security-Policy": policy})

    page.route("**/made-up/", answer)
    page.goto("/made-up/")


def bad_request(page: Page) -> None:
    show_template(page, "400.html")


def server_error(page: Page) -> None:
    show_template(page, "500.html")


def too_many_attempts(page: Page) -> None:
    show_template(page, "registration/locked_out.html")
