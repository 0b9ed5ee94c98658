"""Which pictures are kept, and as what."""

from __future__ import annotations

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from tests.users.signatures.pictures import moving_picture, picture, png_of_size
from users.signatures import SignatureRefused
from users.signatures.pictures import MAX_BYTES, MAX_FRAMES, MAX_SIDE, Picture, read_picture


def reason(content: bytes) -> str:
    with pytest.raises(SignatureRefused) as caught:
        read_picture(content)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def opened(kept: Picture) -> Image.Image:
    return Image.open(BytesIO(kept.content))


@pytest.mark.parametrize(
    ("kind", "mode", "media_type"),
    [
        ("PNG", "RGB", "image/png"),
        ("PNG", "RGBA", "image/png"),
        ("PNG", "P", "image/png"),
        ("PNG", "1", "image/png"),
        ("PNG", "LA", "image/png"),
        ("PNG", "I;16", "image/png"),
        ("JPEG", "RGB", "image/jpeg"),
        ("JPEG", "L", "image/jpeg"),
        ("JPEG", "CMYK", "image/jpeg"),
        ("GIF", "P", "image/gif"),
        ("GIF", "L", "image/gif"),
    ],
)
def test_pictures_of_the_three_kinds_are_kept(kind: str, mode: str, media_type: str) -> None:
    buffer = BytesIO()
    Image.new(mode, (120, 40)).save(buffer, kind)
    kept = read_picture(buffer.getvalue())
    assert (kept.media_type, kept.width, kept.height) == (media_type, 120, 40)
    assert opened(kept).size == (120, 40)


def test_the_name_follows_from_the_content() -> None:
    red, again, blue = (read_picture(picture(colour)) for colour in ("red", "red", "blue"))
    assert red == again
    assert red.content_id != blue.content_id
    assert red.content_id == f"{red.sha256[:32]}@signature"


def test_what_is_kept_can_be_read_again() -> None:
    for content in (picture(), picture(kind="JPEG"), picture(kind="GIF"), moving_picture(3)):
        once = read_picture(content)
        again = read_picture(once.content)
        assert (again.width, again.height, again.media_type) == (once.width, once.height, once.media_type)


def test_metadata_and_what_stands_behind_the_picture_go() -> None:
    secret = b"Anna was here"
    information = PngImagePlugin.PngInfo()
    information.add_text("Comment", secret.decode())
    exif = Image.Exif()
    exif[0x010E] = secret.decode()
    for kind, options in (
        ("PNG", {"pnginfo": information, "icc_profile": secret, "exif": exif}),
        ("JPEG", {"exif": exif, "comment": secret, "icc_profile": secret}),
        ("GIF", {"comment": secret}),
    ):
        buffer = BytesIO()
        Image.new("RGB", (12, 4), "red").save(buffer, kind, **options)
        assert secret in buffer.getvalue()
        assert secret not in read_picture(buffer.getvalue() + secret).content


def test_a_photograph_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    buffer = BytesIO()
    Image.new("RGB", (120, 40), "red").save(buffer, "JPEG", exif=exif)
    kept = read_picture(buffer.getvalue())
    assert (kept.width, kept.height) == opened(kept).size == (40, 120)


@pytest.mark.parametrize("exif", [b"MM\0*\0\0\0\x08\0\x05\x01\x12", b"II*\0\xff\xff\xff\xff", b"MM\0*", b"x"])
def test_metadata_that_can_not_be_read_harm_no_picture(exif: bytes) -> None:
    buffer = BytesIO()
    Image.new("RGB", (120, 40), "red").save(buffer, "JPEG", exif=b"Exif\0\0" + exif)
    assert opened(read_picture(buffer.getvalue())).size == (120, 40)


def test_a_picture_of_many_greys_keeps_them() -> None:
    image, buffer = Image.new("I;16", (2, 1)), BytesIO()
    image.putpixel((0, 0), 0x8080)
    image.putpixel((1, 0), 0x2020)
    image.save(buffer, "PNG", transparency=0x2020)
    kept = opened(read_picture(buffer.getvalue())).convert("LA")
    assert [kept.getpixel((0, 0)), kept.getpixel((1, 0))] == [(0x80, 255), (0x20, 0)]


def test_transparency_stays() -> None:
    for mode, colour, kind in (("RGBA", (255, 0, 0, 0), "PNG"), ("P", 0, "GIF"), ("P", 0, "PNG")):
        buffer = BytesIO()
        Image.new(mode, (4, 4), colour).save(buffer, kind, **({"transparency": 0} if mode == "P" else {}))
        pixel = opened(read_picture(buffer.getvalue())).convert("RGBA").getpixel((0, 0))
        assert isinstance(pixel, tuple)
        assert pixel[3] == 0


