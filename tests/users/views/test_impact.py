"""A change of the system-wide settings shows first what it does to users."""

from __future__ import annotations

from http import HTTPStatus

from django.test import TestCase

from tests import factories
from tests.factories import configure, make_settings, make_superuser, make_user, register
from tests.users.views.browser import Browser, Page
from users.models import EntraAppRegistration, SystemSettings

NOTHING_YET = "This change has an effect on users. Nothing is saved yet."


class ImpactCase(TestCase):
    def setUp(self) -> None:
        configure(sending_method="outlook")
        self.browser = Browser(make_superuser())

    def system(self) -> Page:
        return self.browser.open("/system/")

    def entra(self) -> Page:
        return self.browser.open("/system/entra/")


class SystemTests(ImpactCase):
    def test_a_new_sending_method_shows_who_changes_and_who_is_left_with_something_missing(self) -> None:
        make_user("alice")
        make_settings(make_user("bob"), method="smtp")
        make_settings(make_user("charlie"), method="")
        page = self.system().press(sending_method="smtp")
        assert page.status == 200
        assert NOTHING_YET in page.text
        change = "3 users change from “Client based, via Microsoft Outlook” to “Server based, via SMTP”."
        assert change in page.text
        assert "2 users whose settings are complete will have something missing." in page.text
        assert SystemSettings.load().sending_method == "outlook"
        assert SystemSettings.load().version == 1

    def test_a_script_gets_the_effect_alone(self) -> None:
        page = self.system()
        effect = page.press("effect", sending_method="smtp")
        assert NOTHING_YET in effect.source
        assert "<html" not in effect.source
        assert page.press("effect", allowed_domains="example.com").status == HTTPStatus.NO_CONTENT
        assert page.press("effect", smtp_port="none").status == HTTPStatus.NO_CONTENT
        assert SystemSettings.load().version == 1

    def test_one_user_is_told_of_as_one(self) -> None:
        assert "1 user changes from" in self.system().press(sending_method="smtp").text

    def test_a_server_that_goes_shows_who_loses_it(self) -> None:
        make_settings(make_user("alice"))
        page = self.system().press(smtp_host="")
        assert "1 user whose settings are complete will have something missing." in page.text
        assert SystemSettings.load().smtp_host == factories.SMTP_HOST

    def test_a_server_that_comes_shows_who_gains(self) -> None:
        configure(smtp_host="")
        make_settings(make_user("alice"))
        assert "1 user will have complete settings." in self.system().press(smtp_host="smtp.example.com").text

    def test_another_exchange_server_shows_whose_passwords_end(self) -> None:
        make_settings(make_user("alice"), method="exchange")
        page = self.system().press(exchange_url="https://other.example.com/EWS/Exchange.asmx")
        assert "1 user whose settings are complete will have something missing." in page.text

    def test_saving_again_does_it(self) -> None:
        page = self.system().press(sending_method="smtp", smtp_port="26").press()
        assert page.status == 302
        assert "The system settings are saved." in page.follow().text
        system = SystemSettings.load()
        assert (system.sending_method, system.smtp_port) == ("smtp", 26)

    def test_an_effect_that_grew_in_between_is_shown_again(self) -> None:
        page = self.system().press(sending_method="smtp")
        make_user("alice")
        page = page.press()
        assert page.status == 200
        assert "2 users change from" in page.text
        assert page.press().status == 302

    def test_another_change_than_the_one_confirmed_is_shown_again(self) -> None:
        page = self.system().press(sending_method="smtp").press(sending_method="exchange")
        assert (
            "1 user changes from “Client based, via Microsoft Outlook” to “Server based, via Microsoft Exchange”"
            in (page.text)
        )
        assert SystemSettings.load().sending_method == "outlook"

    def test_a_confirmation_of_nobodys_making_confirms_nothing(self) -> None:
        for confirmed in ("", "1", "on", "::1:0:0", "\0"):
            with self.subTest(confirmed):
                page = self.system().press(changes={"confirmed": confirmed}, sending_method="smtp")
                assert NOTHING_YET in page.text

    def test_without_an_effect_it_is_saved_at_once(self) -> None:
        assert self.system().press(smtp_port="2525", allowed_domains="example.com").status == 302

    def test_errors_come_before_the_effect(self) -> None:
        page = self.system().press(sending_method="smtp", smtp_port="x")
        assert page.error_codes("smtp_port") == ["invalid"]
        assert NOTHING_YET not in page.text

    def test_a_typed_password_has_to_be_entered_again(self) -> None:
        page = self.system().press("unlock:smtp_password")
        page = page.press(smtp_username="mailer", smtp_password="typed canary", sending_method="smtp")
        assert "A password that you typed is not kept while you decide" in page.text
        assert page.secret_inputs == ["smtp_password"]
        assert "canary" not in page.source
        told = page.press()
        assert told.error_codes("smtp_password") == ["required"]
        assert told.press(smtp_password="typed again").press(smtp_password="typed again").status == 302
        assert SystemSettings.load().open_secret("smtp_password").reveal() == "typed again"

    def test_a_conflict_is_told_even_when_the_effect_is_confirmed(self) -> None:
        page = self.system().press(sending_method="smtp")
        configure(smtp_port=26)
        told = page.press()
        assert told.status == 409
        assert SystemSettings.load().sending_method == "outlook"


class RegistrationTests(ImpactCase):
    def setUp(self) -> None:
        super().setUp()
        register()
        make_settings(make_user("alice"), method="exchange_online")

    def test_another_tenant_shows_who_loses_the_registration(self) -> None:
        page = self.entra().press(tenant_id="other.example.com")
        assert NOTHING_YET in page.text
        assert "1 user whose settings are complete will have something missing." in page.text
        assert EntraAppRegistration.load().tenant_id == factories.TENANT_ID

    def test_another_flow_shows_who_needs_a_password_now(self) -> None:
        assert NOTHING_YET in self.entra().press(flow="password").text

    def test_removing_the_secret_shows_its_effect(self) -> None:
        page = self.entra().press("remove:client_secret").press()
        assert NOTHING_YET in page.text
        assert EntraAppRegistration.load().client_secret
        assert page.press().status == 302
        assert not EntraAppRegistration.load().client_secret

    def test_saving_again_does_it(self) -> None:
        assert self.entra().press(tenant_id="other.example.com").press().status == 302
        assert EntraAppRegistration.load().tenant_id == "other.example.com"

    def test_without_an_effect_it_is_saved_at_once(self) -> None:
        assert self.entra().press(secret_expires_on=factories.in_days(400).isoformat()).status == 302
