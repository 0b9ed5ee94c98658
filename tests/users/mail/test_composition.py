"""From a Django message to the one that goes out."""

from __future__ import annotations

from collections.abc import Sequence
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from typing import Any

import pytest
from django.core.mail import EmailMessage, EmailMultiAlternatives
from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from users.choices import CopyMode
from users.mail.composition import Sender, compose
from users.mail.transports.base import make_envelope
from users.mail.transports.errors import ComposeError

ALICE = Sender("alice@example.com", "Alice Ärmel")
SIGNED = Sender(
    "alice@example.com",
    "Alice",
    signature_html='<p style="color:#123456">Alice &amp; Co</p>',
    signature_text="Alice & Co\nSome Street 1",
)
DATE = "Mon, 02 Nov 2026 10:00:00 +0000"
NASTY = ["\r\nBcc: c@example.com", "\nx", "\rx", "\0", "\x0b", "\x0c", "\x85", "\u2028", "\u2029", "\x1b", "\ud800"]


def letter(**changes: Any) -> EmailMultiAlternatives:
    options: dict[str, Any] = {"subject": "Hello", "body": "Dear Bob", "to": ["bob@example.com"]}
    return EmailMultiAlternatives(**options | changes)


def parsed(message: EmailMessage, sender: Sender = ALICE) -> ParsedMessage:
    """The message as a mail program reads it."""
    content = compose(message, sender).message().as_bytes(linesep="\r\n")
    return message_from_bytes(content, policy=policy.default)


