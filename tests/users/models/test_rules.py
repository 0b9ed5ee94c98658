"""The rules over a user's e-mail settings, each with its field and its code."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import TestCase

from tests.factories import EXCHANGE_URL, configure, make_settings, make_user, register
from users.models import EmailSettings
from users.models.secrets import TypedSecret
from users.vault import Secret, new_key


def breaches(settings: EmailSettings) -> dict[str, list[str | None]]:
    """Field by field, the codes of the errors; each message is a full sentence."""
    with pytest.raises(ValidationError) as caught:
        settings.full_clean()
    for message in caught.value.messages:
        assert message[0].isupper()
        assert message.endswith(".")
    return {field: [error.code for error in errors] for field, errors in caught.value.error_dict.items()}


class RuleTests(TestCase):
    def setUp(self) -> None:
        self.system = configure(sending_method="outlook")
        self.alice = make_user("alice")

    def row(self, **fields: Any) -> EmailSettings:
        """Settings that are not stored, of a user who has none."""
        return EmailSettings(user=self.alice, **fields)

    def changed(self, stored: EmailSettings, **fields: Any) -> EmailSettings:
        row = EmailSettings.of(stored.user)
        for name, value in fields.items():
            setattr(row, name, value)
        return row

    def typed(self, settings: EmailSettings, text: str = "typed") -> EmailSettings:
        settings.typed_secrets["exchange_password"] = TypedSecret(Secret(text), by=self.alice)
        return settings


class AddressRuleTests(RuleTests):
    def test_an_address_is_required_with_a_server(self) -> None:
        register(flow="sign_in")
        for method in ("smtp", "exchange_online"):
            with self.subTest(method):
                assert breaches(self.row(method=method)) == {"address": ["required"]}

    def test_no_address_is_required_with_outlook(self) -> None:
        self.row(method="outlook").full_clean()
        self.row().full_clean()

    def test_the_inherited_method_counts(self) -> None:
        configure(sending_method="smtp")
        assert breaches(self.row()) == {"address": ["required"]}

    def test_one_address_without_a_name(self) -> None:
        for address, code in (
            ("Anna <anna@example.com>", "display_name"),
            ("a@example.com, b@example.com", "one_address"),
            ("anna", "invalid"),
            ("anna@example.com\r\nBcc: x@example.com", "invisible_character"),
        ):
            with self.subTest(address):
                assert breaches(self.row(method="smtp", address=address))["address"] == [code]

    def test_it_is_stored_in_its_normal_form(self) -> None:
        settings = self.row(method="smtp", address="Anna@EXÄMPLE.DE")
        settings.full_clean()
        assert settings.address == "Anna@exämple.de"

    def test_it_is_of_an_allowed_domain(self) -> None:
        configure(allowed_domains="example.com\nexämple.de")
        for address in ("a@Example.com", "a@EXÄMPLE.de", "a@xn--exmple-cua.de"):
            with self.subTest(address):
                self.row(method="smtp", address=address).full_clean()
        for address in ("a@example.org", "a@sub.example.com", "a@notexample.com", "a@example.com.evil.org"):
            with self.subTest(address):
                assert breaches(self.row(method="smtp", address=address)) == {"address": ["domain_not_allowed"]}

    def test_the_allowed_domains_hold_for_outlook_too(self) -> None:
        configure(allowed_domains="example.com")
        assert breaches(self.row(method="outlook", address="a@b.org")) == {"address": ["domain_not_allowed"]}

    def test_no_two_users_have_the_same_address_whatever_its_case(self) -> None:
        make_settings(make_user("bob"), address="Shared@example.com")
        settings = self.row(method="smtp", address="sHARED@EXAMPLE.COM")
        assert breaches(settings) == {"address": ["address_taken"]}

    def test_many_users_have_none(self) -> None:
        make_settings(make_user("bob"), method="outlook", address="")
        self.row(method="outlook", address="").full_clean()


class AccountRuleTests(RuleTests):
    def test_exchange_requires_user_name_and_password(self) -> None:
        settings = self.row(method="exchange", address="a@example.com")
        assert breaches(settings) == {"exchange_username": ["required"], "exchange_password": ["required"]}

    def test_all_breaches_are_told_at_once(self) -> None:
        settings = self.row(method="exchange")
        assert breaches(settings).keys() == {"address", "exchange_username", "exchange_password"}

    def test_exchange_online_requires_them_in_the_password_flow_alone(self) -> None:
        for flow, fields in (
            ("password", {"exchange_username", "exchange_password"}),
            ("application", set()),
            ("sign_in", set()),
        ):
            register(flow=flow)
            settings = self.row(method="exchange_online", address="")
            with self.subTest(flow):
                assert breaches(settings).keys() == fields | {"address"}

    def test_a_typed_password_is_sealed_for_the_values_typed_with_it(self) -> None:
        settings = self.row(method="exchange", address="a@example.com", exchange_username="FIRM\\a")
        self.typed(settings, " typed ").full_clean()
        assert settings.open_secret("exchange_password").reveal() == " typed "
        assert settings.exchange_password_set_by == self.alice
        assert settings.exchange_password_server == EXCHANGE_URL

    def test_a_stored_password_satisfies_the_rule(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        row = self.changed(stored, address="new@example.com")
        row.full_clean()
        assert row.has_usable_secret("exchange_password")

    def test_a_password_for_another_user_name_server_or_tenant_does_not(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        code = {"exchange_password": ["password_for_another_account"]}
        assert breaches(self.changed(stored, exchange_username="FIRM\\other")) == code
        register(flow="password")
        assert breaches(self.changed(stored, method="exchange_online")) == code
        configure(exchange_url="https://other.example.com/EWS/Exchange.asmx")
        assert breaches(self.changed(stored)) == code

    def test_a_password_whose_key_is_missing_counts_as_stored(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            self.changed(stored, address="new@example.com").full_clean()

    def test_unless_it_is_for_another_user_name_or_server(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        code = {"exchange_password": ["password_for_another_account"]}
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            assert breaches(self.changed(stored, exchange_username="FIRM\\other")) == code
            configure(exchange_url="https://other.example.com/EWS/Exchange.asmx")
            assert breaches(self.changed(stored)) == code

    def test_without_a_key_a_typed_password_is_an_error_at_its_field(self) -> None:
        settings = self.row(method="exchange", address="a@example.com", exchange_username="a")
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            assert breaches(self.typed(settings)) == {"exchange_password": ["no_key"]}

    def test_what_the_method_does_not_use_must_not_be_typed(self) -> None:
        register(flow="sign_in")
        for method in ("outlook", "smtp", "exchange_online"):
            settings = self.row(method=method, address="a@example.com", exchange_username="typed")
            with self.subTest(method):
                fields = {"exchange_username": ["not_used"], "exchange_password": ["not_used"]}
                assert breaches(self.typed(settings)) == fields

    def test_what_is_stored_and_not_needed_any_more_is_removed(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        for method in ("smtp", "outlook"):
            row = self.changed(stored, method=method)
            row.full_clean()
            with self.subTest(method):
                assert (row.exchange_username, row.exchange_password, row.exchange_password_server) == ("", "", "")
                assert (row.exchange_password_set_at, row.exchange_password_set_by) == (None, None)

    def test_nothing_is_removed_while_another_rule_is_broken(self) -> None:
        stored = make_settings(self.alice, method="exchange")
        row = self.changed(stored, method="smtp", address="")
        assert breaches(row) == {"address": ["required"]}
        assert row.exchange_password == stored.exchange_password

    def test_a_user_name_is_one_line_of_visible_characters(self) -> None:
        for text in ("a\nb", "a\r\nb", "a\0b", "a\u202eb", "a\tb"):
            settings = self.row(method="exchange", address="a@example.com", exchange_username=text)
            with self.subTest(ascii(text)):
                assert breaches(self.typed(settings)) == {"exchange_username": ["invisible_character"]}


class CopyRuleTests(RuleTests):
    def test_a_copy_needs_a_server(self) -> None:
        for method in ("outlook", ""):
            for mode in ("cc", "bcc"):
                with self.subTest(method=method, mode=mode):
                    settings = self.row(method=method, copy_mode=mode)
                    assert "copy_needs_server" in breaches(settings)["copy_mode"]

    def test_with_a_server_every_mode_is_possible(self) -> None:
        for mode in ("none", "cc", "bcc"):
            with self.subTest(mode):
                self.row(method="smtp", address="a@example.com", copy_mode=mode).full_clean()


class RegistrationRuleTests(RuleTests):
    def test_exchange_online_needs_a_complete_registration(self) -> None:
        settings = self.row(method="exchange_online", address="a@example.com")
        assert breaches(settings) == {"method": ["registration_incomplete"]}
        register(flow="sign_in")
        self.row(method="exchange_online", address="a@example.com").full_clean()

    def test_an_inherited_method_is_not_the_users_error(self) -> None:
        register(flow="sign_in", client_secret="")
        configure(sending_method="exchange_online")
        self.row(address="a@example.com").full_clean()

    def test_a_missing_server_does_not_stop_a_user(self) -> None:
        configure(exchange_url="", smtp_host="")
        self.row(method="smtp", address="a@example.com").full_clean()
        settings = self.row(method="exchange", address="a@example.com", exchange_username="a")
        self.typed(settings).full_clean()


class UnknownValueTests(RuleTests):
    def test_an_unknown_value_is_an_error_at_its_field(self) -> None:
        for field, value in (("method", "pigeon"), ("method", "x" * 10_000), ("copy_mode", "maybe")):
            with self.subTest(field, value=value[:10]):
                assert "invalid_choice" in breaches(self.row(**{field: value}))[field]


class RemovedPasswordTests(TestCase):
    """Whoever presses Remove wants the password gone, also while the method needs it."""

    def test_a_removed_exchange_password_is_not_demanded_at_once(self) -> None:
        settings = make_settings(make_user("alice"), method="exchange")
        settings.withdraw_secret("exchange_password")
        settings.full_clean()
        settings.save_unless_changed()
        settings.refresh_from_db()
        self.assertEqual(settings.exchange_password, "")

    def test_the_next_save_asks_for_it_again(self) -> None:
        settings = make_settings(make_user("alice"), method="exchange", exchange_password="")
        with self.assertRaises(ValidationError) as caught:
            settings.full_clean()
        self.assertEqual(caught.exception.error_dict["exchange_password"][0].code, "required")
