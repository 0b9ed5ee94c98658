"""The pages on which administrators find and edit users, and the signatures."""

from __future__ import annotations

from django.test import TestCase

from tests.factories import (
    EXCHANGE_PASSWORD,
    checked,
    configure,
    make_settings,
    make_staff,
    make_superuser,
    make_template,
    make_user,
)
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings, SignatureTemplate, User


class StaffCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice", job_title="Editor")
        self.sam = make_staff("sam")
        self.browser = Browser(self.sam)

    def page(self) -> Page:
        return self.browser.open(f"/users/{self.alice.uid}/")

    def stored(self) -> EmailSettings:
        return EmailSettings.of(User.objects.get(pk=self.alice.pk))


class UserPageTests(StaffCase):
    def test_sets_everything_for_a_user(self) -> None:
        page = self.page().press("unlock:exchange_password", method="exchange")
        answer = page.press(
            changes={"account-first_name": "Alicia", "account-job_title": "Chief"},
            address="alicia@example.com",
            exchange_username="FIRM\\alicia",
            exchange_password=EXCHANGE_PASSWORD,
            copy_mode="bcc",
        )
        assert "The user's settings are saved." in answer.follow().source.replace("&#x27;", "'")
        stored = self.stored()
        assert (stored.method, stored.address, stored.copy_mode) == ("exchange", "alicia@example.com", "bcc")
        assert stored.open_secret("exchange_password").reveal() == EXCHANGE_PASSWORD
        assert stored.exchange_password_set_by == self.sam
        assert (stored.user.first_name, stored.user.job_title) == ("Alicia", "Chief")

    def test_saves_all_forms_or_none(self) -> None:
        page = self.page().press(changes={"account-first_name": "Alicia"}, method="smtp", address="wrong")
        assert page.error_codes("address")
        self.alice.refresh_from_db()
        assert self.alice.first_name == "Alice"
        assert page.values["account-first_name"] == "Alicia"

    def test_every_form_shows_its_errors_at_once(self) -> None:
        page = self.page().press(changes={"account-username": "not allowed!"}, method="smtp", address="wrong")
        assert page.error_codes("username", form="account_form")
        assert page.error_codes("address")

    def test_the_policies_do_not_bind_administrators(self) -> None:
        configure(users_may_choose_method=False, users_may_edit_address=False)
        assert self.page().press(method="smtp", address="alice@example.com").status == 302
        assert self.stored().address == "alice@example.com"

    def test_nobody_locks_themselves_out(self) -> None:
        page = self.browser.open(f"/users/{self.sam.uid}/")
        assert "Nobody can take this from themselves" in page.source
        assert page.press(changes={"account-is_active": "", "account-last_name": "New"}, method="outlook").status == 302
        self.sam.refresh_from_db()
        assert (self.sam.is_active, self.sam.last_name) == (True, "New")
        assert self.page().press(changes={"account-is_active": ""}, method="outlook").status == 302
        self.alice.refresh_from_db()
        assert not self.alice.is_active

    def test_buttons_keep_what_was_typed_in_both_forms(self) -> None:
        page = self.page().press(
            "refresh", {"account-first_name": "Typed"}, method="exchange", exchange_username="X\\y"
        )
        assert (page.values["account-first_name"], page.values["exchange_username"]) == ("Typed", "X\\y")
        assert User.objects.get(pk=self.alice.pk).first_name == "Alice"

    def test_names_that_would_break_a_header_are_refused(self) -> None:
        for name in ("Al\r\nBcc: x@example.com", "Al\u202eice", "A\0"):
            with self.subTest(ascii(name)):
                page = self.page().press(changes={"account-first_name": name}, method="outlook")
                assert page.status == 200
                assert page.error_codes("first_name", form="account_form")

    def test_somebody_nobody_knows_is_not_found(self) -> None:
        for address in ("/users/00000000-0000-4000-8000-000000000000/", "/users/1/", "/users/x/signature/"):
            with self.subTest(address):
                assert self.browser.open(address).status == 404


class ListTests(StaffCase):
    def test_shows_method_source_readiness_and_address(self) -> None:
        settings = make_settings(self.alice, method="")
        row = "Alice Archer alice alice@example.com Server based, via SMTP from the system settings"
        assert f"{row} 1 thing left never checked" in self.browser.open("/users/").text
        checked(settings)
        assert f"{row} Ready passed just now" in self.browser.open("/users/").text

    def test_a_method_without_servers_needs_no_check_whatever_was_checked_before(self) -> None:
        settings = make_settings(self.alice, method="smtp")
        for stored in (settings, checked(settings), checked(settings, passed=False)):
            EmailSettings.objects.filter(pk=stored.pk).update(method="outlook")
            assert "Ready not needed" in self.browser.open("/users/").text
            panel = self.page().text
            assert "With the saved e-mail method, there is nothing to check." in panel
            assert "ut of date" not in panel
            EmailSettings.objects.filter(pk=stored.pk).update(method="smtp")

    def test_filters_that_nobody_knows_are_ignored(self) -> None:
        for query in (
            "method=pigeon",
            "ready=maybe",
            "sort=password",
            "page=x",
            "page=-1",
            "page=999999",
            "q=%00",
            "x=1",
        ):
            with self.subTest(query):
                page = self.browser.open(f"/users/?{query}")
                assert page.status == 200
                assert "Alice Archer" in page.text

    def test_says_what_to_do_when_nobody_matches(self) -> None:
        assert "No user matches." in self.browser.open("/users/?q=nobody-of-this-name").text

    def test_what_was_searched_is_shown_as_text(self) -> None:
        page = self.browser.open("/users/?q=%3Cscript%3Ealert(1)%3C/script%3E")
        assert "<script>alert" not in page.source
        assert "&lt;script&gt;alert" in page.source


