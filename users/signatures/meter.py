"""How large a signature is, against what mail programs take. It warns and forbids nothing."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from users.signatures.pictures import Picture

GMAIL_CHARACTERS = 10_000
OUTLOOK_WEB_BYTES = 8_096
ADVISED_BYTES = 100_000


@dataclass(frozen=True, slots=True)
class Meter:
    """`characters` and `bytes` of the HTML; `total_bytes` with the pictures; `warnings` in plain words."""

    characters: int
    bytes: int
    total_bytes: int
    warnings: tuple[str, ...]


def measure(html: str, pictures: Iterable[Picture] = ()) -> Meter:
    characters, size = len(html), len(html.encode())
    total = size + sum(len(picture.content) for picture in pictures)
    warnings = []
    if characters > GMAIL_CHARACTERS:
        warnings.append(_("Gmail takes signatures of up to 10,000 characters; this one has more."))
    if size > OUTLOOK_WEB_BYTES:
        warnings.append(_("Outlook on the web takes signatures of up to 8,096 bytes; this one has more."))
    if total > ADVISED_BYTES:
        warnings.append(_("With its pictures, the signature adds more than 100 KB to each message."))
    return Meter(characters, size, total, tuple(warnings))
