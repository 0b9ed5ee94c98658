"""What people do on the pages, as the tests say it."""

from __future__ import annotations

import re

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore
from playwright.sync_api import Locator, Page, expect


def open_page(page: Page, path: str) -> None:
    """Go there, and wait until the page's scripts have run."""
    page.goto(path)
    wait_for_scripts(page)


def wait_for_scripts(page: Page) -> None:
    expect(page.locator("[data-theme-switch]")).to_be_visible()


def wait_until(page: Page, condition: str) -> None:
    """Wait for what a script says. Playwright's own way evaluates within the page, which the site's policy forbids."""
    for _time in range(600):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"This did not come true: {condition}")


def choose(page: Page, label: str) -> None:
    page.get_by_role("radio", name=label, exact=True).check()


def field(page: Page, label: str) -> Locator:
    # A required field has an asterisk in its label, which is not shown.
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}\s*\*?\s*$"))


def press(page: Page, name: str) -> None:
    """Press a button that sends the form, and wait for the answer."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()
    wait_for_scripts(page)


def press_for_effect(page: Page, name: str) -> Locator:
    """Press a button that saves, and get what the page says before it does; nothing typed is lost."""
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name=name, exact=True).click()
    effect = page.get_by_role("alert")
    expect(effect).to_be_focused()
    return effect


def save_bar(page: Page) -> Locator:
    return page.locator("[data-save-bar]")


def expect_message(page: Page, text: str) -> None:
    expect(page.get_by_role("status").get_by_text(text)).to_be_visible()


def expect_error(page: Page, label: str, text: str) -> None:
    expect(field(page, label)).to_have_attribute("aria-invalid", "true")
    expect(page.locator(".invalid-feedback").get_by_text(text)).to_be_visible()


def let_sign_in_grow_old(page: Page) -> None:
    """As if the own password had last been entered more than ten minutes ago."""
    session = SessionStore(session_key(page))
    session["confirmed_at"] = 0
    session.save()


def session_key(page: Page) -> str:
    return next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == settings.SESSION_COOKIE_NAME)


# --- The editor of signatures ---------------------------------------------------------------------------------------


def open_editor(page: Page, path: str) -> None:
    """Go to a page with the editor, and wait until it can be used."""
    open_page(page, path)
    wait_for_editor(page)


def wait_for_editor(page: Page) -> None:
    wait_until(page, "Boolean(globalThis.tinymce?.activeEditor?.initialized)")


def write_signature(page: Page, html: str) -> None:
    """Put HTML into the editor, as if it had been made with its tools."""
    page.evaluate(
        """(html) => {
            const { activeEditor: editor } = tinymce;
            editor.undoManager.transact(() => editor.setContent(html));
            editor.dispatch("input");
        }""",
        html,
    )


def signature_in_editor(page: Page) -> str:
    return str(page.evaluate("tinymce.activeEditor.getContent()"))
