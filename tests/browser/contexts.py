"""What a browser remembers, used again by every test as if it were new.

A context of its own for each test would start processes, fetch every file and compile every script anew: more work than
the test itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urljoin

from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser.looks import Look, look_at

PATIENCE = 30_000
"""Milliseconds. Far more than any page takes, so that a busy machine fails nothing."""


@contextmanager
def lasting_context(browser: Browser, url: str, **options: Any) -> Iterator[BrowserContext]:
    """A context for the site at this address, with one page that stays open: see ``keep_process``."""
    context = browser.new_context(
        base_url=url,
        # axe would measure contrasts in the middle of a transition.
        reduced_motion="reduce",
        locale="en",
        # Microsoft's stand-in makes its authority anew in every run; this site verifies it, the browser need not.
        ignore_https_errors=True,
        **options,
    )
    context.set_default_timeout(PATIENCE)
    keep_process(context.new_page())
    yield context
    context.close()


@contextmanager
def fresh_page(context: BrowserContext, look: Look) -> Iterator[Page]:
    """A page that looks so, in a browser that remembers nothing; neither is anything of it remembered."""
    page = context.new_page()
    try:
        look_at(page, look)
        yield page
    finally:
        forget(context)


def keep_process(page: Page) -> None:
    """Show nothing in the page, but from the site: the process that shows the site ends with the last of its pages."""
    page.route("**/kept-open/", lambda route: route.fulfill(body="", content_type="text/html"))
    page.goto("/kept-open/")


def forget(context: BrowserContext) -> None:
    """Close all pages but the first, and forget what the site has stored and what it may do."""
    kept, *pages = context.pages
    for page in pages:
        page.close()
    context.clear_cookies()
    context.clear_permissions()
    devtools = context.new_cdp_session(kept)
    devtools.send("Storage.clearDataForOrigin", {"origin": urljoin(kept.url, "/").rstrip("/"), "storageTypes": "all"})
    devtools.detach()
