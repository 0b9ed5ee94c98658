"""Debian's Chromium, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.looks import WIDE_LIGHT, Look
from tests.browser.problems import Problems
from tests.browser.session import sign_in
from tests.factories import configure, make_settings, make_user
from users.models import User

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # Nothing in a test reaches beyond this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
# Milliseconds. Far more than any page takes, so that a busy machine fails nothing.
PATIENCE = 30_000

expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.fail("The browser tests need Chromium. On Debian: apt-get install chromium", pytrace=False)
    with (
        # playwright runs an event loop in the tests' thread, which Django takes for asynchronous code.
        pytest.MonkeyPatch.context() as environment,
        sync_playwright() as playwright,
    ):
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def look() -> Look:
    """How the window looks: wide and light, unless the test says otherwise (see ``looks.py``)."""
    return WIDE_LIGHT


@pytest.fixture
def problems() -> Problems:
    """What went wrong in the test's page; a test that provokes problems on purpose clears the list."""
    return Problems()


@pytest.fixture
def context_options(look: Look) -> dict[str, Any]:
    return {
        "viewport": look.viewport,
        "color_scheme": look.colors,
        # axe would measure contrasts in the middle of a transition.
        "reduced_motion": "reduce",
        "locale": "en",
        # Microsoft's stand-in makes its authority anew in every run; this site verifies it, the browser need not.
        "ignore_https_errors": True,
    }


@pytest.fixture
def page(
    browser: Browser, live_server: LiveServer, context_options: dict[str, Any], problems: Problems
) -> Iterator[Page]:
    """A page of the running site. The test fails if the page breaks its security policy or meets an error."""
    context = browser.new_context(base_url=live_server.url, **context_options)
    context.set_default_timeout(PATIENCE)
    problems.watch(context)
    page = context.new_page()
    yield page
    problems.settle(page)
    context.close()
    assert not problems, "\n".join(problems)


@pytest.fixture
def page_without_scripts(browser: Browser, live_server: LiveServer, context_options: dict[str, Any]) -> Iterator[Page]:
    """A page of the running site in a browser where JavaScript is off."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False, **context_options)
    context.set_default_timeout(PATIENCE)
    yield context.new_page()
    context.close()


@pytest.fixture
def own_settings() -> dict[str, str]:
    """What Alice's settings say: SMTP and an address, unless the test says otherwise (see ``make_settings``)."""
    return {}


@pytest.fixture
def alice(page: Page, own_settings: dict[str, str]) -> User:
    """Alice, signed in, with settings that are complete."""
    configure()
    alice = make_user("alice")
    make_settings(alice, **own_settings)
    sign_in(page, alice)
    return alice
