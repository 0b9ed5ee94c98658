"""Placeholders of company signatures."""

from __future__ import annotations

from django.test import SimpleTestCase

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
