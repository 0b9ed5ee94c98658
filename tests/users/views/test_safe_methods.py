"""GET changes nothing; what changes something is posted, with a token, and answered with a redirect."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.sessions.models import Session
from django.test import TestCase

from tests.factories import (
    PASSWORD,
    configure,
    make_activity,
    make_settings,
    make_superuser,
    make_template,
    make_user,
    register,
)
from tests.users.views.browser import Browser
from users.models import SignatureTemplate, User


class SafeMethodsCase(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")
        self.root = make_superuser()
        self.template = make_template()
        self.activity = make_activity(self.root)

    def pages(self) -> list[str]:
        return [
            "/",
            "/profile/",
            "/profile/signature/",
            "/users/",
            "/users/?q=a&method=smtp&ready=yes&sort=-name&page=2",
            "/users/add/",
            f"/users/{self.alice.uid}/",
            f"/users/{self.alice.uid}/signature/",
            "/system/",
            "/system/entra/",
            "/system/signatures/",
            "/system/signatures/add/",
            f"/system/signatures/{self.template.pk}/",
            f"/system/signatures/{self.template.pk}/delete/",
            "/activities/",
            "/activities/?since=2026-01-01&until=2026-12-31&show=done",
            "/activities/add/",
            "/activities/subscription/",
            "/activities/subscription/end/",
            self.activity.get_absolute_url(),
            f"{self.activity.get_absolute_url()}delete/",
            f"{self.activity.get_absolute_url()}file/",
            f"/users/{self.alice.uid}/activities/",
            f"/users/{self.alice.uid}/activities/add/",
            "/accounts/password_change/",
            "/accounts/password_change/done/",
            "/healthz",
            "/admin/",
            "/admin/users/emailsettings/",
            f"/admin/users/emailsettings/{self.alice.pk}/change/",
            "/admin/users/systemsettings/1/change/",
            "/admin/users/entraappregistration/1/change/",
            f"/admin/users/user/{self.alice.pk}/change/",
        ]


@pytest.mark.untraced
class GetChangesNothingTests(SafeMethodsCase):
    def rows(self) -> dict[str, list[dict[str, Any]]]:
        return {
            model._meta.label: list(model._default_manager.order_by("pk").values())
            for model in apps.get_models()
            if model is not Session
        }

    def check(self) -> None:
        browser = Browser(self.root)
        for address in self.pages():
            for method in ("GET", "HEAD", "OPTIONS"):
                with self.subTest(address, method=method):
                    before = self.rows()
                    assert browser.client.generic(method, address).status_code in {200, 302, 405}
                    assert self.rows() == before

    def test_before_anything_is_stored(self) -> None:
        self.check()

    def test_with_settings_stored(self) -> None:
        configure(smtp_username="mailer")
        register()
        make_settings(self.alice, method="exchange")
        self.check()

    def test_the_session_does_not_grow_either(self) -> None:
        browser = Browser(self.root)
        before = dict(browser.client.session)
        for address in self.pages():
            browser.open(address)
        assert dict(browser.client.session) == before

    def test_what_is_in_the_address_is_not_taken_for_posted(self) -> None:
        Browser(self.alice).open("/profile/?action=save&method=outlook&version=0")
        assert not hasattr(User.objects.get(pk=self.alice.pk), "email_settings")


class PostRedirectsTests(SafeMethodsCase):
    def test_every_successful_post_redirects(self) -> None:
        browser = Browser(self.root)
        account = {"account-password1": "a long passphrase", "account-password2": "a long passphrase"}
        cases: list[tuple[str, dict[str, str]]] = [
            ("/profile/", {"method": "outlook"}),
            ("/profile/signature/", {"signature_html": "<p>x</p>"}),
            ("/users/add/", account | {"account-username": "eve", "method": "outlook"}),
            (f"/users/{self.alice.uid}/", {"method": "outlook"}),
            (f"/users/{self.alice.uid}/signature/", {"signature_html": "<p>x</p>"}),
            ("/system/", {"smtp_port": "26"}),
            ("/system/entra/", {"tenant_id": "example.com"}),
            ("/system/signatures/add/", {"name": "New", "html": "<p>x</p>"}),
            (f"/system/signatures/{self.template.pk}/", {"name": "Other"}),
        ]
        for address, changes in cases:
            with self.subTest(address):
                assert browser.open(address).press(changes=changes).follow().status == 200

    def test_a_new_user_is_shown_after_adding(self) -> None:
        account = {"account-password1": "a long passphrase", "account-password2": "a long passphrase"}
        changes = account | {"account-username": "eve", "account-first_name": "Eve"}
        added = Browser(self.root).open("/users/add/").press(changes=changes, method="outlook")
        eve = User.objects.get(username="eve")
        assert added.response["Location"] == f"/users/{eve.uid}/"
        assert eve.check_password("a long passphrase")
        assert (eve.is_staff, eve.is_superuser, eve.email_settings.method) == (False, False, "outlook")

    def test_deleting_a_company_signature_redirects(self) -> None:
        browser = Browser(self.root)
        answer = browser.post(f"/system/signatures/{self.template.pk}/delete/", {})
        assert "The company signature is deleted." in answer.follow().text
        assert not SignatureTemplate.objects.exists()

    def test_changing_the_sign_in_password_redirects(self) -> None:
        browser = Browser(self.alice)
        posted = {"old_password": PASSWORD, "new_password1": "a long passphrase", "new_password2": "a long passphrase"}
        answer = browser.post("/accounts/password_change/", posted)
        assert "Your sign-in password is changed" in answer.follow().text

    def test_signing_in_leads_on_within_the_site_only(self) -> None:
        for target, leads_to in (("/users/", "/users/"), ("https://evil.example/", "/"), ("//evil.example", "/")):
            with self.subTest(target):
                posted = {"username": "root", "password": PASSWORD, "next": target}
                assert Browser().post("/accounts/login/", posted).response["Location"] == leads_to


class TokenTests(SafeMethodsCase):
    def addresses(self) -> list[str]:
        return [
            *(address for address in self.pages() if address not in {"/", "/healthz"} and "?" not in address),
            "/profile/test-message/",
            "/accounts/login/",
            "/accounts/logout/",
            "/admin/login/",
        ]

    def test_a_post_without_it_is_refused_with_a_plain_page(self) -> None:
        browser = Browser(self.root, enforce_csrf_checks=True)
        for address in self.addresses():
            with self.subTest(address):
                page = browser.post(address, {"method": "outlook", "version": "0", "action": "save"})
                assert page.status == 403
                assert "This page was open for too long" in page.text
                assert "Nothing was saved." in page.text

    def test_a_post_with_it_is_taken(self) -> None:
        browser = Browser(self.root, enforce_csrf_checks=True)
        assert browser.open("/profile/").press(method="outlook").status == 302

    def test_the_one_of_somebody_else_is_refused(self) -> None:
        other = Browser(self.alice, enforce_csrf_checks=True).open("/profile/").values["csrfmiddlewaretoken"]
        browser = Browser(self.root, enforce_csrf_checks=True)
        assert browser.open("/profile/").press(csrfmiddlewaretoken=other).status == 403

    def test_every_form_of_a_page_carries_it(self) -> None:
        browser = Browser(self.root)
        configure()
        make_settings(self.root)
        for address in self.pages():
            page = browser.open(address)
            if page.status != 200 or address == "/healthz":
                continue
            for form in page.tree.xpath("//form[@method='post']"):
                with self.subTest(address):
                    assert form.xpath(".//input[@name='csrfmiddlewaretoken']")
