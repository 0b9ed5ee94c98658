"""Sending and looking as a user whose mailbox lies in Microsoft 365, by each way to sign in."""

from __future__ import annotations

from typing import Any

from django.core.mail import EmailMessage
from django.test import TestCase

from tests.factories import configure, make_settings, make_user, register
from tests.servers.entra_tokens import Account
from tests.servers.graph import Fault
from tests.servers.microsoft import Microsoft365
from tests.users.mail.transports.contract import LARGE
from tests.users.test_outbox import write
from users import outbox, services
from users.choices import Outcome, Turn
from users.entra.access import MEMORY
from users.mail.receipts import Receipt
from users.models import EmailSettings, MicrosoftConnection
from users.vault import Secret

ALICE = Account("alice@example.com", password="Pässwörd ключ 5")


class InMicrosoft365:
    """Alice and her organisation, whose registration uses one of the flows."""

    flow = "application"

    def setUp(self: Any) -> None:
        MEMORY.forget()
        self.addCleanup(MEMORY.forget)
        self.microsoft = self.enterContext(Microsoft365(ALICE, mailboxes=[ALICE.username, "bob@example.com"]))
        self.graph = self.microsoft.graph
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.microsoft.ca_file))
        configure()
        register(flow=self.flow, **self.microsoft.registration)
        self.alice = make_user("alice")
        self.make_settings()

    def make_settings(self: Any, **fields: Any) -> EmailSettings:
        account = {"exchange_username": ALICE.username, "exchange_password": ALICE.password}
        more = {"signature_html": "<p>Alice</p>", "copy_mode": "bcc", "connected": False}
        return make_settings(self.alice, method="exchange_online", **account | more | fields)

    def send(self: Any, **fields: Any) -> Receipt:
        letter = {"subject": "Hello", "body": "Dear Bob", "to": ["bob@example.com"]}
        receipt: Receipt = services.send(self.alice, EmailMessage(**letter | fields))
        return receipt


def sign_in_at_microsoft(settings: EmailSettings, account: Account) -> None:
    """Connect the user of these settings, as after a sign-in: by the password, which gives the same."""
    import msal

    from users.entra import client

    application = settings.installation.application
    cache = msal.SerializableTokenCache()
    scopes = application.scopes(settings.installation.registration.traits.permissions)
    with client.client_for(application, cache) as entra:
        entra.client.obtain_token_by_username_password(account.username, account.password, scope=scopes)
        account_id = entra.get_accounts()[0]["home_account_id"]
    MicrosoftConnection.connect(
        settings, account=account.username, account_id=account_id, cache=Secret(cache.serialize())
    )


class SendingContract(InMicrosoft365):
    def test_a_message_goes_out_with_the_own_signature_and_copy(self: Any) -> None:
        receipt = self.send()
        assert (receipt.outcome, receipt.error) == (Outcome.SENT, None)
        (sent,) = self.graph.sent
        assert sent.mailbox == "alice@example.com"
        assert sent.parsed["From"] == "Alice Archer <alice@example.com>"
        assert (sent.parsed["To"], sent.parsed["Bcc"]) == (
            "bob@example.com",
            "Alice Archer <alice@example.com>",
        )
        assert sent.parsed["Message-ID"] == receipt.message_id
        assert b">Alice</p>" in sent.content

    def test_a_large_one_does_so_too(self: Any) -> None:
        receipt = self.send(attachments=[("large.bin", LARGE, "application/octet-stream")])
        assert (receipt.outcome, receipt.error) == (Outcome.SENT, None)
        (attachment,) = self.graph.sent[0].parsed.iter_attachments()
        assert attachment.get_payload(decode=True) == LARGE

    def test_what_was_sent_is_found(self: Any) -> None:
        receipt = self.send()
        assert services.find_sent(self.alice, receipt.message_id) is True
        assert services.find_sent(self.alice, "<other@example.com>") is False

    def test_a_test_message_arrives(self: Any) -> None:
        assert services.send_test_message(self.alice).is_sent
        assert self.graph.sent[0].parsed["To"] == "alice@example.com"


