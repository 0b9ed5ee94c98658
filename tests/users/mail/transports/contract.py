"""What every transport promises, as tests. A transport's own test case inherits them and shows what arrived."""

from __future__ import annotations

from email.message import EmailMessage as ParsedMessage

import pytest
from django.core.mail import EmailMessage

from users.choices import CopyMode, Outcome
from users.mail.composition import InlineImage, Sender, compose
from users.mail.receipts import Receipt
from users.mail.transports.base import Transport

ALICE = Sender(address="alice@example.com", name="Alice Ärmel", signature_html="<b>Alice</b>", signature_text="Alice")
ALL_BYTES = bytes(range(256)) * 8
LARGE = ALL_BYTES * (10 * 1024 * 1024 // len(ALL_BYTES))
LOGO = b"\x89PNG\r\n\x1a\n" + ALL_BYTES
ALICE_WITH_LOGO = Sender(
    address="alice@example.com",
    signature_html='<img src="cid:logo@signature" alt="Logo" width="20" height="20">',
    images=(InlineImage("logo@signature", "image/png", LOGO),),
)


class TransportContract:
    """To be mixed into a ``SimpleTestCase``."""

    outcome = Outcome.SENT

    def make_transport(self) -> Transport:
        """A transport whose server takes everything."""
        raise NotImplementedError

    def arrived(self) -> ParsedMessage:
        """The last message as it arrived."""
        return self.parse(self.arrived_bytes())

    def arrived_bytes(self) -> bytes:
        raise NotImplementedError

    def arrived_recipients(self) -> list[str]:
        """Everybody who gets the last message, also by a blind copy: whom its headers name, without an envelope."""
        headers = [self.arrived()[name] for name in ("To", "Cc", "Bcc")]
        return [address.addr_spec for header in headers if header for address in header.addresses]

    def parse(self, content: bytes) -> ParsedMessage:
        raise NotImplementedError

    def send(self, message: EmailMessage, sender: Sender = ALICE) -> Receipt:
        return self.make_transport().deliver(compose(message, sender))

    def text(self, kind: str = "plain") -> str:
        part = self.arrived().get_body((kind,))
        assert part is not None
        return str(part.get_content())

    def test_says_what_became_of_a_message(self) -> None:
        receipt = self.send(EmailMessage("Hello", "Text", to=["bob@example.com"]))
        assert receipt.outcome == self.outcome
        assert receipt.error is None
        assert receipt.message_id == (self.arrived()["Message-ID"] or "")

    def test_carries_every_script(self) -> None:
        self.send(EmailMessage("Grüße, 世界 🌍", "Žluťoučký kůň 🐎 שלום", to=["bob@example.com"]))
        assert self.arrived()["Subject"] == "Grüße, 世界 🌍"
        assert self.text().startswith("Žluťoučký kůň 🐎 שלום")
        assert "Žluťoučký kůň 🐎 שלום" in self.text("html")

    def test_carries_a_long_subject_as_it_is(self) -> None:
        for subject in ("Grüße aus München: " + "Angebot, " * 20 + "Ende", "日本語の件名" * 20, "x" * 90 + " y"):
            self.send(EmailMessage(subject, "Text", to=["bob@example.com"]))
            assert self.arrived()["Subject"] == subject
            assert max(map(len, self.arrived_bytes().partition(b"\r\n\r\n")[0].split(b"\r\n"))) <= 78

    def test_refuses_a_message_for_nobody(self) -> None:
        receipt = self.make_transport().deliver(EmailMessage("Hello", "Text", "alice@example.com"))
        assert receipt.outcome == Outcome.FAILED
        assert receipt.error is not None
        assert receipt.error.code == "no_recipients"

    def test_reaches_a_thousand_recipients(self) -> None:
        bcc = [f"bob{number}@example.com" for number in range(1000)]
        assert self.send(EmailMessage("Hello", "Text", bcc=bcc)).outcome == self.outcome
        assert self.arrived_recipients() == bcc

    def test_brings_bare_line_ends_into_order(self) -> None:
        self.send(EmailMessage("Hello", "one\rtwo\nthree\r\nfour", to=["bob@example.com"]))
        content = self.arrived_bytes().replace(b"\r\n", b"")
        assert b"\r" not in content
        assert b"\n" not in content
        assert self.text().replace("\r\n", "\n").startswith("one\ntwo\nthree\nfour\n")

    def test_a_lone_dot_does_not_end_the_message(self) -> None:
        self.send(EmailMessage("Hello", "before\n.\n..\nafter\r.\rend", to=["bob@example.com"]))
        assert self.text().replace("\r\n", "\n").startswith("before\n.\n..\nafter\n.\nend\n")

    def test_carries_a_line_of_two_thousand_characters(self) -> None:
        self.send(EmailMessage("Hello", "x" * 2000, to=["bob@example.com"]))
        assert "x" * 2000 in self.text()
        assert max(map(len, self.arrived_bytes().split(b"\r\n"))) <= 998

    def test_keeps_display_names(self) -> None:
        names = ["Müller, Bob", 'Bob "Bobby" Smith', "Боб", "bob@elsewhere.example"]
        self.send(EmailMessage("Hello", "Text", to=[f"{name} <bob@example.com>" for name in names]))
        assert [address.display_name for address in self.arrived()["To"].addresses] == names
        assert {address.addr_spec for address in self.arrived()["To"].addresses} == {"bob@example.com"}

    def test_keeps_the_name_of_the_sender(self) -> None:
        self.send(EmailMessage("Hello", "Text", to=["bob@example.com"]), Sender("alice@example.com", 'Ärmel, "A"'))
        (sender,) = self.arrived()["From"].addresses
        assert (sender.display_name, sender.addr_spec) == ('Ärmel, "A"', "alice@example.com")

    def test_reaches_a_domain_in_another_script(self) -> None:
        self.send(EmailMessage("Hello", "Text", to=["Bob <bob@bücher.example>"]))
        assert self.arrived_recipients() == ["bob@xn--bcher-kva.example"]

    def test_lets_no_header_be_smuggled_in(self) -> None:
        message = EmailMessage("Hello\r\nBcc: charlie@example.com", "Text", "alice@example.com", ["bob@example.com"])
        receipt = self.make_transport().deliver(message)
        assert receipt.outcome == Outcome.FAILED
        assert receipt.error is not None
        assert receipt.error.code == "message_invalid"

    def test_reaches_those_in_blind_copy(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"], bcc=["charlie@example.com"])
        self.send(message, Sender("alice@example.com", copy_mode=CopyMode.BCC))
        assert self.arrived_recipients() == ["bob@example.com", "charlie@example.com", "alice@example.com"]

    def test_carries_attachments_byte_for_byte(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("all bytes.bin", ALL_BYTES, "application/octet-stream")
        message.attach("Übersicht.txt", "one\rtwo\nthree\r\n\ttrailing  \n.\nÄ", "text/plain")
        self.send(message)
        parts = list(self.arrived().iter_attachments())
        assert [part.get_filename() for part in parts] == ["all bytes.bin", "Übersicht.txt"]
        assert parts[0].get_payload(decode=True) == ALL_BYTES
        assert parts[1].get_payload(decode=True) == "one\rtwo\nthree\r\n\ttrailing  \n.\nÄ".encode()

    @pytest.mark.untraced
    def test_carries_ten_megabytes(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("large.bin", LARGE, "application/octet-stream")
        assert self.send(message).outcome == self.outcome
        (part,) = self.arrived().iter_attachments()
        assert part.get_payload(decode=True) == LARGE

    def test_shows_the_images_of_the_signature_without_loading_anything(self) -> None:
        message = EmailMessage("Hello", "Text", to=["bob@example.com"])
        message.attach("notes.bin", ALL_BYTES, "application/octet-stream")
        self.send(message, ALICE_WITH_LOGO)
        html = self.arrived().get_body(("html",))
        assert html is not None
        assert 'src="cid:logo@signature"' in html.get_content()
        (image,) = [part for part in self.arrived().walk() if part["Content-ID"]]
        assert image["Content-ID"] == "<logo@signature>"
        assert (image.get_content_type(), image.get_content_disposition()) == ("image/png", "inline")
        assert image.get_payload(decode=True) == LOGO
        assert [part.get_filename() for part in self.arrived().iter_attachments()] == ["notes.bin"]

    def test_is_the_same_message_at_the_second_attempt(self) -> None:
        message = compose(EmailMessage("Hello", "Text", to=["bob@example.com"]), ALICE)
        identities = []
        for _attempt in range(2):
            self.make_transport().deliver(message)
            identities.append((self.arrived()["Message-ID"], self.arrived()["Date"]))
        assert identities[0] == identities[1]

    def test_is_an_e_mail_backend_of_django(self) -> None:
        message = compose(EmailMessage("Hello", "Text", to=["bob@example.com"]), ALICE)
        assert self.make_transport().send_messages([message, message]) == 2
        assert self.make_transport().send_messages([]) == 0
