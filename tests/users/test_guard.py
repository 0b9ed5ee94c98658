"""Checks and sending are no way to guess a password, or to have somebody's account locked."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.db import connections
from django.test import SimpleTestCase, TestCase, TransactionTestCase

from tests.factories import configure, make_settings, make_user
from users import guard
from users.guard import Account
from users.mail.transports.errors import ConnectionLost, SignInRefused, TransportError
from users.mail.transports.mailbox_errors import AccountLocked, AccountRefused
from users.models import EmailSettings, SignInAttempts

NOON = datetime(2026, 11, 2, 12, 0, tzinfo=UTC)
ACCOUNT = Account("mailbox", "password", "mail.example.com")
Guarded = Callable[[Account | None], AbstractContextManager[None]]


def attempt(
    error: TransportError | None = None,
    account: Account = ACCOUNT,
    guarded: Guarded = guard.deliberate,
    seconds: float = 0,
) -> str:
    """Try once; returns the code of what became of it."""
    try:
        with guarded(account):
            time.sleep(seconds)
            if error is not None:
                raise error
    except TransportError as caught:
        return caught.code
    return "accepted"


def another(password: str) -> Account:
    return Account(ACCOUNT.mailbox, password, ACCOUNT.server)


class LimitTests(TestCase):
    def setUp(self) -> None:
        self.clock = self.enterContext(time_machine.travel(NOON, tick=False))

    def test_the_fourth_refusal_in_fifteen_minutes_is_not_asked_for(self) -> None:
        codes = [attempt(AccountRefused(), another(str(number))) for number in range(4)]
        assert codes == ["account_refused"] * 3 + ["too_many_refusals"]
        self.clock.shift(timedelta(minutes=15))
        assert attempt() == "accepted"

    def test_it_does_not_matter_whether_the_next_one_would_be_right(self) -> None:
        for number in range(3):
            attempt(AccountRefused(), another(str(number)))
        assert attempt() == "too_many_refusals"

    def test_eight_a_day_are_the_end(self) -> None:
        for _number in range(8):
            assert attempt(AccountRefused()) == "account_refused"
            self.clock.shift(timedelta(minutes=16))
        assert attempt() == "too_many_refusals"
        self.clock.move_to(NOON + timedelta(hours=24, minutes=1))
        assert attempt() == "accepted"

    def test_what_was_accepted_or_not_judged_does_not_count(self) -> None:
        for error in (None, ConnectionLost()) * 5:
            assert attempt(error) != "too_many_refusals"

    def test_another_mailbox_is_not_concerned(self) -> None:
        for _number in range(3):
            attempt(AccountRefused())
        assert attempt(account=Account("another", "password", "mail.example.com")) == "accepted"

    def test_a_locked_account_has_half_an_hour(self) -> None:
        assert attempt(AccountLocked()) == "account_locked"
        for minutes, code in ((1, "too_many_refusals"), (28, "too_many_refusals"), (1, "accepted")):
            self.clock.shift(timedelta(minutes=minutes))
            assert attempt() == code

    def test_it_says_how_long_to_wait(self) -> None:
        for _number in range(3):
            attempt(AccountRefused())
        self.clock.shift(timedelta(minutes=5))
        with pytest.raises(guard.TooManyRefusals) as caught, guard.deliberate(ACCOUNT):
            pass
        assert "Wait 10 minutes" in str(caught.value.hint)

    def test_an_attempt_that_was_stopped_half_way_counts(self) -> None:
        with guard.deliberate(ACCOUNT):
            row = SignInAttempts.objects.get()
        row.save()  # as it is after a power cut
        self.clock.shift(timedelta(minutes=3))
        assert [attempt(AccountRefused()) for _number in range(3)][-1] == "too_many_refusals"

    def test_it_is_counted_before_the_attempt(self) -> None:
        with guard.deliberate(ACCOUNT):
            assert len(SignInAttempts.objects.get().under_way) == 1
        assert SignInAttempts.objects.get().under_way == {}

    def test_without_an_account_nothing_is_counted(self) -> None:
        with guard.deliberate(None), guard.automatic(None):
            assert not SignInAttempts.objects.exists()


class AutomaticTests(TestCase):
    def test_a_refused_password_is_not_tried_again(self) -> None:
        for error in (SignInRefused(), AccountRefused()):
            with self.subTest(error.code):
                SignInAttempts.objects.all().delete()
                attempt(error, guarded=guard.automatic)
                assert attempt(guarded=guard.automatic) == "password_refused_before"

    def test_until_it_is_entered_anew(self) -> None:
        attempt(AccountRefused(), guarded=guard.automatic)
        assert attempt(account=another("new"), guarded=guard.automatic) == "accepted"

    def test_or_somebody_sees_that_it_works(self) -> None:
        attempt(AccountRefused(), guarded=guard.automatic)
        assert attempt() == "accepted"
        assert attempt(guarded=guard.automatic) == "accepted"

    def test_guesses_of_others_do_not_stop_a_password_that_works(self) -> None:
        attempt()
        for number in range(4):
            attempt(AccountRefused(), another(str(number)))
        assert attempt(account=another("new")) == "too_many_refusals"
        assert attempt(guarded=guard.automatic) == "accepted"

    def test_that_another_password_works_makes_no_refused_one_good(self) -> None:
        attempt(AccountRefused(), guarded=guard.automatic)
        attempt(account=another("new"))
        assert attempt(guarded=guard.automatic) == "password_refused_before"

    def test_a_password_that_works_costs_one_query_for_each_message(self) -> None:
        attempt()
        with self.assertNumQueries(1):
            assert attempt(guarded=guard.automatic) == "accepted"

    def test_a_broken_connection_shows_nothing_of_the_password(self) -> None:
        attempt(ConnectionLost(), guarded=guard.automatic)
        assert SignInAttempts.objects.get().accepted_password == ""


class LookAheadTests(TestCase):
    """Whoever looks ahead sees what an automatic attempt would meet, and leaves no trace."""

    def seen(self, account: Account | None = ACCOUNT) -> str:
        before = list(SignInAttempts.objects.values())
        try:
            guard.look_ahead(account)
        except TransportError as error:
            return error.code
        finally:
            assert list(SignInAttempts.objects.values()) == before
        return ""

    def test_nothing_is_known_at_first(self) -> None:
        assert (self.seen(), self.seen(None)) == ("", "")

    def test_it_is_what_an_automatic_attempt_meets(self) -> None:
        for prepare in (
            attempt,
            lambda: attempt(AccountRefused()),
            attempt,
            lambda: [attempt(AccountRefused(), another(str(number))) for number in range(3)],
            lambda: SignInAttempts.objects.update(refused_at=[], paused_until=datetime.now(UTC) + timedelta(hours=1)),
        ):
            prepare()
            for account in (ACCOUNT, another("x")):
                seen = self.seen(account)
                assert seen == attempt(ConnectionLost(), account, guard.automatic).replace("connection_lost", "")


class AccountTests(TestCase):
    def setUp(self) -> None:
        configure(smtp_username="site")
        self.alice = make_user("alice")

    def account(self, **fields: str) -> Account:
        EmailSettings.objects.all().delete()
        account = guard.account_of(make_settings(self.alice, method="exchange", **fields))
        assert account is not None
        return account

    def test_all_spellings_of_a_user_name_are_one_account(self) -> None:
        names = ["FIRM\\alice", "firm\\ALICE", "alice@firm.example", "alice", "Alice", "\uff41lice", "FIRM\\ alice"]
        names += ["\u00e1lice", "a\u0301lice", "FIRM\\alic\u00e9", "al\u200bice", "al\u00adice@firm.example"]
        assert len({self.account(exchange_username=name).mailbox for name in names}) == 1
        assert self.account(exchange_username="FIRM\\bob").mailbox != self.account().mailbox

    def test_a_password_entered_anew_is_another_one(self) -> None:
        assert self.account().password != self.account().password

    def test_nothing_of_the_password_goes_into_it(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        before = guard.account_of(settings)
        settings.exchange_password = "v1.other"
        assert guard.account_of(settings) == before

    def test_smtp_has_the_account_of_the_site_if_any(self) -> None:
        assert guard.account_of(make_settings(self.alice)) == guard.account_of(make_settings(make_user("bob")))
        configure(smtp_username="")
        assert guard.account_of(EmailSettings.of(self.alice)) is None

    def test_outlook_has_none(self) -> None:
        assert guard.account_of(EmailSettings(user=self.alice, method="outlook")) is None


class TimeTests(TestCase):
    def test_every_refusal_takes_the_same_time(self) -> None:
        with self.settings(MAILSETTINGS_REFUSAL_SECONDS=0.3):
            for seconds, whole in ((0, 0.3), (0.2, 0.3), (0.4, 0.6)):
                begin = time.monotonic()
                assert attempt(AccountRefused(), seconds=seconds) == "account_refused"
                with self.subTest(seconds):
                    assert whole <= time.monotonic() - begin < whole + 0.25


class ConcurrencyTests(TransactionTestCase):
    def test_of_many_who_guess_at_once_three_are_asked(self) -> None:
        codes: list[str] = []
        barrier = Barrier(8)

        def guess(number: int) -> None:
            barrier.wait()
            codes.append(attempt(AccountRefused(), another(str(number))))
            connections.close_all()

        threads = [Thread(target=guess, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(codes) == ["account_refused"] * 3 + ["too_many_refusals"] * 5


class TextTests(SimpleTestCase):
    def test_every_error_says_what_to_do(self) -> None:
        errors = [
            guard.TooManyRefusals(NOON, "mail.example.com"),
            guard.AccountBusy(server="mail.example.com"),
            guard.PasswordRefusedBefore(server="mail.example.com"),
        ]
        for error in errors:
            assert "mail.example.com" in str(error)
            assert str(error.hint).endswith(".")
        assert {error.code for error in errors} == guard.NOT_TRIED
