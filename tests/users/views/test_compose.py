"""Writing a message: nothing typed is lost, and two clicks send once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from tests.factories import configure, make_settings, make_user
from tests.servers.smtp import SmtpServer
from tests.users.test_outbox import write
from tests.users.views.browser import Browser, Page
from users.models import OutgoingAttachment, OutgoingMessage


class ComposeCase(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(smtp_host=self.server.host, smtp_port=self.server.port)
        self.alice = make_user("alice")
        make_settings(self.alice, signature_html="<p>Alice</p>")
        self.browser = Browser(self.alice)
        self.address = f"/messages/{uuid4()}/edit/"

    def post(self, address: str = "", *, action: str = "send", **changes: Any) -> Page:
        posted = {"attempt": "0", "to": "bob@example.com", "subject": "Hello", "text": "Dear Bob"}
        return self.browser.post(address or self.address, posted | {"action": action} | changes)

    @staticmethod
    def file(name: str = "a.txt", content: bytes = b"one") -> SimpleUploadedFile:
        return SimpleUploadedFile(name, content)


class SendTests(ComposeCase):
    def test_the_message_goes_out_and_the_page_says_so(self) -> None:
        page = self.post(attachments=[self.file(), self.file("b.txt")]).follow()
        assert "took the message for all recipients" in page.text
        (received,) = self.server.received
        assert [part.get_filename() for part in received.parsed.iter_attachments()] == ["a.txt", "b.txt"]
        assert received.parsed["From"] == "Alice Archer <alice@example.com>"

    def test_each_new_message_has_an_address_of_its_own(self) -> None:
        addresses = {self.browser.open("/messages/new/").response["Location"] for _number in range(2)}
        assert len(addresses) == 2
        assert {self.browser.open(address).status for address in addresses} == {200}

    def test_two_clicks_send_once(self) -> None:
        first, second = self.post(), self.post()
        assert first.response["Location"] == second.response["Location"]
        assert len(self.server.received) == 1

    def test_the_page_shows_the_envelope_before_sending(self) -> None:
        page = self.browser.open(self.address)
        assert "From Alice Archer <alice@example.com> · No copy · Server based, via SMTP" in page.text
        assert page.tree.xpath("//iframe/@src") == ["/profile/signature/preview/"]
        assert OutgoingMessage.objects.count() == 0

    def test_with_outlook_the_button_and_the_page_say_so(self) -> None:
        make_settings(self.alice, method="outlook", address="")
        text = self.browser.open(self.address).text
        assert "Open in Outlook" in text
        assert "Outlook adds its own signature" in text
        page = self.post().follow()
        assert "Download the draft" in page.text

    def test_what_is_missing_in_the_settings_is_told_before_and_after(self) -> None:
        make_settings(self.alice, address="")
        assert "2 things left" in self.browser.open(self.address).text
        assert "e-mail settings are not complete" in self.post().follow().text


class BadInputTests(ComposeCase):
    def test_what_was_typed_stays_and_so_do_the_files(self) -> None:
        page = self.post(to="nobody", text="Long\ntext", attachments=[self.file()])
        assert page.status == 200
        assert page.error_codes("to") == ["address_invalid"]
        assert page.form["text"].value() == "Long\ntext"
        assert "a.txt" in page.text
        self.post()
        (received,) = self.server.received
        assert [part.get_filename() for part in received.parsed.iter_attachments()] == ["a.txt"]

    def test_files_beyond_the_limit_are_named_and_nothing_is_sent(self) -> None:
        page = self.post(attachments=[self.file("huge.bin", b"x" * (25 * 1024 * 1024 + 1))])
        assert "“huge.bin” (25.0 MB) does not fit" in page.text
        assert self.server.received == []

    def test_a_request_far_beyond_it_is_refused(self) -> None:
        response = self.browser.client.post(
            self.address, {"attachments": self.file()}, headers={"content-length": str(65 * 1024 * 1024)}
        )
        assert response.status_code == 400
        assert not OutgoingAttachment.objects.exists()

    def test_nonsense_in_hidden_fields_is_harmless(self) -> None:
        for changes in ({"attempt": "²"}, {"attempt": "9" * 30}, {"action": "remove:x"}, {"action": ""}):
            with self.subTest(changes):
                assert self.post(**changes).status in {200, 302}

    def test_the_message_of_somebody_else_is_not_found(self) -> None:
        address = f"/messages/{write(make_user('bob')).uid}/edit/"
        assert self.post(address).status == 404
        assert self.browser.open(address).status == 404


class AttachmentTests(ComposeCase):
    def test_files_are_added_without_sending(self) -> None:
        page = self.post(action="attach", to="", text="So far", attachments=[self.file()])
        assert not page.form.errors
        assert page.form["text"].value() == "So far"
        assert "a.txt" in page.text
        assert self.server.received == []

    def test_one_is_removed_again(self) -> None:
        self.post(action="attach", attachments=[self.file(), self.file("b.txt")])
        first = OutgoingAttachment.objects.first()
        assert first is not None
        text = self.post(action=f"remove:{first.pk}").text
        assert "a.txt" not in text
        assert "b.txt" in text

    def test_those_of_another_message_can_not_be_removed(self) -> None:
        other = write(self.alice).attachments.get()
        self.post(action=f"remove:{other.pk}")
        assert OutgoingAttachment.objects.filter(pk=other.pk).exists()


class AgainTests(ComposeCase):
    def test_a_failed_message_is_changed_and_sent_again(self) -> None:
        message = write(self.alice, state="done", outcome="failed", attempts=1)
        address = f"/messages/{message.uid}/edit/"
        page = self.browser.open(address)
        assert page.form["to"].value() == "bob@example.com"
        assert "a.txt" in page.text
        self.post(address, attempt="1", to="charlie@example.com")
        assert [received.recipients for received in self.server.received] == [["charlie@example.com"]]

    def test_what_was_sent_leads_to_what_became_of_it(self) -> None:
        message = write(self.alice, state="done", outcome="sent", attempts=1)
        address = f"/messages/{message.uid}/"
        assert self.browser.open(address + "edit/").response["Location"] == address
        assert self.post(address + "edit/", attempt="1").response["Location"] == address
        assert self.server.received == []

    def test_opening_the_page_takes_few_queries(self) -> None:
        message = write(self.alice, state="done", outcome="failed")
        with self.assertNumQueries(8):
            self.browser.open(f"/messages/{message.uid}/edit/")
