"""What becomes of pastes, beyond the samples: which picture belongs where, and what is told of the rest."""

from __future__ import annotations

from base64 import b64encode
from html import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.users.signatures.pictures import pict, picture, rtf, with_colours
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.paste import MAX_PASTE, read_paste
from users.signatures.pasted import Pasted
from users.signatures.picture_sources import MAX_ATTEMPTS
from users.signatures.pictures import MAX_PICTURES, Picture, read_picture
from users.signatures.remote import Fetcher
from users.signatures.rtf import read_rtf

LOCAL = '<img src="file:///C:/clip_image001.png" width="120" height="40">'
RULE = rb"{\pict{\*\picprop{\sp{\sn fHorizRule}{\sv 1}}}\wmetafile8 00}"
RED, GREEN, BLUE = (pict(picture(colour)) for colour in ("red", "green", "blue"))


def shown(pasted: Pasted) -> list[str]:
    """The references to pictures in their order."""
    return [part.partition('"')[0] for part in with_colours(pasted.html, pasted.pictures).split('src="cid:')[1:]]


def codes(pasted: Pasted) -> list[str]:
    return [note.code for note in pasted.notes]


def data_url(content: bytes, kind: str = "png") -> str:
    return f"data:image/{kind};base64,{b64encode(content).decode()}"


