"""The Django admin keeps to the strict policy as well, and its forms fit on a phone. The `page` watches the policy."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser.looks import PHONE
from tests.browser.session import sign_in
from tests.factories import configure, make_settings, make_superuser, make_template, make_user, register

PAGES = [
    "",
    "users/user/",
    "users/user/add/",
    "users/user/{user}/change/",
    "users/user/{user}/password/",
    "users/user/{user}/history/",
    "users/user/{user}/delete/",
    "users/emailsettings/",
    "users/emailsettings/{user}/change/",
    "users/systemsettings/1/change/",
    "users/entraappregistration/1/change/",
    "users/signaturetemplate/",
    "users/signaturetemplate/add/",
    "users/signaturetemplate/{template}/change/",
    "users/signatureimage/",
]
OURS = [path for path in PAGES if "emailsettings/{" in path or "/1/" in path]


@pytest.fixture
def names(page: Page) -> dict[str, int]:
    configure(smtp_username="mailer")
    register()
    user = make_user("alice")
    make_settings(user, method="exchange")
    sign_in(page, make_superuser())
    return {"user": user.pk, "template": make_template().pk}


def test_every_page_keeps_to_the_policy(page: Page, names: dict[str, int]) -> None:
    for path in PAGES:
        response = page.goto(f"/admin/{path.format(**names)}")
        assert response is not None
        assert response.status == 200, path


@pytest.mark.parametrize("path", OURS)
def test_our_forms_fit_on_a_phone(page: Page, names: dict[str, int], path: str) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"/admin/{path.format(**names)}")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


def test_choices_stand_beside_their_labels(page: Page, names: dict[str, int]) -> None:
    page.goto(f"/admin/users/emailsettings/{names['user']}/change/")
    choice = page.get_by_role("radio", name="Server based, via SMTP", exact=True)
    label = page.get_by_text("Server based, via SMTP", exact=True)
    here, there = choice.bounding_box(), label.bounding_box()
    assert here is not None
    assert there is not None
    assert abs((here["y"] + here["height"] / 2) - (there["y"] + there["height"] / 2)) < 4


def test_a_password_shows_as_set_with_the_way_to_change_it(page: Page, names: dict[str, int]) -> None:
    page.goto(f"/admin/users/emailsettings/{names['user']}/change/")
    expect(page.locator("#padlock-exchange_password")).to_contain_text("Set on")
    expect(page.locator("input[type=password]")).to_have_count(0)
    page.get_by_role("link", name="Enter or change it on the settings page.").click()
    expect(page.get_by_role("heading", name="Alice Archer")).to_be_visible()
