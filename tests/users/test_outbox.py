"""The built-in client's way out: each message once, whatever happens, and nothing kept longer than needed."""

from __future__ import annotations

from datetime import timedelta
from inspect import signature
from threading import Barrier, Thread
from typing import Any

from django.db import connection
from django.test import SimpleTestCase, TestCase, TransactionTestCase
from django.utils import timezone

from tests.factories import configure, make_settings, make_user
from tests.servers.smtp import SmtpServer
from users import outbox
from users.choices import Outcome
from users.entra.client import REQUEST_SECONDS
from users.mail.transports.exchange import ExchangeTransport
from users.mail.transports.exchange_online import LARGE_JOB_SECONDS, ExchangeOnlineTransport
from users.mail.transports.exchange_online_upload import DELETE_SECONDS
from users.mail.transports.smtp import SmtpTransport
from users.mail.transports.smtp_session import GOODBYE_SECONDS
from users.models import OutgoingAttachment, OutgoingMessage, User
from users.models.outgoing_message import LONGEST_SENDING


def write(user: User, **fields: Any) -> OutgoingMessage:
    """A message to Bob that is not sent yet, with one attachment."""
    written = {"to": "bob@example.com", "subject": "Hello", "text": "Dear Bob", "content_until": in_an_hour()}
    message = OutgoingMessage.objects.create(user=user, **written | fields)
    message.attachments.create(name="a.txt", media_type="text/plain", size=2, content=b"\r\n")
    return message


def in_an_hour() -> Any:
    return timezone.now() + timedelta(hours=1)


class WithServer:
    """Alice sends over a mail server on this machine."""

    options: dict[str, Any] = {}

    def setUp(self: Any) -> None:
        self.server = self.enterContext(SmtpServer(**self.options))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(smtp_host=self.server.host, smtp_port=self.server.port)
        self.alice = make_user("alice")
        make_settings(self.alice)


class SendingTests(WithServer, TestCase):
    def test_what_was_written_arrives(self) -> None:
        message = write(self.alice, cc="Charlie <charlie@example.com>", bcc="dora@example.com\nemil@example.com")
        outbox.send(message, attempt=0)
        (received,) = self.server.received
        assert received.recipients == [f"{name}@example.com" for name in ("bob", "charlie", "dora", "emil")]
        assert (received.parsed["Subject"], received.parsed["Message-ID"]) == ("Hello", message.message_id)
        (attachment,) = received.parsed.iter_attachments()
        assert (attachment.get_filename(), attachment.get_payload(decode=True)) == ("a.txt", b"\r\n")

    def test_nothing_of_the_content_stays_once_it_is_sent(self) -> None:
        message = write(self.alice)
        outbox.send(message, attempt=0)
        row = OutgoingMessage.objects.get()
        assert (row.state, row.outcome, row.method, row.text) == ("done", "sent", "smtp", "")
        assert row.content_until is None
        assert not OutgoingAttachment.objects.exists()

    def test_a_second_attempt_that_knows_of_no_first_sends_nothing(self) -> None:
        message, again = write(self.alice), OutgoingMessage.objects.get()
        outbox.send(message, attempt=0)
        outbox.send(again, attempt=0)
        assert len(self.server.received) == 1
        assert again.outcome == Outcome.SENT

    def test_what_was_sent_is_not_sent_again(self) -> None:
        message = write(self.alice)
        for attempt in range(3):
            outbox.send(message, attempt=attempt)
        assert len(self.server.received) == 1

    def test_what_is_being_sent_is_left_alone(self) -> None:
        message = write(self.alice, state="sending", attempts=1, sent_at=timezone.now())
        outbox.send(message, attempt=1)
        assert (self.server.received, message.standing) == ([], "sending")

    def test_a_message_whose_sending_was_interrupted_is_uncertain_and_may_be_sent_again(self) -> None:
        message = write(self.alice, state="sending", attempts=1, sent_at=timezone.now() - timedelta(minutes=6))
        assert message.standing == Outcome.UNKNOWN
        outbox.send(message, attempt=1)
        assert (len(self.server.received), message.standing) == (1, Outcome.SENT)

    def test_nobody_can_look_into_sent_items_over_smtp(self) -> None:
        message = write(self.alice, state="done", outcome="unknown", message_id="<a@example.com>")
        assert outbox.look_for(message) is None
        assert message.standing == Outcome.UNKNOWN


