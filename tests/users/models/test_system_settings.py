"""The system settings: one row, its rules, and the values that follow from it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import SimpleTestCase, TestCase

from tests.factories import SMTP_PASSWORD, configure, register
from users.choices import SmtpSecurity
from users.models import SystemSettings
from users.models.secrets import TypedSecret
from users.vault import Secret, new_key


def breaches(system: SystemSettings) -> dict[str, list[str | None]]:
    with pytest.raises(ValidationError) as caught:
        system.full_clean()
    for message in caught.value.messages:
        assert message.endswith(".")
    return {field: [error.code for error in errors] for field, errors in caught.value.error_dict.items()}


def typed(system: SystemSettings, text: str = "typed") -> SystemSettings:
    system.typed_secrets["smtp_password"] = TypedSecret(Secret(text), by=None)
    return system


class RowTests(TestCase):
    def test_a_fresh_installation_has_the_defaults_and_no_row(self) -> None:
        system = SystemSettings.load()
        assert (system.sending_method, system.smtp_security, system.smtp_port) == ("outlook", "starttls", 0)
        assert (system.users_may_choose_method, system.users_may_edit_address) == (True, True)
        system.full_clean()
        assert not SystemSettings.objects.exists()

    def test_there_is_one_row_whatever_is_saved(self) -> None:
        system = configure(smtp_host="one")
        system.pk, system.smtp_host = 7, "two"
        system.save()
        assert [(row.pk, row.smtp_host) for row in SystemSettings.objects.all()] == [(1, "two")]

    def test_the_factory_makes_valid_settings(self) -> None:
        configure(smtp_username="site").full_clean()


class RuleTests(TestCase):
    def test_exchange_online_needs_a_complete_registration(self) -> None:
        system = SystemSettings(sending_method="exchange_online")
        assert breaches(system) == {"sending_method": ["registration_incomplete"]}
        register()
        SystemSettings(sending_method="exchange_online").full_clean()

    def test_a_missing_server_does_not_stop_the_administrator(self) -> None:
        for method in ("exchange", "smtp"):
            with self.subTest(method):
                SystemSettings(sending_method=method).full_clean()

    def test_the_exchange_server_is_a_whole_https_address(self) -> None:
        good = (
            "https://mail.example.com/EWS/Exchange.asmx",
            "https://mail:8443/x",
            "HTTPS://10.0.0.1/EWS",
            "https://a.b",
        )
        for text in good:
            with self.subTest(text):
                SystemSettings(exchange_url=text).full_clean()
        for text in (
            "mail.example.com",
            "http://mail.example.com/EWS",
            "https://",
            "https:///EWS",
            "https://user:pass@mail.example.com/",
            "https://@mail.example.com/",
            "https://mail.example.com/?a=b",
            "https://mail.example.com/#x",
            "https://mail.example.com:99999/",
            "https://mail.example.com:x/",
            "https://mail_x.example.com/",
            "https://[::1/",
            "https://mail.exämple.com/",
            "https://mail.example.com/E WS",
            "https://-mail.example.com/",
            "javascript:alert(1)",
            "file:///etc/passwd",
        ):
            with self.subTest(text):
                assert breaches(SystemSettings(exchange_url=text)) == {"exchange_url": ["ews_address"]}

    def test_it_is_not_that_of_exchange_online(self) -> None:
        for host in ("outlook.office365.com", "OUTLOOK.office.com", "office365.com", "x.partner.outlook.cn"):
            with self.subTest(host):
                system = SystemSettings(exchange_url=f"https://{host}/EWS/Exchange.asmx")
                assert breaches(system) == {"exchange_url": ["exchange_online_address"]}
        SystemSettings(exchange_url="https://notoffice365.com/EWS").full_clean()

    def test_the_smtp_server_is_a_name_alone(self) -> None:
        for text in ("smtp://smtp.example.com", "smtp.example.com:25", "a b", "-", "smtp.example.com/"):
            with self.subTest(text):
                assert breaches(SystemSettings(smtp_host=text)) == {"smtp_host": ["host_name"]}

    def test_text_is_one_line_of_visible_characters(self) -> None:
        for field in ("smtp_host", "exchange_url", "smtp_username"):
            for character in "\0\r\n\t\u202e":
                with self.subTest(field, character=ascii(character)):
                    errors = breaches(typed(SystemSettings(**{field: f"https://a.b/{character}"})))
                    assert "invisible_character" in errors[field]

    def test_the_port_is_one(self) -> None:
        for port in (0, 1, 65535):
            with self.subTest(port):
                SystemSettings(smtp_port=port).full_clean()
        odd: tuple[Any, ...] = (65536, -1, 10**12, "x", None)
        for value in odd:
            with self.subTest(value):
                assert "smtp_port" in breaches(SystemSettings(smtp_port=value))

    def test_unknown_values_are_errors_at_their_fields(self) -> None:
        for field in ("sending_method", "exchange_auth", "smtp_security"):
            with self.subTest(field):
                assert breaches(SystemSettings(**{field: "pigeon"}))[field] == ["invalid_choice"]


class AllowedDomainTests(SimpleTestCase):
    def domains(self, text: str) -> str:
        system = SystemSettings(allowed_domains=text)
        system.registration = register_nothing()
        system.clean()
        return system.allowed_domains

    def test_they_may_be_written_in_many_ways(self) -> None:
        for text in (
            "a.com\nb.com",
            "a.com, b.com",
            "@A.com,@b.COM",
            " a.com  b.com ",
            "a.com\r\n\r\nb.com\n",
            "a.com b.com a.com",
        ):
            with self.subTest(text):
                assert self.domains(text) == "a.com\nb.com"

    def test_international_ones_have_one_form(self) -> None:
        assert self.domains("EXÄMPLE.de xn--exmple-cua.de") == "exämple.de"

    def test_none_means_every_domain(self) -> None:
        assert self.domains(" \n , ") == ""

    def test_each_that_is_none_is_named(self) -> None:
        with pytest.raises(ValidationError) as caught:
            self.domains("a.com nonsense b@c.de \u202ex.de *.d.com")
        messages = caught.value.message_dict["allowed_domains"]
        assert [message.split("”")[0] for message in messages] == ["“nonsense", "“b@c.de", "“\u202ex.de", "“*.d.com"]


def register_nothing() -> Any:
    from users.models import EntraAppRegistration

    return EntraAppRegistration()


class PasswordTests(TestCase):
    def test_a_user_name_needs_a_password_and_the_other_way_round(self) -> None:
        assert breaches(SystemSettings(smtp_host="a", smtp_username="u")) == {"smtp_password": ["required"]}
        assert breaches(typed(SystemSettings(smtp_host="a"))) == {"smtp_password": ["not_used"]}
        typed(SystemSettings(smtp_host="a", smtp_username="u")).full_clean()

    def test_it_is_bound_to_server_and_user_name(self) -> None:
        code = {"smtp_password": ["password_for_another_account"]}
        for change in ({"smtp_host": "other.example.com"}, {"smtp_username": "other"}):
            system = configure(smtp_username="site")
            for name, value in change.items():
                setattr(system, name, value)
            with self.subTest(change):
                assert breaches(system) == code
                assert not system.has_smtp_server

    def test_the_case_of_the_servers_name_does_not_matter(self) -> None:
        system = configure(smtp_username="site")
        system.smtp_host = system.smtp_host.upper()
        system.full_clean()

    def test_without_a_user_name_it_is_removed(self) -> None:
        system = configure(smtp_username="site")
        system.smtp_username = ""
        system.full_clean()
        assert (system.smtp_password, system.smtp_password_set_at) == ("", None)

    def test_it_never_travels_unencrypted_to_another_machine(self) -> None:
        open_system = typed(SystemSettings(smtp_host="smtp.example.com", smtp_username="u", smtp_security="none"))
        assert breaches(open_system) == {"smtp_security": ["password_unprotected"]}
        typed(SystemSettings(smtp_host="localhost", smtp_username="u", smtp_security="none")).full_clean()
        SystemSettings(smtp_host="smtp.example.com", smtp_security="none").full_clean()

    def test_without_its_key_everything_still_answers(self) -> None:
        configure(smtp_username="site")
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            system = SystemSettings.load()
            assert not system.has_smtp_server
            assert str(system.secret_state("smtp_password").problem)
            system.full_clean()
        assert SystemSettings.load().has_smtp_server

    def test_without_any_key_a_typed_one_is_an_error_at_its_field(self) -> None:
        system = typed(SystemSettings(smtp_host="a", smtp_username="u"))
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            assert breaches(system) == {"smtp_password": ["no_key"]}


class ServerTests(TestCase):
    def test_the_port_follows_the_encryption_unless_given(self) -> None:
        for security, port in (("starttls", 587), ("tls", 465), ("none", 25)):
            with self.subTest(security):
                system = SystemSettings(smtp_host="a", smtp_security=security)
                assert (system.smtp_port_in_use, system.smtp_server_name) == (port, f"a:{port}")
                assert system.smtp_security_in_use == SmtpSecurity(security)
        assert SystemSettings(smtp_port=2525).smtp_port_in_use == 2525

    def test_it_has_a_server_when_it_is_named_and_its_password_opens(self) -> None:
        assert not SystemSettings().has_smtp_server
        assert SystemSettings().smtp_server_name == ""
        assert SystemSettings(smtp_host="a").has_smtp_server
        assert not SystemSettings(smtp_host="a", smtp_username="u").has_smtp_server
        assert configure(smtp_username="u").has_smtp_server

    def test_the_password_is_given_only_with_a_user_name(self) -> None:
        assert configure().smtp_secret is None
        assert configure(smtp_username="site").smtp_secret == Secret(SMTP_PASSWORD)
