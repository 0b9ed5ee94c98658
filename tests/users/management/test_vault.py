"""``manage.py vault``: what it prints, and how it ends."""

from __future__ import annotations

from io import StringIO

from django.core.management import CommandError, call_command
from django.test import TestCase, override_settings

from tests.factories import EXCHANGE_PASSWORD, configure, make_settings, make_user
from users import rotation
from users.models import EmailSettings, User
from users.vault import key_ids, new_key

OLD, NEW, LOST = new_key(), new_key(), new_key()
COLUMN = "users.EmailSettings.exchange_password"


def key_id(key: str) -> str:
    with override_settings(MAILSETTINGS_KEYS=key):
        return key_ids()[0]


class VaultTest(TestCase):
    def setUp(self) -> None:
        self.enterContext(override_settings(MAILSETTINGS_KEYS=f"{NEW},{OLD}"))
        self.output = StringIO()
        self.addCleanup(self._check_that_nothing_secret_is_printed)
        configure()

    def sealed_with(self, key: str, username: str) -> User:
        with override_settings(MAILSETTINGS_KEYS=key):
            user = make_user(username)
            make_settings(user, method="exchange")
        return user

    def run_vault(self, action: str) -> str:
        start = self.output.tell()
        call_command("vault", action, stdout=self.output)
        return self.output.getvalue()[start:]

    def fail_vault(self, action: str) -> str:
        with self.assertRaises(CommandError) as caught:
            self.run_vault(action)
        self.assertEqual(caught.exception.returncode, 1)
        return str(caught.exception)

    def _check_that_nothing_secret_is_printed(self) -> None:
        printed = self.output.getvalue()
        sealed = EmailSettings.objects.exclude(exchange_password="").values_list("exchange_password", flat=True)
        for text in (EXCHANGE_PASSWORD, OLD, NEW, LOST, *sealed):
            self.assertNotIn(text, printed)


class StatusTest(VaultTest):
    def test_counts_the_values_by_key(self) -> None:
        for username in ("alice", "bob"):
            self.sealed_with(OLD, username)
        self.sealed_with(NEW, "charlie")
        output = self.run_vault("status")
        self.assertIn(f"{COLUMN}: 2 with {key_id(OLD)}: older", output)
        self.assertIn(f"{COLUMN}: 1 with {key_id(NEW)}: the newest", output)

    def test_names_the_installed_keys_newest_first(self) -> None:
        self.assertIn(f"Installed keys, newest first: {key_id(NEW)}, {key_id(OLD)}", self.run_vault("status"))

    def test_says_when_there_is_nothing(self) -> None:
        self.assertIn("No secret is stored.", self.run_vault("status"))

    def test_fails_while_a_key_is_missing(self) -> None:
        self.sealed_with(LOST, "alice")
        self.assertIn(f"Missing: {key_id(LOST)}.", self.fail_vault("status"))
        self.assertIn(f"{COLUMN}: 1 with {key_id(LOST)}: MISSING", self.output.getvalue())

    def test_fails_while_no_key_is_installed(self) -> None:
        self.sealed_with(NEW, "alice")
        with override_settings(MAILSETTINGS_KEYS="not a key"):
            self.assertIn(key_id(NEW), self.fail_vault("status"))
        self.assertIn("Installed keys: none. A key is not valid base64.", self.output.getvalue())

    def test_does_not_print_a_value_that_is_not_sealed(self) -> None:
        user = self.sealed_with(NEW, "alice")
        EmailSettings.objects.filter(user=user).update(exchange_password="in plain sight")
        self.assertIn(f"{COLUMN}: 1 with no key: not sealed values", self.run_vault("status"))


class CheckTest(VaultTest):
    def test_is_content_when_everything_opens(self) -> None:
        self.sealed_with(OLD, "alice")
        self.sealed_with(NEW, "bob")
        self.assertIn(f"{COLUMN}: 2 values can be opened\n", self.run_vault("check"))

    def test_names_the_owners_of_what_does_not_open(self) -> None:
        self.sealed_with(NEW, "alice")
        self.sealed_with(LOST, "bob")
        self.assertEqual(self.fail_vault("check"), "1 value can't be opened.")
        self.assertIn("1 can't, the key is not installed: bob\n", self.output.getvalue())

    def test_tells_a_damaged_value_from_a_copied_one(self) -> None:
        alice, bob, charlie = (self.sealed_with(NEW, name) for name in ("alice", "bob", "charlie"))
        EmailSettings.objects.filter(user=alice).update(exchange_password="in plain sight")
        copied = EmailSettings.objects.get(user=charlie).exchange_password
        EmailSettings.objects.filter(user=bob).update(exchange_password=copied)
        self.fail_vault("check")
        self.assertIn("1 can't, not a sealed value: alice\n", self.output.getvalue())
        self.assertIn("or sealed for another row or user name: to be entered again: bob\n", self.output.getvalue())

    def test_shows_a_password_for_another_server_as_to_be_entered_again(self) -> None:
        self.sealed_with(NEW, "alice")
        configure(exchange_url="https://elsewhere.example.com/EWS/Exchange.asmx")
        self.fail_vault("check")
        self.assertIn("1 can't, entered for another server: to be entered again: alice\n", self.output.getvalue())

    def test_names_only_the_first_owners_of_many(self) -> None:
        number = rotation.EXAMPLES + 3
        for one in range(number):
            self.sealed_with(LOST, f"user{one:03}")
        self.assertEqual(self.fail_vault("check"), f"{number} values can't be opened.")
        self.assertIn("user000, user001", self.output.getvalue())
        self.assertIn(" and 3 more\n", self.output.getvalue())

    def test_names_the_row_of_a_system_wide_secret(self) -> None:
        with override_settings(MAILSETTINGS_KEYS=LOST):
            configure(smtp_username="mailer")
        self.fail_vault("check")
        self.assertIn("1 can't, the key is not installed: System settings\n", self.output.getvalue())


class RotateTest(VaultTest):
    def test_says_what_was_done(self) -> None:
        self.sealed_with(OLD, "alice")
        self.sealed_with(LOST, "bob")
        output = self.run_vault("rotate")
        self.assertIn(f"Newest key: {key_id(NEW)}\n", output)
        self.assertIn(f"{COLUMN}: 1 value sealed with the newest key\n", output)
        self.assertIn("1 left as they are, the key is not installed\n", output)

    def test_leaves_nothing_for_the_older_key(self) -> None:
        self.sealed_with(OLD, "alice")
        self.run_vault("rotate")
        self.assertNotIn("older", self.run_vault("status"))

    def test_says_when_there_is_nothing_to_do(self) -> None:
        self.sealed_with(NEW, "alice")
        self.assertIn(f"{COLUMN}: nothing to do\n", self.run_vault("rotate"))

    def test_fails_without_a_key(self) -> None:
        with override_settings(MAILSETTINGS_KEYS="not a key"):
            self.assertIn("Nothing can be sealed.", self.fail_vault("rotate"))
