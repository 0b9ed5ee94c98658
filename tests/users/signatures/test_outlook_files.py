"""Signature files of Outlook: alone, with their folder, in a zip, in any encoding, and as attacks."""

from __future__ import annotations

import codecs
from io import BytesIO
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.users.signatures.pictures import picture, with_colours
from users.signatures import SignatureRefused
from users.signatures.outlook_files import read_files
from users.signatures.text_encoding import decoded
from users.signatures.zip_files import MAX_ENTRIES, MAX_UNPACKED, MAX_ZIP

PAGE = b'<p>Anna <img src="Anna_files/image001.png"></p>'


def zipped(*files: tuple[str | ZipInfo, bytes], compression: int = ZIP_DEFLATED) -> bytes:
    buffer = BytesIO()
    with ZipFile(buffer, "w", compression) as archive:
        for name, content in files:
            archive.writestr(name, content)
    return buffer.getvalue()


def pictures_of(*files: tuple[str, bytes]) -> list[str]:
    pasted = read_files(files)
    return [part.partition('"')[0] for part in with_colours(pasted.html, pasted.pictures).split('src="cid:')[1:]]


def reason(*files: tuple[str, bytes]) -> str:
    with pytest.raises(SignatureRefused) as caught:
        read_files(files)
    assert str(caught.value).endswith(".")
    return str(caught.value)


@pytest.mark.parametrize(
    "folder", ["Anna_files", "Anna-Dateien", "Anna_fichiers", "Anna.files", "Anna_archivos", "Anna-файлы"]
)
def test_pictures_are_known_by_their_bare_names_whatever_the_folder_is_called(folder: str) -> None:
    page = f'<img src="{folder}/image001.png">'.encode()
    for name in (f"{folder}/image001.png", f"{folder}\\IMAGE001.PNG", "image001.png"):
        assert pictures_of(("Anna.htm", page), (name, picture())) == ["red"]


@pytest.mark.parametrize(
    "source",
    [
        "image%20001.png",
        "Anna_files/image%20001.png",
        r"Anna_files\image 001.png",
        "./Anna_files/Image 001.PNG",
        "file:///C:/Users/anna/AppData/Roaming/Microsoft/Signatures/Anna_files/image%20001.png",
        "../../../image 001.png",
        "image%20001.png?x=1",
    ],
)
def test_however_the_page_names_them(source: str) -> None:
    assert pictures_of(("Anna.htm", f'<img src="{source}">'.encode()), ("image 001.png", picture())) == ["red"]


def test_a_zip_of_both_is_as_good() -> None:
    for inside in ("", "Signatures/"):
        content = zipped((f"{inside}Anna.htm", PAGE), (f"{inside}Anna_files/image001.png", picture()))
        assert pictures_of(("signature.zip", content)) == pictures_of(("whatever", content)) == ["red"]


def test_of_two_pictures_with_one_name_the_folder_decides() -> None:
    others = [("Ben_files/image001.png", picture("blue")), ("Anna_files/IMAGE001.png", picture())]
    for files in (others, others[::-1]):
        assert pictures_of(("Anna.htm", PAGE), *files) == ["red"]
        assert pictures_of(("x.zip", zipped(("S/Anna.htm", PAGE), *[(f"S/{name}", one) for name, one in files]))) == [
            "red"
        ]


def test_of_two_pictures_with_one_name_none_is_guessed() -> None:
    files = [("Ben_files/image001.png", picture("blue")), ("Carl_files/image001.png", picture())]
    assert pictures_of(("Anna.htm", PAGE), *files) == ["missing-1"]
    assert pictures_of(("Anna.htm", PAGE), files[0], ("image001.png", picture())) == ["missing-1"]
    assert pictures_of(("Anna.htm", b'<img src="image001.png">'), files[0], ("image001.png", picture())) == ["red"]
    assert pictures_of(("Anna.htm", PAGE), *files[1:], ("copy/image001.png", picture())) == ["red"]


def test_what_macos_adds_does_not_count() -> None:
    content = zipped(
        ("Anna.htm", PAGE), ("__MACOSX/._Anna.htm", b"x"), ("._Anna.htm", b"x"), ("image001.png", picture())
    )
    assert pictures_of(("signature.zip", content)) == ["red"]


def test_a_picture_that_is_not_among_the_files_is_told() -> None:
    pasted = read_files([("Anna.htm", PAGE)])
    assert pasted.missing == ("missing-1",)
    assert "among the files" in pasted.notes[0].text
    assert pasted.notes[0].place == "picture 1, next to “Anna”"


def test_pages_in_the_picture_folder_are_not_the_signature() -> None:
    assert "Anna" in read_files([("Anna.htm", PAGE), ("Anna_files/header.htm", b"<p>header</p>")]).html


def test_other_files_do_not_matter() -> None:
    files = [
        ("Anna.htm", PAGE),
        ("Anna.rtf", b"{\\rtf1}"),
        ("Anna.txt", b"Anna"),
        ("Anna_files/colorschememapping.xml", b"<x/>"),
    ]
    assert pictures_of(*files, ("image001.png", picture())) == ["red"]


def test_what_is_wrong_is_told() -> None:
    assert "no .htm file" in reason(("Anna.txt", b"x"))
    assert "no .htm file" in reason()
    assert "empty" in reason(("Anna.htm", b"<html><body> </body></html>"))
    assert "several" in reason(("Anna.htm", b"x"), ("Ben.htm", b"x"))
    assert "can't be read" in reason(("x.zip", b"PK\3\4broken"))
    assert "can't be read" in reason(("x.zip", b""))
    assert "too many files" in reason(*[(f"{number}.png", b"x") for number in range(MAX_ENTRIES + 1)])
    assert "too many files" in reason(("Anna.htm", PAGE), ("x.png", bytes(MAX_UNPACKED)))


