"""Pictures of one colour each, by which tests tell them apart, and what Word makes of them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from io import BytesIO

from PIL import Image

from users.signatures.pictures import Picture

COLOURS = {(255, 0, 0): "red", (0, 128, 0): "green", (0, 0, 255): "blue", (0, 0, 0): "black"}


def picture(colour: str = "red", kind: str = "PNG", size: tuple[int, int] = (120, 40), mode: str = "RGB") -> bytes:
    """A picture as a file."""
    buffer = BytesIO()
    Image.new(mode, size, colour).save(buffer, kind)
    return buffer.getvalue()


def moving_picture(frames: int, size: tuple[int, int] = (12, 4)) -> bytes:
    """A GIF whose frames all differ."""
    buffer = BytesIO()
    images = [Image.new("RGB", size, (number % 256, number // 256, 99)) for number in range(frames)]
    images[0].save(buffer, "GIF", save_all=True, append_images=images[1:], duration=70, loop=0)
    return buffer.getvalue()


def png_of_size(width: int, height: int) -> bytes:
    """A picture of one colour whose pixels are written a line at a time, so that making it needs no memory."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = zlib.crc32(kind + content).to_bytes(4)
        return len(content).to_bytes(4) + kind + content + crc

    header = width.to_bytes(4) + height.to_bytes(4) + bytes([1, 0, 0, 0, 0])
    packer = zlib.compressobj(9)
    line = bytes(1 + (width + 7) // 8)
    pixels = b"".join(packer.compress(line) for _line in range(height)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def colour_of(content: bytes) -> str:
    """The nearest of the colours: JPEG does not keep them exactly."""
    with Image.open(BytesIO(content)) as image:
        pixel = image.convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return min(COLOURS.items(), key=lambda one: sum(abs(a - b) for a, b in zip(one[0], pixel, strict=True)))[1]


def with_colours(html: str, pictures: Iterable[Picture]) -> str:
    """The HTML with ``cid:red`` and its like instead of content ids, which follow from the version of a library."""
    names = {one.content_id: colour_of(one.content) for one in pictures}
    return re.sub(r"cid:([0-9a-f]{32}@signature)", lambda match: f"cid:{names[match[1]]}", html)


def pict(content: bytes, kind: bytes = b"pngblip", size: tuple[int, int] = (120, 40)) -> bytes:
    """A picture as RTF has it, shown at `size` pixels."""
    goal = b"\\picwgoal%d\\pichgoal%d" % (size[0] * 15, size[1] * 15)
    return b"{\\pict" + goal + b"\\" + kind + b"\n" + content.hex().encode() + b"}"


def rtf(*parts: bytes) -> bytes:
    return b"{\\rtf1\\ansi\n" + b"\n".join(parts) + b"\\par }"
