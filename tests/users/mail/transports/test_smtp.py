"""SMTP over real sockets, against a server that does what it is told."""

from __future__ import annotations

import base64
import socket
import time
from contextlib import ExitStack
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from django.core.mail import EmailMessage
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.certificates import Certificate
from tests.servers.deaf import ClosedPort, full_server
from tests.servers.smtp import RawServer, SmtpServer
from tests.timing import seconds_at_most
from tests.users.mail.transports.contract import ALICE, LARGE, TransportContract
from users.choices import Outcome, SmtpSecurity
from users.mail import limits
from users.mail.composition import compose
from users.mail.receipts import Receipt
from users.mail.transports.base import Transport
from users.mail.transports.errors import TransportError
from users.mail.transports.smtp import SmtpTransport
from users.vault import Secret

USERNAME = "alice@example.com"
PASSWORD = "Pässwörd: ключ, 5"
TO_BOB = compose(EmailMessage("Hello", "Text", to=["bob@example.com"]), ALICE)
TO_TWO = compose(EmailMessage("Hello", "Text", to=["bob@example.com", "charlie@example.com"]), ALICE)


def connect(server: SmtpServer | RawServer | ClosedPort, **changes: Any) -> SmtpTransport:
    """A transport that fits the server, but for the changes."""
    options: dict[str, Any] = {
        "host": server.host,
        "port": server.port,
        "security": SmtpSecurity(getattr(server, "security", "none")),
        "username": getattr(server, "username", ""),
        "password": Secret(getattr(server, "password", "")),
        "address": "alice@example.com",
        "ca_file": getattr(server, "ca_file", None),
        "trusted_networks": THIS_MACHINE,
        "timeout": 5,
    }
    return SmtpTransport(**options | changes)


def with_sign_in(**options: Any) -> SmtpServer:
    return SmtpServer(**{"username": USERNAME, "password": PASSWORD} | options)


def error_of(receipt: Receipt, outcome: Outcome = Outcome.FAILED) -> TransportError:
    """The error in the receipt, once it is certain that it reads well and gives nothing away."""
    error = receipt.error
    assert error is not None
    assert receipt.outcome == error.outcome == outcome
    for text in (str(error), str(error.hint)):
        assert text.endswith(".")
        assert not any(mark in text for mark in ("%", "Traceback", "Error", "Exception", "SMTP", "[", "None"))
    for text in (str(error), repr(error), str(error.hint), error.detail, repr(receipt)):
        assert PASSWORD not in text
        assert base64.b64encode(PASSWORD.encode()).decode() not in text
    return error