def content_of(message: ParsedMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def refusal(message: EmailMessage, sender: Sender = ALICE) -> ComposeError:
    with pytest.raises(ComposeError) as caught:
        compose(message, sender)
    assert str(caught.value).endswith((".", ")."))
    assert str(caught.value).isprintable()
    assert str(caught.value.hint).endswith(".")
    return caught.value


class SenderTests(SimpleTestCase):
    def test_the_settings_say_who_sends(self) -> None:
        message = parsed(letter(from_email="Mallory <mallory@example.com>"))
        assert message["From"] == "Alice Ärmel <alice@example.com>"

    def test_quotes_what_has_a_meaning_in_a_header(self) -> None:
        for name in ('Ärmel, Alice; "A" (Sales)', "Alice @ Work: me\\you", "boss@corp.example"):
            with self.subTest(name):
                (address,) = parsed(letter(), Sender("alice@example.com", name))["From"].addresses
                assert (address.display_name, address.addr_spec) == (name, "alice@example.com")

    def test_refuses_a_name_that_misleads(self) -> None:
        for name in [*NASTY, "\u202egnp", "\u200b", "=?utf-8?q?Boss?=", '"Boss" <boss@example.com>']:
            with self.subTest(repr(name)):
                error = refusal(letter(), Sender("alice@example.com", f"Alice{name}x"))
                assert (error.code, error.field) == ("forbidden_character", "from")

    def test_keeps_the_joiners_that_some_scripts_need(self) -> None:
        name = "می\u200cشود"
        assert parsed(letter(), Sender("alice@example.com", name))["From"].addresses[0].display_name == name

    def test_cuts_an_endless_name(self) -> None:
        assert parsed(letter(), Sender("alice@example.com", "A" * 500))["From"].addresses[0].display_name == "A" * 64

    def test_without_an_address_the_mail_program_says_who_sends(self) -> None:
        message = compose(letter(), Sender(""))
        assert message.from_email == ""
        with pytest.raises(ComposeError):
            make_envelope(message)
        assert make_envelope(message, needs_sender=False).sender == ""

    def test_needs_an_address(self) -> None:
        for address in ("alice", "a@example.com, b@example.com", "Alice <alice@example.com>"):
            with self.subTest(address):
                error = refusal(letter(), Sender(address))
                assert (error.code, error.field) == ("address_invalid", "from")


class RecipientTests(SimpleTestCase):
    def test_keeps_everybody_in_place(self) -> None:
        composed = compose(
            letter(
                to=["Bob <bob@example.com>"], cc=["c@example.com"], bcc=["d@example.com"], reply_to=["e@example.com"]
            ),
            ALICE,
        )
        assert composed.to == ["Bob <bob@example.com>"]
        assert (composed.cc, composed.bcc, composed.reply_to) == (
            ["c@example.com"],
            ["d@example.com"],
            ["e@example.com"],
        )
        assert "Bcc" not in composed.message()

    def test_leaves_the_given_message_alone(self) -> None:
        message = letter()
        compose(message, Sender("alice@example.com", copy_mode=CopyMode.CC, signature_text="Alice"))
        assert (message.cc, message.body, message.alternatives) == ([], "Dear Bob", [])

    def test_refuses_what_is_not_one_address(self) -> None:
        for field in ("to", "cc", "bcc", "reply_to"):
            for entry in ("bob", "bob@example.com, c@example.com", "bob@exa mple.com", "<>", "bö@example.com"):
                with self.subTest(field=field, entry=entry):
                    error = refusal(letter(**{field: [entry]}))
                    assert (error.code, error.field) == ("address_invalid", field)

    def test_refuses_smuggled_headers(self) -> None:
        for text in NASTY:
            for entry in (f"bob{text}@example.com", f"Bob{text}x <bob@example.com>"):
                with self.subTest(repr(entry)):
                    assert refusal(letter(to=[entry])).field == "to"

    def test_refuses_a_second_address_in_a_name(self) -> None:
        assert refusal(letter(to=['"Boss" <boss@example.com> <bob@example.com>'])).field == "to"

    def test_refuses_a_message_for_nobody(self) -> None:
        sender = Sender("alice@example.com", copy_mode=CopyMode.CC)
        assert refusal(letter(to=[]), sender).code == "no_recipients"

    def test_writes_a_domain_in_another_script_as_servers_want_it(self) -> None:
        assert compose(letter(to=["bob@bücher.example"]), ALICE).to == ["bob@xn--bcher-kva.example"]


class CopyTests(SimpleTestCase):
    def compose(self, mode: CopyMode, **changes: Any) -> EmailMultiAlternatives:
        return compose(letter(**changes), Sender("alice@example.com", "Alice", copy_mode=mode))

    def test_adds_the_own_address_as_chosen(self) -> None:
        own = ["Alice <alice@example.com>"]
        expected: dict[CopyMode, tuple[Sequence[str], Sequence[str]]] = {
            CopyMode.NONE: ([], []),
            CopyMode.CC: (own, []),
            CopyMode.BCC: ([], own),
        }
        for mode, (cc, bcc) in expected.items():
            with self.subTest(mode):
                composed = self.compose(mode)
                assert (composed.cc, composed.bcc) == (cc, bcc)

    def test_sends_no_second_copy(self) -> None:
        for mode in (CopyMode.CC, CopyMode.BCC):
            for field in ("to", "cc", "bcc"):
                with self.subTest(mode=mode, field=field):
                    composed = self.compose(mode, **{field: ["A <ALICE@Example.com>"]})
                    assert sum("alice" in address.lower() for address in composed.recipients()) == 1


class SubjectTests(SimpleTestCase):
    def test_refuses_what_breaks_the_line_or_decodes_to_something_else(self) -> None:
        for text in [*NASTY, "=?utf-8?q?A=0D=0ABcc:_c@example.com?="]:
            with self.subTest(repr(text)):
                error = refusal(letter(subject=f"Hello {text}"))
                assert (error.code, error.field) == ("forbidden_character", "subject")

    def test_takes_what_only_looks_unusual(self) -> None:
        for subject in ("=?! 100 % sure?=", "👩\u200d🚀", "a\tb"):
            with self.subTest(subject):
                assert parsed(letter(subject=subject))["Subject"].replace("\t", " ") == subject.replace("\t", " ")

    def test_refuses_a_word_that_fits_no_line(self) -> None:
        assert refusal(letter(subject="x" * 901)).code == "header_too_long"

    @pytest.mark.untraced
    @given(st.text())
    def test_takes_any_text_as_it_is_or_refuses_it(self, subject: str) -> None:
        try:
            composed = compose(letter(subject=subject), ALICE)
        except ComposeError:
            return
        content = message_from_bytes(composed.message().as_bytes(), policy=policy.default)
        assert set(content.keys()) == set(parsed(letter()).keys())


class BodyTests(SimpleTestCase):
    def test_there_is_always_html(self) -> None:
        html = content_of(parsed(letter(body="1 < 2 & 3\nand  so\r\non")), "html")
        assert "<div>1 &lt; 2 &amp; 3<br>\nand&nbsp; so<br>\non</div>" in html

    def test_there_is_always_text(self) -> None:
        message = letter(body="")
        message.attach_alternative("<p>Dear <b>Bob</b></p>", "text/html")
        assert "Dear Bob" in content_of(parsed(message), "plain")

    def test_a_body_in_html_is_the_html(self) -> None:
        message = EmailMessage("Hello", "<p>Dear <b>Bob</b></p>", to=["bob@example.com"])
        message.content_subtype = "html"
        assert content_of(parsed(message), "html") == "<p>Dear <b>Bob</b></p>"
        assert content_of(parsed(message), "plain").strip() == "Dear Bob"

    def test_keeps_the_other_alternatives(self) -> None:
        message = letter()
        message.attach_alternative("BEGIN:VCALENDAR", "text/calendar; method=REQUEST")
        kinds = [part.get_content_type() for part in parsed(message).iter_parts()]
        assert kinds == ["text/plain", "text/html", "text/calendar"]

    def test_carries_what_no_encoding_knows_as_a_question_mark(self) -> None:
        assert content_of(parsed(letter(body="a\ud800b")), "plain") == "a?b"


class SignatureTests(SimpleTestCase):
    def test_the_text_stands_behind_the_usual_line(self) -> None:
        assert content_of(parsed(letter(), SIGNED), "plain") == "Dear Bob\n\n-- \nAlice & Co\nSome Street 1"

    def test_the_html_goes_in_unmodified(self) -> None:
        html = content_of(parsed(letter(), SIGNED), "html")
        assert html.count(SIGNED.signature_html) == 1
        assert html.index("Dear Bob") < html.index(SIGNED.signature_html) < html.index("</body>")

    def test_stands_inside_the_html_of_the_caller(self) -> None:
        message = letter()
        message.attach_alternative("<html><BODY><p>Dear Bob</p></BODY></html>", "text/html")
        html = content_of(parsed(message, SIGNED), "html")
        assert html.index("Dear Bob") < html.index(SIGNED.signature_html) < html.index("</BODY>")

    def test_stands_at_the_end_of_a_fragment(self) -> None:
        message = letter()
        message.attach_alternative("<p>Dear Bob</p>", "text/html")
        html = content_of(parsed(message, SIGNED), "html")
        assert html == f"<p>Dear Bob</p><br>\n<div>{SIGNED.signature_html}</div>\n"

    def test_without_a_signature_nothing_is_added(self) -> None:
        assert content_of(parsed(letter()), "plain") == "Dear Bob"
        assert "-- " not in content_of(parsed(letter()), "html")


class HeaderTests(SimpleTestCase):
    def test_identity_and_date_are_fixed_once(self) -> None:
        composed = compose(letter(), ALICE)
        first, second = composed.message(), composed.message()
        assert (first["Message-ID"], first["Date"]) == (second["Message-ID"], second["Date"])
        assert first["Message-ID"].endswith("@example.com>")

    def test_each_message_has_an_identity_of_its_own(self) -> None:
        assert parsed(letter())["Message-ID"] != parsed(letter())["Message-ID"]

    def test_keeps_an_identity_that_the_caller_fixed(self) -> None:
        message = parsed(
            letter(
                headers={"message-id": "<1@example.com>", "X-Order": "7", "In-Reply-To": "<0@a.example>", "Date": DATE}
            )
        )
        assert message.get_all("Message-ID") == ["<1@example.com>"]
        assert message["Date"] == DATE
        assert (message["X-Order"], message["In-Reply-To"]) == ("7", "<0@a.example>")

    def test_answers_go_where_a_header_says(self) -> None:
        message = parsed(
            letter(headers={"reply-to": '"Bäcker, Bob" <bob@example.com>, c@example.com'}, reply_to=["d@x.org"])
        )
        ((bob, charlie),) = [header.addresses for header in message.get_all("Reply-To", [])]
        assert (bob.display_name, bob.addr_spec, charlie.addr_spec) == (
            "Bäcker, Bob",
            "bob@example.com",
            "c@example.com",
        )
        for text in ("nobody", "a@example.com\nBcc: c@example.com"):
            assert refusal(letter(headers={"Reply-To": text})).field == "reply_to"

    def test_refuses_headers_that_follow_from_the_settings(self) -> None:
        for name in (
            "From",
            "to",
            "BCC",
            "Sender",
            "Content-Type",
            "Resent-To",
            "Return-Path",
            "X Y",
            "X:Y",
            "X\nY",
            "",
        ):
            with self.subTest(repr(name)):
                error = refusal(letter(headers={name: "x@example.com"}))
                assert (error.code, error.field) == ("header_not_allowed", "headers")

    def test_refuses_a_value_that_breaks_the_line(self) -> None:
        for text in NASTY:
            with self.subTest(repr(text)):
                assert refusal(letter(headers={"X-Order": f"7{text}"})).code == "forbidden_character"


class AttachmentTests(SimpleTestCase):
    def test_keeps_the_kind_and_the_name(self) -> None:
        message = letter()
        message.attach("Einladung für Bob.ics", "BEGIN:VCALENDAR", "text/calendar; method=REQUEST")
        (part,) = parsed(message).iter_attachments()
        assert part.get_filename() == "Einladung für Bob.ics"
        assert part.get_content_type() == "text/calendar"
        assert part["Content-Type"].params == {"method": "REQUEST", "charset": "utf-8"}
        assert part.get_content() == "BEGIN:VCALENDAR"

    def test_takes_an_attachment_without_a_name_or_a_kind(self) -> None:
        message = letter()
        message.attachments.append((None, b"\xff", None))
        (part,) = parsed(message).iter_attachments()
        assert (part.get_filename(), part.get_content()) == (None, b"\xff")

    def test_attaches_a_message_in_a_message(self) -> None:
        message = letter()
        message.attach("inner.eml", letter(subject="Inner").message().as_bytes(), "message/rfc822")
        (part,) = parsed(message).iter_attachments()
        assert part.get_content()["Subject"] == "Inner"

    def test_keeps_a_ready_part_as_it_is(self) -> None:
        part = compose(letter(attachments=[("a.bin", b"1", "image/png")]), ALICE).attachments[0]
        composed = compose(letter(attachments=[part]), ALICE)
        assert composed.attachments == [part]

    def test_refuses_a_name_that_breaks_the_header(self) -> None:
        for text in NASTY:
            with self.subTest(repr(text)):
                error = refusal(letter(attachments=[(f"a{text}.bin", b"1", "image/png")]))
                assert (error.code, error.field) == ("forbidden_character", "attachments")

    def test_refuses_a_kind_that_breaks_the_header(self) -> None:
        assert refusal(letter(attachments=[("a.bin", b"1", "image/png\r\nX: y")])).field == "attachments"

    def test_refuses_a_name_that_fits_no_line(self) -> None:
        assert refusal(letter(attachments=[("ä" * 200, b"1", "image/png")])).code == "filename_too_long"
