"""The Django admin: all models, the pages' rules, and nothing overwritten unseen."""

from __future__ import annotations

from itertools import product
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories
from tests.factories import checked, configure, make_settings, make_template, make_user, register
from tests.pictures import picture, shown
from tests.users.admin_pages import AdminCase, AdminPage
from tests.users.views.races import right_after_checking
from users.models import EmailSettings, EntraAppRegistration, SignatureTemplate, SystemSettings, User
from users.signature_pictures import keep


class EveryModelTests(AdminCase):
    def models(self) -> list[Any]:
        """All but those that only the database writes, for lists."""
        return [model for model in apps.get_app_config("users").get_models() if model._meta.default_permissions]

    def test_all_models_are_registered(self) -> None:
        for model in self.models():
            with self.subTest(model._meta.label):
                assert admin.site.is_registered(model)

    def test_all_models_are_reached_from_the_start(self) -> None:
        start = self.browser.open("/admin/").source
        for model in self.models():
            with self.subTest(model._meta.label):
                assert f'href="/admin/users/{model._meta.model_name}/"' in start

    def test_a_table_with_a_single_row_leads_straight_to_it(self) -> None:
        for name in ("systemsettings", "entraappregistration"):
            with self.subTest(name):
                response = self.browser.client.get(f"/admin/users/{name}/")
                self.assertRedirects(response, f"/admin/users/{name}/1/change/")

    def test_there_is_no_second_row(self) -> None:
        for address in ("systemsettings/2/change/", "entraappregistration/x/change/"):
            with self.subTest(address):
                self.assertRedirects(self.browser.client.get(f"/admin/users/{address}"), "/admin/")

    def test_what_is_no_key_is_not_found(self) -> None:
        names = [model._meta.model_name for model in self.models()]
        for name, key in product(names, ("x", "0", "9" * 19, "9" * 5_000, "_00", "²")):
            with self.subTest(name, key=key):
                response = self.browser.client.get(f"/admin/users/{name}/{key}/change/")
                self.assertRedirects(response, "/admin/", fetch_redirect_response=False)


class EmailSettingsTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        configure()
        self.alice = make_user("alice")

    def test_the_list_says_how_the_last_check_stands(self) -> None:
        checked(make_settings(self.alice))
        checked(make_settings(make_user("bob"), method="smtp"), passed=False)
        make_settings(make_user("charlie"))
        address = "/admin/users/emailsettings/"
        text = self.browser.open(address).text
        assert all(told in text for told in ("passed just now", "failed just now", "never checked"))
        EmailSettings.objects.filter(pk=self.alice.pk).update(address="new@example.com")
        with CaptureQueriesContext(connection) as queries:
            assert "out of date: e-mail address changed" in self.browser.open(address).text
        for name in ("dora", "emil"):
            checked(make_settings(make_user(name)))
        with self.assertNumQueries(len(queries)):
            self.browser.open(address)

    def test_a_user_without_settings_gets_them_with_the_first_change(self) -> None:
        page = self.settings_page(self.alice)
        assert not EmailSettings.objects.exists()
        assert page.save(method="smtp", address="alice@example.com").status == 302
        assert EmailSettings.of(self.alice).address == "alice@example.com"

    def test_a_change_counts_the_version_and_stands_in_the_history(self) -> None:
        make_settings(self.alice)
        assert self.settings_page(self.alice).save(copy_mode="cc").status == 302
        assert EmailSettings.of(self.alice).version == 2
        assert "Send copy to own e-mail address" in self.open(f"emailsettings/{self.alice.pk}/history/").text

    def test_the_signature_is_reached_on_its_page(self) -> None:
        page = self.settings_page(self.alice)
        assert "Not set." in page.text
        make_settings(self.alice, signature_html="<p>Alice</p>")
        page = self.settings_page(self.alice)
        assert "Set." in page.text
        assert page.tree.xpath(f"//a[@href='/users/{self.alice.uid}/signature/']")

    def test_the_list_shows_where_the_method_comes_from(self) -> None:
        make_settings(self.alice, method="")
        assert "Server based, via SMTP (from the system settings)" in self.open("emailsettings/").text

    def test_breaks_of_the_rules_are_told_as_on_the_page(self) -> None:
        configure(allowed_domains="example.com")
        make_settings(make_user("bob"))
        cases: list[tuple[str, dict[str, str]]] = [
            ("address", {"method": "smtp", "address": ""}),
            ("address", {"method": "smtp", "address": "alice@elsewhere.example"}),
            ("address", {"method": "smtp", "address": "BOB@example.com"}),
            ("address", {"method": "smtp", "address": "Alice <alice@example.com>"}),
            ("method", {"method": "exchange_online", "address": "alice@example.com"}),
            ("method", {"method": "pigeon"}),
            ("exchange_username", {"method": "exchange", "address": "alice@example.com"}),
            ("exchange_password", {"method": "exchange", "address": "alice@example.com"}),
            ("exchange_username", {"method": "smtp", "exchange_username": "x"}),
            ("copy_mode", {"method": "outlook", "copy_mode": "cc"}),
            ("exchange_password", {"method": "exchange", "exchange_password": "typed"}),
        ]
        in_admin = self.settings_page(self.alice)
        on_page = self.browser.open(f"/users/{self.alice.uid}/")
        for field, changes in cases:
            with self.subTest(field, changes=changes):
                told, told_on_page = in_admin.save(**changes), on_page.press(changes=changes)
                assert (told.status, told_on_page.status) == (200, 200)
                assert told.codes(field)
                assert told.form.errors[field] == told_on_page.form.errors[field]
        assert not EmailSettings.objects.filter(user=self.alice).exists()

    def test_tells_of_a_conflict_with_both_values_and_saves_the_second_time(self) -> None:
        make_settings(self.alice)
        first, second = self.settings_page(self.alice), self.settings_page(self.alice)
        first.save(address="first@example.com")
        told = second.save(address="second@example.com")
        assert told.codes() == ["conflict"]
        assert "first@example.com → second@example.com" in told.text
        assert EmailSettings.of(self.alice).address == "first@example.com"
        assert told.save().status == 302
        assert EmailSettings.of(self.alice).address == "second@example.com"

    def test_a_version_that_is_none_is_a_conflict(self) -> None:
        make_settings(self.alice)
        for version in ("", "x", "-1", "99", "1.0", "9" * 30, "\0"):
            with self.subTest(version):
                assert self.settings_page(self.alice).save(version=version, copy_mode="cc").codes() == ["conflict"]
        assert EmailSettings.of(self.alice).copy_mode == "none"

    def test_an_address_that_is_taken_while_saving_is_told(self) -> None:
        make_settings(self.alice)
        bob, page = make_user("bob"), self.settings_page(self.alice)
        with right_after_checking(EmailSettings, lambda: make_settings(bob)):
            told = page.save(address="bob@example.com")
        assert told.status == 302
        assert "Another user already has this address" in self.settings_page(self.alice).text
        assert EmailSettings.of(self.alice).address == "alice@example.com"

    def test_whoever_saves_at_the_same_moment_is_told(self) -> None:
        make_settings(self.alice)
        page = self.settings_page(self.alice)
        with right_after_checking(EmailSettings, lambda: EmailSettings.objects.update(version=5, copy_mode="bcc")):
            assert page.save(copy_mode="cc").status == 302
        assert EmailSettings.of(self.alice).copy_mode != "cc"
        assert "Somebody else saved this at the same moment" in self.settings_page(self.alice).text

    def test_deleting_settings_that_are_not_stored_does_no_harm(self) -> None:
        response = self.browser.client.post(f"/admin/users/emailsettings/{self.alice.pk}/delete/", {"post": "yes"})
        assert response.status_code == 302
        assert User.objects.filter(pk=self.alice.pk).exists()


class AccountTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        self.alice = make_user("alice")

    def page(self) -> AdminPage:
        return self.open(f"user/{self.alice.pk}/change/")

    def test_adds_a_user(self) -> None:
        password = factories.PASSWORD
        added = self.open("user/add/").save(username="eve", password1=password, password2=password)
        assert added.status == 302
        assert User.objects.get(username="eve").check_password(password)

    def test_leads_to_the_settings_of_a_user_who_has_none_yet(self) -> None:
        page = f"/admin/users/emailsettings/{self.alice.pk}/change/"
        assert f'href="{page}"' in self.browser.open(f"/admin/users/user/{self.alice.pk}/change/").source
        assert self.browser.open(page).status == 200

    def test_changes_a_user(self) -> None:
        assert self.page().save(first_name="Alicia").status == 302
        self.alice.refresh_from_db()
        assert (self.alice.first_name, self.alice.version) == ("Alicia", 1)

    def test_tells_of_a_conflict(self) -> None:
        first, second = self.page(), self.page()
        first.save(first_name="First")
        told = second.save(first_name="Second")
        assert told.codes() == ["conflict"]
        assert "First → Second" in told.text
        assert told.save().status == 302

    def test_a_user_name_that_is_taken_while_saving_is_told(self) -> None:
        page, password = self.open("user/add/"), factories.PASSWORD
        with right_after_checking(User, lambda: make_user("eve"), check=2):
            told = page.save(username="eve", password1=password, password2=password)
        assert told.status == 302
        assert "already exists" in self.open("user/").text


