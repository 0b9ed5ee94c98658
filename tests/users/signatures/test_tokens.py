"""Pasted HTML, read piece by piece as browsers and Microsoft's programs do."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from users.signatures.tokens import MAX_ATTRIBUTES, Token, read_tokens, written_tag


def seen(html: str) -> str:
    """What browsers show of it, as it is written."""
    return "".join(token.source for token in read_tokens(html) if not token.is_hidden)


def attributes_of(html: str) -> dict[str, str]:
    return next(read_tokens(html)).attributes


@pytest.mark.parametrize(
    ("html", "shown"),
    [
        ("a<!-- b -->c", "ac"),
        ("a<!-->b<!--->c<!--d--!>e", "abce"),
        ("a<!-- b", "a"),
        ("a<!DOCTYPE html>b<?xml x?>c", "abc"),
        ("a<!--[if mso]>b<![endif]-->c", "ac"),
        ("a<!--[if mso]>b<!--[if vml]>c<![endif]-->d<![endif]-->e", "ae"),
        ("a<!--[if mso]>b<![if !vml]>c<![endif]>d<![endif]-->e", "ae"),
        ("a<![if !vml]>b<![endif]>c", "abc"),
        ("a<!--[if !mso]><!-->b<!--<![endif]-->c", "abc"),
        ("a<!--[if !mso]><!-- -->b<!-- <![endif]-->c", "abc"),
        ("a<!--[if !mso]>-->b<!--<![endif]-->c", "abc"),
        ("a<![if !vml]>b<!--[if mso]>c<![endif]-->d<![endif]>e", "abde"),
        # Without an end of its own it is an ordinary comment.
        ("a<!--[if mso]>b-->c", "ac"),
        ("a<!--[if mso]>b", "a"),
        ("a<!--[if mso]>b<!--[if vml]>c<![endif]-->d-->e", "ad-->e"),
        ("a<![endif]>b<![endif]-->c", "abc"),
        ("a<!--[IF MSO]>b<![ENDIF]-->c", "ac"),
        ("a < b <3", "a < b <3"),
        ("a</ b>c", "ac"),
        ("<p title='>'>a</p >", "<p title='>'>a</p >"),
        ("a<p title='x", "a<p title='x"),
    ],
)
def test_conditional_comments_are_read_as_they_are_meant(html: str, shown: str) -> None:
    assert seen(html) == shown


def test_elements_of_text_hold_no_tags() -> None:
    tokens = list(read_tokens("<style><!-- p > a { } --></style><title><b></title><textarea><!--</textarea>x"))
    assert [token.name for token in tokens if token.name] == [
        "style",
        "style",
        "title",
        "title",
        "textarea",
        "textarea",
    ]
    assert [token.source for token in tokens if not token.name] == ["<!-- p > a { } -->", "<b>", "<!--", "x"]


@pytest.mark.parametrize(
    ("html", "attributes"),
    [
        ("<p>", {}),
        ("<p a=1 b='2' c=\"3\" d>", {"a": "1", "b": "2", "c": "3", "d": ""}),
        ("<p A = 1\n/b>", {"a": "1", "b": ""}),
        ("<p a=1 a=2>", {"a": "1"}),
        ("<p a='x>y'>", {"a": "x>y"}),
        ("<p a=x>y>", {"a": "x"}),
        ("<p a=&amp;&quot;&#65;>", {"a": '&"A'}),
        ("<p a=it's>", {"a": "it's"}),
        ("<p/a/b/>", {"a": "", "b": ""}),
        ('<p a="1"b="2">', {"a": "1", "b": "2"}),
        ("<p =x>", {"=x": ""}),
    ],
)
def test_attributes_are_read_as_browsers_do(html: str, attributes: dict[str, str]) -> None:
    assert attributes_of(html) == attributes


def test_attributes_are_bounded() -> None:
    assert len(attributes_of("<p " + " ".join(f"a{number}" for number in range(999)) + ">")) == MAX_ATTRIBUTES


@given(st.dictionaries(st.sampled_from(["a", "b", "style"]), st.text(alphabet="a\"'<>&=; \n/é", max_size=9)))
def test_what_is_written_is_read(attributes: dict[str, str]) -> None:
    assert attributes_of(written_tag("p", attributes)) == attributes


@given(st.text(alphabet="<>!-[]/ab='\" &;if"))
def test_nothing_but_comments_is_lost(html: str) -> None:
    pieces = [token.source for token in read_tokens(html)]
    position = 0
    for piece in pieces:
        position = html.index(piece, position) + len(piece)
    if "<!" not in html and "<?" not in html and "</" not in html:
        assert "".join(pieces) == html


@pytest.mark.parametrize(
    "unit",
    [
        "<a ",
        "<a<",
        '<a x="',
        "<a x='",
        "<!--[if x]>",
        "<![endif]>",
        "<!--",
        "<![if",
        "<![if x]>",
        "</",
        "<a/",
        "<style>",
        "<a b=c ",
    ],
)
def test_reading_is_linear(unit: str) -> None:
    html = unit * (200_000 // len(unit))
    begin = time.process_time()
    assert all(isinstance(token, Token) for token in read_tokens(html))
    assert time.process_time() - begin < 1
