"""The signature for those whose method is Outlook, which keeps signatures of its own."""

from __future__ import annotations

import re
from base64 import b64encode
from codecs import BOM_UTF16_LE
from collections.abc import Callable, Iterable
from html import escape
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

from users.signatures.outgoing import for_recipients
from users.signatures.pictures import Picture

FOLDER_SUFFIX = "_files"
_REFERENCE = re.compile(r'src="cid:([^"]+)"')
_UNFIT_FOR_FILES = re.compile(r"[^\w .,()+-]+")


def as_outlook_files(name: str, html: str, text: str, pictures: Iterable[Picture]) -> bytes:
    """A zip with ``NAME.htm``, ``NAME_files/`` and ``NAME.txt``, to be unpacked into Outlook's signature folder."""
    name = _UNFIT_FOR_FILES.sub(" ", name).strip(" .")[:60].rstrip(" .") or "Signature"
    folder = f"{name}{FOLDER_SUFFIX}"
    files = {picture.content_id: (_file_name(number, picture), picture) for number, picture in enumerate(pictures, 1)}
    page = _page(name, _shown(for_recipients(html), lambda reference: f"{folder}/{files[reference][0]}", files))
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        archive.writestr(f"{name}.htm", page.encode())
        archive.writestr(f"{name}.txt", BOM_UTF16_LE + text.replace("\n", "\r\n").encode("utf-16-le"))
        for file_name, picture in files.values():
            archive.writestr(f"{folder}/{file_name}", picture.content)
    return buffer.getvalue()


def for_clipboard(html: str, pictures: Iterable[Picture]) -> str:
    """The HTML with its pictures in it as ``data:``, for *Copy for Outlook*."""
    known = {picture.content_id: picture for picture in pictures}
    return _shown(for_recipients(html), lambda reference: _data_url(known[reference]), known)


def _shown(html: str, address_of: Callable[[str], str], known: Iterable[str]) -> str:
    def replaced(match: re.Match[str]) -> str:
        return f'src="{escape(address_of(match[1]))}"' if match[1] in known else match[0]

    return _REFERENCE.sub(replaced, html)


def _data_url(picture: Picture) -> str:
    return f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"


def _file_name(number: int, picture: Picture) -> str:
    return f"image{number:03}.{picture.media_type.partition('/')[2].replace('jpeg', 'jpg')}"


def _page(name: str, html: str) -> str:
    return (
        '<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8">'
        f"<title>{escape(name)}</title></head>\r\n<body>\r\n{html}\r\n</body></html>\r\n"
    )