class SystemWideTests(AdminCase):
    def setUp(self) -> None:
        super().setUp()
        configure(sending_method="outlook")

    def page(self) -> AdminPage:
        return self.open("systemsettings/1/change/")

    def test_an_effect_on_users_is_shown_first_and_saved_the_second_time(self) -> None:
        told = self.page().save(sending_method="smtp")
        assert told.codes() == ["effect"]
        assert "users who change their e-mail method: 1" in told.text
        assert SystemSettings.load().sending_method == "outlook"
        assert told.save().status == 302
        assert SystemSettings.load().sending_method == "smtp"

    def test_another_effect_than_the_one_shown_is_shown_again(self) -> None:
        told = self.page().save(sending_method="smtp")
        make_user("eve")
        again = told.save()
        assert again.codes() == ["effect"]
        assert "users who change their e-mail method: 2" in again.text

    def test_without_an_effect_it_is_saved_at_once(self) -> None:
        assert self.page().save(smtp_port="2525").status == 302
        assert SystemSettings.load().smtp_port == 2525

    def test_breaks_of_the_rules_are_told_as_on_the_page(self) -> None:
        cases: list[tuple[str, dict[str, str]]] = [
            ("sending_method", {"sending_method": "exchange_online"}),
            ("smtp_password", {"smtp_username": "mailer"}),
            ("smtp_host", {"smtp_host": "https://smtp.example.com"}),
            ("exchange_url", {"exchange_url": "http://mail.example.com/"}),
            ("smtp_port", {"smtp_port": "70000"}),
            ("allowed_domains", {"allowed_domains": "not a domain!"}),
        ]
        in_admin, on_page = self.page(), self.browser.open("/system/")
        for field, changes in cases:
            with self.subTest(field):
                told, told_on_page = in_admin.save(**changes), on_page.press(changes=changes)
                assert told.codes(field)
                assert told.form.errors[field] == told_on_page.form.errors[field]

    def test_tells_of_a_conflict(self) -> None:
        first, second = self.page(), self.page()
        first.save(smtp_host="first.example.com")
        told = second.save(smtp_host="second.example.com")
        assert told.codes() == ["conflict"]
        assert "first.example.com → second.example.com" in told.text
        assert told.save().status == 302

    def test_the_registration_shows_its_effect_too(self) -> None:
        register()
        configure(sending_method="exchange_online")
        make_settings(make_user("alice"), method="exchange_online")
        page = self.open("entraappregistration/1/change/")
        told = page.save(tenant_id="other.example.com")
        assert told.codes() == ["effect"]
        assert "users for whom something will be missing" in told.text
        assert told.save().status == 302
        assert EntraAppRegistration.load().tenant_id == "other.example.com"


class TemplateTests(AdminCase):
    def test_adds_and_sanitises_a_company_signature(self) -> None:
        added = self.open("signaturetemplate/add/").save(
            name="New", html="<p onclick='x'>{{ name }}</p><script>x</script>"
        )
        assert added.status == 302
        assert SignatureTemplate.objects.get().html == "<p>{{ name }}</p>"

    def test_pictures_have_to_be_there_and_are_settled_as_on_the_page(self) -> None:
        page = self.open("signaturetemplate/add/")
        told = page.save(name="New", html=shown(picture()))
        assert told.codes("html") == ["signature_refused"]
        keep(self.root, [picture()])
        assert page.save(name="New", html=shown(picture())).status == 302
        assert SignatureTemplate.objects.get().signature_images.get().is_used

    def test_an_unknown_placeholder_is_told(self) -> None:
        told = self.open("signaturetemplate/add/").save(name="New", html="{{ shoe_size }}")
        assert told.codes("html") == ["unknown_placeholder"]

    def test_tells_of_a_conflict(self) -> None:
        key = make_template().pk
        first, second = (self.open(f"signaturetemplate/{key}/change/") for _tab in range(2))
        first.save(name="First")
        told = second.save(name="Second")
        assert told.codes() == ["conflict"]
        assert told.save().status == 302
