"""Pictures of signatures: judged before they are decoded, then written anew.

What is kept is made from the pixels alone, so that neither metadata nor bytes behind the picture survive. A file that
is another format as well is refused, because nobody makes one by mistake.
"""

from __future__ import annotations

import re
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from io import BytesIO
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from users.signatures.errors import SignatureRefused
from users.signatures.picture_structure import BrokenPicture, gif_frames, jpeg_scans, png_of_pixels

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 1_000_000
"""Of one file."""
MAX_PICTURES = 10
MAX_TOTAL_BYTES = 5_000_000
"""Of all pictures of one user."""
MAX_SIDE = 4_000
MAX_PIXELS = 4_000_000
MAX_FRAMES = 60
MAX_MOVING_PIXELS = 6_000_000
"""Of all frames together."""
MAX_SCANS = 50
"""Passes over a JPEG, of which each costs as much as decoding it."""
JPEG_QUALITY = 90

FORMATS = {b"\x89PNG\r\n\x1a\n": "PNG", b"\xff\xd8\xff": "JPEG", b"GIF87a": "GIF", b"GIF89a": "GIF"}
OTHER_KINDS: dict[bytes, str] = {
    b"RIFF": "WebP",
    b"BM": "BMP",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"<svg": "SVG",
    b"<?xml": "SVG",
    b"\x01\0\0\0": "EMF",
    b"\xd7\xcd\xc6\x9a": "WMF",
    b"%PDF": "PDF",
    b"\0\0\1\0": "ICO",
}
_ALSO_SOMETHING_ELSE = re.compile(rb"<script|<html|<!doctype|<svg|<\?php|%PDF-1\.", re.IGNORECASE)
_END_OF_ZIP, _ZIP_COMMENT = b"PK\5\6", 66_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is safe to keep, with the name by which HTML shows it: ``cid:<content id>`` (RFC 2392).

    The name follows from the content, so that the same picture is stored once.
    """

    content: bytes
    media_type: str
    width: int
    height: int
    content_id: str

    @property
    def sha256(self) -> str:
        return sha256(self.content).hexdigest()


def read_picture(content: bytes) -> Picture:
    """A PNG, JPEG or GIF, written anew. Raises :class:`SignatureRefused` for everything else, with the reason."""
    kind = _kind_of(content)
    try:
        with warnings.catch_warnings():
            # Of metadata that can't be read, which are left out anyway. Not as errors: they would reach other threads.
            warnings.simplefilter("ignore")
            return _written_anew(content, kind)
    except (BrokenPicture, OSError, SyntaxError, ValueError, EOFError, IndexError) as error:
        if isinstance(error, SignatureRefused):
            raise
        raise SignatureRefused(_("The picture is damaged. Save it again as PNG, and add that.")) from error


def _kind_of(content: bytes) -> str:
    if len(content) > MAX_BYTES:
        raise SignatureRefused(_("The picture is larger than 1 MB. Make it smaller, and add it again."))
    kind = next((kind for signature, kind in FORMATS.items() if content.startswith(signature)), None)
    if kind is None:
        raise _other_kind(content)
    if _ALSO_SOMETHING_ELSE.search(content) or _END_OF_ZIP in content[-_ZIP_COMMENT:]:
        raise SignatureRefused(
            _("The file is a picture and something else at once. Save it again as PNG, and add that.")
        )
    return kind


def _other_kind(content: bytes) -> SignatureRefused:
    begin = content[:200].lstrip(b"\xef\xbb\xbf \r\n\t")
    name = next((name for signature, name in OTHER_KINDS.items() if begin.startswith(signature)), "")
    if content[4:12] in {b"ftypheic", b"ftypmif1", b"ftypavif"}:
        name = "HEIC"
    if not name:
        return SignatureRefused(_("This is not a picture that mail programs show. Add it as PNG, JPEG or GIF."))
    return SignatureRefused(
        _("Many mail programs don't show %(kind)s pictures. Save it as PNG, JPEG or GIF, and add that.")
        % {"kind": name}
    )


def _written_anew(content: bytes, kind: str) -> Picture:
    from PIL import Image

    frames = list(_frames(content)) if kind == "GIF" else []
    if kind == "JPEG" and jpeg_scans(content) > MAX_SCANS:
        raise BrokenPicture
    source = BytesIO(png_of_pixels(content) if kind == "PNG" else content)
    try:
        with Image.open(source, formats=(kind,)) as image:
            _refuse_too_large(*image.size)
            written, media_type, size = _WRITERS[kind](image, len(frames))
    except Image.DecompressionBombError as error:
        raise _too_large() from error
    digest = sha256(written).hexdigest()
    return Picture(written, media_type, *size, content_id=f"{digest[:32]}@signature")


def _frames(content: bytes) -> Any:
    pixels = 0
    for number, (width, height) in enumerate(gif_frames(content), start=1):
        _refuse_too_large(width, height)
        pixels += width * height
        if number > MAX_FRAMES or pixels > MAX_MOVING_PIXELS:
            raise SignatureRefused(
                _("The moving picture is too long. Use at most 60 frames, or a picture that stands still.")
            )
        yield number


def _refuse_too_large(width: int, height: int) -> None:
    if max(width, height) > MAX_SIDE or width * height > MAX_PIXELS:
        raise _too_large()


def _too_large() -> SignatureRefused:
    return SignatureRefused(_("The picture has too many pixels for a signature. Make it smaller, and add it again."))


Written = tuple[bytes, str, tuple[int, int]]


def _write_png(image: Image, _frames: int) -> Written:
    transparency = image.info.get("transparency")
    image.load()
    if image.mode.startswith("I"):
        image = _in_256_greys(image)
        transparency = None if transparency is None else transparency >> 8
    image.info = {} if transparency is None else {"transparency": transparency}
    if image.mode not in {"1", "L", "LA", "P", "RGB", "RGBA"}:
        image = image.convert("RGB")
    return _saved(image, "PNG"), "image/png", image.size


def _in_256_greys(image: Image) -> Image:
    """A picture with 65,536 greys: Pillow's own conversion would make nearly all of them white."""
    return image.convert("I").point(lambda grey: grey * (1 / 256)).convert("L")


