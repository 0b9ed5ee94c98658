"""Who works off rounds of checks: against real servers, several at a time, and whoever is killed half-way."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any
from unittest import mock
from uuid import uuid4

from django.db import IntegrityError, connections
from django.test import TestCase, TransactionTestCase
from django.utils import timezone

from tests.factories import SMTP_PASSWORD, checked, configure, make_settings, make_user
from tests.servers.ews import EwsServer
from tests.servers.smtp import RawServer, SmtpServer
from tests.users.rounds import make_people, results, start, use_server, work_off
from users import round_crew, rounds
from users.models import EmailSettings, RoundMember, SignInAttempts
from users.readiness import readiness_of
from users.round_job import Verdict

REFUSED = "550 5.1.1 Who?"


class OneAtATime(TestCase):
    """Tests whose database is that of one thread."""

    def setUp(self) -> None:
        self.enterContext(mock.patch.object(rounds, "AT_A_TIME", 1))


class SmtpTests(OneAtATime):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        use_server(self.server)
        self.alice, self.bob, self.charlie = make_people()

    def test_everybody_is_checked_and_what_comes_out_is_kept(self) -> None:
        self.server.replies = {"RCPT bob@example.com": REFUSED}
        done = work_off(start())
        assert results(done) == {"alice": "passed", "bob": "failed", "charlie": "passed"}
        assert not done.is_under_way
        assert [readiness_of(user).is_ready for user in (self.alice, self.bob)] == [True, False]
        assert EmailSettings.of(self.bob).last_check.standing == "failed"
        assert self.server.received == []

    def test_the_reason_is_told_with_whose_turn_it_is(self) -> None:
        self.server.replies = {"RCPT bob@example.com": REFUSED}
        started = work_off(start())
        bob = started.members.get(user=self.bob)
        assert (bob.problem, bob.whose_turn) == ("own_address_refused", "user")
        assert "takes no messages for your own address" in bob.sentence

    def test_nobody_waits_for_a_server_that_has_been_found_out(self) -> None:
        started = start()
        started.servers.create(method="exchange", state="out", failure={"problem": "timed_out", "sentence": "Slow."})
        make_settings(self.bob, method="exchange", exchange_username="bob")
        assert results(work_off(started))["bob"] == "no_server"
        assert started.members.get(user=self.bob).sentence == "Slow."

    def test_a_round_that_was_stopped_ends_without_those_who_wait(self) -> None:
        started = start()
        rounds.stop(started)
        assert round_crew.run_due() == 0
        assert self.server.connections == 0

    def test_it_leaves_off_when_the_time_is_over(self) -> None:
        started = start()
        assert round_crew.run_due(seconds=0) == 0
        assert set(results(started).values()) == {"waiting"}
        assert results(work_off(started))["alice"] == "passed"


class MethodsTests(TransactionTestCase):
    """Several servers are asked side by side, in threads."""

    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        use_server(self.server)
        self.alice, self.bob, _charlie = make_people()

    def test_whose_settings_are_not_complete_is_skipped(self) -> None:
        make_settings(self.bob, method="exchange", address="bob@example.com", exchange_password="")
        started = work_off(start())
        bob = started.members.get(user=self.bob)
        assert (bob.state, bob.problem, bob.sentence) == (
            "skipped",
            "missing_exchange_password",
            "Missing: Password (Exchange).",
        )
        assert EmailSettings.of(self.bob).checked_at is None

    def test_a_method_that_was_changed_meanwhile_counts(self) -> None:
        started = start()
        make_settings(self.alice, method="outlook")
        make_settings(self.bob, method="exchange", exchange_password="")
        assert results(work_off(started)) == {"alice": "skipped", "bob": "skipped", "charlie": "passed"}
        assert not work_off(started).is_under_way


class ServerTests(OneAtATime):
    def setUp(self) -> None:
        super().setUp()
        configure(smtp_host="localhost")
        self.people = make_people(*[f"user{number}" for number in range(12)])

    def test_one_that_is_out_is_found_once(self) -> None:
        server = self.enterContext(RawServer(greeting=b"554 5.3.2 Closed\r\n"))
        configure(smtp_host=server.host, smtp_port=server.port)
        done = work_off(start())
        assert server.connections == 1
        assert set(results(done).values()) == {"no_server"}
        assert not done.is_under_way

    def test_nobody_pays_for_it(self) -> None:
        for each in self.people:
            checked(EmailSettings.of(each))
        configure(smtp_port=1)
        for each in self.people:
            checked(EmailSettings.of(each))
        work_off(start())
        assert all(readiness_of(each).is_ready for each in self.people)

    def test_what_is_wrong_with_it_is_kept(self) -> None:
        configure(smtp_host="localhost", smtp_port=1)
        (server,) = work_off(start()).servers.all()
        assert (server.state, server.failure["problem"]) == ("out", "connection_refused")
        assert server.failure["whose_turn"] == "administrator"
        assert set(RoundMember.objects.values_list("problem", "whose_turn")) == {
            ("connection_refused", "administrator")
        }

    def test_the_password_of_the_site_is_tried_once(self) -> None:
        server = self.enterContext(SmtpServer(username="site", password="another"))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=server.ca_file))
        configure(smtp_host=server.host, smtp_port=server.port, smtp_username="site", smtp_password=SMTP_PASSWORD)
        assert set(results(work_off(start())).values()) == {"no_server"}
        assert len(server.sign_ins) == 1
        # The next round does not try it again by itself.
        assert set(results(work_off(start())).values()) == {"skipped"}
        assert len(server.sign_ins) == 1

    def test_one_that_breaks_off_and_comes_back_costs_nobody_a_result(self) -> None:
        server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=server.ca_file))
        use_server(server)
        started = start()
        started.servers.update(state="answers")
        configure(smtp_port=1)
        member = round_crew.claim("smtp")
        assert member is not None
        round_crew._check(member)
        assert started.servers.get().state == "unproven"
        RoundMember.objects.update(claim=None, claimed_until=None)
        use_server(server)
        assert set(results(work_off(started)).values()) == {"passed"}

    def test_one_that_is_too_busy_is_left_alone_for_a_while(self) -> None:
        server = self.enterContext(RawServer(greeting=b"421 4.7.0 Too many connections\r\n"))
        configure(smtp_host=server.host, smtp_port=server.port)
        started = start()
        for number, pause in enumerate(round_crew.PAUSES, start=1):
            work_off(started)
            (row,) = started.servers.all()
            assert row.not_before is not None
            assert abs(row.not_before - timezone.now() - pause) < timedelta(seconds=30)
            assert (server.connections, row.is_resting, set(results(started).values())) == (number, True, {"waiting"})
            started.servers.update(not_before=timezone.now())
        work_off(started)
        assert started.servers.get().is_out
        assert set(results(started).values()) == {"no_server"}

    def test_a_user_to_whom_it_is_always_busy_does_not_stop_the_others(self) -> None:
        server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=server.ca_file))
        use_server(server)
        EmailSettings.objects.filter(user__username="user0").update(address="busy@example.com")
        server.replies = {"MAIL busy@example.com": "451 4.7.1 Not now"}
        started = start()
        for _time in round_crew.PAUSES:
            work_off(started)
            started.servers.update(not_before=None)
        assert results(started) == {"user0": "no_server"} | {f"user{number}": "passed" for number in range(1, 12)}

    def test_several_who_hear_that_it_is_busy_make_one_pause(self) -> None:
        row = start().servers.get()
        round_crew._pause(row)
        first = row.not_before
        round_crew._pause(row)
        assert (row.not_before, row.pauses) == (first, 1)

    def test_a_fellow_who_was_under_way_already_does_not_decide(self) -> None:
        configure(smtp_host="localhost", smtp_port=1)
        started = start()
        started.servers.update(state="answers")
        with mock.patch.object(rounds, "AT_A_TIME", 2):
            first, second = round_crew.claim("smtp"), round_crew.claim("smtp")
        assert first is not None
        assert second is not None
        round_crew._check(first)
        assert (started.servers.get().state, results(started)["user0"]) == ("unproven", "waiting")


class GuardTests(OneAtATime):
    """Nobody's account is locked by a round."""

    def setUp(self) -> None:
        super().setUp()
        self.server = self.enterContext(EwsServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="ntlm")
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange", exchange_username=self.server.username, exchange_password="wrong")

    def round(self) -> tuple[str, str]:
        done = work_off(start())
        return done.members.values_list("state", "problem").get()

    def test_a_wrong_password_is_tried_once_in_any_number_of_rounds(self) -> None:
        assert self.round() == ("failed", "account_refused")
        for _number in range(3):
            assert self.round() == ("skipped", "password_refused_before")
        assert self.server.sign_ins == 1

    def test_a_mailbox_that_is_paused_is_left_alone(self) -> None:
        self.round()
        EmailSettings.of(self.alice).set_exchange_password("another", by=self.alice)
        SignInAttempts.objects.update(paused_until=timezone.now() + timedelta(minutes=9))
        assert self.round() == ("skipped", "too_many_refusals")
        assert self.server.sign_ins == 1

    def test_a_right_password_is_as_good_as_ever(self) -> None:
        EmailSettings.of(self.alice).set_exchange_password(self.server.password, by=self.alice)
        assert self.round() == ("passed", "")
        assert readiness_of(self.alice).is_ready


