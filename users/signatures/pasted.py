"""What becomes of a paste, or of Outlook's files: HTML that is safe, the pictures that it shows, and a report."""

from __future__ import annotations

from dataclasses import dataclass

from users.signatures.pictures import Picture

MISSING = "missing-"
"""``cid:missing-1`` stands where the first picture that could not be had belongs, so that it can be added there.

The HTML stays sanitised with it. Pages show a placeholder of their own for it; messages leave it out
(:func:`users.signatures.outgoing.for_recipients`).
"""


@dataclass(frozen=True, slots=True)
class Note:
    """One thing that is not as it was, in plain words.

    `place` says where, such as “picture 2, next to “Anna””, and is empty where it does not matter.
    """

    code: str
    text: str
    place: str = ""


@dataclass(frozen=True, slots=True)
class Pasted:
    """A signature as it can be kept.

    `html` is sanitised and shows its pictures as ``cid:<content id>``; each of `pictures` stands in it.
    `missing` are the references ``missing-N`` in it, in their order. `remote` are addresses of pictures that could
    not be fetched and stay as links.
    """

    html: str
    pictures: tuple[Picture, ...] = ()
    notes: tuple[Note, ...] = ()
    missing: tuple[str, ...] = ()
    remote: tuple[str, ...] = ()
