"""The logo of the company that does not exist."""

from __future__ import annotations

from io import BytesIO

from users.signatures.pictures import Picture, read_picture

SIZE = (96, 72)
"""Pixels; signatures show it half as large, so that it is sharp on fine screens."""
COLOR, PAPER = "#24666b", "white"


def logo() -> Picture:
    """An envelope."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE, PAPER)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((4, 4, 91, 67), radius=10, fill=COLOR)
    draw.line([(14, 18), (48, 44), (82, 18)], fill=PAPER, width=6, joint="curve")
    file = BytesIO()
    image.save(file, "PNG")
    return read_picture(file.getvalue())
