"""What the Content-Security-Policy would stop is in no page to begin with."""

from __future__ import annotations

import pytest
from django.test import TestCase

from tests.factories import configure, make_settings, make_superuser, make_template, make_user, register
from tests.users.views.browser import Browser, Page


@pytest.mark.untraced
class MarkupTests(TestCase):
    def pages(self) -> list[Page]:
        configure(smtp_username="mailer")
        register()
        template, alice, root = make_template(), make_user("alice"), make_superuser()
        make_settings(root, method="exchange")
        browser = Browser(root)
        profile = browser.open("/profile/")
        return [
            Browser().open("/accounts/login/"),
            profile,
            profile.press("unlock:exchange_password"),
            profile.press(address="wrong"),
            profile.press(version="99"),
            browser.open("/system/").press(sending_method="outlook"),
            *(
                browser.open(address)
                for address in (
                    "/profile/signature/",
                    "/users/",
                    "/users/?q=nobody",
                    "/users/add/",
                    f"/users/{alice.uid}/",
                    f"/users/{alice.uid}/signature/",
                    "/system/",
                    "/system/entra/",
                    "/system/signatures/",
                    template.get_absolute_url(),
                    f"{template.get_absolute_url()}delete/",
                    "/accounts/password_change/",
                    "/accounts/password_change/done/",
                    "/nothing/",
                )
            ),
        ]

    def test_scripts_and_styles_stand_in_files_of_the_site(self) -> None:
        for page in self.pages():
            tree = page.tree
            with self.subTest(page.address, status=page.status):
                assert tree.xpath("//script[not(@src)] | //style | //*[@style]") == []
                assert tree.xpath("//@*[starts-with(name(), 'on')]") == []
                assert all(each.startswith("/static/") for each in tree.xpath("//script/@src | //link/@href"))

    def test_forms_go_to_the_site_alone(self) -> None:
        for page in self.pages():
            with self.subTest(page.address, status=page.status):
                actions = page.tree.xpath("//@action | //@formaction")
                assert all(action[:1] in {"", "/", "#"} and action[:2] != "//" for action in actions)

    def test_no_id_stands_twice(self) -> None:
        for page in self.pages():
            ids = page.tree.xpath("//@id")
            with self.subTest(page.address, status=page.status):
                assert [each for each in ids if ids.count(each) > 1] == []
