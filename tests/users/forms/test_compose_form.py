"""What may be written into a message, and what a wrong entry is told."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import QueryDict
from django.test import SimpleTestCase, TestCase

from tests.factories import make_user
from users.forms.compose import MAX_FILES, ComposeForm, attach, clean_name
from users.models import OutgoingMessage


def form(**posted: str) -> ComposeForm:
    data = QueryDict(mutable=True)
    data.update({"to": "bob@example.com", "subject": "Hello", "text": "Dear Bob"} | posted)
    return ComposeForm(data, message=OutgoingMessage(), limit=1000)


def error(field: str, **posted: str) -> tuple[str, str]:
    """The code and the sentence of the only error, which stands at this field."""
    filled = form(**posted)
    assert set(filled.errors) == {field}
    (found,) = filled.errors.as_data()[field]
    return str(found.code), " ".join(found.messages)


class RecipientsTests(SimpleTestCase):
    def recipients(self, text: str) -> list[str]:
        filled = form(to=text)
        assert filled.is_valid(), filled.errors
        return list(filled.cleaned_data["to"])

    def test_several_are_separated_in_every_usual_way(self) -> None:
        addresses = ["a@example.com", "b@example.com", "c@example.com", "d@example.com"]
        assert self.recipients("a@example.com, b@example.com; c@example.com\r\nd@example.com;") == addresses

    def test_a_name_may_hold_a_comma_in_quotes(self) -> None:
        assert self.recipients('"Archer, Alice" <a@example.com>, Bob <b@example.com>') == [
            '"Archer, Alice" <a@example.com>',
            "Bob <b@example.com>",
        ]

    def test_people_as_outlook_copies_them_are_understood(self) -> None:
        alice, bob = '"Archer, Alice (Sales)" <a@example.com>', '"Bäcker, Dr. Bob" <b@example.com>'
        assert self.recipients("Archer, Alice (Sales) <a@example.com>; Bäcker, Dr. Bob <b@example.com>;") == [
            alice,
            bob,
        ]
        assert self.recipients("Bäcker, Dr. Bob <b@example.com>\r\nc@example.com") == [bob, "c@example.com"]
        assert self.recipients("a@example.com, Bob <b@example.com>") == ["a@example.com", "Bob <b@example.com>"]

    def test_nobody_is_lost_in_a_name(self) -> None:
        for text in ("nobody, <b@example.com>", "nobody, Bob <b@example.com>, c@example.com"):
            assert "“nobody”" in error("to", to=text)[1]

    def test_one_who_is_named_twice_counts_once(self) -> None:
        assert self.recipients("a@example.com, a@example.com") == ["a@example.com"]

    def test_the_entry_that_is_wrong_is_named(self) -> None:
        code, sentence = error("to", to="a@example.com, nobody, b@example.com")
        assert code == "address_invalid"
        assert "“nobody”" in sentence

    def test_an_open_quote_hides_nobody(self) -> None:
        assert self.recipients('"Archer <a@example.com>, b@example.com') == [
            '"\\"Archer" <a@example.com>',
            "b@example.com",
        ]

    def test_nobody_at_all_is_told_at_the_first_field(self) -> None:
        assert error("to", to=" , ;\n")[0] == "no_recipients"

    def test_a_blind_copy_alone_is_enough(self) -> None:
        assert form(to="", bcc="b@example.com").is_valid()

    def test_too_many_are_told(self) -> None:
        code, sentence = error("to", to=",".join(f"a{number}@example.com" for number in range(501)))
        assert code == "too_many"
        assert "501" in sentence


class BadInputTests(SimpleTestCase):
    def test_nothing_breaks_a_header(self) -> None:
        for field in ("to", "cc", "bcc"):
            for text in ("B\x0bob <b@example.com>", "B\u2028ob <b@example.com>", "\u202eBob <b@example.com>"):
                with self.subTest(field, text=text):
                    assert error(field, **{field: text})[0] == "forbidden_character"

    def test_a_header_can_not_be_smuggled_in_by_the_subject(self) -> None:
        assert error("subject", subject="Hello\r\nBcc: c@example.com")[0] == "forbidden_character"

    def test_a_zero_byte_is_told(self) -> None:
        for field in ("to", "subject", "text"):
            with self.subTest(field):
                assert "null_characters_not_allowed" in error(field, **{field: "a\0b@example.com"})[0]

    def test_what_is_too_long_is_told(self) -> None:
        for field, length in (("subject", 251), ("text", 200_001), ("to", 50_001)):
            with self.subTest(field):
                assert error(field, **{field: "x" * length})[0] == "max_length"

    def test_blanks_at_the_ends_of_the_text_stay(self) -> None:
        filled = form(text="  a \n")
        assert filled.is_valid()
        assert filled.cleaned_data["text"] == "  a \n"


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("offer.pdf", "offer.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\files\\a.txt", "a.txt"),
        ("a\r\nb\u202e.txt", "ab.txt"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
    ],
)
def test_names_of_files_are_cleaned(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


class AttachTests(TestCase):
    def setUp(self) -> None:
        self.message = OutgoingMessage.objects.create(user=make_user("alice"))

    def attach(self, *files: tuple[str, int], limit: int = 100) -> list[str]:
        uploads: list[Any] = [SimpleUploadedFile(name, b"x" * size, "text/evil") for name, size in files]
        return attach(self.message, uploads, limit=limit)

    def test_what_fits_is_stored_with_the_kind_that_its_name_says(self) -> None:
        assert self.attach(("a.pdf", 40), ("empty", 0)) == []
        rows = self.message.attachments.values_list("name", "media_type", "size")
        assert list(rows) == [("a.pdf", "application/pdf", 40), ("empty", "application/octet-stream", 0)]

    def test_what_does_not_fit_beside_the_others_is_named(self) -> None:
        (sentence,) = self.attach(("a.txt", 60), ("b.txt", 41), ("c.txt", 40))
        assert "“b.txt”" in sentence
        assert "100" in sentence
        assert list(self.message.attachments.values_list("name", flat=True)) == ["a.txt", "c.txt"]

    def test_too_many_are_told(self) -> None:
        sentences = self.attach(*[(f"{number}.txt", 0) for number in range(MAX_FILES + 2)])
        assert len(sentences) == 2
        assert self.message.attachments.count() == MAX_FILES
