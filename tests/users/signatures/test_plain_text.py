"""The plain-text twin of a signature."""

from __future__ import annotations

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from users.signatures import plain_text_of


class PlainTextTests(SimpleTestCase):
    def test_it_says_what_the_html_says(self) -> None:
        for html, text in (
            ("", ""),
            ("  ", ""),
            ("Alice &amp; Bob", "Alice & Bob"),
            ("<p>Alice<br>Archer</p>", "Alice\nArcher"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ('<a href="https://a.de/">A</a>', "[A](https://a.de/)"),
            ("<p>Ä 密码 🔑</p>", "Ä 密码 🔑"),
        ):
            with self.subTest(html):
                assert plain_text_of(html) == text

    def test_no_line_ends_with_blanks(self) -> None:
        text = plain_text_of("<table><tr><td>a</td><td> </td></tr><tr><td>b</td><td>c</td></tr></table>")
        assert [line.rstrip() for line in text.splitlines()] == text.splitlines()

    def test_it_has_no_control_characters(self) -> None:
        for html in ("a&#1;b", "a\x1bb", "a&#xD800;b", "a\x7fb"):
            with self.subTest(ascii(html)):
                assert plain_text_of(html).replace("\ufffd", "") == "ab"

    def test_deep_html_does_no_harm(self) -> None:
        assert plain_text_of("<div>" * 150 + "x") == "x"

    @given(st.text())
    def test_any_text_has_a_twin(self, html: str) -> None:
        assert all(
            character.isprintable() or character in "\n\t" or not character.isascii()
            for character in plain_text_of(html)
        )
