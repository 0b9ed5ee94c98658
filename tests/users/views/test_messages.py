"""What became of the own messages."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.test import TestCase
from django.utils import timezone

from tests.factories import configure, make_settings, make_user
from tests.users.test_outbox import write
from tests.users.views.browser import Browser, Page
from users.models import OutgoingMessage


class MessageCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice)
        self.browser = Browser(self.alice)

    def done(self, outcome: str, **fields: Any) -> OutgoingMessage:
        defaults = {"state": "done", "outcome": outcome, "method": "smtp", "sent_at": timezone.now(), "attempts": 1}
        return write(self.alice, **defaults | fields)

    def page(self, outcome: str, **fields: Any) -> Page:
        return self.browser.open(self.done(outcome, **fields).get_absolute_url())


class ListTests(MessageCase):
    def test_with_nothing_sent_it_says_how_to_begin(self) -> None:
        page = self.browser.open("/messages/")
        assert "You have not sent anything from here yet." in page.text
        assert page.tree.xpath("//main//a[@href='/messages/new/']")

    def test_each_message_has_outcome_method_and_time_and_no_text(self) -> None:
        self.done("sent", text="Secret text", bcc="hidden@example.com", subject="<b>")
        page = self.browser.open("/messages/")
        for word in ("<b>", "bob@example.com", "Sent", "Server based, via SMTP"):
            assert word in page.text
        assert "Secret text" not in page.source
        assert "hidden@example.com" not in page.source

    def test_drafts_and_the_messages_of_others_are_not_listed(self) -> None:
        write(self.alice, subject="Draft")
        write(make_user("bob"), state="done", outcome="sent", subject="Of Bob")
        assert "You have not sent anything" in self.browser.open("/messages/").text

    def test_many_messages_take_few_queries_and_several_pages(self) -> None:
        for _number in range(30):
            self.done("sent")
        with self.assertNumQueries(4):
            page = self.browser.open("/messages/?page=2")
        assert "Page 2 of 2" in page.text


class OutcomeTests(MessageCase):
    def test_those_who_do_not_get_it_are_named(self) -> None:
        text = self.page("sent", refused={"bob@example.com": "There is no such mailbox."}).text
        assert "Sent, but not to everybody" in text
        assert "not for these recipients" in text
        assert "There is no such mailbox." in text

    def test_a_failed_message_says_what_to_do_and_can_be_changed(self) -> None:
        page = self.page("failed", problem="The server is gone.", advice="Try later.")
        assert "The server is gone." in page.text
        assert "Try later." in page.text
        assert "Change it and send it again" in page.text

    def test_after_a_day_its_content_is_gone(self) -> None:
        message = self.done("failed", content_until=timezone.now() - timedelta(seconds=1))
        assert "send it again" not in self.browser.open(message.get_absolute_url()).text
        assert self.browser.open(message.get_absolute_url() + "edit/").status == 302

    def test_a_draft_is_downloaded_under_a_safe_name(self) -> None:
        message = self.done("handed_over", subject="Offer: Grüße/2041", draft=b"X-Unsent: 1\r\n\r\nx", method="outlook")
        response = self.browser.open(message.get_absolute_url() + "draft/").response
        assert response.content == b"X-Unsent: 1\r\n\r\nx"
        assert response["Content-Type"] == "message/rfc822"
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''Offer%20Gr%C3%BC%C3%9Fe%202041.eml"

    def test_a_short_plain_message_has_a_link_for_every_mail_program(self) -> None:
        message = self.done("handed_over", draft=b"x", method="outlook")
        source = self.browser.open(message.get_absolute_url()).source  # it has an attachment
        assert "mailto:" not in source
        assert "plain e-mail" not in source
        message.attachments.all().delete()
        page = self.browser.open(message.get_absolute_url())
        assert page.tree.xpath("//a/@href[starts-with(., 'mailto:bob@example.com?subject=Hello')]")

    def test_a_draft_that_is_gone_is_not_found(self) -> None:
        message = self.done("handed_over", draft=b"x", content_until=timezone.now() - timedelta(seconds=1))
        assert self.browser.open(message.get_absolute_url() + "draft/").status == 404
        assert "is removed" in self.browser.open(message.get_absolute_url()).text

    def test_a_message_on_its_way_says_so(self) -> None:
        assert "on its way" in self.page("", state="sending").text


class UncertainTests(MessageCase):
    def test_an_interrupted_message_says_where_to_look(self) -> None:
        for method, has_sent_items in (("exchange", True), ("exchange_online", True), ("smtp", False)):
            text = self.page("", state="sending", sent_at=timezone.now() - timedelta(minutes=6), method=method).text
            assert "Sending was interrupted" in text
            assert ("Look in Sent Items" in text) == has_sent_items
            assert "Send it again" in text

    def test_where_nobody_can_look_the_page_says_so(self) -> None:
        message = self.done("unknown", message_id="<a@example.com>")
        page = self.browser.post(message.get_absolute_url() + "look/", {}).follow()
        assert "can't look into your Sent Items" in page.text
        assert "Not certain" in page.text

    def test_where_looking_fails_the_page_says_why(self) -> None:
        configure(smtp_host="")
        message = self.done("unknown", message_id="<a@example.com>")
        page = self.browser.post(message.get_absolute_url() + "look/", {}).follow()
        assert "settings are not complete" in page.text

    def test_nothing_is_looked_for_when_the_outcome_is_known(self) -> None:
        message = self.done("failed")
        assert self.browser.post(message.get_absolute_url() + "look/", {}).follow().status == 200


class SignaturePreviewTests(MessageCase):
    def test_shows_the_signature_with_its_pictures_and_loads_nothing(self) -> None:
        self.alice.signature_images.create(
            content=b"GIF", media_type="image/gif", size=3, sha256="", content_id="logo@signature"
        )
        html = '<p style="color: red"><img src="cid:logo@signature"><img src="cid:gone"></p>'
        make_settings(self.alice, signature_html=html)
        response = self.browser.open("/profile/signature/preview/").response
        assert b'src="data:image/gif;base64,R0lG"' in response.content
        assert b"cid:" not in response.content
        policy = response["Content-Security-Policy"]
        assert "sandbox" in policy
        assert "script-src 'none'" in policy
        assert response["X-Frame-Options"] == "SAMEORIGIN"
