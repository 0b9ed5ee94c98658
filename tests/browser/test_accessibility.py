"""Every page in every state: axe finds nothing, wide and narrow, light and dark, and a phone never scrolls sideways.

The page is brought into its state once and then looked at from all sides, as somebody who turns the tablet would.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import LOOKS, look_at
from tests.browser.round_states import path_of_round
from tests.browser.states import PAGES, State, all_states, root
from tests.browser.steps import open_page
from users.urls import urlpatterns

NO_PAGES = {
    "test-message",
    "message-look",
    "message-draft",
    "check",
    "check-round-stop",
    "test-draft",
    "entra-connect",
    "entra-callback",
    "entra-disconnect",
    "signature-preview",
    "signature-paste",
    "signature-measurement",
    "signature-files",
    "signature-clipboard",
    "signature-image",
    "edit-signature-preview",
    "edit-signature-files",
    "edit-signature-clipboard",
    "signature-template-preview",
    "signature-template-previews",
    "entra-certificate-public",
    "activity-file",
    "activity-export",
    "user-activity-export",
    "feed",
    "feed-make",
    "feed-end",
}
"""Addresses for buttons, downloads, scripts, and frames in which no script runs."""

ALL_PAGES = PAGES | {"check-round": path_of_round}


def assert_presentable(page: Page) -> None:
    for look in LOOKS:
        look_at(page, look)
        assert_accessible(page, look)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= look.viewport["width"], f"{page.url} is {width} pixels wide in a window of {look.viewport}"


def test_no_page_is_forgotten() -> None:
    assert {pattern.name for pattern in urlpatterns} - NO_PAGES <= ALL_PAGES.keys()


@pytest.mark.parametrize("name", ALL_PAGES)
def test_every_page_is_accessible(page: Page, name: str) -> None:
    if name != "login":
        root(page)
    open_page(page, ALL_PAGES[name]())
    assert_presentable(page)


@pytest.mark.parametrize("state", all_states(), ids=lambda state: state.__name__)
def test_every_state_is_accessible(page: Page, state: State) -> None:
    state(page)
    assert_presentable(page)
