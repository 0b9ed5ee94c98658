"""Sending as a user: who it comes from, what goes with it, and what the receipt says when it can't be."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from pathlib import Path
from typing import Any

from django.core.mail import EmailMessage
from django.test import TestCase

from tests.factories import configure, make_settings, make_template, make_user
from tests.servers.smtp import SmtpServer
from users import services
from users.choices import CopyMode, EmailMethod, Outcome
from users.mail.composition import InlineImage
from users.mail.receipts import Receipt
from users.methods import METHODS
from users.models import EmailSettings, SystemSettings, User
from users.signatures.outgoing import for_recipients
from users.vault import new_key


def in_a_thread(work: Callable[[Any], Any], argument: Any) -> Any:
    """The result of work that is done in another thread with the context of this one."""
    context = copy_context()
    with ThreadPoolExecutor(1) as threads:
        return threads.submit(context.run, work, argument).result()


def is_kept_for(user: User) -> bool:
    kept = services.KEPT.get()
    assert kept is not None
    return kept.serves(user)


SIGNATURE = '<p>Alice <b>Archer</b><br><a href="https://example.com/">Example</a></p>'


def letter(**changes: Any) -> EmailMessage:
    fields: dict[str, Any] = {"subject": "Hello", "body": "Dear Bob", "to": ["bob@example.com"]}
    return EmailMessage(**fields | changes)


class SenderTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice", job_title="Head of <Sales>")

    def test_the_sender_is_the_user_with_the_own_address(self) -> None:
        sender = services.sender_of(make_settings(self.alice, copy_mode="bcc"))
        assert (sender.address, sender.name) == ("alice@example.com", "Alice Archer")
        assert sender.copy_mode == CopyMode.BCC

    def test_the_own_signature_goes_along_in_both_forms(self) -> None:
        sender = services.sender_of(make_settings(self.alice, signature_html=SIGNATURE))
        assert sender.signature_html == for_recipients(SIGNATURE)
        assert sender.signature_text == "Alice Archer\n[Example](https://example.com/)"

    def test_a_method_that_carries_no_signature_has_none(self) -> None:
        make_template(use="mandatory")
        for method in EmailMethod.values:
            settings = EmailSettings(user=self.alice, method=method, signature_html=SIGNATURE)
            with self.subTest(method):
                assert bool(services.sender_of(settings).signature_html) == METHODS[method].carries_signature

    def test_a_mandatory_signature_goes_before_the_own_one(self) -> None:
        template = make_template(use="mandatory", html="<p>{{ name }}, {{ job_title }}, {{ email }}, {{ phone }}</p>")
        settings = make_settings(self.alice, signature_html=SIGNATURE)
        html = "<p>Alice Archer, Head of &lt;Sales&gt;, alice@example.com, </p>"
        assert services.signature_in_force(settings) == (html, template)
        assert services.sender_of(settings).signature_html == for_recipients(html)

    def test_an_offered_one_does_not(self) -> None:
        make_template(use="offered")
        settings = make_settings(self.alice, signature_html=SIGNATURE)
        assert services.signature_in_force(settings) == (SIGNATURE, None)

    def test_the_pictures_that_the_signature_shows_go_along(self) -> None:
        for content_id in ("logo@signature", "unused@signature"):
            self.alice.signature_images.create(
                content=b"GIF", media_type="image/gif", size=3, sha256="", content_id=content_id
            )
        html = '<p><img src="cid:logo@signature"><img src="cid:gone@signature"></p>'
        sender = services.sender_of(make_settings(self.alice, signature_html=html))
        assert sender.images == (InlineImage("logo@signature", "image/gif", b"GIF"),)

    def test_a_user_without_a_name_signs_with_the_user_name(self) -> None:
        template = make_template(html="{{ name }}")
        settings = make_settings(make_user("bob", first_name="", last_name=""))
        assert services.filled_in(template, settings) == "bob"
        assert services.sender_of(settings).name == ""


class NotSentTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")

    def refusal(self, receipt: Receipt) -> tuple[str, str]:
        """The code and the hint of a receipt for a message that was not sent, in plain sentences."""
        assert receipt.outcome == Outcome.FAILED
        assert receipt.error is not None
        assert str(receipt.error).endswith(".")
        assert str(receipt.error.hint).endswith(".")
        return receipt.error.code, str(receipt.error.hint)

    def test_with_something_missing_the_receipt_says_what(self) -> None:
        make_settings(self.alice, address="")
        configure(smtp_host="")
        code, hint = self.refusal(services.send(self.alice, letter()))
        assert code == "not_ready"
        assert hint == (
            "An administrator has to complete the mail server in the system settings. "
            "Enter the e-mail address that messages are sent from."
        )

    def test_a_user_without_settings_is_told_too(self) -> None:
        assert self.refusal(services.send(self.alice, letter()))[0] == "not_ready"
        assert self.refusal(services.send_test_message(self.alice))[0] == "not_ready"

    def test_a_password_whose_key_is_missing_is_told(self) -> None:
        configure(smtp_username="site")
        make_settings(self.alice)
        for keys in (new_key(), ""):
            with self.subTest(keys), self.settings(MAILSETTINGS_KEYS=keys, MAILSETTINGS_KEYS_FILE=None):
                assert self.refusal(services.send(self.alice, letter()))[0] == "not_ready"

    def test_a_message_that_can_not_be_composed_is_told(self) -> None:
        make_settings(self.alice)
        for message in (letter(to=[]), letter(subject="a\r\nBcc: x@example.com"), letter(to=["a@b.de\nBcc: c@d.de"])):
            with self.subTest(message.subject):
                self.refusal(services.send(self.alice, message))


class OutlookTests(TestCase):
    def setUp(self) -> None:
        configure(sending_method="outlook")
        self.alice = make_user("alice")

    def test_a_draft_is_handed_over_without_the_signature(self) -> None:
        make_settings(self.alice, method="outlook", signature_html=SIGNATURE)
        receipt = services.send(self.alice, letter())
        assert (receipt.outcome, receipt.is_sent, receipt.error) == (Outcome.HANDED_OVER, False, None)
        assert b"Dear Bob" in receipt.draft
        assert b"Archer" not in receipt.draft

    def test_nothing_has_to_be_set_for_it(self) -> None:
        assert services.send(self.alice, letter()).outcome == Outcome.HANDED_OVER

    def test_a_test_message_has_nobody_who_would_send_it(self) -> None:
        receipt = services.send_test_message(self.alice)
        assert (receipt.outcome, receipt.error and receipt.error.code) == (Outcome.FAILED, "draft_only")

    def test_nobody_can_look_whether_it_was_sent(self) -> None:
        assert services.find_sent(self.alice, "<a@example.com>") is None


class SendingTests(TestCase):
    """For real, over a mail server on this machine."""

    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer(username="site", password="SMTP pässwörd "))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(
            smtp_host=self.server.host,
            smtp_port=self.server.port,
            smtp_username="site",
            smtp_password="SMTP pässwörd ",
        )
        self.alice = make_user("alice")

    def test_a_message_arrives_from_the_user_with_text_html_and_signature(self) -> None:
        make_settings(self.alice, signature_html=SIGNATURE)
        receipt = services.send(self.alice, letter(from_email="mallory@example.com"))
        assert (receipt.outcome, receipt.error, dict(receipt.refused)) == (Outcome.SENT, None, {})
        (received,) = self.server.received
        assert (received.sender, received.recipients) == ("alice@example.com", ["bob@example.com"])
        message = received.parsed
        assert (message["From"], message["Message-ID"]) == ("Alice Archer <alice@example.com>", receipt.message_id)
        text, html = (message.get_body((kind,)) for kind in ("plain", "html"))
        assert text is not None
        assert html is not None
        assert "Dear Bob" in text.get_content()
        assert "Alice Archer" in text.get_content()
        assert for_recipients(SIGNATURE) in html.get_content()

    def test_the_copy_goes_as_chosen(self) -> None:
        for mode, cc, recipients in (
            ("none", None, ["bob@example.com"]),
            ("cc", "Alice Archer <alice@example.com>", ["bob@example.com", "alice@example.com"]),
            ("bcc", None, ["bob@example.com", "alice@example.com"]),
        ):
            EmailSettings.objects.all().delete()
            make_settings(self.alice, copy_mode=mode)
            assert services.send(self.alice, letter()).is_sent
            received = self.server.received[-1]
            with self.subTest(mode):
                assert (received.parsed["Cc"], received.parsed["Bcc"], received.recipients) == (cc, None, recipients)

    def test_an_inherited_method_sends_as_well(self) -> None:
        make_settings(self.alice, method="")
        assert services.send(self.alice, letter()).is_sent

    def test_the_test_message_goes_to_the_own_address_once(self) -> None:
        make_settings(self.alice, copy_mode="cc", signature_html=SIGNATURE)
        assert services.send_test_message(self.alice).is_sent
        (received,) = self.server.received
        assert received.recipients == ["alice@example.com"]
        assert "Test message" in received.parsed["Subject"]
        assert "Copy (CC)" in received.content.decode()

    def test_several_messages_go_over_one_connection_with_the_settings_of_the_beginning(self) -> None:
        make_settings(self.alice, signature_html=SIGNATURE)
        with services.sending_as(self.alice):
            assert services.send(self.alice, letter()).is_sent
            configure(smtp_host="elsewhere.invalid")
            with self.assertNumQueries(0):
                receipts = [services.send(self.alice, letter(subject=subject)) for subject in ("Second", "Third")]
        assert [receipt.outcome for receipt in receipts] == [Outcome.SENT] * 2
        assert len({received.parsed["Message-ID"] for received in self.server.received}) == 3
        assert (self.server.connections, self.server.goodbyes, len(self.server.sign_ins)) == (1, 1, 1)

    def test_a_kept_connection_serves_its_user_and_its_thread_alone(self) -> None:
        make_settings(self.alice)
        make_settings(bob := make_user("bob"))
        with services.sending_as(self.alice):
            services.send(self.alice, letter())
            services.send(bob, letter())
            assert not in_a_thread(is_kept_for, self.alice)
            services.send(self.alice, letter())
        services.send(self.alice, letter())
        senders = [received.sender for received in self.server.received]
        assert senders == [f"{name}@example.com" for name in ("alice", "bob", "alice", "alice")]
        assert (self.server.connections, self.server.goodbyes) == (3, 3)

    def test_inside_another_it_begins_and_ends_by_itself(self) -> None:
        make_settings(self.alice)
        make_settings(bob := make_user("bob"))
        with services.sending_as(self.alice):
            for _number in range(2):
                with services.sending_as(bob):
                    services.send(bob, letter())
                    services.send(bob, letter())
                services.send(self.alice, letter())
        assert (len(self.server.received), self.server.connections, self.server.goodbyes) == (6, 3, 3)

    def test_one_that_fails_does_not_spoil_the_others(self) -> None:
        make_settings(self.alice)
        messages = [letter(), letter(to=[]), letter(subject="a\nb"), letter()]
        with services.sending_as(self.alice):
            outcomes = [services.send(self.alice, message).outcome for message in messages]
        assert outcomes == [Outcome.SENT, Outcome.FAILED, Outcome.FAILED, Outcome.SENT]

    def test_a_wrong_password_is_tried_once_for_all(self) -> None:
        configure(smtp_password="wrong canary")
        make_settings(self.alice)
        with services.sending_as(self.alice):
            outcomes = [services.send(self.alice, letter()).outcome for _number in range(3)]
        assert (outcomes, len(self.server.sign_ins)) == ([Outcome.FAILED] * 3, 1)

    def test_the_password_is_used_as_it_was_typed(self) -> None:
        make_settings(self.alice)
        services.send(self.alice, letter())
        assert [sign_in[1:] for sign_in in self.server.sign_ins] == [("site", "SMTP pässwörd ")]

    def test_a_refused_sign_in_is_told_without_the_password(self) -> None:
        configure(smtp_password="wrong canary")
        make_settings(self.alice)
        receipt = services.send(self.alice, letter())
        assert receipt.error is not None
        assert receipt.error.code == "sign_in_refused"
        assert "canary" not in f"{receipt!r}{receipt.error}{receipt.error.detail}"
        assert self.server.received == []

    def test_a_certificate_of_an_unknown_authority_is_told(self) -> None:
        make_settings(self.alice)
        for ca_file in (None, Path("/nowhere/ca.pem")):
            with self.subTest(ca_file), self.settings(MAILSETTINGS_CA_FILE=ca_file):
                receipt = services.send(self.alice, letter())
                assert receipt.error is not None
                assert receipt.error.code == "certificate_untrusted"

    def test_a_server_that_is_not_there_is_told(self) -> None:
        SystemSettings.objects.update(smtp_port=1)
        make_settings(self.alice)
        receipt = services.send(self.alice, letter())
        assert receipt.error is not None
        assert receipt.error.code == "connection_refused"
