"""How a picture file is built, read without decoding it: enough to refuse what would cost too much to decode."""

from __future__ import annotations

from collections.abc import Iterator

PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_CHUNKS = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"})
"""The chunks that make the picture. The others hold texts, profiles and further frames, some of them compressed."""
GIF_EXTENSION, GIF_IMAGE = 0x21, 0x2C


class BrokenPicture(ValueError):
    """The file ends too early, or is not built as its kind has to be."""


def png_of_pixels(content: bytes) -> bytes:
    """The PNG with nothing but its picture (ISO/IEC 15948, clause 5)."""
    pieces, position = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while position + 12 <= len(content):
        length, kind = int.from_bytes(content[position : position + 4]), content[position + 4 : position + 8]
        end = position + 12 + length
        if kind in PNG_CHUNKS:
            pieces.append(content[position:end])
        if kind == b"IEND":
            return b"".join(pieces)
        position = end
    raise BrokenPicture


def gif_frames(content: bytes) -> Iterator[tuple[int, int]]:
    """Width and height that each frame of a GIF needs, its place on the canvas included (GIF89a, sections 18 to 20)."""
    try:
        position = 13 + _colour_table(content[10])
        while content[position] in {GIF_EXTENSION, GIF_IMAGE}:
            if content[position] == GIF_IMAGE:
                left, top, width, height = (_short(content, position + offset) for offset in (1, 3, 5, 7))
                yield left + width, top + height
                position += 11 + _colour_table(content[position + 9])
            else:
                position += 2
            while content[position]:
                position += 1 + content[position]
            position += 1
    except IndexError as error:
        raise BrokenPicture from error


def jpeg_scans(content: bytes) -> int:
    """At most so many passes over the picture (ITU-T T.81, B.1.1.3); each costs as much as decoding it once."""
    return content.count(b"\xff\xda")


def _colour_table(flags: int) -> int:
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _short(content: bytes, position: int) -> int:
    return content[position] | content[position + 1] << 8
