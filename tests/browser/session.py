"""Signing in without the sign-in page."""

from __future__ import annotations

from django.conf import settings
from django.test import Client
from playwright.sync_api import Page

from tests.browser.steps import open_page
from users.models import User


def sign_in(page: Page, user: User, path: str = "") -> None:
    """Give the page's browser the session cookie of a fresh sign-in, and go to the path."""
    client = Client()
    client.force_login(user)
    name = settings.SESSION_COOKIE_NAME
    # Where the live server runs.
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "domain": "localhost", "path": "/"}])
    if path:
        open_page(page, path)