class NewUserTests(StaffCase):
    ACCOUNT = {
        "account-username": "eve",
        "account-first_name": "Eve",
        "account-password1": "a long passphrase",
        "account-password2": "a long passphrase",
    }

    def test_adds_a_user_with_settings_and_a_password_for_exchange(self) -> None:
        page = self.browser.open("/users/add/").press("unlock:exchange_password", self.ACCOUNT, method="exchange")
        assert page.values["account-username"] == "eve"
        typed = {"exchange_username": "FIRM\\eve", "exchange_password": EXCHANGE_PASSWORD, "address": "eve@example.com"}
        assert page.press(changes=self.ACCOUNT | typed).status == 302
        stored = EmailSettings.of(User.objects.get(username="eve"))
        assert stored.open_secret("exchange_password").reveal() == EXCHANGE_PASSWORD
        assert (stored.version, stored.user.version) == (1, 1)

    def test_typed_passwords_do_not_come_back(self) -> None:
        page = self.browser.open("/users/add/").press(changes=self.ACCOUNT, method="pigeon")
        assert page.status == 200
        assert "a long passphrase" not in page.source

    def test_a_weak_first_password_is_refused(self) -> None:
        weak = {"account-password1": "12345", "account-password2": "12345"}
        page = self.browser.open("/users/add/").press(changes=self.ACCOUNT | weak, method="outlook")
        assert page.status == 200
        assert not User.objects.filter(username="eve").exists()

    def test_nobody_is_added_when_the_settings_are_wrong(self) -> None:
        page = self.browser.open("/users/add/").press(changes=self.ACCOUNT, method="smtp", address="")
        assert page.error_codes("address") == ["required"]
        assert not User.objects.filter(username="eve").exists()


class SignatureTests(StaffCase):
    def test_what_is_stored_is_safe_and_has_its_plain_text(self) -> None:
        page = Browser(self.alice).open("/profile/signature/")
        html = "<p onclick='x()'>Alice <b>Archer</b></p><script>alert(1)</script><a href='javascript:x'>x</a>"
        assert page.press(signature_html=html).status == 302
        stored = self.stored()
        assert "<p>Alice <b>Archer</b></p>" in stored.signature_html
        for mark in ("script", "onclick", "alert"):
            assert mark not in stored.signature_html
        assert "Alice Archer" in stored.signature_text

    def test_a_signature_that_is_too_much_is_told_at_the_field(self) -> None:
        page = Browser(self.alice).open("/profile/signature/").press(signature_html="<div>" * 2_000 + "x")
        assert page.status == 200
        assert page.error_codes("signature_html")

    def test_a_company_signature_is_filled_in_and_stored_by_saving_only(self) -> None:
        make_template(html="<p>{{ name }}, {{ job_title }}</p>")
        browser = Browser(self.alice)
        page = browser.open("/profile/signature/")
        filled_in = "<p>Alice Archer, Editor</p>"
        assert filled_in in page.tree.xpath("//input[@name='signature_html']/@value")
        shown = page.press("show", signature_html=filled_in)
        assert shown.values["signature_html"] == filled_in
        assert self.stored().signature_html == ""
        assert shown.press().status == 302
        assert self.stored().signature_html == filled_in

    def test_names_in_it_are_text(self) -> None:
        User.objects.filter(pk=self.alice.pk).update(first_name="<script>x</script>")
        make_template(html="<p>{{ name }}</p>", use="mandatory")
        page = Browser(self.alice).open("/profile/signature/")
        assert "<script>x" not in page.source

    def test_saving_it_does_not_touch_the_other_settings(self) -> None:
        make_settings(self.alice, method="exchange")
        configure(allowed_domains="elsewhere.example")
        assert Browser(self.alice).open("/profile/signature/").press(signature_html="<p>x</p>").status == 302
        stored = self.stored()
        assert stored.open_secret("exchange_password").reveal() == EXCHANGE_PASSWORD
        assert stored.address == "alice@example.com"

    def test_staff_edits_it_for_a_user(self) -> None:
        page = self.browser.open(f"/users/{self.alice.uid}/signature/")
        assert page.press(signature_html="<p>by Sam</p>").status == 302
        assert self.stored().signature_html == "<p>by Sam</p>"

    def test_a_mandatory_one_is_announced(self) -> None:
        make_template(name="Company", use="mandatory")
        assert "company signature “Company” mandatory" in Browser(self.alice).open("/profile/signature/").text


class CompanySignatureTests(StaffCase):
    def test_adds_edits_and_deletes(self) -> None:
        added = self.browser.open("/system/signatures/add/").press(name="New", html="<p>{{ name }}</p>")
        assert "The company signature is saved." in added.follow().text
        template = SignatureTemplate.objects.get()
        assert self.browser.open(template.get_absolute_url()).press(name="Other").status == 302
        assert self.browser.post(f"{template.get_absolute_url()}delete/", {}).status == 302
        assert not SignatureTemplate.objects.exists()

    def test_a_second_mandatory_one_is_refused(self) -> None:
        make_template(name="First", use="mandatory")
        page = self.browser.open("/system/signatures/add/").press(name="Second", html="<p>x</p>", use="mandatory")
        assert "Another company signature is mandatory already." in page.text

    def test_a_name_that_is_taken_is_refused_at_the_field(self) -> None:
        make_template(name="Taken")
        page = self.browser.open("/system/signatures/add/").press(name="Taken", html="<p>x</p>")
        assert page.error_codes("name") == ["unique"]

    def test_superusers_may_do_all_this_too(self) -> None:
        browser = Browser(make_superuser())
        assert browser.open("/system/signatures/add/").press(name="New", html="<p>x</p>").status == 302
