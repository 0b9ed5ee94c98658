"""Placeholders of company signatures."""

from __future__ import annotations

import re

from django.test import SimpleTestCase
from hypothesis import given
from hypothesis import strategies as st

from users.signatures import sanitize_html
from users.signatures.placeholders import PLACEHOLDERS, fill_in, unknown_placeholders

VALUES = dict.fromkeys(PLACEHOLDERS, "") | {"name": "Alice", "email": "a@example.com"}


class PlaceholderTests(SimpleTestCase):
    def test_they_are_replaced_however_they_are_spaced(self) -> None:
        assert fill_in("{{ name }} {{name}} {{\nname  }}", VALUES) == "Alice Alice Alice"

    def test_values_are_escaped(self) -> None:
        html = fill_in('<a title="{{ name }}">{{ name }}</a>', VALUES | {"name": '"><script>&'})
        assert html == '<a title="&quot;&gt;&lt;script&gt;&amp;">&quot;&gt;&lt;script&gt;&amp;</a>'

    def test_values_are_not_read_again(self) -> None:
        assert fill_in("{{ name }}", VALUES | {"name": "{{ email }}"}) == "{{ email }}"

    def test_unknown_ones_stay_and_are_named(self) -> None:
        html = "{{ password }} {{ name }} {{ user.password }} {% x %} {name}"
        assert fill_in(html, VALUES) == "{{ password }} Alice {{ user.password }} {% x %} {name}"
        assert unknown_placeholders(html) == ["password"]

    def test_a_value_may_hold_backslashes_and_group_names(self) -> None:
        assert fill_in("{{ name }}", VALUES | {"name": r"\1 \g<0>"}) == r"\1 \g&lt;0&gt;"


class LineTests(SimpleTestCase):
    """A line whose placeholders are all empty disappears, with all else in it."""

    def test_lines_between_breaks(self) -> None:
        for html, filled in (
            ("{{ name }}<br>{{ phone }}", "Alice"),
            ("{{ phone }}<br>{{ name }}", "Alice"),
            ("{{ name }}<br>{{ phone }}<br>{{ email }}", "Alice<br>a@example.com"),
            ("Phone: {{ phone }}<br>Name: {{ name }}", "Name: Alice"),
            ("<b>Phone:</b> {{ phone }}<br>x", "x"),
            ("{{ phone }}{{ mobile }}<br>x", "x"),
            ("{{ phone }}{{ name }}<br>x", "Alice<br>x"),
            ("{{ phone }} {{ other }}<br>x", "{{ other }}<br>x"),
            ("x<br><br>{{ phone }}", "x<br>"),
            ('<span style="color: red">{{ name }}<br>{{ phone }}</span>', '<span style="color: red">Alice</span>'),
            ("<b>{{ name }}<br><i>{{ phone }}</i><br>x</b>", "<b>Alice<br>x</b>"),
            ('<a href="tel:{{ phone }}">call me</a><br>x', "x"),
            ('<img src="cid:phone@signature" alt=""> {{ phone }}<br>x', "x"),
            ("{{ phone }}", ""),
            ("x<br>y", "x<br>y"),
            ("x<br>", "x<br>"),
        ):
            with self.subTest(html):
                assert fill_in(html, VALUES) == filled

    def test_paragraphs_and_list_items(self) -> None:
        for html, filled in (
            ("<p>{{ name }}</p><p>{{ phone }}</p>", "<p>Alice</p>"),
            ("<p><b>{{ phone }}</b></p>x", "x"),
            ("<div><p>{{ phone }}</p></div>x", "x"),
            ("<div><p>{{ phone }}</p><p>x</p></div>", "<div><p>x</p></div>"),
            ("<ul><li>{{ phone }}</li><li>{{ name }}</li></ul>", "<ul><li>Alice</li></ul>"),
            ("<ul><li>{{ phone }}</li></ul>x", "x"),
            ("<p>{{ phone }}<br>{{ mobile }}</p>x", "x"),
            ("<p></p><p>&nbsp;</p>{{ name }}", "<p></p><p>&nbsp;</p>Alice"),
            ("<h2>{{ phone }}</h2><blockquote>{{ mobile }}</blockquote>x", "x"),
        ):
            with self.subTest(html):
                assert fill_in(html, VALUES) == filled

    def test_rows(self) -> None:
        def table(*rows: str) -> str:
            return "<table><tbody>{}</tbody></table>".format("".join(f"<tr>{row}</tr>" for row in rows))

        name = "<td>Name</td><td>{{ name }}</td>"
        filled = table("<td>Name</td><td>Alice</td>")
        logo = '<td><img src="cid:logo@signature" alt=""></td>'
        for html, expected in (
            (table(name, "<td>Phone</td><td>{{ phone }}</td>"), filled),
            (table(name, "<td><p>Phone</p></td><td><p>{{ phone }}</p></td>"), filled),
            (table("<td>{{ phone }}</td>") + "x", "x"),
            # A cell with several lines: they go, the row stays.
            (table(logo + "<td>{{ name }}<br>{{ phone }}</td>"), table(logo + "<td>Alice</td>")),
            (table(logo + "<td>{{ phone }}<br>x</td>"), table(logo + "<td>x</td>")),
            (table(logo + "<td><p>{{ phone }}</p><p>{{ mobile }}</p></td>"), table(logo + "<td></td>")),
            (table(f"<td>{table(name, '<td>Phone</td><td>{{ phone }}</td>')}</td>"), table(f"<td>{filled}</td>")),
        ):
            with self.subTest(html):
                assert fill_in(html, VALUES) == expected


