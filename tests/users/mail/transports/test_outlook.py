"""Drafts for Outlook: the same message, but for what Outlook itself fills in."""

from __future__ import annotations

from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage

import pytest
from django.core.mail import EmailMessage
from django.test import SimpleTestCase

from tests.users.mail.transports.contract import ALICE, TransportContract
from users.choices import Outcome
from users.mail.composition import Sender, compose
from users.mail.receipts import Receipt
from users.mail.transports.errors import DraftOnly
from users.mail.transports.outlook import OutlookTransport


class KeepingTransport(OutlookTransport):
    """Keeps the last receipt for the test that made it."""

    def __init__(self, kept: list[Receipt]) -> None:
        super().__init__()
        self.kept = kept

    def deliver(self, message: EmailMessage) -> Receipt:
        self.kept.append(super().deliver(message))
        return self.kept[-1]


class OutlookContractTests(TransportContract, SimpleTestCase):
    outcome = Outcome.HANDED_OVER

    def setUp(self) -> None:
        self.receipts: list[Receipt] = []

    def make_transport(self) -> OutlookTransport:
        return KeepingTransport(self.receipts)

    def arrived_bytes(self) -> bytes:
        return self.receipts[-1].draft

    def parse(self, content: bytes) -> ParsedMessage:
        return message_from_bytes(content, policy=policy.default)

    def test_keeps_the_name_of_the_sender(self) -> None:
        self.send(EmailMessage("Hello", "Text", to=["bob@example.com"]), Sender("alice@example.com", 'Ärmel, "A"'))
        assert self.arrived()["From"] is None  # that is Outlook's part

    def test_is_an_e_mail_backend_of_django(self) -> None:
        message = compose(EmailMessage("Hello", "Text", to=["bob@example.com"]), ALICE)
        with pytest.raises(DraftOnly, match="by hand"):
            self.make_transport().send_messages([message])
        assert self.make_transport().send_messages([]) == 0


class DraftTests(SimpleTestCase):
    def draft(self, sender: Sender = ALICE, **fields: object) -> bytes:
        message = EmailMessage(**{"subject": "Hello", "body": "Text", "to": ["bob@example.com"]} | fields)  # type: ignore[arg-type]
        return OutlookTransport().deliver(compose(message, sender)).draft

    def test_is_marked_as_not_sent_yet(self) -> None:
        assert self.draft().startswith(b"X-Unsent: 1\r\n")

    def test_leaves_to_outlook_what_is_outlooks(self) -> None:
        head = self.draft(ALICE, headers={"Message-ID": "<a@example.com>"}).partition(b"\r\n\r\n")[0].lower()
        for name in (b"from:", b"date:", b"message-id:"):
            assert name not in head

    def test_a_folded_header_goes_away_whole(self) -> None:
        sender = Sender("alice@example.com", "Ä" * 60)
        parsed = message_from_bytes(self.draft(sender), policy=policy.default)
        assert {"X-Unsent", "Subject", "To"} <= set(parsed.keys())
        assert not parsed.defects
        assert "From" not in parsed

    def test_what_looks_like_a_header_in_the_text_stays(self) -> None:
        text = "From: nobody\nDate: never\nMessage-ID: none"
        body = message_from_bytes(self.draft(body=text), policy=policy.default).get_body(("plain",))
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").startswith(text)

    def test_is_in_seven_bits_for_every_version_of_outlook(self) -> None:
        assert self.draft(subject="Grüße", body="Grüße 🌍", to=["Jürgen <j@example.com>"]).isascii()

    def test_names_those_in_blind_copy_with_their_names(self) -> None:
        draft = self.draft(bcc=["Charlie Ö <charlie@example.com>"])
        (charlie,) = message_from_bytes(draft, policy=policy.default)["Bcc"].addresses
        assert (charlie.display_name, charlie.addr_spec) == ("Charlie Ö", "charlie@example.com")

    def test_needs_no_address_of_the_sender(self) -> None:
        assert b"Subject: Hello" in self.draft(Sender(address=""))