def test_zips_are_bounded() -> None:
    assert "too much" in reason(("x.zip", zipped(*[(f"{number}.png", b"x") for number in range(MAX_ENTRIES + 1)])))
    assert "too much" in reason(("x.zip", zipped(("x.png", bytes(MAX_UNPACKED + 1)))))
    assert "too much" in reason(
        ("x.zip", zipped(*[(f"{number}.png", bytes(MAX_UNPACKED // 2)) for number in range(3)]))
    )
    assert "too much" in reason(("x.zip", zipped(*[(f"{number}.png", b"") for number in range(5_000)])))
    assert "too much" in reason(("x.zip", b"PK\3\4" + bytes(MAX_ZIP)))


def test_a_zip_that_lies_about_its_sizes_is_bounded_by_what_it_gives() -> None:
    content = zipped(("x.png", bytes(MAX_UNPACKED * 2)))
    size = (MAX_UNPACKED * 2).to_bytes(4, "little")
    assert content.count(size) == 2
    reason(("x.zip", content.replace(size, (10).to_bytes(4, "little"))))


def test_links_encryption_rare_packing_and_nesting_are_no_way_in() -> None:
    link = ZipInfo("Anna_files/image001.png")
    link.external_attr = 0o120777 << 16
    assert "links" in reason(("x.zip", zipped(("Anna.htm", PAGE), (link, b"/etc/passwd"))))
    assert "can't be read" in reason(("x.zip", zipped(("Anna.htm", PAGE), compression=ZIP_BZIP2)))
    locked = bytearray(zipped(("Anna.htm", PAGE)))
    for header, offset in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        locked[locked.index(header) + offset] |= 1
    assert "password" in reason(("x.zip", bytes(locked)))
    assert "no .htm file" in reason(("x.zip", zipped(("y.zip", zipped(("Anna.htm", PAGE))))))


def test_paths_that_lead_away_are_only_names() -> None:
    content = zipped(("../../Anna.htm", PAGE), ("/etc/image001.png", picture()), ("C:\\x\\other.png", b"x"))
    assert pictures_of(("x.zip", content)) == ["red"]


def test_a_picture_of_a_kind_that_is_not_kept_is_told() -> None:
    pasted = read_files([("Anna.htm", b'<img src="image001.emz">'), ("image001.emz", b"\x1f\x8b")])
    assert [note.code for note in pasted.notes] == ["picture_refused"]


# --- Encodings ------------------------------------------------------------------------------------------------------

TEXT = "Grüße aus Köln: € “Anna”"


def page(text: str, charset: str) -> str:
    meta = f'<meta http-equiv=Content-Type content="text/html; charset={charset}">'
    return f"<html><head>{meta}</head><body>{text}</body></html>"


@pytest.mark.parametrize(
    "content",
    [
        page(TEXT, "unicode").encode("utf-16"),
        page(TEXT, "unicode").encode("utf-16-le"),
        page(TEXT, "unicode").encode("utf-16-be"),
        codecs.BOM_UTF16_BE + page(TEXT, "windows-1252").encode("utf-16-be"),
        page(TEXT, "windows-1252").encode("cp1252"),
        page(TEXT, "utf-8").encode(),
        page(TEXT, "utf-8").encode("utf-8-sig"),
        # What the file says of itself is wrong.
        page(TEXT, "windows-1252").encode("utf-8-sig"),
        page(TEXT, "windows-1252").encode(),
        page(TEXT, "iso-8859-1").encode(),
        page(TEXT, "iso-8859-1").encode("cp1252"),
        page(TEXT, "us-ascii").encode("cp1252"),
        page(TEXT, "utf-8").encode("cp1252"),
        page(TEXT, "unicode").encode(),
        page(TEXT, "utf-16").encode(),
        page(TEXT, "x-nothing").encode(),
        page(TEXT, "base64").encode(),
        page(TEXT, "utf-7").encode(),
        TEXT.encode(),
        TEXT.encode("cp1252"),
    ],
)
def test_encodings_are_found_out(content: bytes) -> None:
    assert TEXT in decoded(content)


def test_other_encodings_are_read_where_the_file_names_them() -> None:
    for text, charset in (
        ("Привет", "windows-1251"),
        ("中文签名", "gb2312"),
        ("署名", "shift_jis"),
        ("שלום", "iso-8859-8"),
    ):
        assert text in decoded(page(text, charset).encode(charset))


@given(st.binary())
def test_any_bytes_are_text(content: bytes) -> None:
    assert isinstance(decoded(content), str)


@given(st.binary(max_size=200), st.sampled_from([zipped(("Anna.htm", PAGE), ("image001.png", picture())), b"PK\3\4"]))
def test_any_files_are_read_or_refused(content: bytes, start: bytes) -> None:
    for name in ("Anna.htm", "x.zip"):
        try:
            read_files([(name, start[: len(content)] + content)])
        except SignatureRefused:
            continue


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_names_are_read_or_refused(name: str, source: str) -> None:
    page = f'<img src="{source.replace(chr(34), "")}">'.encode("utf-8", "replace")
    try:
        read_files([(f"{name}.htm", page), (f"{source}.png", picture()), (name, b"x")])
    except SignatureRefused:
        return