class LinkTests(SimpleTestCase):
    def test_values_are_written_as_links_have_them(self) -> None:
        values = VALUES | {"name": "A&B ?x=1#", "phone": "+49 (30) 5550-100", "email": "a+b@example.com"}
        for html, filled in (
            ('<a href="mailto:{{ email }}">x</a>', '<a href="mailto:a%2Bb@example.com">x</a>'),
            ('<a href="mailto:{{ name }}">x</a>', '<a href="mailto:A%26B%20%3Fx%3D1%23">x</a>'),
            ('<a href="tel:{{phone}}">x</a>', '<a href="tel:+49305550100">x</a>'),
            ('<a href="sms:{{ phone }}">x</a>', '<a href="sms:+49305550100">x</a>'),
            (
                '<a href="https://a.example/{{ name }}?m={{ email }}">x</a>',
                '<a href="https://a.example/A%26B%20%3Fx%3D1%23?m=a%2Bb%40example.com">x</a>',
            ),
            ('<img src="cid:a@b" alt="{{ name }}">', '<img src="cid:a@b" alt="A&amp;B ?x=1#">'),
        ):
            with self.subTest(html):
                assert sanitize_html(html) == html
                assert fill_in(html, values) == filled

    def test_no_value_leads_elsewhere(self) -> None:
        for value in (
            "javascript:alert(1)",
            "//evil.example",
            "@evil.example/",
            '"><script>',
            "evil.example\r\n",
            "a b",
        ):
            for link in ("https://{{ name }}", "https://a.example{{ name }}", "mailto:{{ name }}", "tel:{{ name }}"):
                html = sanitize_html(f'<a href="{link}">x</a>')
                with self.subTest(link, value=value):
                    filled = fill_in(html, VALUES | {"name": value})
                    assert sanitize_html(filled) == filled
                    assert not re.search(r"<script|javascript:|://[^/]*@|\s", filled.removeprefix("<a "))


PIECES = """<p> </p> <br> <b> </b> <table><tr><td> </td><td> </td></tr></table> <ul><li> </li></ul> x {{name}} {{phone}}
{{other}} <div> </div> <a_href='mailto:{{email}}'> </a> <img_src='cid:a@b'_alt='{{phone}}'> &amp;""".split()


class LargeTests(SimpleTestCase):
    def test_what_is_too_large_with_its_values_is_filled_in_all_the_same(self) -> None:
        html = sanitize_html("<p>{{ name }}</p>" * 900)
        filled = fill_in(html, VALUES | {"name": "<b>" * 50})
        assert filled == "<p>{}</p>".format("&lt;b&gt;" * 50) * 900


class AnyTests(SimpleTestCase):
    @given(
        st.lists(
            st.sampled_from(PIECES),
            max_size=25,
        ),
        st.text(max_size=20),
    )
    def test_any_template_is_filled_and_at_rest(self, pieces: list[str], value: str) -> None:
        html = sanitize_html("".join(pieces).replace("_", " "))
        filled = fill_in(html, VALUES | {"name": value})
        assert sanitize_html(filled) == filled
        assert "{{phone}}" not in filled
        assert "{{other}}" not in html or "{{other}}" in filled
