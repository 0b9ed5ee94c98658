"""A second opinion on sanitised HTML: a strict reader of the one form in which bleach leaves it.

What this reader accepts has nothing but listed elements, each closed within the one that it was opened in, and none
where HTML's parser would move, close or repeat it; so that parsing it again gives the same. It refuses whatever it
does not understand, and then bleach has to go over it once more.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from users.signatures.allow_list import TAGS, VOID

Keeps = Callable[[str, str, str], bool]

_ODD = r"\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
_TOKEN = re.compile(
    rf"""(?P<text>[^<>&{_ODD}]++|&(?:amp|lt|gt|quot|nbsp|\#\d{{1,6}});)"""
    r"""|<(?P<closing>/?)(?P<name>[a-z1-6]++)"""
    rf"""(?P<attributes>(?:\ [a-z-]++=(?:"[^"<>{_ODD}]*+"|'[^'<>{_ODD}]*+'))*+)>"""
)
_ATTRIBUTE = re.compile(r""" ([a-z-]++)=(["'])((?:(?!\2).)*+)\2""", re.DOTALL)
_UNSETTLED_REFERENCE = re.compile(r"&(?!(?:amp|lt|gt|quot|nbsp|#\d{1,6});)|&amp;(?=#?\w+;)")
"""In attributes, bleach reads ``&amp;nbsp;`` as ``&nbsp;``."""
_SPACE = re.compile(r"[ \t\n]*+")

# HTML, "the rules for parsing tokens in HTML content": what a start tag does to what is open.
_CLOSES_PARAGRAPH = frozenset("address blockquote center div h1 h2 h3 h4 h5 h6 hr li ol p pre table ul".split())
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6".split())
_PARTS_OF_TABLES = {
    "caption": {"table"},
    "colgroup": {"table"},
    "thead": {"table"},
    "tbody": {"table"},
    "tfoot": {"table"},
    "col": {"colgroup"},
    "tr": {"thead", "tbody", "tfoot"},
    "td": {"tr"},
    "th": {"tr"},
}
_NO_TEXT = frozenset("table colgroup thead tbody tfoot tr".split())
_BOUNDARIES = frozenset("td th caption".split())
"""Inside these, what is open outside does not matter to the parser."""


def is_at_rest(html: str, keeps: Keeps) -> bool:
    """Whether parsing and serialising the HTML again is sure to give the same; `keeps` judges attributes."""
    open_tags: list[str] = []
    position = 0
    if html.startswith("\ufeff"):
        return False
    while position < len(html):
        token = _TOKEN.match(html, position)
        if token is None:
            return False
        position = token.end()
        if token["text"] is not None:
            is_right = bool(_SPACE.fullmatch(token["text"])) or not (open_tags and open_tags[-1] in _NO_TEXT)
        elif token["closing"]:
            is_right = bool(open_tags) and open_tags.pop() == token["name"] and not token["attributes"]
        else:
            is_right = _fits(token["name"], open_tags) and _are_kept(token["name"], token["attributes"], keeps)
            if token["name"] not in VOID:
                open_tags.append(token["name"])
            is_right = is_right and not (token["name"] == "pre" and html.startswith("\n", position))
        if not is_right:
            return False
    return not open_tags


def _fits(name: str, open_tags: list[str]) -> bool:
    """Whether the parser leaves an element where it begins, within what is open."""
    parent = open_tags[-1] if open_tags else ""
    if name in _PARTS_OF_TABLES:
        return parent in _PARTS_OF_TABLES[name]
    if name not in TAGS or parent in _NO_TEXT or (name in _HEADINGS and parent in _HEADINGS):
        return False
    around = _inside_boundary(open_tags)
    if name in _CLOSES_PARAGRAPH and "p" in around:
        return False
    if name == "li":
        return "li" not in around or parent in {"ul", "ol"}
    return name != "a" or "a" not in open_tags


def _inside_boundary(open_tags: list[str]) -> list[str]:
    for index in range(len(open_tags) - 1, -1, -1):
        if open_tags[index] in _BOUNDARIES:
            return open_tags[index + 1 :]
    return open_tags


def _are_kept(tag: str, attributes: str, keeps: Keeps) -> bool:
    if _UNSETTLED_REFERENCE.search(attributes):
        return False
    found = _ATTRIBUTE.findall(attributes)
    return len({name for name, _quote, _value in found}) == len(found) and all(
        keeps(tag, name, value) and (quote == "'") == ('"' in value) for name, quote, value in found
    )
