"""System settings, app registration and accounts as forms."""

from __future__ import annotations

from typing import Any

from crispy_forms.utils import render_crispy_form
from django.test import TestCase

from tests.factories import (
    CLIENT_ID,
    CLIENT_SECRET,
    PASSWORD,
    SMTP_PASSWORD,
    certificate_and_key,
    configure,
    in_days,
    make_superuser,
    make_user,
    register,
)
from users.forms import AccountForm, EntraForm, NewAccountForm, SystemSettingsForm
from users.forms.padlock import PadlockMode
from users.models import EntraAppRegistration, SystemSettings, User
from users.vault import Secret

OPEN = PadlockMode.OPEN


def codes(form: Any) -> dict[str, list[str]]:
    return {field: [error["code"] for error in errors] for field, errors in form.errors.get_json_data().items()}


def save(form: Any) -> None:
    assert form.is_valid(), form.errors
    form.save_unless_changed()


class SystemSettingsFormTests(TestCase):
    def setUp(self) -> None:
        self.root = make_superuser()

    def form(self, mode: PadlockMode = PadlockMode.LOCKED, **changes: str) -> SystemSettingsForm:
        system = SystemSettings.load()
        posted = {"version": str(system.version), "sending_method": "smtp", "smtp_host": "smtp.example.com"}
        posted |= {"exchange_auth": "ntlm", "smtp_security": "starttls", "smtp_port": ""} | changes
        return SystemSettingsForm(posted, instance=system, editor=self.root, padlocks={"smtp_password": mode})

    def test_it_saves_what_was_typed(self) -> None:
        save(
            self.form(
                OPEN, smtp_username="site", smtp_password=" pässword ", smtp_port="2525", allowed_domains="@A.com"
            )
        )
        system = SystemSettings.load()
        assert (system.smtp_host, system.smtp_port, system.allowed_domains) == ("smtp.example.com", 2525, "a.com")
        assert system.smtp_secret == Secret(" pässword ")
        assert system.smtp_password_set_by == self.root

    def test_no_port_is_the_standard_port(self) -> None:
        save(self.form(smtp_port=""))
        assert SystemSettings.load().smtp_port == 0

    def test_what_is_no_port_is_an_error_at_its_field(self) -> None:
        for text in ("x", "-1", "65536", "1.5", "9" * 5_000, "\u202e1", "0x1"):
            form = self.form(smtp_port=text)
            with self.subTest(text[:9]):
                assert codes(form).keys() == {"smtp_port"}

    def test_a_locked_password_is_refused(self) -> None:
        assert "locked" in codes(self.form(smtp_username="site", smtp_password="x"))["smtp_password"]

    def test_an_empty_password_keeps_the_stored_one(self) -> None:
        configure(smtp_username="site")
        save(self.form(OPEN, smtp_username="site", smtp_password=""))
        assert SystemSettings.load().smtp_secret == Secret(SMTP_PASSWORD)

    def test_the_page_shows_no_password(self) -> None:
        token = configure(smtp_username="site").smtp_password
        form = self.form(OPEN, smtp_username="site", smtp_password="typed-canary", smtp_port="x")
        assert not form.is_valid()
        page = render_crispy_form(form)
        assert not any(text in page for text in (token, SMTP_PASSWORD, "typed-canary"))


class EntraFormTests(TestCase):
    def setUp(self) -> None:
        self.root = make_superuser()

    def form(self, mode: PadlockMode = OPEN, **changes: str) -> EntraForm:
        row = EntraAppRegistration.load()
        posted = {"version": str(row.version), "cloud": "global", "flow": "application"}
        posted |= {"tenant_id": "example.com", "client_id": CLIENT_ID} | changes
        padlocks = {"client_secret": mode, "private_key": mode}
        return EntraForm(posted, instance=row, editor=self.root, padlocks=padlocks)

    def test_it_saves_a_secret(self) -> None:
        save(self.form(client_secret=" s~ ", secret_expires_on=in_days(9).isoformat()))
        row = EntraAppRegistration.load()
        assert row.open_secret("client_secret") == Secret(" s~ ")
        assert row.is_complete()

    def test_it_saves_a_certificate_with_its_private_key(self) -> None:
        certificate, key = certificate_and_key()
        for line_end in ("\n", "\r\n"):
            save(self.form(certificate=certificate.replace("\n", line_end), private_key=key.replace("\n", line_end)))
            with self.subTest(repr(line_end)):
                assert EntraAppRegistration.load().has_valid_certificate

    def test_it_may_be_saved_while_incomplete(self) -> None:
        save(self.form(tenant_id="", client_id=""))
        assert not EntraAppRegistration.load().is_complete()

    def test_what_is_no_day_is_an_error_in_plain_words(self) -> None:
        for text in ("tomorrow", "31.05.", "2027-02-30", "0", "9" * 5_000, "2027-05-31\0"):
            form = self.form(secret_expires_on=text)
            with self.subTest(text[:12]):
                assert form.errors["secret_expires_on"] == ["Enter the day like 2027-05-31."]

    def test_locked_secrets_are_refused(self) -> None:
        form = self.form(PadlockMode.LOCKED, client_secret="x", private_key="y")
        assert codes(form) == {"client_secret": ["locked"], "private_key": ["locked"]}

    def test_a_private_key_is_bounded_too(self) -> None:
        assert codes(self.form(private_key="x" * 20_001))["private_key"] == ["too_long"]
        assert codes(self.form(private_key="a\0b"))["private_key"] == ["control"]

    def test_the_page_shows_no_secret(self) -> None:
        token = register().client_secret
        form = self.form(client_secret="typed-canary", client_id="x")
        assert not form.is_valid()
        page = render_crispy_form(form)
        assert not any(text in page for text in (token, CLIENT_SECRET, "typed-canary"))


class AccountFormTests(TestCase):
    def test_rights_can_not_be_given(self) -> None:
        alice = make_user("alice")
        posted = {"version": str(alice.version), "username": "alice", "is_active": "on"}
        save(AccountForm(posted | {"is_superuser": "on", "is_staff": "on", "password": "x"}, instance=alice))
        alice.refresh_from_db()
        assert (alice.is_superuser, alice.is_staff, alice.check_password(PASSWORD)) == (False, False, True)

    def test_names_that_break_headers_are_errors_at_their_fields(self) -> None:
        alice = make_user("alice")
        posted = {
            "version": str(alice.version),
            "username": "alice",
            "first_name": "A\r\nBcc: x",
            "last_name": "\u202eB",
        }
        form = AccountForm(posted, instance=alice)
        assert codes(form) == {"first_name": ["invisible_character"], "last_name": ["invisible_character"]}

    def test_a_new_user_can_sign_in_with_the_first_password(self) -> None:
        password = "  odd & long  "
        posted = {"version": "0", "username": "dora", "password1": password, "password2": password}
        save(NewAccountForm(posted | {"is_superuser": "on"}, instance=User()))
        dora = User.objects.get(username="dora")
        assert dora.check_password(password)
        assert not dora.is_superuser

    def test_two_different_passwords_are_an_error(self) -> None:
        posted = {"version": "0", "username": "dora", "password1": "odd & long 1", "password2": "odd & long 2"}
        assert codes(NewAccountForm(posted, instance=User())) == {"password2": ["password_mismatch"]}

    def test_a_taken_user_name_is_an_error_at_its_field(self) -> None:
        make_user("alice")
        posted = {"version": "0", "username": "alice", "password1": "odd & long 1", "password2": "odd & long 1"}
        assert codes(NewAccountForm(posted, instance=User())) == {"username": ["unique"]}
