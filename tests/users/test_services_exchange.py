"""Sending and looking as a user whose mailbox lies on an Exchange server."""

from __future__ import annotations

from django.core.mail import EmailMessage
from django.test import TestCase

from tests.factories import configure, make_settings, make_user
from tests.servers.ews import EwsServer
from tests.users.test_outbox import write
from users import outbox, services
from users.choices import Outcome
from users.models import EmailSettings


class ExchangeTests(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(EwsServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="ntlm")
        self.alice = make_user("alice")
        make_settings(
            self.alice,
            method="exchange",
            exchange_username=self.server.username,
            exchange_password=self.server.password,
            signature_html="<p>Alice</p>",
            copy_mode="bcc",
        )

    def test_a_message_goes_out_with_the_own_account_signature_and_copy(self) -> None:
        receipt = services.send(self.alice, EmailMessage("Hello", "Dear Bob", to=["bob@example.com"]))
        assert (receipt.outcome, receipt.error) == (Outcome.SENT, None)
        (created,) = self.server.created
        assert created.parsed["From"] == "Alice Archer <alice@example.com>"
        assert created.bcc == ["alice@example.com"]
        assert b">Alice</p>" in created.content

    def test_a_refused_password_is_told_to_its_owner_and_tried_once(self) -> None:
        self.alice.email_settings.set_exchange_password("wrong", by=self.alice)
        receipt = services.send(self.alice, EmailMessage("Hello", "Dear Bob", to=["bob@example.com"]))
        assert receipt.error is not None
        assert receipt.error.code == "account_refused"
        assert "your e-mail settings" in str(receipt.error.hint)
        assert self.server.sign_ins == 1

    def test_an_uncertain_message_that_was_sent_is_found_and_not_sent_again(self) -> None:
        self.server.drop = "after"
        message = write(self.alice)
        outbox.send(message, attempt=0)
        assert message.outcome == Outcome.UNKNOWN
        self.server.drop = ""
        outbox.send(message, attempt=1)
        assert message.outcome == Outcome.SENT
        assert len(self.server.created) == 1

    def test_an_uncertain_message_that_was_not_sent_goes_out_once(self) -> None:
        self.server.drop = "before"
        message = write(self.alice)
        outbox.send(message, attempt=0)
        self.server.drop = ""
        assert outbox.look_for(message) is False
        outbox.send(message, attempt=1)
        assert (message.outcome, len(self.server.created)) == (Outcome.SENT, 1)

    def test_nobody_looks_for_it_where_it_did_not_go_out(self) -> None:
        self.server.drop = "after"
        message = write(self.alice)
        outbox.send(message, attempt=0)
        self.server.drop = ""
        EmailSettings.objects.update(method="smtp")
        assert outbox.look_for(message) is None
        message.method = "smtp"
        EmailSettings.objects.update(method="exchange")
        assert outbox.look_for(message) is None
        assert message.outcome == Outcome.UNKNOWN

    def test_while_nobody_can_look_an_uncertain_message_stays_where_it_is(self) -> None:
        self.server.drop = "before"
        message = write(self.alice)
        outbox.send(message, attempt=0)
        outbox.send(message, attempt=1)
        assert (message.outcome, message.attempts) == (Outcome.UNKNOWN, 1)
        assert "ended the connection" in message.problem
