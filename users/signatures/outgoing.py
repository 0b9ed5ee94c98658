"""The signature as messages carry it: what Outlook needs and editors take away is put back.

Outlook for Windows shows HTML by Word's rules: it takes the sizes of tables, cells and pictures from attributes rather
than from CSS, and draws borders and gaps where none are ruled out. Other programs have margins of their own for
paragraphs, so that each paragraph says its own; one that says nothing stands close to the next, as in Outlook.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from users.signatures.errors import SignatureRefused
from users.signatures.pasted import MISSING
from users.signatures.sanitizer import sanitize_html
from users.signatures.tokens import Token, read_tokens, written_tag

_PIXELS = {"px": 1.0, "pt": 96 / 72, "in": 96.0, "cm": 96 / 2.54, "mm": 96 / 25.4}
_LENGTH = re.compile(r"(\d{1,4}(?:\.\d{1,8})?)(px|pt|in|cm|mm|%)")
_SPACING = {"border": "0", "cellpadding": "0", "cellspacing": "0"}


def for_recipients(html: str) -> str:
    """The sanitised HTML of a signature with the attributes that Outlook needs, sanitised once more.

    Marks of missing pictures are left out. Doing it again changes nothing.
    """
    try:
        return sanitize_html("".join(map(_put_back, read_tokens(html))))
    except SignatureRefused:
        # It is at the limit already: it goes out as it is stored.
        return html


def _put_back(token: Token) -> str:
    rule = _RULES.get(token.name)
    if rule is None or token.is_closing:
        return token.source
    attributes = token.attributes
    if attributes.get("src", "").startswith(f"cid:{MISSING}"):
        return ""
    added = rule(attributes, _declarations(attributes.get("style", "")))
    if "style" in added and "style" in attributes:
        return written_tag(token.name, attributes | added)
    return "{}{}>".format(token.source.removesuffix(">"), "".join(f' {name}="{added[name]}"' for name in added))


def _declarations(style: str) -> dict[str, str]:
    pairs = (declaration.partition(":") for declaration in style.split(";"))
    return {name.strip(): value.strip() for name, _colon, value in pairs}


def _sizes(attributes: dict[str, str], style: dict[str, str]) -> dict[str, str]:
    """Width and height as attributes, where only CSS has them."""
    sizes = {name: _attribute_size(style.get(name, "")) for name in ("width", "height") if name not in attributes}
    return {name: size for name, size in sizes.items() if size}


def _attribute_size(value: str) -> str:
    match = _LENGTH.fullmatch(value)
    if match is None:
        return ""
    number, unit = match.groups()
    return f"{round(float(number))}%" if unit == "%" else str(round(float(number) * _PIXELS[unit]))


def _table(attributes: dict[str, str], style: dict[str, str]) -> dict[str, str]:
    spacing = {name: value for name, value in _SPACING.items() if name not in attributes}
    return spacing | _sizes(attributes, style)


def _picture(attributes: dict[str, str], style: dict[str, str]) -> dict[str, str]:
    return ({} if "border" in attributes else {"border": "0"}) | _sizes(attributes, style)


def _paragraph(attributes: dict[str, str], style: dict[str, str]) -> dict[str, str]:
    if "margin" in style or {"margin-top", "margin-bottom"} <= style.keys():
        return {}
    rest = attributes.get("style", "")
    return {"style": f"margin: 0; {rest}" if rest else "margin: 0"}


_RULES: dict[str, Callable[[dict[str, str], dict[str, str]], dict[str, str]]] = {
    "table": _table,
    "td": _sizes,
    "th": _sizes,
    "col": _sizes,
    "hr": _sizes,
    "img": _picture,
    "p": _paragraph,
}
