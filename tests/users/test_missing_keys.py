"""Without the key that sealed the secrets, every page still answers, and everything but secrets can be saved."""

from __future__ import annotations

import base64
import os
import tempfile
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import TestCase, override_settings

from tests import factories
from tests.factories import checked, configure, make_settings, make_superuser, make_template, make_user, register
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings, EntraAppRegistration, SystemSettings, sealed_columns

CANT_BE_READ = "Stored, but it can't be read any more: enter it again."
NO_KEY = "This can't be stored now, because the site's key is missing."


def another_key() -> str:
    return base64.b64encode(os.urandom(32)).decode()


class MissingKeyCase(TestCase):
    def setUp(self) -> None:
        certificate, key = factories.certificate_and_key()
        configure(smtp_username="mailer")
        register(certificate=certificate, private_key=key, flow="password")
        self.root = make_superuser()
        self.alice = make_user("alice")
        self.template = make_template()
        for user in (self.root, self.alice):
            make_settings(user, method="exchange")
        self.own, self.browser = Browser(self.alice), Browser(self.root)
        self.stored = self.sealed()

    def sealed(self) -> list[str]:
        columns = sealed_columns()
        return sorted(value for column in columns for value in column.rows().values_list(column.field, flat=True))

    def ways(self) -> dict[str, dict[str, Any]]:
        """All the ways in which the key can be missing."""
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        (folder / "empty").touch()
        (folder / "binary").write_bytes(os.urandom(100))
        (folder / "other").write_text(another_key())
        ways: dict[str, dict[str, Any]] = {
            f"the key is {key!r}": {"MAILSETTINGS_KEYS": key}
            for key in ("", "not base64!", base64.b64encode(b"too short").decode(), another_key(), ",")
        }
        for name in ("missing", "empty", "binary", "other", "."):
            path = folder / name
            ways[f"the file is {name}"] = {"MAILSETTINGS_KEYS": "", "MAILSETTINGS_KEYS_FILE": path}
        return ways

    def lost(self) -> AbstractContextManager[Any]:
        return override_settings(MAILSETTINGS_KEYS=another_key())

    def without_any(self) -> AbstractContextManager[Any]:
        return override_settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None)


@pytest.mark.untraced
class EveryPageAnswersTests(MissingKeyCase):
    def addresses(self) -> list[str]:
        uid, key = self.alice.uid, self.alice.pk
        return [
            "/profile/",
            "/profile/signature/",
            "/users/",
            "/users/?ready=yes",
            "/users/?ready=no&method=exchange",
            "/users/add/",
            f"/users/{uid}/",
            f"/users/{uid}/signature/",
            "/system/",
            "/system/entra/",
            "/system/signatures/",
            self.template.get_absolute_url(),
            "/healthz",
            "/admin/",
            "/admin/users/emailsettings/",
            f"/admin/users/emailsettings/{key}/change/",
            f"/admin/users/emailsettings/{key}/delete/",
            f"/admin/users/emailsettings/{key}/history/",
            "/admin/users/systemsettings/1/change/",
            "/admin/users/entraappregistration/1/change/",
            f"/admin/users/user/{key}/change/",
        ]

    def test_whatever_is_wrong_with_the_key(self) -> None:
        for way, changes in self.ways().items():
            with override_settings(**changes):
                for address in self.addresses():
                    with self.subTest(way, address=address):
                        assert self.browser.open(address).status == 200

    def test_the_buttons_answer_too(self) -> None:
        for way, changes in self.ways().items():
            with override_settings(**changes):
                for button in (
                    "refresh",
                    "unlock:exchange_password",
                    "remove:exchange_password",
                    "keep:exchange_password",
                ):
                    with self.subTest(way, button=button):
                        assert self.own.open("/profile/").press(button).status == 200
                assert self.own.post("/profile/test-message/", {}).status == 302

    def test_nothing_is_made_or_changed_by_looking(self) -> None:
        for changes in self.ways().values():
            with override_settings(**changes):
                self.browser.open("/profile/")
                path = settings.MAILSETTINGS_KEYS_FILE
                assert path is None or path.name != "missing" or not path.exists()
        assert self.sealed() == self.stored


