"""Rotation keeps everything readable, whatever happens while it runs."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from time import sleep
from typing import Any

from django.db import connection
from django.db.models import QuerySet
from django.test import SimpleTestCase, TestCase, override_settings

from tests.factories import EXCHANGE_PASSWORD, SMTP_PASSWORD, configure, make_settings, make_user, register
from users import rotation
from users.models import (
    EmailSettings,
    EntraAppRegistration,
    MicrosoftConnection,
    SealedColumn,
    SystemSettings,
    User,
    sealed_columns,
)
from users.rotation import Progress
from users.vault import Secret, key_id_of, key_ids, new_key

OLD, NEW = new_key(), new_key()
CONNECTIONS = SealedColumn(MicrosoftConnection, "token_cache")
PASSWORDS = SealedColumn(EmailSettings, "exchange_password")
ROOT = Path(__file__).resolve().parents[2]


def with_old_key() -> override_settings:
    return override_settings(MAILSETTINGS_KEYS=OLD)


def with_new_key() -> override_settings:
    return override_settings(MAILSETTINGS_KEYS=f"{NEW},{OLD}")


def rotate_all() -> list[Progress]:
    return [list(rotation.rotate(column))[-1] for column in sealed_columns() if column.rows().exists()]


def tokens() -> QuerySet[EmailSettings, str]:
    return EmailSettings.objects.order_by("pk").values_list("exchange_password", flat=True)


class ConnectionsTest(TestCase):
    """Connections to Microsoft 365 are sealed values like others, also while they are being renewed."""

    def setUp(self) -> None:
        with with_old_key():
            configure()
            register(flow="sign_in")
            for name in ("alice", "bob", "charlie"):
                make_settings(make_user(name), method="exchange_online")
        self.enterContext(with_new_key())

    def test_they_open_with_the_new_key_alone_afterwards(self) -> None:
        rotate_all()
        with override_settings(MAILSETTINGS_KEYS=NEW):
            for user in User.objects.all():
                self.assertTrue(EmailSettings.of(user).is_connected)

    def test_those_that_do_not_open_are_named_by_their_owners(self) -> None:
        MicrosoftConnection.objects.filter(user__username="bob").update(account_id="somebody else")
        findings = rotation.examine(CONNECTIONS)
        self.assertEqual((findings.readable, findings.owners), (2, {"not_yours": ["bob"]}))

    def test_the_database_is_asked_no_more_often_for_more_rows(self) -> None:
        # Count, batch, system settings, registration, savepoint, update, release, and an empty batch.
        with self.assertNumQueries(8):
            list(rotation.rotate(CONNECTIONS))


class RotateTest(TestCase):
    people: list[User]

    @classmethod
    def setUpTestData(cls) -> None:
        with with_old_key():
            configure(smtp_username="mailer")
            register()
            cls.people = [make_user(name) for name in ("alice", "bob", "charlie")]
            for user in cls.people:
                make_settings(user, method="exchange")

    def setUp(self) -> None:
        self.enterContext(with_new_key())

    def test_opens_every_value_afterwards(self) -> None:
        rotate_all()
        for user in self.people:
            self.assertEqual(EmailSettings.of(user).open_secret("exchange_password"), Secret(EXCHANGE_PASSWORD))
        self.assertEqual(SystemSettings.load().open_secret("smtp_password"), Secret(SMTP_PASSWORD))
        self.assertTrue(EntraAppRegistration.load().has_usable_secret("client_secret"))

    def test_leaves_no_value_with_an_older_key(self) -> None:
        rotate_all()
        self.assertEqual({use.key_id for use in rotation.key_uses()}, {key_ids()[0]})

    def test_needs_no_older_key_afterwards(self) -> None:
        rotate_all()
        with override_settings(MAILSETTINGS_KEYS=NEW):
            self.assertEqual(rotation.examine(PASSWORDS).readable, 3)

    def test_changes_nothing_but_the_sealed_text(self) -> None:
        before: dict[str, Any] = dict(EmailSettings.objects.values().get(user=self.people[0]))
        rotate_all()
        after: dict[str, Any] = dict(EmailSettings.objects.values().get(user=self.people[0]))
        changed = {name for name in before if before[name] != after[name]}
        self.assertLessEqual(changed, {"exchange_password", "exchange_password_key"})

    def test_has_nothing_to_do_the_second_time(self) -> None:
        rotate_all()
        before = list(tokens())
        self.assertEqual(list(rotation.rotate(PASSWORDS)), [])
        self.assertEqual(list(tokens()), before)

    def test_goes_on_where_it_was_interrupted(self) -> None:
        next(rotation.rotate(PASSWORDS, batch_size=1))
        progress = list(rotation.rotate(PASSWORDS))[-1]
        self.assertEqual((progress.total, progress.resealed), (2, 2))
        self.assertEqual(rotation.examine(PASSWORDS).readable, 3)

    def test_tells_how_far_it_is(self) -> None:
        steps = [(progress.done, progress.total) for progress in rotation.rotate(PASSWORDS, batch_size=2)]
        self.assertEqual(steps, [(2, 3), (3, 3)])

    def test_asks_the_database_no_more_often_for_more_rows(self) -> None:
        # Count, batch, system settings, registration, savepoint, update, release, and an empty batch.
        with self.assertNumQueries(8):
            list(rotation.rotate(PASSWORDS))

    def test_leaves_a_password_that_is_set_meanwhile(self) -> None:
        with connection.execute_wrapper(SetsPasswordBeforeUpdate(self.people[0])):
            progress = list(rotation.rotate(PASSWORDS))[-1]
        self.assertEqual((progress.resealed, progress.changed_meanwhile), (2, 1))
        self.assertEqual(EmailSettings.of(self.people[0]).open_secret("exchange_password"), Secret("just set"))

    def test_leaves_a_password_that_is_removed_meanwhile(self) -> None:
        with connection.execute_wrapper(RemovesPasswordBeforeUpdate(self.people[0])):
            progress = list(rotation.rotate(PASSWORDS))[-1]
        self.assertEqual((progress.resealed, progress.changed_meanwhile), (2, 1))
        self.assertEqual(EmailSettings.of(self.people[0]).exchange_password, "")

    def test_leaves_what_does_not_open_as_it_is(self) -> None:
        EmailSettings.objects.filter(user=self.people[0]).update(exchange_password="not sealed at all")
        with override_settings(MAILSETTINGS_KEYS=new_key()):
            EmailSettings.of(self.people[1]).set_exchange_password("lost", by=None)
        before = list(tokens()[:2])
        progress = list(rotation.rotate(PASSWORDS))[-1]
        self.assertEqual(progress.unreadable, {"damaged": 1, "key_missing": 1})
        self.assertEqual(progress.resealed, 1)
        self.assertEqual(list(tokens()[:2]), before)

    def test_leaves_a_password_for_another_server_as_it_is(self) -> None:
        configure(exchange_url="https://elsewhere.example.com/EWS/Exchange.asmx")
        progress = list(rotation.rotate(PASSWORDS))[-1]
        self.assertEqual(progress.unreadable, {rotation.OTHER_SERVER: 3})
        configure(exchange_url="https://mail.example.com/EWS/Exchange.asmx")
        self.assertEqual(rotation.examine(PASSWORDS).readable, 3)

    def test_keeps_a_password_of_one_row_out_of_another(self) -> None:
        first, second = list(tokens())[:2]
        EmailSettings.objects.filter(user=self.people[1]).update(exchange_password=first)
        rotate_all()
        self.assertEqual(rotation.examine(PASSWORDS).unreadable, {"not_yours": 1})
        self.assertNotIn(second, tokens())


class ChangesBeforeUpdate:
    """Changes somebody's password after the batch was read, at the moment when it is about to be stored."""

    def __init__(self, user: User) -> None:
        self.user = user
        self.is_done = False

    def __call__(self, execute: Any, sql: str, params: Any, many: Any, context: Any) -> Any:
        if sql.startswith("UPDATE") and not self.is_done:
            self.is_done = True
            self.change(EmailSettings.of(self.user))
        return execute(sql, params, many, context)

    def change(self, settings: EmailSettings) -> None:
        raise NotImplementedError


