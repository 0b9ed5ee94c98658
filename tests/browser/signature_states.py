"""The states of the pages about signatures: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.clipboard import RTF, WORD, paste
from tests.browser.states import LONG, State, alice, path_of_template, root
from tests.browser.steps import open_editor, open_page, press, wait_for_editor, write_signature
from tests.factories import make_settings, make_template
from users.models import EmailSettings


def signature_with_offers(page: Page) -> None:
    make_template()
    alice(page)
    open_page(page, "/profile/signature/")


def signature_that_is_mandatory(page: Page) -> None:
    make_template(use="mandatory")
    alice(page)
    open_page(page, "/profile/signature/")


def signature_for_outlook(page: Page) -> None:
    make_settings(alice(page), method="outlook", address="")
    open_page(page, "/profile/signature/")


def signature_with_a_missing_picture(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    paste(page, html=WORD)
    page.get_by_text("Written by hand").click()


def signature_with_its_picture(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    paste(page, html=WORD, rtf=RTF)
    page.get_by_text("Take it from Outlook’s files").click()


def signature_that_is_too_large(page: Page) -> None:
    alice(page)
    open_editor(page, "/profile/signature/")
    write_signature(page, f"<p>{'Alice Archer ' * 9_000}</p>")
    press(page, "Save")


def signature_in_conflict(page: Page) -> None:
    signature_with_its_picture(page)
    EmailSettings.objects.update(version=9, signature_html="<p>By somebody else<br>who was quicker</p>")
    press(page, "Save")
    wait_for_editor(page)


def signature_source(page: Page) -> None:
    signature_with_its_picture(page)
    page.evaluate("tinymce.activeEditor.ui.registry.getAll().buttons.source.onAction()")
    page.get_by_role("dialog").wait_for()


def signature_menu(page: Page) -> None:
    root(page)
    open_editor(page, path_of_template())
    page.get_by_role("button", name="Placeholder").click()


def signature_template_with_errors(page: Page) -> None:
    root(page)
    open_editor(page, "/system/signatures/add/")
    write_signature(page, "{{ unknown }}")
    press(page, "Save")


def signature_templates(page: Page) -> None:
    make_template()
    make_template(name=LONG[:100])
    root(page)
    open_page(page, "/system/signatures/")


SIGNATURE_STATES: list[State] = [
    signature_with_offers,
    signature_that_is_mandatory,
    signature_for_outlook,
    signature_with_a_missing_picture,
    signature_with_its_picture,
    signature_that_is_too_large,
    signature_in_conflict,
    signature_source,
    signature_menu,
    signature_template_with_errors,
    signature_templates,
]
