"""Bad input into every field of every form: a message at the field or a sane stored value, never an exception."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.http import QueryDict
from django.test import SimpleTestCase, TestCase

from tests.factories import (
    configure,
    in_days,
    make_activity,
    make_settings,
    make_superuser,
    make_template,
    make_user,
    register,
)
from tests.users.forms.bad_input import BAD_INPUT, page_with, problems_of
from users.directory import Directory
from users.forms import (
    AccountForm,
    ActivityForm,
    ActivitySearchForm,
    EmailSettingsForm,
    EntraForm,
    NewAccountForm,
    SignatureForm,
    SignatureTemplateForm,
    SystemSettingsForm,
    UserSearchForm,
)
from users.forms.padlock import PadlockMode
from users.models import (
    Activity,
    EmailSettings,
    EntraAppRegistration,
    Installation,
    SignatureTemplate,
    SystemSettings,
    User,
)

Make = Callable[[dict[str, Any]], Any]
OPEN = PadlockMode.OPEN


@pytest.mark.untraced
class BadInputTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="smtp")
        register(flow="password")
        self.root = make_superuser()
        self.alice = make_user("alice")

    def check(self, make: Make, good: dict[str, str]) -> None:
        """The good values are good, and each field in turn takes all bad input."""
        form = make(good)
        assert form.is_valid(), form.errors
        for field in form.fields.keys() - {"version"}:
            with self.subTest(field):
                assert list(problems_of(make, good, form.add_prefix(field))) == []
        for name in ("a script", "a NUL", "a right-to-left override", "blanks"):
            with self.subTest(shown=name):
                assert "<script" not in page_with(make, good, BAD_INPUT[name])

    def test_the_own_settings(self) -> None:
        make_settings(self.alice, method="exchange")

        def make(posted: dict[str, Any]) -> EmailSettingsForm:
            settings = EmailSettings.of(self.alice)
            return EmailSettingsForm(posted, instance=settings, editor=self.alice, padlocks={"exchange_password": OPEN})

        good = {"version": "1", "method": "exchange", "address": "a@example.com", "copy_mode": "cc"}
        for method in ("exchange", "exchange_online"):
            account = {"exchange_username": "FIRM\\a", "exchange_password": "secret"}
            self.check(make, good | account | {"method": method})

    def test_settings_with_a_method_that_asks_for_no_account(self) -> None:
        make_settings(self.alice, method="smtp")

        def make(posted: dict[str, Any]) -> EmailSettingsForm:
            return EmailSettingsForm(posted, instance=EmailSettings.of(self.alice), editor=self.root)

        for method in ("smtp", "outlook", ""):
            self.check(make, {"version": "1", "method": method, "address": "a@example.com"})

    def test_the_settings_of_a_user_without_any(self) -> None:
        def make(posted: dict[str, Any]) -> EmailSettingsForm:
            return EmailSettingsForm(posted, instance=EmailSettings.of(self.alice), editor=self.alice)

        self.check(make, {"version": "0", "method": "", "address": "a@example.com", "copy_mode": "bcc"})

    def test_the_system_settings(self) -> None:
        def make(posted: dict[str, Any]) -> SystemSettingsForm:
            padlocks = {"smtp_password": OPEN}
            return SystemSettingsForm(posted, instance=SystemSettings.load(), editor=self.root, padlocks=padlocks)

        good = {
            "version": "1",
            "sending_method": "smtp",
            "exchange_url": "https://mail.example.com/EWS/Exchange.asmx",
            "exchange_auth": "ntlm",
            "smtp_host": "smtp.example.com",
            "smtp_security": "starttls",
            "smtp_port": "0",
            "smtp_username": "site",
            "smtp_password": "secret",
            "allowed_domains": "example.com",
        }
        self.check(make, good)

    def test_the_app_registration(self) -> None:
        def make(posted: dict[str, Any]) -> EntraForm:
            padlocks = {"client_secret": OPEN, "private_key": OPEN}
            return EntraForm(posted, instance=EntraAppRegistration.load(), editor=self.root, padlocks=padlocks)

        good = {
            "version": "1",
            "cloud": "custom",
            "custom_authority": "https://login.example.com",
            "custom_graph": "https://graph.example.com",
            "tenant_id": "example.com",
            "client_id": EntraAppRegistration.load().client_id,
            "flow": "application",
            "client_secret": "secret",
            "secret_expires_on": in_days(9).isoformat(),
        }
        self.check(make, good)

    def test_an_account(self) -> None:
        def make(posted: dict[str, Any]) -> AccountForm:
            return AccountForm(posted, instance=User.objects.get(pk=self.alice.pk), prefix="account")

        names = ("username", "first_name", "last_name", "job_title", "department", "phone", "mobile", "is_active")
        good = {f"account-{name}": "alice" for name in names}
        self.check(make, good | {"account-version": str(self.alice.version)})

    def test_a_new_account(self) -> None:
        def make(posted: dict[str, Any]) -> NewAccountForm:
            return NewAccountForm(posted, instance=User())

        passwords = {"password1": " long & blank ", "password2": " long & blank "}
        self.check(make, {"version": "0", "username": "bob", "first_name": "Bob"} | passwords)

    def test_a_signature(self) -> None:
        make_settings(self.alice)

        def make(posted: dict[str, Any]) -> SignatureForm:
            return SignatureForm(posted, instance=EmailSettings.of(self.alice), editor=self.alice)

        self.check(make, {"version": "1", "signature_html": "<p>Alice</p>"})
        by_hand = {"signature_text_is_edited": "edited", "signature_text": "Alice"}
        self.check(make, {"version": "1", "signature_html": "<p>Alice</p>"} | by_hand)

    def test_a_company_signature(self) -> None:
        template = make_template()

        def make(posted: dict[str, Any]) -> SignatureTemplateForm:
            instance = SignatureTemplate.objects.get(pk=template.pk)
            return SignatureTemplateForm(posted, instance=instance, editor=self.root)

        self.check(make, {"version": "1", "name": "Standard", "use": "offered", "html": "<p>{{ name }}</p>"})

    def test_an_activity(self) -> None:
        activity = make_activity(self.alice)

        def make(posted: dict[str, Any]) -> ActivityForm:
            return ActivityForm(posted, instance=Activity.objects.select_related("owner").get(pk=activity.pk))

        days = {"start_day": "2026-10-25", "end_day": "2026-10-26", "time_zone": "Europe/Berlin"}
        times = {"start_time": "02:30", "start_which": "second", "end_time": "10:00"}
        good = {"version": "1", "subject": "Call", "link": "https://example.com", "text": "Text"} | days
        self.check(make, good | times)
        self.check(make, good | {"whole_day": "on"})


class ActivitySearchTests(TestCase):
    def test_whatever_is_searched_for_gives_a_list(self) -> None:
        make_activity(make_user("alice"))
        for field in ActivitySearchForm.base_fields:
            for name in BAD_INPUT.keys() - {"a lone surrogate"}:
                with self.subTest(field, input=name):
                    query = QueryDict(mutable=True)
                    query[field] = BAD_INPUT[name]
                    form = ActivitySearchForm(query, zone="Europe/Berlin")
                    assert Activity.objects.filter(form.conditions).count() <= 1


class SearchTests(TestCase):
    def test_whatever_is_searched_for_gives_a_list(self) -> None:
        root, installation = make_superuser(), Installation.load()
        for field in UserSearchForm().fields:
            # A browser can't post a lone surrogate: Django decodes it to a question mark.
            for name in BAD_INPUT.keys() - {"a lone surrogate"}:
                text = BAD_INPUT[name]
                with self.subTest(field, input=name):
                    directory = Directory(installation, **UserSearchForm({field: text}).chosen)
                    assert len(directory.page(text, editor=root)) <= 1


class SearchFormTests(SimpleTestCase):
    def test_valid_choices_are_taken_and_the_rest_is_empty(self) -> None:
        form = UserSearchForm({"q": " anna ", "method": "pigeon", "ready": "maybe", "sort": "password"})
        assert form.chosen == {"q": "anna", "method": "", "ready": "", "sort": ""}
        form = UserSearchForm({"q": "x" * 101, "method": "smtp", "ready": "yes", "sort": "-name"})
        assert form.chosen == {"q": "", "method": "smtp", "ready": "yes", "sort": "-name"}

    def test_whether_somebody_is_ready_is_understood_in_other_words(self) -> None:
        for text, chosen in (("1", "yes"), ("true", "yes"), ("0", "no"), ("not_ready", "no"), ("2", "")):
            form = UserSearchForm({"ready": text})
            with self.subTest(text):
                assert form.chosen["ready"] == chosen
                assert form["ready"].value() == (chosen or text)

    def test_without_anything_everything_is_empty(self) -> None:
        assert set(UserSearchForm({}).chosen.values()) == {""}