class ToBeEnteredAgainTests(MissingKeyCase):
    def test_each_secret_shows_as_to_be_entered_again(self) -> None:
        with self.lost():
            for address, count in (("/profile/", 1), ("/system/", 1), ("/system/entra/", 2)):
                with self.subTest(address):
                    assert self.browser.open(address).text.count(CANT_BE_READ) == count

    def test_it_counts_as_missing_on_the_page_and_in_the_list(self) -> None:
        with self.lost():
            assert "2 things left" in self.own.open("/profile/").text
            assert "alice" not in self.browser.open("/users/?ready=yes").text
            assert "alice" in self.browser.open("/users/?ready=no").text

    def test_a_test_message_says_what_is_missing(self) -> None:
        make_settings(bob := make_user("bob"))
        with self.lost():
            page = Browser(bob).post("/profile/test-message/", {}).follow()
        assert "the e-mail settings are not complete" in page.text
        assert "An administrator has to complete the mail server" in page.text

    def test_entering_it_again_makes_it_usable(self) -> None:
        with self.lost():
            page = self.own.open("/profile/").press("unlock:exchange_password")
            assert page.press(exchange_password="entered again").status == 302
            row = EmailSettings.of(self.alice)
            assert row.open_secret("exchange_password").reveal() == "entered again"
            assert "1 thing left" in self.own.open("/profile/").text
            checked(row)
            assert "Ready" in self.own.open("/profile/").text

    def test_it_can_be_removed(self) -> None:
        with self.lost():
            page = self.browser.open("/system/entra/").press("remove:private_key").press()
            if page.status == 200:
                page = page.press()
            assert page.status == 302
        assert not EntraAppRegistration.load().private_key


class SavingOtherValuesTests(MissingKeyCase):
    def save(self, browser: Browser, address: str, **changes: str) -> Page:
        answer = browser.open(address).press(changes=changes)
        return answer.press() if answer.status == 200 else answer

    def test_works_and_keeps_what_is_sealed(self) -> None:
        for missing in (self.lost, self.without_any):
            for address, browser, changes in (
                ("/profile/", self.own, {"copy_mode": "cc"}),
                (f"/users/{self.alice.uid}/", self.browser, {"copy_mode": "bcc"}),
                ("/profile/signature/", self.own, {"signature_html": "<p>x</p>"}),
                ("/system/", self.browser, {"smtp_port": "26"}),
                ("/system/entra/", self.browser, {"secret_expires_on": factories.in_days(9).isoformat()}),
            ):
                with self.subTest(missing.__name__, address=address), missing():
                    assert self.save(browser, address, **changes).status == 302
        assert self.sealed() == self.stored

    def test_the_secrets_are_back_with_the_key(self) -> None:
        with self.lost():
            self.save(self.own, "/profile/", copy_mode="cc")
        password = EmailSettings.of(self.alice).open_secret("exchange_password")
        assert password.reveal() == factories.EXCHANGE_PASSWORD

    def test_switching_to_another_method_works(self) -> None:
        with self.without_any():
            assert self.save(self.own, "/profile/", method="smtp").status == 302


class NewSecretsTests(MissingKeyCase):
    """Without any usable key a new secret can't be sealed: a message at the field, and nothing is stored."""

    def unlock(self, browser: Browser, address: str, name: str) -> Page:
        return browser.open(address).press(f"unlock:{name}")

    def test_each_gives_a_message(self) -> None:
        key = factories.certificate_and_key()[1]
        for keys in ("", "not base64!"):
            for browser, address, name, secret in (
                (self.own, "/profile/", "exchange_password", "new"),
                (self.browser, f"/users/{self.alice.uid}/", "exchange_password", "new"),
                (self.browser, "/system/", "smtp_password", "new"),
                (self.browser, "/system/entra/", "client_secret", "new"),
                (self.browser, "/system/entra/", "private_key", key),
            ):
                with self.subTest(address, keys=keys), self.settings(MAILSETTINGS_KEYS=keys):
                    page = self.unlock(browser, address, name).press(changes={name: secret})
                    assert page.status == 200
                    assert page.error_codes(name) == ["no_key"]
                    assert NO_KEY in page.text
        assert self.sealed() == self.stored

    def test_other_errors_are_told_at_the_same_time(self) -> None:
        with self.without_any():
            page = self.unlock(self.browser, "/system/", "smtp_password")
            page = page.press(smtp_password="new", smtp_port="x")
        assert page.error_codes("smtp_port") == ["invalid"]
        assert SystemSettings.load().version == 1
