"""Django's own functions for mail, sending as a user with nothing else changed."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.mail import EmailMessage, get_connection, send_mail
from django.test import TestCase, override_settings

from tests.factories import configure, make_settings, make_user
from tests.servers.smtp import SmtpServer
from users.mail.backend import SenderUnknown
from users.mail.transports.errors import DraftOnly, TransportError

BACKEND = "users.mail.backend.UserEmailBackend"


@override_settings(EMAIL_BACKEND=BACKEND)
class BackendTests(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer(replies={"RCPT bob@refused.example": "550 5.1.1 No such mailbox"}))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(smtp_host=self.server.host, smtp_port=self.server.port)
        self.alice = make_user("alice")
        make_settings(self.alice, signature_html="<div>Alice</div>", copy_mode="bcc")

    def letter(self, **changes: Any) -> EmailMessage:
        fields: dict[str, Any] = {"subject": "Hello", "body": "Dear Bob", "to": ["bob@example.com"]}
        return EmailMessage(**fields | {"from_email": "alice@example.com"} | changes)

    def test_the_sender_of_the_message_says_who_sends(self) -> None:
        assert send_mail("Hello", "Dear Bob", '"A. Archer" <ALICE@example.com>', ["bob@example.com"]) == 1
        (received,) = self.server.received
        assert received.recipients == ["bob@example.com", "alice@example.com"]
        assert received.parsed["From"] == "Alice Archer <alice@example.com>"
        assert b"<div>Alice</div>" in received.content

    def test_a_domain_in_another_script_is_known_in_both_its_forms(self) -> None:
        make_settings(self.alice, address="alice@bücher.example")
        for address in ("alice@bücher.example", "Alice <alice@xn--bcher-kva.example>", "ALICE@BÜCHER.example"):
            assert self.letter(from_email=address).send() == 1
        assert {received.sender for received in self.server.received} == {"alice@xn--bcher-kva.example"}

    def test_a_user_who_is_named_sends_whatever_the_message_says(self) -> None:
        connection = get_connection(BACKEND, user=self.alice)
        messages = [self.letter(from_email="webmaster@example.com"), self.letter(subject="Second")]
        assert connection.send_messages(messages) == 2
        assert {received.sender for received in self.server.received} == {"alice@example.com"}

    def test_messages_of_one_sender_in_a_row_share_a_connection(self) -> None:
        make_settings(make_user("bob"))
        messages = [self.letter(), self.letter(), self.letter(from_email="bob@example.com"), self.letter()]
        assert get_connection().send_messages(messages) == 4
        assert self.server.connections == 3
        assert [received.sender for received in self.server.received] == [
            "alice@example.com",
            "alice@example.com",
            "bob@example.com",
            "alice@example.com",
        ]

    def test_a_connection_that_was_opened_stays_until_it_is_closed(self) -> None:
        with get_connection() as connection:
            for _number in range(3):
                assert self.letter(connection=connection).send() == 1
        assert (self.server.connections, self.server.goodbyes) == (1, 1)
        assert connection.send_messages([self.letter()]) == 1
        assert (self.server.connections, self.server.goodbyes) == (2, 2)

    def test_an_address_of_nobody_is_told(self) -> None:
        for address in ("nobody@example.com", "alice@example.com.example", "webmaster@localhost", "nonsense"):
            with self.subTest(address), pytest.raises(SenderUnknown, match="no user has the address"):
                self.letter(from_email=address).send()

    def test_somebody_who_may_not_sign_in_does_not_send(self) -> None:
        type(self.alice).objects.update(is_active=False)
        with pytest.raises(SenderUnknown):
            self.letter().send()
        assert self.server.received == []

    def test_what_was_not_sent_is_raised_and_counted_out_when_silenced(self) -> None:
        make_settings(self.alice, copy_mode="none")
        with pytest.raises(TransportError, match="does not accept any of the recipients"):
            self.letter(to=["bob@refused.example"]).send()
        refused = self.letter(to=["bob@refused.example"])
        assert get_connection(BACKEND, fail_silently=True).send_messages([refused, self.letter()]) == 1

    def test_those_who_do_not_get_it_stand_in_the_receipt(self) -> None:
        message: Any = self.letter(to=["bob@refused.example", "charlie@example.com"])
        assert message.send() == 1
        assert list(message.receipt.refused) == ["bob@refused.example"]

    def test_a_draft_that_nobody_sees_is_an_error(self) -> None:
        make_settings(self.alice, method="outlook", copy_mode="none")
        with pytest.raises(DraftOnly):
            self.letter().send()
