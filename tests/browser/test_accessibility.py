"""Every page in every state: axe finds nothing, wide and narrow, light and dark, and a phone never scrolls sideways.

The page is brought into its state once and then looked at from all sides, as somebody who turns the tablet would.
"""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import assert_accessible
from tests.browser.activity_form_states import ACTIVITY_FORM_STATES
from tests.browser.activity_states import ACTIVITY_STATES
from tests.browser.check_states import CHECK_STATES
from tests.browser.looks import LOOKS, look_at
from tests.browser.message_states import MESSAGE_STATES
from tests.browser.microsoft_states import MICROSOFT_STATES
from tests.browser.profile_states import PROFILE_STATES
from tests.browser.registration_states import REGISTRATION_STATES
from tests.browser.round_states import ROUND_STATES, path_of_round
from tests.browser.signature_states import SIGNATURE_STATES
from tests.browser.site_states import SITE_STATES
from tests.browser.staff_states import STAFF_STATES
from tests.browser.states import PAGES, State, root
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
        assert_accessible(page)
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


@pytest.mark.parametrize(
    "state",
    [
        *PROFILE_STATES,
        *SIGNATURE_STATES,
        *STAFF_STATES,
        *MESSAGE_STATES,
        *ACTIVITY_FORM_STATES,
        *SITE_STATES,
        *ACTIVITY_STATES,
        *MICROSOFT_STATES,
        *REGISTRATION_STATES,
        *CHECK_STATES,
        *ROUND_STATES,
    ],
    ids=lambda state: state.__name__,
)
def test_every_state_is_accessible(page: Page, state: State) -> None:
    state(page)
    assert_presentable(page)