def _write_jpeg(image: Image, _frames: int) -> Written:
    upright = _upright(image)
    upright.info = {}
    if upright.mode not in {"L", "RGB"}:
        upright = upright.convert("RGB")
    return _saved(upright, "JPEG", quality=JPEG_QUALITY), "image/jpeg", upright.size


def _upright(image: Image) -> Image:
    """Turned as its metadata says (Exif, tag 274), where they can be read; the picture is none the worse without."""
    from PIL import ImageOps

    image.load()
    try:
        return ImageOps.exif_transpose(image)
    except (OSError, SyntaxError, ValueError, LookupError, struct.error):
        return image


def _write_gif(image: Image, frames: int) -> Written:
    from PIL import ImageSequence

    if frames < 2:
        image.load()
        image.info = {name: image.info[name] for name in ("transparency", "background") if name in image.info}
        return _saved(image, "GIF"), "image/gif", image.size
    loop = {"loop": image.info["loop"]} if "loop" in image.info else {}
    pictures, durations = [], []
    for frame in ImageSequence.Iterator(image):
        picture = frame.convert("RGBA")
        durations.append(frame.info.get("duration", 100))
        picture.info = {}
        pictures.append(picture)
    written = _saved(pictures[0], "GIF", save_all=True, append_images=pictures[1:], duration=durations, **loop)
    return written, "image/gif", image.size


_WRITERS: dict[str, Callable[[Image, int], Written]] = {"PNG": _write_png, "JPEG": _write_jpeg, "GIF": _write_gif}


def _saved(image: Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
