"""Two people who edit the same thing: the later one is told, with both values, and nothing is lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pytest
from django.test import TestCase
from django.utils.html import strip_tags

from tests.factories import (
    configure,
    make_activity,
    make_settings,
    make_staff,
    make_superuser,
    make_template,
    make_user,
    register,
)
from tests.users.views.browser import Browser, Page
from tests.users.views.races import right_after_checking
from users.models import EmailSettings, EntraAppRegistration, SignatureTemplate, SystemSettings, User

TOLD = "This was saved in the meantime, by somebody else or in another window"


@dataclass(frozen=True)
class Case:
    """A page, with a field and the values of the one who saves first and the one who comes second."""

    address: str
    field: str
    first: str
    second: str

    def shown(self) -> tuple[str, str]:
        """Signatures are told apart by what they say."""
        return strip_tags(self.first), strip_tags(self.second)


class ConflictCase(TestCase):
    def setUp(self) -> None:
        configure(sending_method="outlook")
        register()
        self.root = make_superuser()
        self.browser = Browser(self.root)
        self.alice = make_user("alice")
        make_settings(self.alice, signature_html="<p>old</p>")
        make_settings(self.root)
        self.template = make_template()
        self.activity = make_activity(self.root)

    def cases(self) -> list[Case]:
        uid = self.alice.uid
        return [
            Case("/profile/", "address", "first@example.com", "second@example.com"),
            Case("/profile/signature/", "signature_html", "<p>first</p>", "<p>second</p>"),
            Case(f"/users/{uid}/", "address", "one@example.com", "two@example.com"),
            Case(f"/users/{uid}/", "account-first_name", "First", "Second"),
            Case(f"/users/{uid}/signature/", "signature_html", "<p>first</p>", "<p>second</p>"),
            Case("/system/", "smtp_host", "first.example.com", "second.example.com"),
            Case("/system/entra/", "tenant_id", "first.example.com", "second.example.com"),
            Case(f"/system/signatures/{self.template.pk}/", "name", "First", "Second"),
            Case(self.activity.get_absolute_url(), "subject", "First", "Second"),
        ]

    def value(self, case: Case) -> Any:
        return self.browser.open(case.address).values[case.field]

    def save(self, page: Page, case: Case, value: str) -> Page:
        """Save, and confirm the effect on users if there is one."""
        answer = page.press(changes={case.field: value})
        return answer.press() if answer.status == 200 else answer


class TwoTabsTests(ConflictCase):
    def test_the_second_is_told_with_both_values(self) -> None:
        for case in self.cases():
            with self.subTest(case.address, field=case.field):
                first, second = self.browser.open(case.address), self.browser.open(case.address)
                assert self.save(first, case, case.first).status == 302
                told = self.save(second, case, case.second)
                assert told.status == 409
                assert TOLD in told.text
                (difference,) = told.response.context["differences"]
                assert (difference.stored, difference.own) == case.shown()
                assert self.value(case) == case.first

    def test_signatures_that_say_the_same_are_told_apart_by_their_html(self) -> None:
        first, second = self.browser.open("/profile/signature/"), self.browser.open("/profile/signature/")
        first.press(signature_html="<p>same</p>")
        told = second.press(signature_html="<p><b>same</b></p>")
        (difference,) = told.response.context["differences"]
        assert (difference.stored, difference.own) == ("<p>same</p>", "<p><b>same</b></p>")

    def test_saving_again_is_a_decision(self) -> None:
        for case in self.cases():
            with self.subTest(case.address, field=case.field):
                first, second = self.browser.open(case.address), self.browser.open(case.address)
                self.save(first, case, case.first)
                told = self.save(second, case, case.second)
                assert told.values[case.field] == case.second
                assert self.save(told, case, case.second).status == 302
                assert self.value(case) == case.second

    def test_after_a_third_change_it_is_told_again(self) -> None:
        for case in self.cases():
            with self.subTest(case.address, field=case.field):
                first, second = self.browser.open(case.address), self.browser.open(case.address)
                self.save(first, case, case.first)
                told = self.save(second, case, case.second)
                third = case.second.replace("second", "third").replace("Second", "Third").replace("two", "three")
                assert self.save(self.browser.open(case.address), case, third).status == 302
                assert self.save(told, case, case.second).status == 409
                assert self.value(case) == third

    @pytest.mark.untraced
    def test_a_version_that_is_none_is_a_conflict(self) -> None:
        for case in self.cases():
            name = "account-version" if case.field.startswith("account-") else "version"
            for version in ("", "x", "-1", "1e3", "\u0661", "99", "9" * 40, None):
                with self.subTest(case.address, version=version):
                    page = self.browser.open(case.address)
                    told = page.press(changes={name: version, "confirmed": "x"})
                    assert told.status == 409
                    assert TOLD in told.text

    def test_two_who_change_different_rows_of_a_page_do_not_meet(self) -> None:
        address = f"/users/{self.alice.uid}/signature/"
        account = self.browser.open(f"/users/{self.alice.uid}/")
        self.browser.open(address).press(signature_html="<p>x</p>")
        told = account.press(changes={"account-first_name": "Alicia"})
        assert told.status == 409
        self.alice.refresh_from_db()
        assert self.alice.first_name == "Alice"


class SecretsInConflictTests(ConflictCase):
    def setUp(self) -> None:
        super().setUp()
        make_settings(bob := make_user("bob"), method="exchange")
        self.bob = bob
        self.browser = Browser(bob)

    def test_a_typed_password_is_neither_shown_nor_kept(self) -> None:
        page = self.browser.open("/profile/").press("unlock:exchange_password")
        stored = EmailSettings.of(self.bob).exchange_password
        EmailSettings.objects.filter(user=self.bob).update(version=7, copy_mode="bcc")
        told = page.press(exchange_password="typed canary", copy_mode="cc")
        assert told.status == 409
        assert "canary" not in told.source
        assert "A password that you typed has to be entered again." in told.text
        assert "Copy (CC)" in told.text
        assert EmailSettings.of(self.bob).exchange_password == stored

    def test_a_password_set_by_somebody_else_is_not_shown(self) -> None:
        page = self.browser.open("/profile/")
        EmailSettings.of(self.bob).set_exchange_password("set by another", by=self.root)
        told = page.press(copy_mode="cc")
        assert told.status == 409
        assert "v1." not in told.source
        assert told.press().status == 302
        assert EmailSettings.of(self.bob).open_secret("exchange_password").reveal() == "set by another"


class FirstAndLastTests(ConflictCase):
    def test_two_first_saves_of_one_user(self) -> None:
        bob = make_user("bob")
        browser = Browser(bob)
        first, second = browser.open("/profile/"), browser.open("/profile/")
        assert first.press(method="smtp", address="first@example.com").status == 302
        told = second.press(method="smtp", address="second@example.com")
        assert told.status == 409
        assert EmailSettings.of(bob).address == "first@example.com"
        assert told.press().status == 302

    def test_two_first_saves_at_the_same_moment(self) -> None:
        bob = make_user("bob")
        page = Browser(bob).open("/profile/")
        with right_after_checking(EmailSettings, lambda: make_settings(bob, address="first@example.com")):
            told = page.press(method="smtp", address="second@example.com")
        assert told.status == 409
        assert "first@example.com" in told.text

    def test_two_first_saves_of_the_system_settings(self) -> None:
        SystemSettings.objects.all().delete()
        first, second = self.browser.open("/system/"), self.browser.open("/system/")
        assert first.press(smtp_port="1").status == 302
        assert second.press(smtp_port="2").status == 409
        assert SystemSettings.objects.get().smtp_port == 1

    def test_a_save_at_the_same_moment(self) -> None:
        page = self.browser.open("/profile/")
        with right_after_checking(EmailSettings, lambda: EmailSettings.objects.update(version=9, copy_mode="bcc")):
            told = page.press(copy_mode="cc")
        assert told.status == 409
        assert EmailSettings.of(self.root).copy_mode == "bcc"

    def test_settings_deleted_meanwhile_can_be_saved_anew(self) -> None:
        page = self.browser.open("/profile/")
        EmailSettings.objects.filter(user=self.root).delete()
        told = page.press(copy_mode="cc")
        assert told.status == 409
        assert told.press().status == 302
        assert EmailSettings.of(self.root).copy_mode == "cc"

    def test_settings_deleted_at_the_same_moment_can_be_saved_anew(self) -> None:
        page = self.browser.open("/profile/")
        with right_after_checking(EmailSettings, EmailSettings.objects.all().delete):
            told = page.press(copy_mode="cc")
        assert told.status == 409
        assert told.press().status == 302

    def test_a_registration_deleted_meanwhile_can_be_saved_anew(self) -> None:
        page = self.browser.open("/system/entra/")
        EntraAppRegistration.objects.all().delete()
        told = page.press(tenant_id="other.example.com")
        assert told.status == 409
        assert told.press().status == 302

    def test_a_user_or_template_deleted_meanwhile_is_not_found(self) -> None:
        pages = [self.browser.open(f"/users/{self.alice.uid}/"), self.browser.open(self.template.get_absolute_url())]
        User.objects.filter(pk=self.alice.pk).delete()
        SignatureTemplate.objects.all().delete()
        for page in pages:
            with self.subTest(page.address):
                assert page.press().status == 404


class TakenMeanwhileTests(ConflictCase):
    """Another row takes the same name between the check and the saving: a message at the field, no server error."""

    def test_a_user_name_on_the_page_of_a_user(self) -> None:
        page = self.browser.open(f"/users/{self.alice.uid}/")
        with right_after_checking(User, lambda: make_user("bob")):
            told = page.press(changes={"account-username": "bob"}, copy_mode="cc")
        assert told.error_codes("username", form="account_form") == ["unique"]
        assert EmailSettings.of(self.alice).copy_mode == "none"

    def test_a_user_name_on_the_page_for_a_new_user(self) -> None:
        told = self.add("eve", User, lambda: make_user("eve"))
        assert told.error_codes("username", form="account_form") == ["unique"]

    def test_an_address_on_the_page_for_a_new_user(self) -> None:
        bob = make_user("bob")
        told = self.add("eve", EmailSettings, lambda: make_settings(bob, address="eve@example.com"))
        assert told.error_codes("address") == ["address_taken"]
        assert not User.objects.filter(username="eve").exists()

    def add(self, username: str, model: Any, act: Any) -> Page:
        account = {"username": username, "password1": "a long passphrase", "password2": "a long passphrase"}
        page = self.browser.open("/users/add/")
        with right_after_checking(model, act):
            changes = {f"account-{name}": value for name, value in account.items()}
            return page.press(changes=changes, method="smtp", address=f"{username}@example.com")

    def test_the_name_of_a_company_signature(self) -> None:
        page = self.browser.open("/system/signatures/add/")
        with right_after_checking(SignatureTemplate, lambda: make_template(name="Taken")):
            told = page.press(name="Taken", html="<p>x</p>")
        assert told.error_codes("name") == ["unique"]

    def test_the_only_place_for_a_mandatory_signature(self) -> None:
        page = self.browser.open("/system/signatures/add/")
        with right_after_checking(SignatureTemplate, lambda: make_template(name="Taken", use="mandatory"), check=2):
            told = page.press(name="Other", html="<p>x</p>", use="mandatory")
        assert told.status == 200
        assert "Another company signature is mandatory already." in told.text

    def test_a_new_user_with_a_version_that_is_none(self) -> None:
        for name in ("version", "account-version"):
            with self.subTest(name):
                account = {"account-username": "eve", "account-password1": "a long passphrase"}
                account |= {"account-password2": "a long passphrase", name: "garbage"}
                assert self.browser.open("/users/add/").press(changes=account, method="outlook").status == 409
        assert not User.objects.filter(username="eve").exists()


class StaffTests(ConflictCase):
    def test_staff_and_user_are_told_of_each_other(self) -> None:
        own, staff = Browser(self.alice).open("/profile/"), Browser(make_staff()).open(f"/users/{self.alice.uid}/")
        assert own.press(copy_mode="cc").status == 302
        assert staff.press(copy_mode="bcc").status == 409
