"""When secrets and certificates end, and whom that worries."""

from __future__ import annotations

from typing import Any

import trustme
from django.test import TestCase
from django.utils.formats import date_format

from tests.factories import (
    certificate_and_key,
    configure,
    in_days,
    make_settings,
    make_staff,
    make_superuser,
    make_user,
    register,
)
from tests.users.views.browser import Browser
from users.checks import check_stored_settings
from users.entra.endings import endings_of, worrying
from users.services import send_test_message


def with_certificate(days: int) -> dict[str, Any]:
    certificate, key = certificate_and_key(days=days, key_type=trustme.KeyType.RSA)
    return {"certificate": certificate, "private_key": key}


class WorryingTests(TestCase):
    def test_a_month_before_it_begins(self) -> None:
        for days, worries in ((365, 0), (31, 0), (30, 1), (1, 1), (0, 1), (-1, 1)):
            with self.subTest(days):
                assert len(worrying(register(secret_expires_on=in_days(days)))) == worries

    def test_every_sentence_says_when_and_what_to_do(self) -> None:
        for days, words in (
            (2, "in 2 days"),
            (1, "in 1 day."),
            (0, "ends today"),
            (-1, "can't be used any more"),
        ):
            (ending,) = worrying(register(secret_expires_on=in_days(days)))
            with self.subTest(days):
                assert words in str(ending)
                assert "client secret" in str(ending)
                assert "Make a new one" in str(ending)

    def test_what_lasts_longer_takes_the_worry_away(self) -> None:
        assert worrying(register(secret_expires_on=in_days(3), **with_certificate(300))) == []
        assert len(endings_of(register())) == 2

    def test_two_that_end_are_both_told(self) -> None:
        endings = worrying(register(secret_expires_on=in_days(3), **with_certificate(5)))
        assert [str(each.name) for each in endings] == ["certificate", "client secret"]

    def test_a_flow_without_a_secret_has_no_end(self) -> None:
        assert worrying(register(flow="password", secret_expires_on=in_days(-3))) == []

    def test_what_is_not_stored_does_not_end(self) -> None:
        assert endings_of(register(client_secret="", secret_expires_on=in_days(-3))) == []


class PagesTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice)
        register(secret_expires_on=in_days(9))

    def test_every_page_of_the_staff_tells_it(self) -> None:
        root, sam = Browser(make_superuser()), Browser(make_staff("sam"))
        edit = f"/users/{self.alice.uid}/"
        for browser, address in ((root, "/system/"), (root, "/system/entra/"), (sam, "/users/"), (sam, edit)):
            with self.subTest(address):
                assert "ends on" in browser.open(address).text
                assert "in 9 days" in browser.open(address).text

    def test_users_are_not_worried(self) -> None:
        assert "in 9 days" not in Browser(self.alice).open("/profile/").text

    def test_one_that_has_ended_is_told_before_anybody_tries(self) -> None:
        register(secret_expires_on=in_days(-1))
        state = Browser(make_superuser()).open("/system/entra/").text
        assert "Not complete yet" in state
        assert "ended on" in state
        make_settings(bob := make_user("bob"), method="exchange_online")
        receipt = send_test_message(bob)
        assert receipt.error is not None
        told = f"The client secret of the app registration ended on {date_format(in_days(-1), 'j N Y')}."
        for text in (Browser(bob).open("/profile/").text, str(receipt.error.hint)):
            assert f"{told} An administrator has to make a new one." in text

    def test_a_system_check_warns_in_time_and_only_then(self) -> None:
        (warning,) = [each for each in check_stored_settings(None, databases=["default"]) if each.id == "users.W003"]
        assert "in 9 days" in warning.msg
        register(secret_expires_on=in_days(90))
        assert "users.W003" not in [each.id for each in check_stored_settings(None, databases=["default"])]