class SetsPasswordBeforeUpdate(ChangesBeforeUpdate):
    def change(self, settings: EmailSettings) -> None:
        settings.set_exchange_password("just set", by=self.user)


class RemovesPasswordBeforeUpdate(ChangesBeforeUpdate):
    def change(self, settings: EmailSettings) -> None:
        settings.remove_secret("exchange_password")
        settings.save()


class KillTest(SimpleTestCase):
    """The real command in a process of its own, killed at any moment, again and again."""

    PEOPLE = 2_000
    KILLS = 4

    def setUp(self) -> None:
        self.folder = Path(self.enterContext(TemporaryDirectory()))
        self._run(OLD, "migrate", "--verbosity=0")
        self._run(OLD, "shell", "--verbosity=0", "--command", MAKE_PASSWORDS.format(people=self.PEOPLE))

    def test_leaves_nothing_unreadable(self) -> None:
        moments = sorted(Random(7).sample(range(1, self.PEOPLE), self.KILLS))
        for moment in moments:
            self._rotate_and_kill(moment)
            self.assertIn(f"{self.PEOPLE:,} values can be opened", self._run(f"{NEW},{OLD}", "vault", "check"))
        self._run(f"{NEW},{OLD}", "vault", "rotate")
        self.assertIn(f"{self.PEOPLE:,} values can be opened", self._run(NEW, "vault", "check"))
        self.assertEqual(self._resealed(), self.PEOPLE)

    def _rotate_and_kill(self, moment: int) -> None:
        with self._start(f"{NEW},{OLD}", "vault", "rotate") as process:
            while process.poll() is None and self._resealed() < moment:
                sleep(0.001)
            process.kill()

    def _resealed(self) -> int:
        with override_settings(MAILSETTINGS_KEYS=NEW):
            (newest,) = key_ids()
        with closing(sqlite3.connect(self.folder / "mailsettings.sqlite3")) as database:
            rows = database.execute("SELECT exchange_password FROM users_emailsettings").fetchall()
        return [key_id_of(token) for (token,) in rows].count(newest)

    def _start(self, keys: str, *arguments: str) -> subprocess.Popen[str]:
        ours = {"MAILSETTINGS_DEBUG": "1", "MAILSETTINGS_DATA_DIR": str(self.folder), "MAILSETTINGS_KEYS": keys}
        environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | ours
        command = [sys.executable, str(ROOT / "manage.py"), *arguments]
        return subprocess.Popen(command, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def _run(self, keys: str, *arguments: str) -> str:
        with self._start(keys, *arguments) as process:
            output = process.communicate()[0]
        self.assertEqual(process.returncode, 0, output)
        return output


MAKE_PASSWORDS = """
from users.models import EmailSettings, SystemSettings, User
SystemSettings(sending_method="exchange", exchange_url="https://mail.example.com/EWS/Exchange.asmx").save()
users = User.objects.bulk_create(User(username=f"user{{number}}") for number in range({people}))
rows = [EmailSettings(user=user, exchange_username=user.username) for user in users]
for row in rows:
    row.installation = rows[0].installation
    row.set_secret("exchange_password", "kept", by=None)
EmailSettings.objects.bulk_create(rows)
"""
