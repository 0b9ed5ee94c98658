"""No input costs more than it may: what stands before the parser, searched for holes by generated HTML."""

from __future__ import annotations

import time

import pytest

from tests.users.signatures.generated import html_of
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.guard import (
    MAX_ATTRIBUTES,
    MAX_ATTRIBUTES_IN_ALL,
    MAX_CHARACTERS,
    MAX_DEPTH,
    MAX_OPEN_FORMATTING,
    MAX_RAW,
    MAX_RAW_MARKS,
    MAX_TAG,
    MAX_TAGS,
    without_dropped,
)
from users.signatures.paste import read_paste

SECONDS = 1.0
"""Of processor time: twice what ``tests/benchmarks/signatures.py`` allows, because tests share the machine."""
SEARCHED = 60


def refusal(html: str) -> str:
    begin = time.process_time()
    with pytest.raises(SignatureRefused) as caught:
        sanitize_html(html)
    assert time.process_time() - begin < SECONDS
    return str(caught.value)


@pytest.mark.parametrize("number", range(SEARCHED))
def test_generated_html_is_answered_in_time(number: int) -> None:
    html = html_of(number)
    for answer in (sanitize_html, read_paste):
        begin = time.process_time()
        try:
            answer(html)
        except SignatureRefused as refused:
            assert str(refused).endswith(".")  # noqa: PT017
        assert time.process_time() - begin < SECONDS


@pytest.mark.parametrize("number", range(SEARCHED))
def test_what_generated_html_becomes_is_at_rest(number: int) -> None:
    try:
        cleaned = sanitize_html(html_of(number))
    except SignatureRefused:
        return
    assert sanitize_html(cleaned) == cleaned
    assert len(cleaned) <= MAX_CHARACTERS


@pytest.mark.parametrize(
    ("fits", "too_much", "reason"),
    [
        ("x" * MAX_CHARACTERS, "x" * (MAX_CHARACTERS + 1), "too long"),
        ("x<!--" + "y" * (MAX_RAW - 8) + "-->", "x<!--" + "y" * MAX_RAW + "-->", "too long"),
        ("&" * 10_000, "&" * 40_000, "too long"),
        ("<!---->" * MAX_RAW_MARKS, "<!---->" * (MAX_RAW_MARKS + 1), "too long"),
        ("<br>" * MAX_TAGS, "<br>" * (MAX_TAGS + 1), "too many elements"),
        ("<div>" * MAX_DEPTH, "<div>" * (MAX_DEPTH + 1), "too many elements"),
        ("<b>" * MAX_OPEN_FORMATTING + "x", "<b>" * (MAX_OPEN_FORMATTING + 1) + "x", "too many elements"),
        ("<p " + "a " * MAX_ATTRIBUTES + ">x", "<p " + "a " * (MAX_ATTRIBUTES + 1) + ">x", "too many attributes"),
        (
            ("<p " + "a " * 40 + ">x</p>") * (MAX_ATTRIBUTES_IN_ALL // 40),
            ("<p " + "a " * 40 + ">x</p>") * (MAX_ATTRIBUTES_IN_ALL // 40 + 1),
            "too many attributes",
        ),
        (f'<p title="{"x" * (MAX_TAG - 20)}">x', f'<p title="{"x" * MAX_TAG}">x', "too many attributes"),
    ],
)
def test_limits_are_where_they_are_said_to_be(fits: str, too_much: str, reason: str) -> None:
    sanitize_html(fits)
    assert reason in refusal(too_much)


def test_what_hides_attributes_from_counting_does_not() -> None:
    crowd = ("<p " + "a " * 39 + ">x</p>") * 300
    for html in (f'<!<a x=">{crowd}">', f'</p x="">{crowd}', f"<a x='\"'>{crowd}", f'x = " {crowd} "'):
        assert "too many attributes" in refusal(html)


def test_elements_without_text_for_people_go_with_their_content() -> None:
    for html, left in (
        ("a<script>x</script>b", "ab"),
        ("a<SCRIPT x='>'>x</Script >b", "ab"),
        ("a<style>x</style><title>y</title>b", "ab"),
        ("a<!-- <b>x</b> -->b<!-->c<!--->d<!--x--!>e", "abcde"),
        ("a<scripture>x</scripture>b", "a<scripture>x</scripture>b"),
        ("a<script>x", "a<script>x"),
        ("a<!-- x", "a<!-- x"),
    ):
        assert without_dropped(html)[0] == left


def test_style_sheets_come_beside() -> None:
    html = "<style>a</style>x<style type=x>b</style><!--<style>c</style>--><script><style>d</style></script>"
    assert without_dropped(html) == ("x", ["a", "b"])