class KilledTests(OneAtATime):
    def setUp(self) -> None:
        super().setUp()
        self.server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        use_server(self.server)
        make_people()
        self.started = start()

    def claim(self) -> RoundMember:
        member = round_crew.claim("smtp")
        assert member is not None
        return member

    def let_time_pass(self) -> None:
        RoundMember.objects.filter(claim__isnull=False).update(claimed_until=timezone.now() - timedelta(seconds=1))

    def test_a_claim_runs_out_and_somebody_else_goes_on(self) -> None:
        self.claim()
        assert round_crew.run_due() == 0
        self.let_time_pass()
        assert set(results(work_off(self.started)).values()) == {"passed"}

    def test_whoever_comes_back_too_late_changes_nothing(self) -> None:
        self.started.members.exclude(user__username="alice").delete()
        late = self.claim()
        self.let_time_pass()
        round_crew.release_lost()
        again = self.claim()
        assert again.pk == late.pk
        round_crew._settle(late, Verdict(RoundMember.State.FAILED))
        assert (RoundMember.objects.get(pk=late.pk).state, RoundMember.objects.get(pk=late.pk).claim) == (
            "waiting",
            again.claim,
        )

    def test_a_sign_of_life_prolongs_it(self) -> None:
        member = self.claim()
        member.claimed_until = timezone.now() + timedelta(seconds=9)
        round_crew._keep(member)
        until = RoundMember.objects.get(pk=member.pk).claimed_until
        assert until is not None
        assert until > timezone.now() + timedelta(minutes=1)

    def test_one_that_kills_every_worker_is_given_up(self) -> None:
        self.claim()
        RoundMember.objects.filter(user__username="alice").update(attempts=round_crew.MOST_ATTEMPTS - 1)
        self.let_time_pass()
        assert results(work_off(self.started)) == {"alice": "failed", "bob": "passed", "charlie": "passed"}
        assert self.started.members.get(user__username="alice").problem == "broken_off"

    def test_an_error_in_the_site_gives_the_claim_back(self) -> None:
        with mock.patch.object(round_crew, "check_one", side_effect=RuntimeError), self.assertRaises(RuntimeError):
            round_crew.run_due()
        assert not RoundMember.objects.filter(claim__isnull=False).exists()
        assert RoundMember.objects.get(user__username="alice").attempts == 1
        assert set(results(work_off(self.started)).values()) == {"passed"}


