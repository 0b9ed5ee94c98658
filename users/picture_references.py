"""How the HTML of a signature refers to its pictures.

Stored HTML says ``cid:<content id>``, as messages do. A browser can't show that, so that the editor has the address of
each picture, and a frame without cookies the picture itself.
"""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Iterable
from typing import Protocol

from django.urls import reverse

from users.signatures.pasted import MISSING

NAME = r"[A-Za-z0-9._@+-]{1,100}"
_REFERENCE = re.compile(rf'\bsrc="cid:({NAME})"')
_ADDRESS = re.compile(
    rf"""\bsrc\s*=\s*(["']?)(?:https?://[^/"'\s>]*)?/signature-images/({NAME})/\1(?=[\s/>])""", re.IGNORECASE
)


class ShownPicture(Protocol):
    """A picture as it is kept, or as a message carries it."""

    @property
    def content(self) -> bytes: ...
    @property
    def media_type(self) -> str: ...
    @property
    def content_id(self) -> str: ...


def is_name(text: str) -> bool:
    """Whether a picture could have this content id."""
    return re.fullmatch(NAME, text) is not None


def content_ids_in(html: str) -> set[str]:
    """The pictures that the HTML shows, without those that are still to be added."""
    return {name for name in _REFERENCE.findall(html) if not name.startswith(MISSING)}


def with_addresses(html: str) -> str:
    """Sanitised HTML as the editor shows it."""
    return _REFERENCE.sub(lambda match: f'src="{address_of(match[1])}"', html)


def with_content_ids(html: str) -> str:
    """HTML from the editor as it can be kept; nothing in it is trusted yet."""
    return _ADDRESS.sub(lambda match: f'src="cid:{match[2]}"', html)


def with_pictures(html: str, pictures: Iterable[ShownPicture]) -> str:
    """Sanitised HTML with its pictures in it; one that is not there has no source."""
    known = {picture.content_id: picture for picture in pictures}

    def shown(match: re.Match[str]) -> str:
        picture = known.get(match[1])
        return f'src="{_data_url(picture)}"' if picture else 'src=""'

    return _REFERENCE.sub(shown, html)


def address_of(content_id: str) -> str:
    return reverse("users:signature-image", args=[content_id])


def _data_url(picture: ShownPicture) -> str:
    return f"data:{picture.media_type};base64,{b64encode(picture.content).decode()}"