class SmtpContractTests(TransportContract, SimpleTestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(with_sign_in())

    def make_transport(self) -> Transport:
        return connect(self.server)

    def arrived_bytes(self) -> bytes:
        return self.server.received[-1].content

    def arrived_recipients(self) -> list[str]:
        return self.server.received[-1].recipients

    def parse(self, content: bytes) -> ParsedMessage:
        return message_from_bytes(content, policy=policy.default)

    def test_names_no_blind_copy_in_the_message(self) -> None:
        self.send(EmailMessage("Hello", "Text", to=["bob@example.com"], bcc=["charlie@example.com"]))
        assert b"charlie" not in self.arrived_bytes()

    def test_drops_a_header_for_blind_copies(self) -> None:
        message = EmailMessage("Hello", "Text", "a@example.com", ["bob@example.com"], headers={"Bcc": "c@example.com"})
        self.make_transport().deliver(message)
        assert b"c@example.com" not in self.arrived_bytes()

    def test_uses_the_bare_address_as_the_sender(self) -> None:
        self.send(EmailMessage("Hello", "Text", to=["bob@example.com"]))
        assert self.server.received[-1].sender == "alice@example.com"


class ConnectionTests(SimpleTestCase):
    def test_several_messages_share_one_connection(self) -> None:
        with SmtpServer() as server, connect(server) as transport:
            assert isinstance(transport, SmtpTransport)
            assert [transport.deliver(TO_BOB).is_sent for _message in range(3)] == [True, True, True]
        assert server.connections == 1
        assert server.goodbyes == 1

    def test_says_goodbye_after_a_single_message(self) -> None:
        with SmtpServer() as server:
            connect(server).deliver(TO_BOB)
            assert server.goodbyes == 1

    def test_a_refused_message_does_not_spoil_the_next(self) -> None:
        with SmtpServer(replies={"RCPT bob@example.com": "550 5.1.1 Who?"}) as server, connect(server) as transport:
            assert isinstance(transport, SmtpTransport)
            receipts = [transport.deliver(message) for message in (TO_BOB, TO_TWO)]
        assert [receipt.is_sent for receipt in receipts] == [False, True]
        assert server.received[-1].recipients == ["charlie@example.com"]

    def test_raises_its_own_error_as_a_backend(self) -> None:
        with SmtpServer(replies={"MAIL": "550 5.7.60 Not yours"}) as server, pytest.raises(TransportError) as caught:
            connect(server).send_messages([TO_BOB])
        assert caught.value.code == "sender_refused"

    def test_announces_eight_bit_text_where_the_server_knows_it(self) -> None:
        message = EmailMessage("Hello", "Grüße", "alice@example.com", ["bob@example.com"])
        with SmtpServer() as server, SmtpServer(has_8bitmime=False) as old_server:
            connect(server).deliver(message)
            connect(old_server).deliver(message)
        assert "BODY=8BITMIME" in server.received[-1].options
        assert "BODY=8BITMIME" not in old_server.received[-1].options


class EncryptionTests(SimpleTestCase):
    def test_sends_with_each_kind_of_security(self) -> None:
        for security in SmtpSecurity.values:
            with self.subTest(security), with_sign_in(security=security) as server:
                assert connect(server).deliver(TO_BOB).is_sent
                assert server.sign_ins == [("PLAIN", USERNAME, PASSWORD)]

    def test_refuses_a_bad_certificate(self) -> None:
        codes = {
            Certificate.WRONG_NAME: "certificate_name",
            Certificate.EXPIRED: "certificate_expired",
            Certificate.UNTRUSTED: "certificate_untrusted",
        }
        for certificate, code in codes.items():
            for security in ("starttls", "tls"):
                with (
                    self.subTest(certificate=certificate, security=security),
                    with_sign_in(certificate=certificate, security=security) as server,
                ):
                    assert error_of(connect(server).deliver(TO_BOB)).code == code
                    assert server.sign_ins == []

    def test_refuses_an_authority_it_was_not_told_of(self) -> None:
        with SmtpServer() as server:
            error = error_of(connect(server, ca_file=Path("nowhere.pem")).deliver(TO_BOB))
        assert error.code == "certificate_untrusted"

    def test_demands_the_encryption_that_was_chosen(self) -> None:
        with with_sign_in(security="none") as server:
            error = error_of(connect(server, security=SmtpSecurity.STARTTLS).deliver(TO_BOB))
            assert error.code == "not_encrypted"
            assert server.sign_ins == []

    def test_tells_tls_at_the_wrong_port(self) -> None:
        with SmtpServer(security="none") as server:
            assert error_of(connect(server, security=SmtpSecurity.TLS).deliver(TO_BOB)).code == "encryption_failed"

    def test_sends_no_password_in_the_clear_to_another_machine(self) -> None:
        elsewhere = mock.patch.object(socket.socket, "getpeername", return_value=("192.0.2.7", 25))
        with with_sign_in(security="none") as server, elsewhere:
            error = error_of(connect(server).deliver(TO_BOB))
        assert error.code == "password_unprotected"
        assert server.sign_ins == []


class SignInTests(SimpleTestCase):
    def test_falls_back_to_login(self) -> None:
        with with_sign_in(mechanisms=["LOGIN"]) as server:
            assert connect(server).deliver(TO_BOB).is_sent
        assert server.sign_ins == [("LOGIN", USERNAME, PASSWORD)]

    def test_tries_a_wrong_password_once(self) -> None:
        with with_sign_in() as server:
            transport = connect(server, password=Secret("wrong"))
            codes = [error_of(transport.deliver(TO_BOB)).code for _attempt in range(3)]
        assert codes == ["sign_in_refused"] * 3
        assert server.sign_ins == [("PLAIN", USERNAME, "wrong")]

    def test_tells_when_no_sign_in_is_offered(self) -> None:
        with SmtpServer() as server:
            receipt = connect(server, username=USERNAME, password=Secret(PASSWORD)).deliver(TO_BOB)
        assert error_of(receipt).code == "sign_in_not_offered"

    def test_tells_when_a_sign_in_is_needed(self) -> None:
        with with_sign_in() as server:
            assert error_of(connect(server, username="").deliver(TO_BOB)).code == "sign_in_needed"

    def test_tells_when_the_password_is_missing(self) -> None:
        with with_sign_in() as server:
            assert error_of(connect(server, password=None).deliver(TO_BOB)).code == "password_missing"

    def test_tells_the_refusals_apart(self) -> None:
        codes = {
            "535 5.7.8 Bad credentials": ("sign_in_refused", True),
            "535 5.7.139 Basic authentication is disabled": ("password_sign_in_off", True),
            "534 5.7.9 Application-specific password required": ("app_password_needed", True),
            "454 4.7.0 Temporary authentication failure": ("sign_in_postponed", False),
            "535 5.7.3 Authentication unsuccessful": ("sign_in_refused", True),
            "504 5.5.4 Unrecognized authentication type": ("sign_in_not_offered", True),
            "530 5.7.0 Must issue a STARTTLS command first": ("encryption_needed", True),
            "538 5.7.11 Encryption required": ("encryption_needed", True),
            "432 4.3.2 Too many connections": ("sign_in_postponed", False),
        }
        for reply, (code, is_permanent) in codes.items():
            with self.subTest(reply), with_sign_in(replies={"AUTH": reply}) as server:
                error = error_of(connect(server).deliver(TO_BOB))
                assert (error.code, error.is_permanent) == (code, is_permanent)
                assert error.detail == reply

    def test_hides_a_password_that_the_server_sends_back(self) -> None:
        replies = {"AUTH": f"535 5.7.8 No such password: {{arguments}} {PASSWORD}"}
        with self.assertNoLogs("users"), with_sign_in(replies=replies) as server:
            error = error_of(connect(server).deliver(TO_BOB))
        assert error.detail == "535 5.7.8 No such password: PLAIN *** ***"

    def test_tells_when_only_unknown_ways_to_sign_in_are_offered(self) -> None:
        with with_sign_in(mechanisms=["CRAM-MD5"]) as server:
            assert error_of(connect(server).deliver(TO_BOB)).code == "sign_in_not_offered"


class RefusalTests(SimpleTestCase):
    def test_tells_the_refusals_apart(self) -> None:
        codes = {
            ("MAIL", "530 5.7.57 Client was not authenticated"): "sign_in_needed",
            ("MAIL", "530 5.7.0 Authentication required"): "sign_in_needed",
            ("MAIL", "550 5.1.90 Your account sent too many messages"): "limit_reached",
            ("MAIL", "550 5.7.708 Access denied, traffic not accepted from this IP"): "server_refused",
            ("MAIL", "553 5.7.1 Sender address rejected"): "sender_refused",
            ("MAIL", "432 4.3.2 Concurrent connections limit exceeded"): "try_later",
            ("RCPT", "550 5.7.606 Access denied, banned sending IP"): "server_refused",
            ("RCPT", "451 4.7.500 Server busy"): "limit_reached",
            ("RCPT", "550 5.7.60 Not allowed to send as this sender"): "sender_refused",
            ("RCPT", "550 5.1.10 Recipient not found"): "recipients_refused",
            ("RCPT", "553 Mailbox name not allowed"): "recipients_refused",
            ("RCPT", "452 4.2.2 Mailbox full"): "try_later",
            ("MAIL", "550 5.7.60 Not allowed to send as this sender"): "sender_refused",
            ("MAIL", "552 5.3.4 Message size exceeds the limit"): "message_too_large",
            ("MAIL", "451 4.7.1 Greylisted"): "try_later",
            ("MAIL", "421 4.3.2 Shutting down"): "try_later",
            ("RCPT", "550 5.1.1 No such user"): "recipients_refused",
            ("RCPT", "450 4.2.1 Try again"): "try_later",
            ("DATA", "554 5.5.1 No valid recipients"): "message_refused",
            (".", "550 5.7.1 Relaying denied"): "message_refused",
            (".", "550 No"): "message_refused",
            (".", "554 5.7.1 Looks like spam"): "message_unwanted",
            (".", "553 5.7.1 Sender address rejected"): "sender_refused",
            (".", "550 5.7.60 SendAsDenied"): "sender_refused",
            (".", "550 5.7.708 Traffic not accepted from this IP"): "server_refused",
            (".", "552 5.2.2 Mailbox full"): "recipient_full",
            (".", "552 5.2.3 Message too large"): "message_too_large",
            (".", "523 Too large"): "message_too_large",
            (".", "550 5.7.705 Tenant has exceeded threshold"): "limit_reached",
            (".", "451 4.7.28 Unusual rate of mail"): "limit_reached",
            (".", "421 4.7.0 Try again later"): "try_later",
            (".", "554 5.2.252 SendAsDenied"): "sender_refused",
            (".", "552 5.3.4 Too large"): "message_too_large",
            (".", "552 Too large"): "message_too_large",
            (".", "452 4.3.1 Disk full"): "try_later",
        }
        for (moment, reply), code in codes.items():
            with self.subTest(moment=moment, reply=reply), SmtpServer(replies={moment: reply}) as server:
                error = error_of(connect(server).deliver(TO_BOB))
                assert error.code == code
                assert error.is_permanent == (code not in {"try_later", "limit_reached"})
                assert reply in error.detail
                assert server.received == []

    def test_asks_before_sending_what_is_too_large(self) -> None:
        with SmtpServer(size_limit=500) as server:
            assert error_of(connect(server).deliver(TO_BOB)).code == "message_too_large"

    def test_reports_those_who_do_not_get_it(self) -> None:
        with SmtpServer(replies={"RCPT bob@example.com": "550 5.1.1 No such user"}) as server:
            receipt = connect(server).deliver(TO_TWO)
        assert receipt.outcome == Outcome.SENT
        assert receipt.refused == {"bob@example.com": "The mail server does not know this address."}
        assert server.received[-1].recipients == ["charlie@example.com"]

    def test_reports_each_when_nobody_gets_it(self) -> None:
        replies = {"RCPT bob@example.com": "452 4.2.2 Full", "RCPT charlie@example.com": "550 5.7.1 No relaying"}
        with SmtpServer(replies=replies) as server:
            receipt = connect(server).deliver(TO_TWO)
        assert error_of(receipt).code == "recipients_refused"
        assert receipt.refused == {
            "bob@example.com": "The mailbox is full.",
            "charlie@example.com": "The mail server may not send to this address from here.",
        }


class BrokenConnectionTests(SimpleTestCase):
    def test_is_not_sent_when_the_connection_breaks_early(self) -> None:
        for moment in ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"):
            with self.subTest(moment), with_sign_in(drops=[moment]) as server:
                error = error_of(connect(server).deliver(TO_BOB))
                assert (error.code, error.is_permanent) == ("connection_lost", False)

    def test_is_unknown_when_the_connection_breaks_at_the_end(self) -> None:
        for moment in ("CONTENT", "."):
            with self.subTest(moment), SmtpServer(drops=[moment]) as server:
                error = error_of(connect(server).deliver(TO_BOB), Outcome.UNKNOWN)
                assert (error.code, error.is_permanent) == ("outcome_unknown", True)

    def test_is_unknown_when_the_last_reply_does_not_come_in_time(self) -> None:
        with SmtpServer(delays={".": 60}) as server:
            assert error_of(connect(server, timeout=3).deliver(TO_BOB), Outcome.UNKNOWN).code == "outcome_unknown"

    def test_is_unknown_when_the_last_reply_makes_no_sense(self) -> None:
        with SmtpServer(replies={".": "hmm"}) as server:
            assert error_of(connect(server).deliver(TO_BOB), Outcome.UNKNOWN).code == "outcome_unknown"

    def test_a_slow_reply_before_the_message_is_a_plain_failure(self) -> None:
        for moment in ("EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"):
            with self.subTest(moment), with_sign_in(delays={moment: 60}) as server, seconds_at_most(30):
                assert error_of(connect(server, timeout=1).deliver(TO_BOB)).code == "timed_out"
                assert server.received == []

    def test_a_connection_that_breaks_within_the_message_has_sent_nothing(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("large.bin", LARGE, "application/octet-stream")
        with SmtpServer(drops=["CONTENT"]) as server:
            assert error_of(connect(server).deliver(compose(message, ALICE))).code == "connection_lost"

    def test_connects_anew_after_a_broken_connection(self) -> None:
        with SmtpServer(drops=["RCPT bob@example.com"]) as server, connect(server) as transport:
            assert isinstance(transport, SmtpTransport)
            to_charlie = compose(EmailMessage("Hello", "Text", to=["charlie@example.com"]), ALICE)
            receipts = [transport.deliver(message) for message in (TO_BOB, to_charlie)]
        assert [receipt.is_sent for receipt in receipts] == [False, True]
        assert server.connections == 2


class UnreachableTests(SimpleTestCase):
    def deliver(self, host: str, port: int) -> TransportError:
        options: dict[str, Any] = {"security": SmtpSecurity.STARTTLS, "trusted_networks": THIS_MACHINE}
        return error_of(SmtpTransport(host=host, port=port, **options).deliver(TO_BOB))

    def test_tells_a_name_that_does_not_exist(self) -> None:
        for host in ("mail.nowhere.invalid", "mail..nowhere.invalid", ""):
            with self.subTest(host):
                assert self.deliver(host, 587).code == "host_unknown"

    def test_tells_a_port_where_nobody_listens(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        assert self.deliver("127.0.0.1", port).code == "connection_refused"

    def test_goes_into_no_network_that_is_not_trusted(self) -> None:
        with RawServer() as server:
            error = error_of(connect(server, trusted_networks=()).deliver(TO_BOB))
            assert (error.code, server.connections) == ("network_not_allowed", 0)

    def test_tells_what_is_no_mail_server(self) -> None:
        codes = {
            b"HTTP/1.1 400 Bad Request\r\n\r\n": "not_mail_server",
            b"554 5.7.1 Your address is on our list\r\n": "server_refused",
            b"421 4.3.2 Busy\r\n": "try_later",
        }
        for greeting, code in codes.items():
            with self.subTest(greeting), RawServer(greeting) as server:
                assert error_of(connect(server).deliver(TO_BOB)).code == code

    def test_does_not_wait_for_ever_for_a_handshake(self) -> None:
        with RawServer() as server, seconds_at_most(20):
            assert error_of(connect(server, timeout=0.5, security=SmtpSecurity.TLS).deliver(TO_BOB)).code == "timed_out"

    def test_does_not_wait_for_ever_for_a_connection(self) -> None:
        with full_server() as (host, port), mock.patch.object(limits, "CONNECT_SECONDS", 0.5), seconds_at_most(20):
            assert self.deliver(host, port).code == "timed_out"

    def test_does_not_wait_for_ever(self) -> None:
        dawdlers = (RawServer(), RawServer(b"220 " + b"x" * 500 + b"\r\n", pause=0.1))
        for dawdler in dawdlers:
            with ExitStack() as stack:
                server = stack.enter_context(dawdler)
                start = time.monotonic()
                assert error_of(connect(server, timeout=0.5).deliver(TO_BOB)).code == "timed_out"
                assert time.monotonic() - start < 20