class Web:
    """Stands for the web: one picture, and how often it was asked for."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def __call__(self, url: str) -> Picture:
        self.asked.append(url)
        if "gone" in url:
            raise SignatureRefused("It is gone.")
        return read_picture(picture("green"))


@pytest.mark.parametrize(
    ("html", "source", "expected"),
    [
        (LOCAL, rtf(RED), ["red"]),
        (LOCAL * 2, rtf(RED, BLUE), ["red", "blue"]),
        (LOCAL * 2, rtf(RED, RED), ["red", "red"]),
        ("<hr>" + LOCAL, rtf(RULE, RED), ["red"]),
        ("<hr>" + LOCAL + "<hr>", rtf(RULE, RED, RULE), ["red"]),
        (LOCAL + f'<img src="{data_url(picture("green"))}">', rtf(RED), ["red", "green"]),
        ('<img src="cid:x@y">', rtf(RED), ["red"]),
        ('<img src="image001.png">', rtf(RED), ["red"]),
        ('<img src="blob:https://outlook.office.com/1">', rtf(RED), ["red"]),
        (LOCAL, rtf(pict(picture("red", "JPEG"), b"jpegblip")), ["red"]),
        # A wrong picture is worse than a missing one.
        (LOCAL, rtf(RED, BLUE), ["missing-1"]),
        (LOCAL * 2, rtf(RED), ["missing-1", "missing-2"]),
        (LOCAL, b"", ["missing-1"]),
        (LOCAL, rtf(pict(b"no picture")), ["missing-1"]),
        (LOCAL, rtf(pict(picture("red"), b"emfblip")), ["missing-1"]),
        (LOCAL, rtf(pict(picture("red"), size=(40, 120))), ["missing-1"]),
        (
            "<hr>" + LOCAL + '<img src="https://attachments.office.net/x">',
            rtf(pict(b"", b"wmetafile8"), RED),
            ["missing-1", "missing-2"],
        ),
    ],
)
def test_pictures_are_matched_by_order_and_number(html: str, source: bytes, expected: list[str]) -> None:
    assert shown(read_paste(f"<p>{html}</p>", source)) == expected


def test_a_picture_shows_at_the_size_that_is_wanted() -> None:
    source = data_url(picture(size=(120, 40)))
    for written, size in (
        ("", 'width="120" height="40"'),
        ('width="60" height="20"', 'width="60" height="20"'),
        ('width="60"', 'width="60" height="20"'),
        ('height="20"', 'width="60" height="20"'),
        ('style="width:45pt"', 'width="60" height="20"'),
        ('width="50%"', 'width="120" height="40"'),
        ('width="60" height="60"', 'width="60" height="60"'),
    ):
        assert size in read_paste(f'<img src="{source}" {written}>').html


def test_the_same_picture_is_stored_once() -> None:
    pasted = read_paste(f'<img src="{data_url(picture())}">' * 3)
    assert shown(pasted) == ["red"] * 3
    assert len(pasted.pictures) == 1


def test_there_is_room_for_so_many_pictures() -> None:
    html = "".join(f'<img src="{data_url(picture("red", size=(number, 1)))}">' for number in range(1, MAX_PICTURES + 3))
    pasted = read_paste(html)
    assert len(pasted.pictures) == MAX_PICTURES
    assert codes(pasted) == ["too_many_pictures"] * 2
    assert pasted.missing == ("missing-1", "missing-2")


def test_no_more_pictures_are_looked_at_than_there_is_room_for() -> None:
    web = Web()
    html = "".join(f'<img src="https://a.example/{number}.png">' for number in range(30))
    pasted = read_paste(html + f'<img src="{data_url(b"damaged")}">' * 20, fetch=web)
    assert len(web.asked) == MAX_PICTURES
    assert codes(pasted) == ["too_many_pictures"] * 40
    damaged = "".join(f'<img src="{data_url(bytes([number]))}">' for number in range(30))
    assert codes(read_paste(damaged)) == ["picture_refused"] * MAX_ATTEMPTS + ["too_many_pictures"] * (
        30 - MAX_ATTEMPTS
    )


def test_pictures_from_the_web_are_fetched_once() -> None:
    web = Web()
    pasted = read_paste(
        '<img src="https://a.example/x.png">' * 2 + '<img src="https://a.example/gone.png" alt="Logo">', fetch=web
    )
    assert shown(pasted) == ["green"] * 2
    assert web.asked == ["https://a.example/x.png", "https://a.example/gone.png"]
    assert '<a href="https://a.example/gone.png">Logo</a>' in pasted.html
    assert pasted.remote == ("https://a.example/gone.png",)
    assert codes(pasted) == ["picture_stays_link"]


def test_what_is_not_to_be_fetched_is_not() -> None:
    web = Web()
    html = "".join(
        f'<img src="{source}">'
        for source in (
            "http://a.example/x.png",
            "https://attachments.office.net/x?token=1",
            "https://outlook.office.com/x",
            "https://attachment.outlook.live.net/x",
            "file://server/share/x.png",
            r"\\server\share\x.png",
            "//a.example/x.png",
            "ftp://a.example/x.png",
        )
    )
    pasted = read_paste(html + '<img src="https://a.example/pixel.gif" width=1 height=1>', fetch=web)
    assert web.asked == []
    assert codes(pasted)[:4] == ["picture_stays_link", *["picture_needs_sign_in"] * 3]
    assert codes(pasted)[-1] == "tracker_removed"
    assert not pasted.pictures


def test_places_are_named_by_the_text_around() -> None:
    html = f"{LOCAL}<p>Anna<b> Berg</b>{LOCAL}</p><p>{'x' * 100}{LOCAL}"
    assert [note.place for note in read_paste(html).notes] == [
        "picture 1, next to “Anna”",
        "picture 2, next to “Berg”",
        f"picture 3, next to “{'x' * 30}”",
    ]
    assert read_paste(LOCAL).notes[0].place == "picture 1"


def test_only_what_was_copied_is_taken_with_the_styles_from_around() -> None:
    html = "<style>.a{color:red}</style>before<!--StartFragment--><p class=a>x</p><!--EndFragment-->behind"
    assert read_paste(html).html == '<p style="margin-top: 1em; margin-bottom: 1em; color: red">x</p>'


def test_outlooks_scanner_is_taken_out_of_links() -> None:
    html = '<a href="https://eur01.safelinks.protection.outlook.com/?url=x" originalsrc="https://a.example/?b=1&amp;c=2">x</a>'
    assert read_paste(html).html == '<a href="https://a.example/?b=1&amp;c=2">x</a>'
    assert "javascript" not in read_paste('<a href="https://a.example" originalsrc="javascript:x">x</a>').html


def test_hidden_text_stays_hidden() -> None:
    for hidden in ('<div style="DISPLAY: none">a<div>b</div>c</div>', '<span style="color:red;mso-hide:all">a</span>'):
        pasted = read_paste(f"x{hidden}y")
        assert pasted.html == "xy"
        assert codes(pasted) == ["hidden_removed"]


def test_what_is_taken_out_is_told() -> None:
    for html, code in (
        ("<script>x</script>", "script_removed"),
        ("<form><input></form>", "form_removed"),
        ("<object>x</object>", "embedded_removed"),
        ("<video src=x></video>", "embedded_removed"),
        ("<svg><path/></svg>", "svg_removed"),
        ('<td background="x.png">x</td>', "background_removed"),
        ('<p style="background:url(x)">x</p>', "background_removed"),
        ('<a href="javascript:x">x</a>', "link_removed"),
        (r'<a href="\\server\x">x</a>', "link_removed"),
    ):
        assert codes(read_paste(f"<p>x</p>{html}")) == [code]


def test_what_only_microsofts_programs_read_is_not_told() -> None:
    assert (
        read_paste(
            "<p>x</p><!--[if mso]><script>x</script><form></form><![endif]--><xml>y</xml><a href='#x'>z</a>"
        ).notes
        == ()
    )


def test_too_much_is_refused() -> None:
    for html in ("x" * (MAX_PASTE + 1), "x" * 600_000, "<p>" * 30_000, "<p>x</p>" * 3_000):
        with pytest.raises(SignatureRefused) as caught:
            read_paste(html)
        assert str(caught.value).endswith(".")


def test_large_pictures_in_the_html_do_not_count_as_html() -> None:
    assert read_paste(f'<p>x<img src="data:image/png;base64,{"A" * 3_000_000}"></p>').missing == ("missing-1",)


def test_pictures_that_are_written_wrongly_are_told() -> None:
    embedded = ("data:image/png;base64,A", "data:image/png;base64,", "data:image/png,x")
    local = ("about:blank", "%00", "\\\\?\\x", "x" * 5_000)
    web = (
        "https://[::1/x",
        "https://[",
        "https://a:b/x",
        "https://",
        "http://]",
        "https://a\x00b/",
        "https://\u202ea.de/",
    )
    for source in (*embedded, *local, *web):
        pasted = read_paste(f'<p>x<img src="{source}"></p>', fetch=Fetcher())
        assert len(pasted.notes) == 1
        assert not pasted.pictures


def test_an_empty_paste_is_empty() -> None:
    assert read_paste("") == Pasted("")
    assert read_paste("<html><head><style>p{color:red}</style></head><body></body></html>").html == ""


PIECES = [
    *"""<p> </p> <p style="margin:0"> <table> <tr> <td> </table> <b> </b> <style>p{color:red}</style> <style> </style>
    text <!--[if mso]> <!--[if !mso]><!--> <!--<![endif]--> <![if !vml]> <![endif]> <![endif]--> --> <!-- <hr> <br>
    <!--StartFragment--> <!--EndFragment--> <v:shape> </v:shape> <o:p> </o:p> <script> </script> <svg> </svg> <title>
    <img""".split(),
    LOCAL,
    '<v:shape id="a" style="width:90pt">',
    '<v:imagedata src="x.png">',
    '<img src="https://a.example/x" alt="&quot;>">',
    '<a href="https://a.example/" originalsrc="https://b.example/">',
    f'<img src="{data_url(picture())}" v:shapes="a b">',
    '<div style="display:none">',
]


@given(st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join), st.lists(st.sampled_from([RED, BLUE, RULE])))
def test_any_paste_is_safe_and_at_rest(html: str, pictures: list[bytes]) -> None:
    try:
        pasted = read_paste(html, rtf(*pictures), fetch=Web())
    except SignatureRefused:
        return
    assert sanitize_html(pasted.html) == pasted.html
    known = {*pasted.missing, *(one.content_id for one in pasted.pictures)}
    assert {part.partition('"')[0] for part in pasted.html.split('src="cid:')[1:]} == known


@given(st.lists(st.sampled_from([RED, GREEN, BLUE]), max_size=4), st.integers(0, 4))
def test_never_a_wrong_picture(pictures: list[bytes], number: int) -> None:
    right = [read_picture(one.content).content_id for one in read_rtf(rtf(*pictures))]
    pasted = read_paste("".join(f"{LOCAL}{index}" for index in range(number)), rtf(*pictures))
    found = [part.partition('"')[0] for part in pasted.html.split('src="cid:')[1:]]
    assert found == (right if len(right) == number else [f"missing-{index + 1}" for index in range(number)])


ADDRESSES = st.one_of(
    st.text(max_size=40),
    st.tuples(
        st.sampled_from(
            ["https://", "http://", "data:", "data:image/png;base64,", "file:///", "cid:", "//", "mailto:", ""]
        ),
        st.text(alphabet="[]:@/\\%?#.&= \t\na1\u00e9\u202e", max_size=20),
    ).map("".join),
)


@given(ADDRESSES, ADDRESSES, st.text(alphabet="0123456789%pxt.-e ", max_size=8))
def test_any_address_and_size_is_read(source: str, link: str, width: str) -> None:
    html = f'<a href="{escape(link)}" originalsrc="{escape(source)}">x<img src="{escape(source)}" width="{width}"></a>'
    pasted = read_paste(html + f'<img src="{escape(source)}" style="width:{width}">', fetch=Web())
    assert sanitize_html(pasted.html) == pasted.html


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_words_around_a_picture_name_its_place(before: str, behind: str) -> None:
    pasted = read_paste(f"<p>{escape(before)}{LOCAL}{escape(behind)}</p>")
    assert [note.code for note in pasted.notes] == ["picture_missing"]
    assert pasted.notes[0].place.startswith("picture 1")


def test_character_references_may_have_any_number_of_digits() -> None:
    for reference in (f"&#{'0' * 5_000}65;", f"&#x{'9' * 5_000};"):
        pasted = read_paste(f'<p title="{reference}">{reference} <img src="file:///{reference}" alt="{reference}"></p>')
        assert [note.code for note in pasted.notes] == ["picture_missing"]
