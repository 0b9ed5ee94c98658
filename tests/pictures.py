"""Pictures for tests."""

from __future__ import annotations

from functools import cache
from io import BytesIO

from PIL import Image

from users.signatures.pictures import Picture, read_picture


@cache
def png(width: int = 120, height: int = 40, color: str = "#24666b") -> bytes:
    """A file as people have it."""
    buffer = BytesIO()
    Image.new("RGB", (width, height), color).save(buffer, "PNG")
    return buffer.getvalue()


@cache
def picture(color: str = "#24666b", width: int = 120, height: int = 40) -> Picture:
    """A picture as it is kept; another colour is another picture."""
    return read_picture(png(width, height, color))


def shown(*pictures: Picture) -> str:
    """The HTML of a signature that shows them."""
    tags = (
        f'<img src="cid:{each.content_id}" width="{each.width}" height="{each.height}" alt="Logo">' for each in pictures
    )
    return f"<p>Alice {''.join(tags)}</p>"
