"""A check of each method against servers that do what they are told: one row for each failure of each stage."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import pytest
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.certificates import Certificate
from tests.servers.ews import EwsServer
from tests.servers.graph import Fault, GraphServer
from tests.servers.smtp import RawServer, SmtpServer
from tests.users.mail.transports import test_exchange_online, test_smtp
from tests.users.mail.transports.step_failures import (
    EXCHANGE_FAILURES,
    EXCHANGE_STEPS,
    ONLINE_FAILURES,
    ONLINE_STEPS,
    SMTP_FAILURES,
    SMTP_STEPS,
    WRONG,
    Failure,
    over_exchange,
    over_smtp,
)
from users.choices import SmtpSecurity, StepState
from users.mail.transports.base import Transport
from users.mail.transports.outlook import OutlookTransport
from users.verification import StepResult, run


def results_of(transport: Transport) -> list[StepResult]:
    with closing(transport):
        return list(run(transport.steps()))


def check_reads_well(result: StepResult, failure: Failure) -> None:
    assert (result.code, result.problem, result.part) == (failure.step, failure.problem, failure.part)
    assert failure.sentence in result.sentence
    for text in (result.sentence, result.advice):
        assert text.endswith(".")
        assert not any(mark in text for mark in ("%", "Traceback", "Error", "Exception", "[", "None"))
    assert "Pässwörd" not in f"{result}"


def check_is_told(failure: Failure, connect: Callable[..., Transport], steps: list[str]) -> None:
    with failure.server() as server:
        results = results_of(connect(server, **failure.changes))
    number = steps.index(failure.step)
    assert [result.code for result in results] == steps
    states = [StepState.PASSED] * number + [StepState.FAILED] + [StepState.SKIPPED] * (len(steps) - number - 1)
    assert [result.state for result in results] == states
    check_reads_well(results[number], failure)


@pytest.mark.parametrize("failure", SMTP_FAILURES, ids=str)
def test_every_failure_over_smtp_is_told(failure: Failure) -> None:
    check_is_told(failure, over_smtp, SMTP_STEPS)


@pytest.mark.parametrize("failure", EXCHANGE_FAILURES, ids=str)
def test_every_failure_of_exchange_is_told(failure: Failure) -> None:
    check_is_told(failure, over_exchange, EXCHANGE_STEPS)


@pytest.mark.parametrize("failure", ONLINE_FAILURES, ids=str)
def test_every_failure_of_exchange_online_is_told(failure: Failure) -> None:
    check_is_told(failure, test_exchange_online.connect, ONLINE_STEPS)


@pytest.mark.parametrize(
    "failures", [SMTP_FAILURES, EXCHANGE_FAILURES, ONLINE_FAILURES], ids=["smtp", "exchange", "online"]
)
def test_each_kind_of_failure_has_its_own_sentence(failures: list[Failure]) -> None:
    sentences = {failure.problem: failure.sentence for failure in failures}
    assert len(set(sentences.values())) == len(sentences)


class SmtpTests(SimpleTestCase):
    def test_all_steps_pass_and_nothing_is_sent(self) -> None:
        for security in SmtpSecurity.values:
            with self.subTest(security), test_smtp.with_sign_in(security=security) as server:
                results = results_of(over_smtp(server))
                assert [result.code for result in results] == SMTP_STEPS
                assert StepState.FAILED not in {result.state for result in results}
                assert (server.received, server.connections, server.goodbyes) == ([], 1, 1)

    def test_what_is_not_wanted_is_skipped_and_ends_nothing(self) -> None:
        with SmtpServer(security="none") as server:
            states = {result.code: result.state for result in results_of(over_smtp(server))}
        assert [code for code, state in states.items() if state == StepState.SKIPPED] == ["encrypted", "signed_in"]

    def test_the_certificate_is_told(self) -> None:
        with SmtpServer() as server:
            (encrypted,) = [result for result in results_of(over_smtp(server)) if result.code == "encrypted"]
        assert "made out to localhost, is valid until" in encrypted.sentence
        assert "localhost" in encrypted.detail

    def test_a_certificate_that_ends_soon_is_told(self) -> None:
        with SmtpServer(certificate=Certificate.ENDS_SOON) as server:
            (encrypted,) = [result for result in results_of(over_smtp(server)) if result.code == "encrypted"]
        assert (encrypted.state, "ends soon" in encrypted.advice) == (StepState.PASSED, True)

    def test_without_an_address_only_the_server_is_tried(self) -> None:
        with test_smtp.with_sign_in() as server:
            results = results_of(over_smtp(server, address=""))
        assert [result.code for result in results] == SMTP_STEPS[:4]

    def test_what_an_unknown_server_says_is_not_repeated(self) -> None:
        for greeting in (b"SSH-2.0-OpenSSH_9.2\r\n", b"554 secret inner name\r\n"):
            with self.subTest(greeting), RawServer(greeting) as server:
                (failed,) = [each for each in results_of(over_smtp(server)) if each.state == StepState.FAILED]
                assert failed.detail == ""

    def test_what_a_mail_server_says_helps_support(self) -> None:
        with test_smtp.with_sign_in(replies={"MAIL": "550 5.7.60 Not yours"}) as server:
            (failed,) = [each for each in results_of(over_smtp(server)) if each.state == StepState.FAILED]
        assert failed.detail == "550 5.7.60 Not yours"


class ExchangeTests(SimpleTestCase):
    def test_all_steps_pass_and_nothing_is_made(self) -> None:
        for scheme in ("NTLM", "Basic"):
            with self.subTest(scheme), EwsServer(scheme=scheme) as server:
                results = results_of(over_exchange(server))
                assert [result.code for result in results] == EXCHANGE_STEPS
                assert {result.state for result in results} == {StepState.PASSED}
                assert scheme in results[4].sentence
                assert server.created == []

    def test_a_wrong_password_is_tried_once(self) -> None:
        for scheme in ("NTLM", "Basic"):
            with self.subTest(scheme), EwsServer(scheme=scheme) as server:
                results_of(over_exchange(server, **WRONG))
                assert server.sign_ins == 1

    def test_any_address_of_the_own_mailbox_will_do(self) -> None:
        with EwsServer(addresses=["alan@example.com", "alice@example.com"]) as server:
            assert {result.state for result in results_of(over_exchange(server))} == {StepState.PASSED}

    def test_a_server_with_several_schemes_is_understood(self) -> None:
        with EwsServer(other_schemes=["Negotiate", 'Basic realm="mail.example.com"']) as server:
            assert {result.state for result in results_of(over_exchange(server))} == {StepState.PASSED}

    def test_servers_that_are_like_exchange_will_do(self) -> None:
        for options in ({"scheme": "Negotiate"}, {"takes_get": False}, {"tells_entry_ids": False}, {"true": "1"}):
            with self.subTest(options), EwsServer(**options) as server:
                assert {result.state for result in results_of(over_exchange(server, auth="ntlm"))} == {"passed"}

    def test_without_an_account_only_the_server_is_tried(self) -> None:
        with EwsServer() as server:
            results = results_of(over_exchange(server, username=""))
        assert [result.code for result in results] == EXCHANGE_STEPS[:4]

    def test_no_address_outside_the_trusted_networks_is_connected_to(self) -> None:
        with EwsServer() as server:
            results = results_of(over_exchange(server, trusted_networks=()))
            assert (results[0].problem, server.sign_ins) == ("network_not_allowed", 0)


class ExchangeOnlineTests(SimpleTestCase):
    def test_all_steps_pass_and_nothing_is_made(self) -> None:
        for mailbox in ("me", "users/alice@example.com"):
            with self.subTest(mailbox), GraphServer() as server:
                results = results_of(test_exchange_online.connect(server, mailbox=mailbox))
                assert [(result.code, result.state) for result in results] == [(c, "passed") for c in ONLINE_STEPS]
                assert (server.sent, server.drafts) == ([], {})

    def test_a_calendar_that_tells_only_that_it_can_be_written_to_will_do(self) -> None:
        told = Fault(200, body=b'{"canEdit": true}')
        with GraphServer(faults={"calendar": told}) as server:
            results = results_of(test_exchange_online.connect(server))
        assert {result.state for result in results} == {StepState.PASSED}

    def test_any_address_of_the_own_mailbox_will_do(self) -> None:
        with GraphServer(proxies=["a.archer@example.com"]) as server:
            results = results_of(test_exchange_online.connect(server, address="A.Archer@example.com"))
        assert {result.state for result in results} == {StepState.PASSED}


class OutlookTests(SimpleTestCase):
    def test_there_is_nothing_to_reach(self) -> None:
        for address, states in (("alice@example.com", ["passed", "skipped"]), ("", ["skipped", "skipped"])):
            with self.subTest(address):
                results = results_of(OutlookTransport(address=address))
                assert [result.state for result in results] == states
                assert ("test draft" in results[1].advice) == bool(address)

    def test_a_bad_address_fails(self) -> None:
        results = results_of(OutlookTransport(address="alice@@example"))
        assert (results[0].state, results[0].part) == (StepState.FAILED, "address")


def test_this_machine_is_trusted_in_tests() -> None:
    assert [str(network) for network in THIS_MACHINE] == ["127.0.0.0/8", "::1/128"]
