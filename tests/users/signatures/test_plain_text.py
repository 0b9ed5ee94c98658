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
            ("write &amp;lt; or &amp;copy;, not &lt;", "write &lt; or &copy;, not <"),
            ("<p>Alice<br>Archer</p>", "Alice\nArcher"),
            ("<p>a</p><p>b</p>", "a\n\nb"),
            ('<a href="https://a.de/">A</a>', "[A](https://a.de/)"),
            ("<p>Ä 密码 🔑</p>", "Ä 密码 🔑"),
        ):
            with self.subTest(html):
                assert plain_text_of(html) == text

    def test_links_are_said_once(self) -> None:
        for html, text in (
            ('<a href="mailto:a@example.com">a@example.com</a>', "a@example.com"),
            ('<a href="mailto:a@example.com?subject=x">A@Example.com</a>', "A@Example.com"),
            ('<a href="mailto:a@example.com">Write</a>', "[Write](a@example.com)"),
            ('<a href="https://example.com/">example.com</a>', "example.com"),
            ('<a href="http://www.example.com">https://example.com/</a>', "https://example.com/"),
            ('<a href="https://example.com/x">example.com</a>', "[example.com](https://example.com/x)"),
            ('<a href="tel:+49305550">+49 (30) 5550</a>', "+49 (30) 5550"),
            ('<a href="tel:+49305550">030 / 5550</a>', "030 / 5550"),
            ('<a href="tel:+49305550">Call</a>', "[Call](+49305550)"),
            ('<a href="https://a.de/?a=1&amp;b=2"><b>A</b> &amp; B</a>', "[A & B](https://a.de/?a=1&b=2)"),
            ('<a href="https://a.de/"><img src="cid:a@b" alt="Logo"></a>', "https://a.de/"),
            (
                '<a href="https://a.de/">A</a> <a href="https://a.de/"><img src="cid:a@b" alt="Logo"></a>',
                "[A](https://a.de/)",
            ),
            ("<a>x</a>", "x"),
            ('<a href="https://a.de">x', "[x](https://a.de)"),
            ('<a href="https://a.de">x<a href="https://b.de">y</a>', "[x](https://a.de)y"),
            ('<a href="#x">x</a>', "x"),
        ):
            with self.subTest(html):
                assert plain_text_of(html) == text

    def test_paragraphs_stand_as_close_as_they_look(self) -> None:
        for style, text in (
            ("margin: 0", "a\nb"),
            ("margin: 0cm", "a\nb"),
            ("margin: 0cm; margin-bottom: .0001pt", "a\nb"),
            ("margin-top: 0; margin-bottom: 0; color: red", "a\nb"),
            ("margin: 0 0 0 3px", "a\nb"),
            ("margin: 1em 0", "a\n\nb"),
            ("margin: 0 0 8pt", "a\n\nb"),
            ("margin: 0; margin-bottom: 8pt", "a\n\nb"),
            ("color: red", "a\n\nb"),
        ):
            with self.subTest(style):
                assert plain_text_of(f'<p style="{style}">a</p>\n<p style="{style}">b</p>') == text

    def test_empty_lines_stay_as_outlook_writes_them(self) -> None:
        close = '<p style="margin: 0">'
        for empty in ("&nbsp;", "\xa0", "<span>&nbsp;</span>", "<b><i> &nbsp; </i></b>\n", "<br>"):
            with self.subTest(empty):
                assert plain_text_of(f"{close}a</p>{close}{empty}</p><div>b</div>") == "a\n\nb"
        assert plain_text_of(f"{close}a</p>{close} </p>{close}b&nbsp;</p>") == "a\nb"

    def test_a_rule_parts_what_it_stands_between(self) -> None:
        assert plain_text_of("a<hr>b") == "a\nb"

    def test_a_signature_beside_a_logo_begins_at_the_left(self) -> None:
        logo = '<td width="120"><img src="cid:a@b" alt=""></td>'
        text = '<td><p style="margin: 0">Anna</p><p style="margin: 0">Sales</p></td>'
        assert plain_text_of(f"<table><tbody><tr>{logo}{text}</tr></tbody></table>") == "Anna\nSales"

    def test_tables_keep_their_columns(self) -> None:
        html = "<table><tr><td>Phone</td><td>1</td></tr><tr><td>Mobile</td><td>2</td></tr></table>"
        assert plain_text_of(html) == "Phone   1\nMobile  2"

    def test_long_tables_keep_their_columns(self) -> None:
        rows = "".join(f"<tr><td>{'a' * (number % 40)}</td><td>{number}</td></tr>" for number in range(1, 500))
        lines = plain_text_of(f"<table>{rows}</table>").splitlines()
        assert {line.rindex(" ") for line in lines} == {40}

    def test_wide_columns_do_not_become_megabytes_of_blanks(self) -> None:
        row, wide = "<tr><td>a</td><td>b</td></tr>", f"<td>{'x' * 2_000}</td>"
        for html in (
            f"<table><tr><td>{'x' * 40_000}</td><td>b</td></tr>{row * 500}</table>",
            f"<table><tr><td>{'x<br>' * 1_500}</td><td>{'y' * 40_000}</td></tr></table>",
            "<table><tr><td>a</td><td>" * 30 + f"{'x' * 300}<br>" * 150 + "</td></tr></table>" * 30,
            f"<table><tr>{wide * 15}</tr>{row * 400}</table>",
        ):
            with self.subTest(html[:60]):
                assert len(plain_text_of(html)) < 2 * len(html)

    def test_sizes_of_styles_do_not_become_blanks(self) -> None:
        html = '<p style="margin-top: 1999px; padding-left: 1999px">a</p><div style="margin-bottom: 1999px">b</div>'
        assert len(plain_text_of(html)) < 10

    def test_what_is_hidden_stays_hidden(self) -> None:
        assert plain_text_of('a<div style="display: none">b</div><!--[if mso]>c<![endif]--><style>d</style>') == "a"

    def test_no_line_ends_with_blanks(self) -> None:
        text = plain_text_of("<table><tr><td>a</td><td> </td></tr><tr><td>b</td><td>c</td></tr></table>")
        assert [line.rstrip() for line in text.splitlines()] == text.splitlines()

    def test_it_has_no_control_characters(self) -> None:
        for html in ("a&#1;b", "a\x1bb", "a&#xD800;b", "a\x7fb"):
            with self.subTest(ascii(html)):
                assert plain_text_of(html).replace("\ufffd", "") == "ab"

    def test_character_references_may_have_any_number_of_digits(self) -> None:
        for reference in (f"&#{'0' * 5_000}65;", f"&#x{'9' * 5_000};", f"&amp;#{'0' * 5_000}65;"):
            with self.subTest(reference[:3]):
                html = f'<p title="{reference}">a</p><a href="https://{reference}">{reference}b</a>'
                assert plain_text_of(html).startswith("a")

    def test_deep_html_does_no_harm(self) -> None:
        assert plain_text_of("<div>" * 150 + "x") == "x"

    @given(st.text())
    def test_any_text_has_a_twin(self, html: str) -> None:
        assert all(
            character.isprintable() or character in "\n\t" or not character.isascii()
            for character in plain_text_of(html)
        )
