"""The states of the pages about signatures: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.clipboard import RTF, WORD, paste
from tests.browser.states import LONG, alice, path_of_template, root
from tests.browser.steps import press, wait_for_editor, write_signature
from tests.factories import make_template
from users.models import EmailSettings


def signature_with_offers(page: Page) -> None:
    make_template()
    alice(page, "/profile/signature/")


def signature_that_is_mandatory(page: Page) -> None:
    make_template(use="mandatory")
    alice(page, "/profile/signature/")


def signature_for_outlook(page: Page) -> None:
    alice(page, "/profile/signature/", method="outlook", address="")


def signature_with_a_missing_picture(page: Page) -> None:
    alice(page, "/profile/signature/")
    wait_for_editor(page)
    paste(page, html=WORD)
    page.get_by_text("Written by hand").click()


def signature_with_its_picture(page: Page) -> None:
    alice(page, "/profile/signature/")
    wait_for_editor(page)
    paste(page, html=WORD, rtf=RTF)
    page.get_by_text("Take it from Outlook’s files").click()


def signature_that_is_too_large(page: Page) -> None:
    alice(page, "/profile/signature/")
    wait_for_editor(page)
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
    root(page, path_of_template())
    wait_for_editor(page)
    page.get_by_role("button", name="Placeholder").click()


def signature_template_with_errors(page: Page) -> None:
    root(page, "/system/signatures/add/")
    wait_for_editor(page)
    write_signature(page, "{{ unknown }}")
    press(page, "Save")


def signature_templates(page: Page) -> None:
    make_template()
    make_template(name=LONG[:100])
    root(page, "/system/signatures/")
