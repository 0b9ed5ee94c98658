"""Checking a user: against real servers, what is kept of it, and what sending notices."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.core.mail import EmailMessage
from django.test import TestCase
from django.utils import timezone

from tests.factories import SMTP_PASSWORD, configure, make_settings, make_staff, make_user
from tests.servers.ews import EwsServer
from tests.servers.smtp import SmtpServer
from tests.users.test_services_exchange_online import ALICE, InMicrosoft365
from tests.users.views.browser import Browser
from users import guard, services, user_checks
from users.methods import METHODS
from users.models import EmailSettings, Installation, SignInAttempts
from users.readiness import readiness_of
from users.verification import Verification

USUAL = 2.0
"""Seconds of a refusal in a test: longer than it takes by itself, also on a busy machine."""


def letter() -> EmailMessage:
    return EmailMessage("Hello", "Dear Bob", to=["bob@example.com"])


class SmtpTests(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer(username="site", password=SMTP_PASSWORD))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(smtp_host=self.server.host, smtp_port=self.server.port, smtp_username="site")
        self.alice = make_user("alice")
        make_settings(self.alice)

    def test_a_check_that_passes_makes_ready_and_sends_nothing(self) -> None:
        assert not readiness_of(self.alice).is_ready
        assert services.verify(self.alice)
        assert readiness_of(self.alice).is_ready
        assert self.server.received == []

    def test_a_check_that_fails_is_kept_with_what_to_do(self) -> None:
        self.server.replies = {"RCPT": "550 5.1.1 Who?"}
        result = services.verify(self.alice)
        assert result.failure is not None
        last = EmailSettings.of(self.alice).last_check
        assert (last.standing, last.sentence, last.advice) == ("failed", result.failure.sentence, result.failure.advice)
        assert not readiness_of(self.alice).is_ready

    def test_what_is_not_stored_is_checked_and_not_kept(self) -> None:
        settings = EmailSettings.of(self.alice)
        settings.address = "other@example.com"
        assert Verification(tuple(user_checks.verify_settings(settings))).is_passed
        assert EmailSettings.of(self.alice).last_check.standing == "never"

    def test_a_user_without_a_row_is_told_what_is_missing(self) -> None:
        result = services.verify(make_user("bob"))
        assert result.failure is not None
        assert result.failure.code == "settings"
        assert "e-mail address" in result.failure.advice

    def test_the_password_of_the_site_is_not_tried_for_ever(self) -> None:
        configure(smtp_password="wrong")
        codes = [failure.problem if (failure := services.verify(self.alice).failure) else "" for _number in range(4)]
        assert codes == ["sign_in_refused"] * 3 + ["too_many_refusals"]
        assert len(self.server.sign_ins) == 3

    def test_having_been_stopped_says_nothing_of_the_settings(self) -> None:
        services.verify(self.alice)
        SignInAttempts.objects.update(paused_until="2999-01-01T00:00Z")
        assert not services.verify(self.alice)
        assert readiness_of(self.alice).is_ready

    def test_the_server_alone_needs_no_user(self) -> None:
        results = list(user_checks.verify_server(Installation.load(), METHODS["smtp"]))
        assert [result.code for result in results] == ["name", "connected", "encrypted", "signed_in"]
        assert Verification(tuple(results)).is_passed

    def test_a_server_that_is_not_named_is_told(self) -> None:
        configure(smtp_host="")
        (result,) = user_checks.verify_server(Installation.load(), METHODS["smtp"])
        assert (result.state, result.problem, result.part) == ("failed", "server_missing", "server")
        assert [step.code for step in user_checks.steps_of_server(Installation.load(), METHODS["smtp"])] == ["settings"]


class ExchangeTests(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(EwsServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="ntlm")
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange", **self.account())

    def account(self) -> dict[str, Any]:
        return {"exchange_username": self.server.username, "exchange_password": self.server.password}

    def set_wrong_password(self) -> None:
        EmailSettings.of(self.alice).set_exchange_password("wrong", by=self.alice)

    def test_a_check_that_passes_makes_ready(self) -> None:
        assert services.verify(self.alice).is_passed
        assert readiness_of(self.alice).is_ready

    def test_the_server_alone_needs_no_user(self) -> None:
        results = list(user_checks.verify_server(Installation.load(), METHODS["exchange"]))
        assert [result.code for result in results] == ["name", "connected", "encrypted", "answers"]
        assert Verification(tuple(results)).is_passed
        assert self.server.sign_ins == 0

    def test_a_password_refused_while_sending_marks_the_user_at_once(self) -> None:
        services.verify(self.alice)
        self.server.password = "changed there"
        self.set_wrong_password()
        assert services.send(self.alice, letter()).error is not None
        last = EmailSettings.of(self.alice).last_check
        assert (last.standing, last.failure["code"]) == ("failed", "signed_in")
        assert not readiness_of(self.alice).is_ready

    def test_its_owner_is_told_on_the_next_page_and_staff_in_the_list(self) -> None:
        services.verify(self.alice)
        self.set_wrong_password()
        own, staff = Browser(self.alice), Browser(make_staff())
        assert "does not go out" not in own.open("/messages/").text
        services.send(self.alice, letter())
        assert "Your e-mail does not go out:" in own.open("/messages/").text
        assert "does not go out" not in staff.open("/messages/").text
        assert "failed just now" in staff.open("/users/?ready=no&q=alice").text

    def test_it_is_not_tried_again_until_it_is_entered_anew(self) -> None:
        self.set_wrong_password()
        codes = [getattr(services.send(self.alice, letter()).error, "code", "") for _number in range(3)]
        assert codes == ["account_refused", "password_refused_before", "password_refused_before"]
        assert self.server.sign_ins == 1
        EmailSettings.of(self.alice).set_exchange_password(self.server.password, by=self.alice)
        assert services.send(self.alice, letter()).is_sent

    def test_whoever_presses_check_has_it_tried_once_more(self) -> None:
        self.set_wrong_password()
        services.send(self.alice, letter())
        self.server.password = "wrong"
        assert services.verify(self.alice).failure is not None
        assert self.server.sign_ins == 2

    def test_a_check_that_nobody_watches_does_not_try_it(self) -> None:
        self.set_wrong_password()
        services.send(self.alice, letter())
        (*_others, result) = user_checks.verify_settings(EmailSettings.of(self.alice), watched=False)
        assert self.server.sign_ins == 1
        assert result.state == "skipped"

    def test_looking_for_a_message_does_not_try_it_either(self) -> None:
        self.set_wrong_password()
        services.send(self.alice, letter())
        with self.assertRaises(guard.PasswordRefusedBefore):
            services.find_sent(self.alice, "<a@example.com>")

    def test_an_unknown_user_and_a_wrong_password_read_the_same(self) -> None:
        told = []
        for change in ({"exchange_username": "FIRM\\nobody"}, {"exchange_password": "wrong"}):
            EmailSettings.objects.all().delete()
            make_settings(self.alice, method="exchange", **self.account() | change)
            failure = services.verify(self.alice).failure
            assert failure is not None
            told.append((failure.sentence, failure.advice, failure.detail))
        assert told[0] == told[1]


class ExchangeOnlineTests(InMicrosoft365, TestCase):
    flow = "password"

    def test_an_unknown_user_and_a_wrong_password_read_the_same_and_take_the_same_time(self) -> None:
        told = []
        with self.settings(MAILSETTINGS_REFUSAL_SECONDS=USUAL):
            for change in ({"exchange_username": "nobody@example.com"}, {"exchange_password": "wrong"}):
                EmailSettings.objects.all().delete()
                self.make_settings(**change)
                failure = services.verify(self.alice).failure
                assert failure is not None
                told.append({**failure.as_json(), "seconds": round(failure.seconds / USUAL, 1)})
        assert told[0] == told[1]

    def test_a_locked_account_has_half_an_hour(self) -> None:
        entra = self.microsoft.entra
        entra.accounts = {ALICE.username: replace(ALICE, trouble=50053)}
        codes = [failure.problem if (failure := services.verify(self.alice).failure) else "" for _number in range(2)]
        assert codes == ["entra_account_locked", "too_many_refusals"]
        assert entra.count("token") == 1
        (attempts,) = SignInAttempts.objects.all()
        assert attempts.paused_until
        assert timedelta(minutes=29) < attempts.paused_until - timezone.now() <= timedelta(minutes=30)


class OutlookTests(TestCase):
    def test_there_is_nothing_that_could_fail(self) -> None:
        configure(sending_method="outlook")
        alice = make_user("alice")
        assert services.verify(alice)
        assert readiness_of(alice).is_ready

    def test_a_test_draft_goes_to_the_own_address(self) -> None:
        configure(sending_method="outlook")
        alice = make_user("alice")
        make_settings(alice, method="outlook")
        assert b"To: alice@example.com" in services.make_test_draft(alice).draft
        receipt = services.make_test_draft(make_user("bob"))
        assert (receipt.draft, receipt.error is not None) == (b"", True)