class ApplicationTests(SendingContract, TestCase):
    flow = "application"

    def test_a_user_opens_the_mailbox_of_the_own_address_alone(self) -> None:
        self.send()
        assert {request.split()[1] for request in self.graph.requests} == {"/v1.0/users/alice@example.com/sendMail"}

    def test_a_token_that_graph_refuses_is_nothing_that_the_user_could_mend(self) -> None:
        self.graph.faults["sendMail"] = Fault(401, "InvalidAuthenticationToken")
        receipt = self.send()
        assert receipt.error is not None
        assert (receipt.error.code, receipt.error.whose_turn) == ("site_refused", Turn.ADMINISTRATOR)
        assert "of this site" in str(receipt.error)

    def test_a_wrong_secret_is_told(self) -> None:
        register(client_secret="canary")
        receipt = self.send()
        assert receipt.error is not None
        assert receipt.outcome == Outcome.FAILED
        assert "canary" not in f"{receipt!r}{receipt.error.detail}"
        assert self.graph.requests == []


class PasswordTests(SendingContract, TestCase):
    flow = "password"

    def test_a_wrong_password_is_tried_once(self) -> None:
        EmailSettings.of(self.alice).set_exchange_password("canary", by=self.alice)
        receipt = self.send()
        assert receipt.error is not None
        assert receipt.outcome == Outcome.FAILED
        assert "canary" not in f"{receipt!r}{receipt.error.detail}"
        assert (self.microsoft.entra.count("token"), self.graph.requests) == (1, [])


class SignInTests(SendingContract, TestCase):
    flow = "sign_in"

    def make_settings(self, **fields: Any) -> EmailSettings:
        settings = super().make_settings(**fields)
        sign_in_at_microsoft(settings, ALICE)
        return settings

    def test_without_a_connection_the_receipt_says_what_to_do(self) -> None:
        MicrosoftConnection.disconnect(MicrosoftConnection.objects.all())
        receipt = self.send()
        assert receipt.error is not None
        assert (receipt.outcome, receipt.error.code) == (Outcome.FAILED, "not_ready")
        assert self.graph.requests == []

    def test_a_sign_in_that_graph_refuses_has_to_be_made_again(self) -> None:
        self.graph.faults["sendMail"] = Fault(401, "InvalidAuthenticationToken")
        assert self.send().outcome == Outcome.FAILED
        assert not EmailSettings.of(self.alice).is_connected
        seen = len(self.graph.requests)
        receipt = self.send()
        assert receipt.error is not None
        assert receipt.error.code == "not_ready"
        assert len(self.graph.requests) == seen


class OutboxTests(InMicrosoft365, TestCase):
    def test_an_uncertain_message_that_was_sent_is_found_and_not_sent_again(self) -> None:
        self.graph.faults["sendMail"] = Fault(drop="after")
        message = write(self.alice)
        outbox.send(message, attempt=0)
        assert message.outcome == Outcome.UNKNOWN
        self.graph.faults.clear()
        outbox.send(message, attempt=1)
        assert message.outcome == Outcome.SENT
        assert len(self.graph.sent) == 1

    def test_an_uncertain_message_that_was_not_sent_goes_out_once(self) -> None:
        self.graph.faults["sendMail"] = Fault(500)
        message = write(self.alice)
        outbox.send(message, attempt=0)
        assert message.outcome == Outcome.UNKNOWN
        assert "Sent Items" in message.advice
        self.graph.faults.clear()
        assert outbox.look_for(message) is False
        outbox.send(message, attempt=1)
        assert (message.outcome, len(self.graph.sent)) == (Outcome.SENT, 1)

    def test_while_looking_fails_an_uncertain_message_stays_where_it_is(self) -> None:
        self.graph.faults = {"sendMail": Fault(drop="before"), "sentitems": Fault(429, headers={"Retry_After": "60"})}
        message = write(self.alice)
        outbox.send(message, attempt=0)
        outbox.send(message, attempt=1)
        assert (message.outcome, message.attempts) == (Outcome.UNKNOWN, 1)
        assert "is too busy" in message.problem

    def test_where_nobody_may_look_its_owner_decides(self) -> None:
        self.graph.may_read = False
        self.graph.faults["sendMail"] = Fault(drop="before")
        message = write(self.alice)
        outbox.send(message, attempt=0)
        assert outbox.look_for(message) is None
        self.graph.faults.clear()
        outbox.send(message, attempt=1)
        assert (message.outcome, len(self.graph.sent)) == (Outcome.SENT, 1)

    def test_a_busy_service_says_when_to_try_again(self) -> None:
        self.graph.faults["sendMail"] = Fault(429, headers={"Retry_After": "600"})
        message = write(self.alice)
        outbox.send(message, attempt=0)
        assert message.outcome == Outcome.FAILED
        assert "10 minutes" in message.advice