class SeveralTests(TransactionTestCase):
    """Threads, each with a database connection of its own."""

    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer(delays={"EHLO": 0.02}))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        use_server(self.server)

    def run_workers(self, number: int, job: Any) -> None:
        def apart() -> None:
            try:
                job()
            finally:
                connections.close_all()

        threads = [Thread(target=apart) for _number in range(number)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def test_no_user_is_checked_twice_by_two_workers(self) -> None:
        make_people(*[f"user{number:02}" for number in range(30)])
        started = start()
        self.run_workers(2, round_crew.run_due)
        assert set(results(work_off(started)).values()) == {"passed"}
        assert self.server.connections == 30

    def test_no_more_than_so_many_are_checked_at_a_time(self) -> None:
        make_people(*[f"user{number:02}" for number in range(30)])
        started = start()
        started.servers.update(state="answers")
        barrier, claimed = Barrier(12), []

        def claim() -> None:
            barrier.wait()
            claimed.append(round_crew.claim("smtp"))

        self.run_workers(12, claim)
        members = [member.pk for member in claimed if member is not None]
        assert len(members) == len(set(members)) == rounds.AT_A_TIME

    def test_somebody_in_two_rounds_is_checked_in_one_at_a_time(self) -> None:
        make_people("alice")
        for q in ("alice", "example.com"):
            start(q=q)
        first = round_crew.claim("smtp")
        assert first is not None
        assert round_crew.claim("smtp") is None
        round_crew._settle(first, Verdict(RoundMember.State.PASSED))
        second = round_crew.claim("smtp")
        assert second is not None
        assert second.round_id != first.round_id

    def test_a_server_is_not_asked_by_many_before_it_has_answered(self) -> None:
        make_people(*[f"user{number}" for number in range(5)])
        start()
        assert round_crew.claim("smtp") is not None
        assert round_crew.claim("smtp") is None

    def test_the_database_knows_that_nobody_is_checked_twice_at_a_time(self) -> None:
        (alice,) = make_people("alice")
        start()
        start(q="alice")
        claim = {"claimed_until": timezone.now()}
        first, second = RoundMember.objects.filter(user=alice)
        RoundMember.objects.filter(pk=first.pk).update(claim=uuid4(), **claim)
        with self.assertRaises(IntegrityError):
            RoundMember.objects.filter(pk=second.pk).update(claim=uuid4(), **claim)
