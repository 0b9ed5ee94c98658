"""The pictures in RTF, and how much of an RTF is looked at."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.users.signatures.pictures import pict, rtf
from users.signatures.rtf import MAX_RTF, MAX_TOKENS, RtfPicture, read_rtf


def contents(source: bytes) -> list[bytes]:
    return [one.content for one in read_rtf(source)]


def test_pictures_come_in_their_order_with_kind_and_size() -> None:
    source = rtf(pict(b"one"), b"text", pict(b"two", b"jpegblip", (60, 20)), pict(b"three", b"emfblip"))
    assert read_rtf(source) == [
        RtfPicture("png", 120, 40, b"one"),
        RtfPicture("jpeg", 60, 20, b"two"),
        RtfPicture("emf", 120, 40, b"three"),
    ]


@pytest.mark.parametrize("kind", [b"wmetafile8", b"macpict", b"dibitmap0", b"wbitmap0", b"unheardof"])
def test_other_kinds_keep_their_place(kind: bytes) -> None:
    (one,) = read_rtf(rtf(pict(b"x", kind)))
    assert one.kind not in {"png", "jpeg"}
    assert one.content == b"x"


@pytest.mark.parametrize(
    "around",
    [
        rb"{\nonshppict %s}",
        rb"{\header{\pard %s}}",
        rb"{\headerl %s}",
        rb"{\footerf %s}",
        rb"{\shp{\shprslt %s}}",
        rb"{\*\listtable{\*\listpicture %s}}",
        rb"{\footnote %s}",
    ],
)
def test_pictures_that_are_not_in_the_text_do_not_count(around: bytes) -> None:
    assert contents(rtf(around.replace(b"%s", pict(b"no")), pict(b"yes"))) == [b"yes"]


@pytest.mark.parametrize(
    "around", [rb"{\*\shppict%s}", rb"{\headery\pard %s}", rb"{\object{\result %s}}", rb"{\b{\i %s}}"]
)
def test_pictures_in_other_groups_do(around: bytes) -> None:
    assert contents(rtf(around.replace(b"%s", pict(b"yes")))) == [b"yes"]


def test_scaled_and_cropped_pictures_have_the_size_at_which_they_show() -> None:
    (one,) = read_rtf(
        rtf(rb"{\pict\picscalex50\picscaley200\piccropl300\piccropr300\picwgoal1800\pichgoal600\pngblip 00}")
    )
    assert (one.width, one.height) == (40, 80)


def test_binary_pictures_may_hold_anything() -> None:
    content = rb"}{\pict\bin9 \'7d" + bytes(range(256))
    source = rtf(rb"{\pict\pngblip\bin%d " % len(content) + content + b"}", pict(b"next"))
    assert contents(source) == [content, b"next"]


def test_binary_text_outside_pictures_is_passed_over() -> None:
    inner = pict(b"no")
    assert contents(rtf(rb"{\*\blob\bin%d " % len(inner) + inner + b"}", pict(b"yes"))) == [b"yes"]


def test_properties_are_no_part_of_the_bytes() -> None:
    source = rtf(rb"{\pict{\*\picprop{\sp{\sn abc}{\sv 00}}}\pngblip\bliptag-12{\*\blipuid 00ff}" + b"\n41\r\n42 43}")
    assert contents(source) == [b"ABC"]


def test_a_horizontal_rule_is_known_as_one() -> None:
    rule = rb"{\pict{\*\picprop{\sp{\sn fHorizRule}{\sv 1}}{\sp{\sn x}{\sv 0}}}\wmetafile8 00}"
    assert [one.is_horizontal_rule for one in read_rtf(rtf(rule, pict(b"x"), rule.replace(b"sv 1", b"sv 0")))] == [
        True,
        False,
        False,
    ]


def test_escaped_braces_are_text() -> None:
    assert contents(rtf(rb"\{ \} \\{\b \'7d}", pict(b"yes"))) == [b"yes"]


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"<html>",
        pict(b"x"),
        b"{\\rtf1 " + pict(b"x") + b" " * MAX_RTF,
        rtf(*[b"{}"] * MAX_TOKENS, pict(b"x")),
        b"{\\rtf1 {\\pict\\pngblip 41",
        b"{\\rtf1 {\\pict\\pngblip\\bin999 x}}",
    ],
)
def test_what_is_no_rtf_or_broken_or_too_much_has_no_pictures(source: bytes) -> None:
    assert contents(source) == []


def test_numbers_may_have_any_number_of_digits() -> None:
    endless = b"9" * 5_000
    assert contents(rb"{\rtf1{\pict\pngblip\bin" + endless + b" x}}") == []
    (one,) = read_rtf(rb"{\rtf1{\pict\pngblip\picwgoal" + endless + b" 00}}")
    assert one.kind == "png"


def test_what_is_not_hexadecimal_is_an_empty_picture() -> None:
    assert contents(rtf(b"{\\pict\\pngblip 4142zz}", b"{\\pict\\pngblip 414}", b"{\\pict}")) == [b"", b"", b""]


@given(
    st.lists(st.sampled_from([*rb"{} \pict \bin3 \pngblip \nonshppict 4142 \' \\ x".split(), b"\n", b"\xff"])).map(
        b"".join
    )
)
def test_any_rtf_is_read(source: bytes) -> None:
    assert all(isinstance(one, RtfPicture) for one in read_rtf(b"{\\rtf1 " + source))
