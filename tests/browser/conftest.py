"""Debian's Chromium, driven by playwright."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.browser.contexts import PATIENCE, fresh_page, lasting_context
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
    # All pages of the site are shown by one process, for which the scripts are compiled once.
    "--process-per-site",
    # Nothing in a test reaches beyond this machine.
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]
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


@pytest.fixture(scope="package")
def context(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    with lasting_context(browser, live_server.url) as context:
        yield context


@pytest.fixture(scope="package")
def context_without_scripts(browser: Browser, live_server: LiveServer) -> Iterator[BrowserContext]:
    with lasting_context(browser, live_server.url, java_script_enabled=False) as context:
        yield context


@pytest.fixture(scope="package")
def watched(context: BrowserContext) -> Problems:
    problems = Problems()
    problems.watch(context)
    return problems


@pytest.fixture
def problems(watched: Problems) -> Problems:
    """What went wrong in the test's page; a test that provokes problems on purpose clears the list."""
    watched.clear()
    return watched


@pytest.fixture
def page(context: BrowserContext, look: Look, problems: Problems) -> Iterator[Page]:
    """A page of the running site. The test fails if the page breaks its security policy or meets an error."""
    with fresh_page(context, look) as page:
        yield page
        problems.settle(page)
    assert not problems, "\n".join(problems)


@pytest.fixture
def page_without_scripts(context_without_scripts: BrowserContext, look: Look) -> Iterator[Page]:
    """A page of the running site in a browser where JavaScript is off."""
    with fresh_page(context_without_scripts, look) as page:
        yield page


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