def test_a_moving_picture_goes_on_moving() -> None:
    kept = read_picture(moving_picture(5))
    with opened(kept) as image:
        assert image.n_frames == 5  # type: ignore[attr-defined]
        assert image.info["duration"] == 70
        assert image.info["loop"] == 0


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><svg/>", "SVG"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"BM" + bytes(50), "BMP"),
        (b"II*\0" + bytes(50), "TIFF"),
        (bytes(4) + b"ftypheic" + bytes(50), "HEIC"),
        (b"\1\0\0\0" + bytes(50), "EMF"),
        (b"\xd7\xcd\xc6\x9a" + bytes(50), "WMF"),
    ],
)
def test_other_kinds_are_named_with_a_way_out(content: bytes, kind: str) -> None:
    assert kind in reason(content)
    assert "PNG, JPEG or GIF" in reason(content)


def test_what_is_no_picture_is_told() -> None:
    for content in (b"", b"x", b"<html>", b"PK\3\4", b"MZ"):
        assert "not a picture" in reason(content)


def test_large_pictures_are_refused_by_what_they_say_of_themselves() -> None:
    assert "pixels" in reason(png_of_size(13_000, 13_000))
    assert "pixels" in reason(png_of_size(2_001, 2_000))
    assert "pixels" in reason(png_of_size(MAX_SIDE + 1, 1))
    assert read_picture(png_of_size(2_000, 2_000)).width == 2_000
    assert "1 MB" in reason(picture() + bytes(MAX_BYTES))


def test_a_gif_is_as_large_as_its_largest_frame() -> None:
    content = bytearray(picture(kind="GIF", size=(4, 4)))
    frame = content.index(b"\x2c\0\0\0\0\4\0\4\0")
    content[frame + 5 : frame + 9] = b"\xff\xff\xff\xff"
    assert "pixels" in reason(bytes(content))


def test_long_films_are_refused() -> None:
    assert "60 frames" in reason(moving_picture(MAX_FRAMES + 1))
    assert read_picture(moving_picture(MAX_FRAMES)).media_type == "image/gif"
    assert "60 frames" in reason(moving_picture(20, (600, 600)))


def test_a_jpeg_of_a_thousand_passes_is_refused() -> None:
    content = picture(kind="JPEG")
    scan = content[content.index(b"\xff\xda") : -2]
    assert "damaged" in reason(content[:-2] + scan * 1_000 + content[-2:])


@pytest.mark.parametrize(
    "other",
    [
        b"<script>alert(1)</script>",
        b"<HTML><body onload=x>",
        b"<!DOCTYPE html>",
        b"<svg onload=x>",
        b"<?php system(1);",
        b"%PDF-1.7",
        b"PK\5\6" + bytes(18),
    ],
)
def test_a_picture_that_is_another_file_too_is_refused(other: bytes) -> None:
    for kind in ("PNG", "JPEG", "GIF"):
        assert "something else" in reason(picture(kind=kind) + other)
    buffer = BytesIO()
    Image.new("RGB", (4, 4)).save(buffer, "JPEG", comment=other)
    assert "something else" in reason(buffer.getvalue())


def test_a_moving_png_stands_still() -> None:
    buffer = BytesIO()
    frames = [Image.new("RGB", (12, 4), colour) for colour in ("red", "green", "blue")]
    frames[0].save(buffer, "PNG", save_all=True, append_images=frames[1:])
    with opened(read_picture(buffer.getvalue())) as image:
        assert getattr(image, "n_frames", 1) == 1


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "GIF"])
def test_a_damaged_picture_is_refused_or_kept_but_nothing_worse(kind: str) -> None:
    content = picture(kind=kind)
    for end in range(len(content)):
        try:
            read_picture(content[:end])
        except SignatureRefused:
            continue


@given(
    st.sampled_from(["PNG", "JPEG", "GIF"]), st.lists(st.tuples(st.integers(0, 400), st.integers(0, 255)), min_size=1)
)
def test_any_changed_picture_is_refused_or_kept_but_nothing_worse(kind: str, changes: list[tuple[int, int]]) -> None:
    content = bytearray(picture(kind=kind))
    for position, value in changes:
        content[position % len(content)] = value
    try:
        kept = read_picture(bytes(content))
    except SignatureRefused:
        return
    assert kept.media_type == f"image/{kind.lower()}"