class FailingTests(WithServer, TestCase):
    options = {"replies": {"RCPT bob@example.com": "550 5.1.1 No such mailbox"}}

    def test_a_failed_message_keeps_its_content_and_says_what_to_do(self) -> None:
        message = write(self.alice)
        outbox.send(message, attempt=0)
        row = OutgoingMessage.objects.get()
        assert (row.outcome, row.text, row.attachments.count()) == ("failed", "Dear Bob", 1)
        assert row.problem.endswith(".")
        assert row.advice.endswith(".")
        assert list(row.refused) == ["bob@example.com"]
        assert row.has_content

    def test_once_corrected_it_is_sent(self) -> None:
        message = write(self.alice)
        outbox.send(message, attempt=0)
        message.to = "charlie@example.com"
        outbox.send(message, attempt=1)
        row = OutgoingMessage.objects.get()
        assert (row.outcome, row.problem, row.refused, row.attempts) == ("sent", "", {}, 2)

    def test_of_two_clicks_on_a_failing_message_one_reaches_the_server(self) -> None:
        message, again = write(self.alice), OutgoingMessage.objects.get()
        outbox.send(message, attempt=0)
        connections = self.server.connections
        outbox.send(again, attempt=0)
        assert self.server.connections == connections
        assert again.outcome == Outcome.FAILED

    def test_some_recipients_refused_are_named(self) -> None:
        message = write(self.alice, cc="charlie@example.com")
        outbox.send(message, attempt=0)
        assert (message.outcome, list(message.refused)) == ("sent", ["bob@example.com"])


class UncertainTests(WithServer, TestCase):
    options = {"drops": ["."]}

    def test_a_broken_connection_leaves_it_uncertain_and_keeps_the_content(self) -> None:
        message = write(self.alice)
        outbox.send(message, attempt=0)
        row = OutgoingMessage.objects.get()
        assert (row.outcome, row.text) == ("unknown", "Dear Bob")
        assert row.may_be_sent


class OutlookTests(TestCase):
    def test_a_draft_is_kept_for_a_day(self) -> None:
        configure(sending_method="outlook")
        message = write(make_user("alice"))
        outbox.send(message, attempt=0)
        row = OutgoingMessage.objects.get()
        assert (row.outcome, row.method) == ("handed_over", "outlook")
        assert bytes(row.draft).startswith(b"X-Unsent: 1\r\n")
        assert not row.may_be_sent
        assert row.has_content


class LongestSendingTests(SimpleTestCase):
    def test_nobody_is_taken_for_stopped_who_is_still_sending(self) -> None:
        """Otherwise a second attempt would send while the first one does."""
        smtp, exchange, online = (
            signature(transport).parameters["whole"].default
            for transport in (SmtpTransport, ExchangeTransport, ExchangeOnlineTransport)
        )
        # Signing in at Microsoft takes two requests; SMTP has the time for getting ready, and for each message.
        token = 2 * REQUEST_SECONDS
        for seconds in (2 * smtp + GOODBYE_SECONDS, exchange, token + max(online, LARGE_JOB_SECONDS) + DELETE_SECONDS):
            assert timedelta(seconds=seconds) < LONGEST_SENDING


class NotReadyTests(TestCase):
    def test_missing_settings_are_told(self) -> None:
        configure(smtp_host="")
        message = write(make_user("alice"))
        outbox.send(message, attempt=0)
        assert message.outcome == Outcome.FAILED
        assert "administrator" in message.advice


class TidyTests(TestCase):
    def setUp(self) -> None:
        self.alice = make_user("alice")

    def test_removes_the_content_of_old_messages_of_anybody(self) -> None:
        an_hour_ago = timezone.now() - timedelta(hours=1)
        write(make_user("bob"), state="done", outcome="failed", content_until=an_hour_ago, draft=b"x")
        outbox.tidy(self.alice)
        row = OutgoingMessage.objects.get()
        assert (row.text, bytes(row.draft), row.content_until, row.attachments.count()) == ("", b"", None, 0)
        assert row.subject == "Hello"

    def test_removes_drafts_that_were_never_sent(self) -> None:
        write(self.alice, content_until=timezone.now() - timedelta(hours=1))
        write(self.alice)
        outbox.tidy(self.alice)
        assert OutgoingMessage.objects.count() == 1

    def test_keeps_the_newest_messages_of_the_last_days(self) -> None:
        now = timezone.now()
        for number in range(outbox.KEPT_MESSAGES + 3):
            OutgoingMessage.objects.create(user=self.alice, created_at=now - timedelta(minutes=number))
        old = OutgoingMessage.objects.create(user=self.alice, created_at=now - timedelta(days=91))
        of_bob = OutgoingMessage.objects.create(user=make_user("bob"), created_at=now - timedelta(days=1))
        outbox.tidy(self.alice)
        assert self.alice.outgoing_messages.count() == outbox.KEPT_MESSAGES
        assert not OutgoingMessage.objects.filter(pk=old.pk).exists()
        assert OutgoingMessage.objects.filter(pk=of_bob.pk).exists()


class TwoAtOnceTests(WithServer, TransactionTestCase):
    def test_of_two_workers_one_sends(self) -> None:
        uid = write(self.alice).uid
        barrier = Barrier(2)

        def work() -> None:
            message = OutgoingMessage.objects.select_related("user").get(uid=uid)
            barrier.wait()
            outbox.send(message, attempt=0)
            connection.close()

        workers = [Thread(target=work) for _number in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert len(self.server.received) == 1
        assert OutgoingMessage.objects.get().outcome == Outcome.SENT
