"""Links for the user's own mail program (RFC 6068), read back as a program reads them."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

from django.core.mail import EmailMessage
from django.test import SimpleTestCase

from users.mail.mailto import mailto_link


class MailtoTests(SimpleTestCase):
    def test_carries_recipients_subject_and_text(self) -> None:
        message = EmailMessage("Grüße & mehr?", "a=b&c\nzweite Zeile +1", to=["Bob <bob@example.com>", "c@example.com"])
        message.cc, message.bcc = ["d@example.com"], ["e@example.com"]
        link = urlsplit(mailto_link(message))
        assert (link.scheme, unquote(link.path)) == ("mailto", "bob@example.com,c@example.com")
        assert parse_qs(link.query.replace("+", "%2B")) == {
            "cc": ["d@example.com"],
            "bcc": ["e@example.com"],
            "subject": ["Grüße & mehr?"],
            "body": ["a=b&c\r\nzweite Zeile +1"],
        }

    def test_leaves_out_what_is_empty(self) -> None:
        assert mailto_link(EmailMessage("", "", to=["bob@example.com"])) == "mailto:bob@example.com"

    def test_a_blank_is_never_a_plus(self) -> None:
        assert mailto_link(EmailMessage("a b", "", to=["bob@example.com"])) == "mailto:bob@example.com?subject=a%20b"

    def test_an_address_can_not_add_fields(self) -> None:
        link = mailto_link(EmailMessage("", "", to=["bob&bc@example.com"]))
        assert link == "mailto:bob%26bc@example.com"

    def test_what_does_not_fit_into_a_link_has_none(self) -> None:
        long = EmailMessage("Hello", "x" * 2000, to=["bob@example.com"])
        with_file = EmailMessage("Hello", "Text", to=["bob@example.com"], attachments=[("a.txt", b"a", "text/plain")])
        assert (mailto_link(long), mailto_link(with_file)) == ("", "")
