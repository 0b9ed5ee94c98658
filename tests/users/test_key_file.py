"""The key file of the embedded default: made once, and never in the place of a lost one."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.test import TestCase, override_settings

from tests.factories import configure, make_settings, make_user, register
from users import vault
from users.key_file import ensure_key_file
from users.models import EmailSettings


class KeyFileTests(TestCase):
    def setUp(self) -> None:
        self.path = Path(self.enterContext(tempfile.TemporaryDirectory())) / "folder" / "keys"

    def ensure(self, **changes: Any) -> bool:
        """Whether there is a key file afterwards."""
        defaults = {"DEBUG": True, "MAILSETTINGS_KEYS": "", "MAILSETTINGS_KEYS_FILE": self.path}
        with override_settings(**defaults | changes):
            ensure_key_file()
        return self.path.exists()

    def test_is_made_with_one_key_for_the_owner_alone(self) -> None:
        assert self.ensure()
        assert self.path.stat().st_mode & 0o777 == 0o600
        with override_settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=self.path):
            assert len(vault.key_ids()) == 1

    def test_is_made_by_migrate(self) -> None:
        with override_settings(DEBUG=True, MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=self.path):
            call_command("migrate", verbosity=0)
        assert self.path.exists()

    def test_stays_as_it_is_the_next_time(self) -> None:
        self.ensure()
        before = self.path.read_bytes()
        assert self.ensure()
        assert self.path.read_bytes() == before

    def test_an_empty_one_is_left_alone(self) -> None:
        self.path.parent.mkdir()
        self.path.touch()
        assert self.ensure()
        assert self.path.read_bytes() == b""

    def test_is_not_made_in_production(self) -> None:
        assert not self.ensure(DEBUG=False)

    def test_is_not_made_where_keys_are_configured(self) -> None:
        assert not self.ensure(MAILSETTINGS_KEYS=vault.new_key())

    def test_is_not_made_where_none_is_named(self) -> None:
        assert not self.ensure(MAILSETTINGS_KEYS_FILE=None)

    def test_is_not_made_while_a_secret_is_stored(self) -> None:
        make_settings(make_user("alice"), method="exchange")
        assert not self.ensure()
        EmailSettings.objects.all().delete()
        configure(smtp_username="mailer")
        assert not self.ensure()

    def test_is_not_made_while_a_secret_of_the_registration_is_stored(self) -> None:
        register()
        assert not self.ensure()
