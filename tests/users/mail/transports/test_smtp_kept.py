"""SMTP connections that are kept for several messages, and servers that use up all the time there is."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.test import SimpleTestCase

from tests.servers.smtp import SmtpServer
from tests.timing import seconds_at_most
from tests.users.mail.transports.contract import ALICE
from tests.users.mail.transports.test_smtp import TO_BOB, connect, error_of
from users.choices import Outcome
from users.mail.composition import compose
from users.mail.transports.smtp import SmtpTransport


class KeptConnectionTests(SimpleTestCase):
    def test_a_connection_that_the_server_ends_in_between_is_replaced(self) -> None:
        for is_silent in (False, True):
            server = SmtpServer(most_messages=2, is_silent_about_it=is_silent)
            with self.subTest(is_silent), server, connect(server) as transport:
                assert isinstance(transport, SmtpTransport)
                assert [transport.deliver(TO_BOB).outcome for _number in range(5)] == [Outcome.SENT] * 5
                assert (len(server.received), server.connections) == (5, 3)

    def test_a_server_that_ends_new_connections_is_asked_once(self) -> None:
        for is_silent, code in ((False, "try_later"), (True, "connection_lost")):
            with self.subTest(code), SmtpServer(most_messages=0, is_silent_about_it=is_silent) as server:
                assert error_of(connect(server).deliver(TO_BOB)).code == code
                assert server.connections == 1

    def test_a_new_connection_that_is_not_to_be_had_is_told(self) -> None:
        with SmtpServer() as server:
            transport = connect(server)
            transport.stays_open = True
            assert transport.deliver(TO_BOB).is_sent
        assert error_of(transport.deliver(TO_BOB)).code == "connection_refused"


class WholeTimeTests(SimpleTestCase):
    """Each answer comes in time, and all of them together would take for ever."""

    def test_many_slow_answers_have_an_end(self) -> None:
        many = compose(EmailMessage("Hello", "Text", bcc=[f"bob{number}@example.com" for number in range(60)]), ALICE)
        with SmtpServer(delays={"RCPT": 0.2}) as server, seconds_at_most(10):
            assert error_of(connect(server, whole=1).deliver(many)).code == "timed_out"
            assert server.received == []

    def test_after_the_message_went_out_it_is_unknown(self) -> None:
        with SmtpServer(delays={"MAIL": 0.2, "RCPT": 0.2, ".": 60}) as server, seconds_at_most(30):
            receipt = connect(server, timeout=60, whole=3).deliver(TO_BOB)
            assert error_of(receipt, Outcome.UNKNOWN).code == "outcome_unknown"

    def test_the_next_message_finds_no_late_answer(self) -> None:
        delays = {"RCPT bob@example.com": 4}
        with SmtpServer(delays=delays) as server, connect(server, whole=3) as transport:
            assert isinstance(transport, SmtpTransport)
            to_charlie = compose(EmailMessage("Hello", "Text", to=["charlie@example.com"]), ALICE)
            outcomes = [transport.deliver(message).outcome for message in (TO_BOB, to_charlie, to_charlie)]
        assert outcomes == [Outcome.FAILED, Outcome.SENT, Outcome.SENT]
        assert [received.recipients for received in server.received] == [["charlie@example.com"]] * 2
