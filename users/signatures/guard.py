"""What stands in front of the parser: linear in the length of its input, it refuses what would cost too much.

The parser (html5lib, in bleach) takes time and memory that grow with the square of some inputs and worse: elements
within each other, formatting that is never closed and is opened again in every block, attributes of one element. So
all of these are counted first, and counted high: also where the parser would see text or a comment.
"""

from __future__ import annotations

import re
from collections import Counter

from django.utils.translation import gettext as _

from users.signatures.allow_list import DROPPED_WITH_CONTENT, FORMATTING, VOID
from users.signatures.errors import SignatureRefused

MAX_RAW = 512 * 1024
"""Characters as they come, with style sheets, comments and everything else that is dropped unread."""
MAX_RAW_MARKS = 20_000
"""Of ``<``, and of ``&``, in the same."""
MAX_CHARACTERS = 64 * 1024
"""Characters of what is left then, and of what is stored."""
MAX_TAGS = 2_000
MAX_DEPTH = 150
MAX_OPEN_FORMATTING = 16
MAX_ELEMENTS = 8_000
"""Elements that the parser makes, with formatting that it opens again."""
MAX_ATTRIBUTES = 40
MAX_ATTRIBUTES_IN_ALL = 4_000
MAX_TAG = 8_192
"""Characters from a ``<`` to the next ``>``."""

_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# A tag from its beginning, as HTML reads it; without the possessive quantifiers one attribute would count as several.
_ATTRIBUTE = r"""(?>[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_CROWDED = re.compile(rf"<[a-zA-Z][^\s/>]*+{_ATTRIBUTE}{{{MAX_ATTRIBUTES + 1}}}")
_ATTRIBUTES = re.compile(_ATTRIBUTE)
_START_TAG = re.compile(rf"<[!?/][^>]*+|<[a-zA-Z][^\s/>]*+({_ATTRIBUTE}*+)")
_LONG_TAG = re.compile(rf"<[^>]{{{MAX_TAG}}}")
_DROPPED = DROPPED_WITH_CONTENT.split()
_OPENING = re.compile(rf"<(?P<tag>{'|'.join(_DROPPED)})(?=[\s/>])[^<>]*+>|<!--", re.IGNORECASE)
_CLOSING = {tag: re.compile(rf"</{tag}(?=[\s/>])[^<>]*+>", re.IGNORECASE) for tag in _DROPPED}
_CLOSING[""] = re.compile(r"(?<=<!--)-?>|--!?>")


def refuse_too_long(html: str) -> None:
    """Raise SignatureRefused for input that is not even looked at."""
    if len(html) > MAX_RAW or max(map(html.count, "<&")) > MAX_RAW_MARKS:
        raise _too_long()


def without_dropped(html: str) -> tuple[str, list[str]]:
    """Take comments out, and elements whose text must not show; what stood in style elements comes beside it.

    Only cosmetic: bleach decides what is safe.
    """
    pieces: list[str] = []
    sheets: list[str] = []
    endless: set[str] = set()
    position = 0
    while match := _OPENING.search(html, position):
        tag = (match["tag"] or "").lower()
        end = None if tag in endless else _CLOSING[tag].search(html, match.end())
        if end is None:
            # It stays, and its end is not looked for again: each search would go through everything.
            endless.add(tag)
            pieces.append(html[position : match.end()])
            position = match.end()
            continue
        if tag == "style":
            sheets.append(html[match.end() : end.start()])
        pieces.append(html[position : match.start()])
        position = end.end()
    return "".join([*pieces, html[position:]]), sheets


def refuse_what_costs_too_much(html: str) -> None:
    """Raise SignatureRefused, with the reason, for what the parser is not to see."""
    if len(html) > MAX_CHARACTERS or len(html) + 4 * html.count("&") > 2 * MAX_CHARACTERS:
        raise _too_long()
    if html.count("<") > MAX_TAGS * 2 or not _is_modest(html):
        raise SignatureRefused(_("The signature has too many elements. Paste the signature alone, not a whole page."))
    if _LONG_TAG.search(html) or _CROWDED.search(html) or _has_too_many_attributes(html):
        raise SignatureRefused(_("One element of the signature has too many attributes. Simplify it."))


def _is_modest(html: str) -> bool:
    """Whether there are not too many elements, neither in all nor within each other, counting what is never closed."""
    is_open: Counter[str] = Counter()
    tags = depth = formatting = elements = 0
    for closing, name in _TAG.findall(html.lower()):
        if not closing:
            tags += 1
            step = int(name not in VOID)
        else:
            step = -1 if is_open[name] else 0
        is_open[name] += step
        depth += step
        if name in FORMATTING:
            formatting += step
        elements += 1 + formatting
        if tags > MAX_TAGS or depth > MAX_DEPTH or formatting > MAX_OPEN_FORMATTING or elements > MAX_ELEMENTS:
            return False
    return True


def _has_too_many_attributes(html: str) -> bool:
    # An attribute begins behind one of these, so that most signatures need no closer look.
    if sum(map(html.count, " \t\n\r\f/\"'")) <= MAX_ATTRIBUTES_IN_ALL:
        return False
    return sum(len(_ATTRIBUTES.findall(tag)) for tag in _START_TAG.findall(html)) > MAX_ATTRIBUTES_IN_ALL


def _too_long() -> SignatureRefused:
    return SignatureRefused(_("The signature is too long. Keep it under 64,000 characters."))
