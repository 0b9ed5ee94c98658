"""The padlock: nothing to fill in while it is locked, and nothing that ever comes back."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.test import TestCase, override_settings

from tests import factories
from tests.factories import (
    CLIENT_SECRET,
    EXCHANGE_PASSWORD,
    PASSWORD,
    SMTP_PASSWORD,
    configure,
    make_settings,
    make_staff,
    make_superuser,
    make_user,
    register,
)
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings, EntraAppRegistration, SystemSettings, User

START = 1_790_000_000
UNLOCK, REMOVE, KEEP = "unlock:exchange_password", "remove:exchange_password", "keep:exchange_password"
CONFIRM = {"confirm-password": PASSWORD}
NEW = "new pässword"


class PadlockCase(TestCase):
    def setUp(self) -> None:
        self.clock = self.enterContext(time_machine.travel(START, tick=False))
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange")
        self.browser = Browser(self.alice)

    def page(self) -> Page:
        return self.browser.open("/profile/")

    def unlocked(self) -> Page:
        return self.page().press(UNLOCK)

    def later(self, **duration: float) -> None:
        self.clock.shift(timedelta(**duration))

    def password(self, user: User | None = None) -> str:
        row = EmailSettings.of(user or self.alice)
        return row.open_secret("exchange_password").reveal() if row.exchange_password else ""


class LockedTests(PadlockCase):
    def test_there_is_no_input_for_a_password(self) -> None:
        pages = {"/profile/": self.browser, f"/users/{self.alice.uid}/": Browser(make_staff())}
        pages |= dict.fromkeys(("/system/", "/system/entra/"), Browser(make_superuser()))
        for address, browser in pages.items():
            with self.subTest(address):
                assert browser.open(address).secret_inputs == []

    def test_it_shows_when_the_password_was_set_and_by_whom(self) -> None:
        for by, named in ((make_staff("sam"), "Sam Staffer"), (self.alice, "you")):
            EmailSettings.of(self.alice).set_exchange_password(NEW, by=by)
            with self.subTest(named):
                assert f"Set on 21 Sept. 2026 by {named}." in self.page().text

    def test_it_shows_when_the_one_who_set_it_is_gone(self) -> None:
        sam = make_staff("sam")
        EmailSettings.of(self.alice).set_exchange_password(NEW, by=sam)
        sam.delete()
        assert "by somebody who is gone." in self.page().text

    def test_it_shows_that_none_is_set(self) -> None:
        EmailSettings.objects.all().delete()
        page = self.page().press("refresh", method="exchange")
        assert "Not set." in page.text
        assert REMOVE not in page.buttons

    def test_the_stored_password_is_in_no_page_and_neither_is_its_length(self) -> None:
        def source(password: str) -> str:
            EmailSettings.of(self.alice).set_exchange_password(password, by=self.alice)
            page = self.page()
            sources = (page, page.press(UNLOCK), page.press(REMOVE), page.press(address="?"))
            return "".join(re.sub(r'(csrfmiddlewaretoken|version)" value="[^"]*"', "", each.source) for each in sources)

        short, long = source("abc"), source("ABCDEFGHIJ" * 30)
        assert short == long

    def test_a_posted_password_is_an_error_at_the_field_and_not_stored(self) -> None:
        page = self.page().press(exchange_password=NEW)
        assert page.status == 200
        assert page.error_codes("exchange_password") == ["locked"]
        assert NEW not in page.source
        assert self.password() == EXCHANGE_PASSWORD

    def test_every_padlock_refuses_while_it_is_locked(self) -> None:
        register(certificate=factories.certificate_and_key()[0])
        configure(smtp_username="mailer")
        root = Browser(make_superuser())
        for address, name in (
            ("/system/", "smtp_password"),
            ("/system/entra/", "client_secret"),
            ("/system/entra/", "private_key"),
            (f"/users/{self.alice.uid}/", "exchange_password"),
        ):
            with self.subTest(name):
                assert root.open(address).press(changes={name: NEW}).error_codes(name) == ["locked"]
        assert SystemSettings.load().open_secret("smtp_password").reveal() == SMTP_PASSWORD
        assert EntraAppRegistration.load().open_secret("client_secret").reveal() == CLIENT_SECRET

    def test_the_own_page_of_a_new_user_refuses_too(self) -> None:
        page = Browser(make_superuser()).open("/users/add/").press(method="exchange", exchange_password=NEW)
        assert "locked" in page.error_codes("exchange_password")


class UnlockTests(PadlockCase):
    def test_opens_right_after_signing_in(self) -> None:
        page = self.unlocked()
        assert page.secret_inputs == ["exchange_password"]
        (field,) = page.tree.xpath("//input[@type='password']")
        assert field.get("autocomplete") == "new-password"
        assert field.get("value") is None
        assert field.get("maxlength") is None

    def test_opens_without_asking_for_ten_minutes(self) -> None:
        self.later(minutes=9, seconds=59)
        assert self.unlocked().secret_inputs == ["exchange_password"]

    def test_asks_for_the_own_password_after_ten_minutes(self) -> None:
        self.later(minutes=10)
        page = self.unlocked()
        assert page.secret_inputs == ["confirm-password"]
        (field,) = page.tree.xpath("//input[@type='password']")
        assert field.get("autocomplete") == "current-password"
        assert page.values["confirm-for"] == "exchange_password"

    def test_the_right_password_opens(self) -> None:
        self.later(minutes=10)
        page = self.unlocked().press(UNLOCK, CONFIRM)
        assert page.secret_inputs == ["exchange_password"]
        assert PASSWORD not in page.source

    def test_the_enter_key_in_that_field_opens_and_saves_nothing(self) -> None:
        self.later(minutes=10)
        page = self.unlocked().press("save", CONFIRM, copy_mode="bcc")
        assert page.secret_inputs == ["exchange_password"]
        assert page.values["copy_mode"] == "bcc"
        assert EmailSettings.of(self.alice).copy_mode == "none"

    def test_confirming_opens_every_padlock_for_ten_minutes_more(self) -> None:
        self.later(hours=1)
        self.unlocked().press(UNLOCK, CONFIRM)
        self.later(minutes=9)
        assert self.unlocked().secret_inputs == ["exchange_password"]

    def test_a_wrong_password_is_told_and_keeps_what_was_typed(self) -> None:
        self.later(minutes=10)
        page = self.unlocked().press(UNLOCK, {"confirm-password": "wrong"}, address="typed")
        assert "This is not your sign-in password." in page.text
        assert page.secret_inputs == ["confirm-password"]
        assert page.values["confirm-password"] == ""
        assert page.values["address"] == "typed"

    def test_an_empty_password_asks_again_without_blame(self) -> None:
        self.later(minutes=10)
        page = self.unlocked().press(UNLOCK, {"confirm-password": ""})
        assert page.secret_inputs == ["confirm-password"]
        assert "This is not your sign-in password." not in page.text

    def test_the_password_of_somebody_else_does_not_open(self) -> None:
        make_user("bob", password="the password of Bob")
        self.later(minutes=10)
        page = self.unlocked().press(UNLOCK, {"confirm-password": "the password of Bob"})
        assert page.secret_inputs == ["confirm-password"]

    def test_can_be_kept_locked_instead(self) -> None:
        self.later(minutes=10)
        assert self.unlocked().press(KEEP).secret_inputs == []

    def test_a_name_that_is_no_padlock_never_opens(self) -> None:
        self.later(minutes=10)
        for name in ("address", "method", "version", "smtp_password", "private_key", "", "__class__", "a/b", "\0"):
            with self.subTest(name):
                page = self.page().press("save", CONFIRM | {"confirm-for": name})
                assert page.status == 200
                assert page.secret_inputs == []
        assert self.page().press(exchange_password=NEW).error_codes("exchange_password") == ["locked"]

    def test_the_session_gets_a_new_key_by_confirming(self) -> None:
        self.later(minutes=10)
        page, before = self.unlocked(), self.browser.client.session.session_key
        page.press(UNLOCK, CONFIRM)
        assert self.browser.client.session.session_key != before


@override_settings(AXES_ENABLED=True)
class TooManyWrongPasswordsTests(PadlockCase):
    def setUp(self) -> None:
        super().setUp()
        self.browser = Browser()
        self.sign_in()
        self.later(minutes=10)

    def sign_in(self, password: str = PASSWORD) -> Any:
        return self.browser.client.post("/accounts/login/", {"username": "alice", "password": password})

    def guess(self, times: int) -> Page:
        page = self.unlocked()
        for _time in range(times):
            page = page.press(UNLOCK, {"confirm-password": "wrong canary"}, address="typed")
        return page

    def test_they_are_stopped_and_told_with_what_was_typed_kept(self) -> None:
        page = self.guess(5)
        assert page.status == 200
        assert "Too many wrong passwords. Wait a quarter of an hour" in page.text
        assert page.values["address"] == "typed"
        page = page.press(UNLOCK, CONFIRM)
        assert "Too many wrong passwords." in page.text
        assert page.secret_inputs == ["confirm-password"]

    def test_they_count_towards_the_lock_of_the_sign_in_page(self) -> None:
        self.guess(4)
        self.browser = Browser()
        assert self.sign_in("wrong").status_code == 429
        assert self.sign_in().status_code == 429

    def test_a_quarter_of_an_hour_later_the_right_one_opens(self) -> None:
        page = self.guess(5)
        self.later(minutes=16)
        assert page.press(UNLOCK, CONFIRM).secret_inputs == ["exchange_password"]

    def test_what_was_posted_with_them_is_not_written_down(self) -> None:
        self.guess(2)
        attempt = AccessAttempt.objects.get()
        assert attempt.failures_since_start == 2
        assert "canary" not in attempt.post_data + attempt.get_data


class OpenTests(PadlockCase):
    def test_saves_the_new_password_with_who_and_when(self) -> None:
        self.later(minutes=5)
        assert self.unlocked().press(exchange_password=NEW).status == 302
        row = EmailSettings.of(self.alice)
        assert self.password() == NEW
        assert row.exchange_password_set_by == self.alice
        assert row.exchange_password_set_at is not None
        assert row.exchange_password_set_at.timestamp() == START + 300

    def test_it_is_locked_again_after_saving(self) -> None:
        assert self.unlocked().press(exchange_password=NEW).follow().secret_inputs == []
        assert self.page().press(exchange_password="second").error_codes("exchange_password") == ["locked"]
        assert self.password() == NEW

    def test_empty_keeps_the_stored_password(self) -> None:
        assert self.unlocked().press(exchange_password="", copy_mode="cc").status == 302
        assert self.password() == EXCHANGE_PASSWORD

    def test_blanks_around_it_are_kept(self) -> None:
        for password in ("  blanks  ", " ", "\u00a0x\u2003", "a\u200db", "\u202ex"):
            with self.subTest(ascii(password)):
                assert self.unlocked().press(exchange_password=password).status == 302
                assert self.password() == password

    def test_what_can_be_no_password_is_refused_at_the_field(self) -> None:
        for password, code in (
            ("x" * 10_000, "too_long"),
            ("a\r\nb", "control"),
            ("a\0b", "control"),
            ("\x1b", "control"),
        ):
            with self.subTest(code, start=ascii(password[:5])):
                page = self.unlocked().press(exchange_password=password)
                assert page.error_codes("exchange_password") == [code]
                assert password[:4] not in page.source.replace("\r", "") or len(password) < 4
        assert self.password() == EXCHANGE_PASSWORD

    def test_it_stays_open_and_empty_beside_other_errors(self) -> None:
        page = self.unlocked().press(exchange_password=NEW, address="wrong")
        assert page.error_codes("address")
        assert page.secret_inputs == ["exchange_password"]
        assert NEW not in page.source

    def test_it_closes_after_ten_minutes(self) -> None:
        page = self.unlocked()
        self.later(minutes=10)
        page = page.press(exchange_password=NEW)
        assert page.error_codes("exchange_password") == ["locked"]
        assert self.password() == EXCHANGE_PASSWORD

    def test_it_is_open_in_this_session_only(self) -> None:
        self.unlocked()
        page = Browser(self.alice).open("/profile/").press(exchange_password=NEW)
        assert page.error_codes("exchange_password") == ["locked"]

    def test_it_is_open_for_this_user_only(self) -> None:
        make_settings(bob := make_user("bob"), method="exchange")
        self.browser = Browser(make_staff("sam"))
        opened = self.browser.open(f"/users/{self.alice.uid}/").press(UNLOCK)
        assert opened.secret_inputs == ["exchange_password"]
        other = self.browser.open(f"/users/{bob.uid}/")
        assert other.secret_inputs == []
        assert other.press(exchange_password=NEW).error_codes("exchange_password") == ["locked"]
        assert opened.press(exchange_password=NEW).status == 302
        assert (self.password(), self.password(bob)) == (NEW, EXCHANGE_PASSWORD)

    def test_it_is_this_padlock_only(self) -> None:
        certificate, key = factories.certificate_and_key()
        register(certificate=certificate)
        self.browser = Browser(make_superuser())
        opened = self.browser.open("/system/entra/").press("unlock:client_secret")
        assert opened.secret_inputs == ["client_secret"]
        page = opened.press(changes={"private_key": key})
        assert page.error_codes("private_key") == ["locked"]

    def test_somebody_who_signs_in_next_finds_it_locked(self) -> None:
        self.unlocked()
        self.browser.client.post("/accounts/logout/")
        self.browser.client.force_login(self.alice)
        assert self.page().press(exchange_password=NEW).error_codes("exchange_password") == ["locked"]

    def test_a_private_key_may_have_lines(self) -> None:
        certificate, key = factories.certificate_and_key()
        register(certificate=certificate)
        self.browser = Browser(make_superuser())
        page = self.browser.open("/system/entra/").press("unlock:private_key")
        assert page.secret_inputs == ["private_key"]
        assert page.press(changes={"private_key": key.replace("\n", "\r\n")}).status == 302
        assert EntraAppRegistration.load().has_usable_secret("private_key")


class RemoveTests(PadlockCase):
    def test_pressing_the_button_removes_nothing_yet(self) -> None:
        page = self.page().press(REMOVE)
        assert "Will be removed when you save." in page.text
        assert self.password() == EXCHANGE_PASSWORD

    def test_saving_removes_it(self) -> None:
        register(flow="password")
        configure(smtp_username="mailer")
        page = Browser(make_superuser()).open("/system/entra/").press("remove:client_secret").press()
        assert page.status == 302
        row = EntraAppRegistration.load()
        assert (row.client_secret, row.client_secret_set_at, row.client_secret_set_by) == ("", None, None)

    def test_saving_removes_it_also_while_the_method_needs_it(self) -> None:
        assert self.page().press(REMOVE).press().status == 302
        assert EmailSettings.of(self.alice).exchange_password == ""

    def test_the_status_then_says_that_it_is_missing(self) -> None:
        self.page().press(REMOVE).press()
        assert "2 things left" in self.page().text

    def test_it_can_be_kept_after_all(self) -> None:
        page = self.page().press(REMOVE).press(KEEP)
        assert "Will be removed when you save." not in page.text
        assert page.press(copy_mode="cc").status == 302
        assert self.password() == EXCHANGE_PASSWORD

    def test_it_can_be_replaced_after_all(self) -> None:
        page = self.page().press(REMOVE).press(UNLOCK)
        assert page.secret_inputs == ["exchange_password"]
        assert page.press(exchange_password=NEW).status == 302
        assert self.password() == NEW


class SessionTests(PadlockCase):
    """What a session keeps can be read by whoever reads the database."""

    def session_texts(self) -> str:
        return "".join(json.dumps(session.get_decoded()) for session in Session.objects.all())

    def test_no_secret_is_ever_in_it(self) -> None:
        self.later(minutes=10)
        page = self.unlocked().press(UNLOCK, {"confirm-password": "wrong canary"}).press(UNLOCK, CONFIRM)
        page = page.press(exchange_password="typed canary", address="wrong")
        page = page.press("refresh", exchange_password="typed canary")
        page.press(exchange_password="typed canary")
        texts = self.session_texts()
        assert texts
        for mark in ("canary", PASSWORD, "v1."):
            assert mark not in texts

    def test_garbage_in_it_opens_nothing(self) -> None:
        session = self.browser.client.session
        session["padlocks"] = {"exchange_password": START, f"{self.alice.uid}/": START}
        session["confirmed_at"] = START + 10
        session.save()
        assert self.page().press(exchange_password=NEW).error_codes("exchange_password") == ["locked"]
        assert self.unlocked().secret_inputs == ["confirm-password"]
