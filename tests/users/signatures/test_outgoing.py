"""The signature as messages carry it, and as Outlook's own files and clipboard take it."""

from __future__ import annotations

import re
from base64 import b64decode
from io import BytesIO
from zipfile import ZipFile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.users.signatures.pictures import picture
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.meter import Meter, measure
from users.signatures.outgoing import for_recipients
from users.signatures.outlook_export import as_outlook_files, for_clipboard
from users.signatures.outlook_files import read_files
from users.signatures.pictures import read_picture

PICTURE = read_picture(picture("red"))
SHOWN = (
    f'<p style="margin: 0">Anna &amp; Ben '
    f'<img src="cid:{PICTURE.content_id}" alt="Logo" width="60" height="20" border="0"></p>'
)


@pytest.mark.parametrize(
    ("html", "sent"),
    [
        ("<p>a</p>", '<p style="margin: 0">a</p>'),
        ('<p style="color: red">a</p>', '<p style="margin: 0; color: red">a</p>'),
        ('<p style="margin-left: 3px">a</p>', '<p style="margin: 0; margin-left: 3px">a</p>'),
        ('<p style="margin: 1em 0">a</p>', '<p style="margin: 1em 0">a</p>'),
        ('<p style="margin-top: 1em; margin-bottom: 0">a</p>', '<p style="margin-top: 1em; margin-bottom: 0">a</p>'),
        ('<p title="style=">a</p>', '<p title="style=" style="margin: 0">a</p>'),
        (
            '<p style=\'font-family: "A B"\' title="it\'s">a</p>',
            '<p style=\'margin: 0; font-family: "A B"\' title="it&#x27;s">a</p>',
        ),
        ('<img src="cid:a@b" alt="">', '<img src="cid:a@b" alt="" border="0">'),
        (
            '<img src="cid:a@b" alt="" border="1" style="width: 90pt; height: 1in">',
            '<img src="cid:a@b" alt="" border="1" style="width: 90pt; height: 1in" width="120" height="96">',
        ),
        ('<img src="cid:a@b" alt="" border="0" width="7" style="width: 90pt">', None),
        ('<img src="cid:missing-1" alt="Logo">x', "x"),
        ("<div>a</div><span>b</span>", None),
        ('<hr style="width: 50%">', '<hr style="width: 50%" width="50%">'),
        (
            '<table style="width: 300px"><tbody><tr><td style="width: 50%; height: 12pt">x</td></tr></tbody></table>',
            (
                '<table style="width: 300px" border="0" cellpadding="0" cellspacing="0" width="300"><tbody><tr>'
                '<td style="width: 50%; height: 12pt" width="50%" height="16">x</td></tr></tbody></table>'
            ),
        ),
        ('<table border="1" cellpadding="2" cellspacing="3"><tbody><tr><td>x</td></tr></tbody></table>', None),
        ("", ""),
    ],
)
def test_what_outlook_needs_is_put_back(html: str, sent: str | None) -> None:
    assert sanitize_html(html) == html
    assert for_recipients(html) == (html if sent is None else sent)


def test_what_is_at_the_limit_goes_out_as_it_is() -> None:
    html = "<p>x</p>" * 1_999
    assert sanitize_html(html[:8_000]) == html[:8_000]
    full = "<p>" + "x" * 65_000 + "</p>" + "<p>x</p>" * 60
    assert for_recipients(full) == full


PIECES = """<p> </p> <div> <b> </b> <table> <tr> <td> </td> </table> <br> <hr> x &amp; <ul><li> </li></ul>
<p_style="color:red;margin-left:2px"> <p_style="font-family:'A_B'"_title="&quot;&#39;style="> <td_style="width:3pt">
<img_src="cid:a@b"_style="height:9px"> <img_src="cid:missing-3"> <table_style="width:50%"_border="1"> <a_href="https://a.de">
</a> <hr_style="width:1.5cm"> <p_align="right"_style="margin:0_1px">""".split()


@given(st.lists(st.sampled_from(PIECES), max_size=25))
def test_what_is_sent_is_at_rest_and_loses_nothing(pieces: list[str]) -> None:
    html = sanitize_html("".join(pieces).replace("_", " "))
    sent = for_recipients(html)
    assert sanitize_html(sent) == sent
    assert for_recipients(sent) == sent
    assert "missing" not in sent
    assert re.sub(r"<[^>]*>", "", sent) == re.sub(r"<[^>]*>", "", html)


# --- Outlook's own --------------------------------------------------------------------------------------------------


def test_the_files_come_back_as_they_were() -> None:
    content = as_outlook_files("Anna", SHOWN, "Anna & Ben", [PICTURE])
    with ZipFile(BytesIO(content)) as archive:
        assert archive.namelist() == ["Anna.htm", "Anna.txt", "Anna_files/image001.png"]
        assert b'src="Anna_files/image001.png"' in archive.read("Anna.htm")
        assert b"charset=utf-8" in archive.read("Anna.htm")
        assert archive.read("Anna.txt").decode("utf-16") == "Anna & Ben"
        assert archive.read("Anna_files/image001.png") == PICTURE.content
    pasted = read_files([("signature.zip", content)])
    assert pasted.pictures == (PICTURE,)
    assert pasted.html == SHOWN


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("Anna Berg", "Anna Berg"),
        ("Chloé", "Chloé"),
        ("../../etc/passwd", "etc passwd"),
        ('a<b>"c|d*e?f:g', "a b c d e f g"),
        ("", "Signature"),
        (" . ", "Signature"),
        ("x" * 200, "x" * 60),
        ("a\r\nb\0", "a b"),
    ],
)
def test_files_have_names_that_windows_takes(name: str, file: str) -> None:
    with ZipFile(BytesIO(as_outlook_files(name, SHOWN, "x", [PICTURE]))) as archive:
        assert archive.namelist() == [f"{file}.htm", f"{file}.txt", f"{file}_files/image001.png"]
    assert read_files([("x.zip", as_outlook_files(name, SHOWN, "x", [PICTURE]))]).pictures == (PICTURE,)


def test_the_clipboard_has_the_pictures_in_it() -> None:
    html = for_clipboard(SHOWN, [PICTURE])
    match = re.search(r'src="data:image/png;base64,([^"]+)"', html)
    assert match is not None
    assert b64decode(match[1]) == PICTURE.content
    assert "cid:" not in html


def test_a_picture_that_is_not_given_stays_a_reference() -> None:
    assert for_clipboard(SHOWN, []) == SHOWN


# --- Meter ----------------------------------------------------------------------------------------------------------


def test_the_meter_counts_and_warns() -> None:
    assert measure("é") == Meter(characters=1, bytes=2, total_bytes=2, warnings=())
    assert measure("x", [PICTURE]).total_bytes == 1 + len(PICTURE.content)
    for html, number in (("x" * 8_096, 0), ("x" * 8_097, 1), ("x" * 10_001, 2), ("é" * 5_000, 1), ("x" * 100_001, 3)):
        measured = measure(html)
        assert len(measured.warnings) == number
        assert all(warning.endswith(".") for warning in measured.warnings)


def test_refused_is_an_error_of_values() -> None:
    assert issubclass(SignatureRefused, ValueError)
