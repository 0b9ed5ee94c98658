"""The pictures in what Word and Outlook copy as RTF, in their order.

One scan, linear in the length: only groups and the few control words that matter here are looked at, and the bytes of
pictures are passed over. Source: Microsoft, "Rich Text Format (RTF) Specification, Version 1.9.1", Pictures.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

MAX_RTF = 16 * 1024 * 1024
"""Bytes."""
MAX_TOKENS = 30_000
"""Braces and control words that are looked at; more than any signature has."""

SKIPPED = frozenset(
    b"nonshppict shprslt header headerl headerr headerf footer footerl footerr footerf listpicture objdata "
    b"footnote annotation background".split()
)
"""Groups whose pictures are not in the text itself, or are there a second time in an older form."""
KINDS = {
    b"pngblip": "png",
    b"jpegblip": "jpeg",
    b"emfblip": "emf",
    b"wmetafile": "wmf",
    b"macpict": "pict",
    b"dibitmap": "bmp",
    b"wbitmap": "bmp",
}
_TOKEN = re.compile(
    rb"[{}]|\\(?:(?P<word>bin|pict|" + b"|".join(sorted(SKIPPED)) + rb")(?P<number>-?\d{1,10})?(?![a-zA-Z]) ?|[{}\\])"
)
_WORD = re.compile(rb"\\([a-z]+)(-?\d{1,10})? ?")
_HORIZONTAL_RULE = re.compile(rb"\\sn fHorizRule\s*\}\s*\{\s*\\sv 1\s*\}")
_BLANKS = b" \t\r\n"
_HEAD = 4_096
"""Bytes of a picture in which its control words stand."""
_TWIPS = 15
"""In one pixel: 1,440 in an inch, 96 pixels in an inch."""


@dataclass(frozen=True, slots=True)
class RtfPicture:
    """One picture: its kind (png, jpeg, emf, wmf), the size at which it shows in pixels (0: not said), its bytes."""

    kind: str
    width: int
    height: int
    content: bytes
    is_horizontal_rule: bool = False


@dataclass(slots=True)
class _Written:
    """A picture as far as it has been read: what its group says itself, its binary parts, what groups in it say."""

    begin: int
    said: list[bytes] = field(default_factory=list)
    binary: list[bytes] = field(default_factory=list)
    properties: list[bytes] = field(default_factory=list)


@dataclass(slots=True)
class _Group:
    is_skipped: bool = False
    picture: _Written | None = None


def read_rtf(rtf: bytes) -> list[RtfPicture]:
    """The pictures of the text itself. What is no RTF, or more than can be looked at, has none."""
    if not rtf.startswith(rb"{\rtf") or len(rtf) > MAX_RTF:
        return []
    groups = [_Group()]
    pictures: list[RtfPicture] = []
    position = 0
    for _number in range(MAX_TOKENS):
        match = _TOKEN.search(rtf, position)
        if match is None:
            return pictures
        position = match.end()
        if match[0] == b"{":
            _open_group(groups, rtf, match)
        elif match[0] == b"}":
            pictures += _close_group(groups, rtf, match)
        elif match["word"]:
            position = _read_word(groups[-1], rtf, match)
    return []


def _open_group(groups: list[_Group], rtf: bytes, match: re.Match[bytes]) -> None:
    if picture := groups[-1].picture:
        picture.said.append(rtf[picture.begin : match.start()])
        picture.begin = match.end()
    groups.append(_Group(groups[-1].is_skipped))


def _close_group(groups: list[_Group], rtf: bytes, match: re.Match[bytes]) -> Iterator[RtfPicture]:
    if len(groups) == 1:
        return
    closed = groups.pop()
    if outer := groups[-1].picture:
        outer.properties.append(rtf[outer.begin : match.start()])
        outer.begin = match.end()
    if closed.picture and not closed.is_skipped:
        closed.picture.said.append(rtf[closed.picture.begin : match.start()])
        yield _picture(closed.picture)


def _read_word(group: _Group, rtf: bytes, match: re.Match[bytes]) -> int:
    """Take in one control word; gives the position after it and after what belongs to it."""
    word, end = match["word"], match.end()
    if word == b"pict":
        group.picture = _Written(end)
    elif word in SKIPPED:
        group.is_skipped = True
    else:
        end += max(int(match["number"] or 0), 0)
        if group.picture:
            group.picture.said.append(rtf[group.picture.begin : match.start()])
            group.picture.binary.append(rtf[match.end() : end])
            group.picture.begin = end
    return end


def _picture(written: _Written) -> RtfPicture:
    said = b"".join(written.said)
    words = {word: int(number or 1) for word, number in _WORD.findall(said[:_HEAD])}
    kind = next((name for word, name in KINDS.items() if word in words), "")
    is_rule = any(_HORIZONTAL_RULE.search(properties) for properties in written.properties)
    content = b"".join(written.binary) or _from_hex(said)
    return RtfPicture(kind, _shown_size(words, b"w"), _shown_size(words, b"h"), content, is_rule)


def _shown_size(words: dict[bytes, int], side: bytes) -> int:
    """Pixels: the size that is wanted, scaled, less what is cropped."""
    scale = words.get(b"picscalex" if side == b"w" else b"picscaley", 100)
    cropped = sum(words.get(b"piccrop" + edge, 0) for edge in ((b"l", b"r") if side == b"w" else (b"t", b"b")))
    return max(words.get(b"pic" + side + b"goal", 0) - cropped, 0) * scale // 100 // _TWIPS


def _from_hex(said: bytes) -> bytes:
    """The bytes that the digits after the control words stand for; none where something else is among them."""
    digits = (_WORD.sub(b"", said[:_HEAD]) + said[_HEAD:]).translate(None, _BLANKS)
    try:
        return bytes.fromhex(digits.decode("ascii"))
    except ValueError:
        return b""
