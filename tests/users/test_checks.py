"""The system checks: each has an id and says what to do."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Tags, run_checks
from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings

from tests.factories import configure, make_settings, make_user, register
from users import vault

NOTHING = {"DEBUG": False, "MAILSETTINGS_KEYS": "", "MAILSETTINGS_KEYS_FILE": None, "MAILSETTINGS_CA_FILE": None}


def ids(messages: list[Any]) -> list[str]:
    return [message.id for message in messages]


def own_checks(**options: Any) -> list[CheckMessage]:
    return [message for message in run_checks(**options) if str(message.id).startswith("users.")]


class KeyTests(SimpleTestCase):
    def check(self, **changes: Any) -> list[CheckMessage]:
        with override_settings(**NOTHING | changes):
            return own_checks(tags=[Tags.security])

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, content: str) -> Path:
        path = self.folder / "keys"
        path.write_text(content)
        return path

    def test_keys_that_can_be_read_are_fine(self) -> None:
        assert self.check(MAILSETTINGS_KEYS=vault.new_key()) == []
        assert self.check(MAILSETTINGS_KEYS=f"{vault.new_key()},{vault.new_key()}") == []
        assert self.check(MAILSETTINGS_KEYS_FILE=self.file(vault.new_key())) == []

    def test_keys_that_can_not_be_read_are_an_error_with_a_hint(self) -> None:
        for changes in (
            {},
            {"MAILSETTINGS_KEYS": "not base64!"},
            {"MAILSETTINGS_KEYS": "dG9vIHNob3J0"},
            {"MAILSETTINGS_KEYS_FILE": self.file("")},
            {"MAILSETTINGS_KEYS_FILE": self.folder},
            {"MAILSETTINGS_KEYS_FILE": self.folder / "missing"},
        ):
            with self.subTest(changes):
                (error,) = self.check(**changes)
                assert error.id == "users.E001"
                assert error.hint is not None
                assert "MAILSETTINGS_KEYS_FILE" in error.hint

    def test_the_error_does_not_show_the_key(self) -> None:
        (error,) = self.check(MAILSETTINGS_KEYS="bm90IGxvbmcgZW5vdWdo")
        assert "bm90" not in str(error)

    def test_a_key_file_that_is_still_to_be_made_is_fine_while_trying_out(self) -> None:
        assert self.check(MAILSETTINGS_KEYS_FILE=self.folder / "missing", DEBUG=True) == []

    def test_a_key_file_that_is_broken_is_an_error_while_trying_out_too(self) -> None:
        assert ids(self.check(MAILSETTINGS_KEYS_FILE=self.file("x"), DEBUG=True)) == ["users.E001"]

    def test_missing_authorities_are_an_error_with_a_hint(self) -> None:
        keys = vault.new_key()
        (error,) = self.check(MAILSETTINGS_KEYS=keys, MAILSETTINGS_CA_FILE=self.folder / "missing.pem")
        assert (error.id, "missing.pem" in error.msg) == ("users.E002", True)
        assert error.hint is not None
        assert "MAILSETTINGS_CA_FILE" in error.hint

    def test_authorities_that_are_there_or_not_wanted_are_fine(self) -> None:
        for path in (None, self.file("x")):
            assert self.check(MAILSETTINGS_KEYS=vault.new_key(), MAILSETTINGS_CA_FILE=path) == []


@override_settings(MAILSETTINGS_CA_FILE=None)
class StoredSettingsTests(TestCase):
    def check(self) -> list[CheckMessage]:
        return own_checks(tags=[Tags.database], databases=["default"])

    def test_nothing_stored_is_fine(self) -> None:
        assert self.check() == []

    def test_runs_only_when_asked_about_the_database(self) -> None:
        configure(smtp_host="")
        with self.assertNumQueries(0):
            assert own_checks() == []

    def test_a_sending_method_without_its_server_is_a_warning(self) -> None:
        configure(sending_method="smtp", smtp_host="")
        (warning,) = self.check()
        assert warning.id == "users.W001"
        assert "Server based, via SMTP" in warning.msg
        assert warning.hint == "Enter it at System settings (/system/)."

    def test_a_method_that_a_user_has_chosen_counts_as_well(self) -> None:
        configure(exchange_url="")
        make_settings(make_user("alice"), method="exchange")
        assert ids(self.check()) == ["users.W001"]

    def test_an_incomplete_registration_counts_only_while_it_is_used(self) -> None:
        register(tenant_id="")
        assert self.check() == []
        configure(sending_method="exchange_online")
        assert ids(self.check()) == ["users.W001"]

    def test_secrets_whose_key_is_missing_are_a_warning_for_each_column(self) -> None:
        configure(smtp_username="mailer")
        make_settings(make_user("alice"), method="exchange")
        register()
        assert self.check() == []
        with override_settings(MAILSETTINGS_KEYS=vault.new_key()):
            warnings = [warning for warning in self.check() if warning.id == "users.W002"]
        assert sorted(warning.msg.split(":")[0] for warning in warnings) == [
            "users.EmailSettings.exchange_password",
            "users.EntraAppRegistration.client_secret",
            "users.SystemSettings.smtp_password",
        ]
        assert all("vault status" in str(warning.hint) for warning in warnings)

    def test_without_any_key_they_are_warnings_too(self) -> None:
        make_settings(make_user("alice"), method="exchange")
        with override_settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            assert "users.W002" in ids(self.check())

    def test_a_key_that_was_rotated_out_but_is_kept_is_fine(self) -> None:
        make_settings(make_user("alice"), method="exchange")
        configure()
        with override_settings(MAILSETTINGS_KEYS=f"{vault.new_key()},{settings.MAILSETTINGS_KEYS}"):
            assert self.check() == []

    def test_they_can_be_silenced_one_by_one(self) -> None:
        configure(sending_method="smtp", smtp_host="")
        with override_settings(SILENCED_SYSTEM_CHECKS=["users.W001"]):
            call_command("check", databases=["default"], fail_level="WARNING")

    def test_before_the_tables_are_made_it_says_nothing(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute('ALTER TABLE "users_systemsettings" RENAME TO "users_systemsettings_later"')
        assert self.check() == []
