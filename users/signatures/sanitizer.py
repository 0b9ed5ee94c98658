"""A small allow-list for signatures: text, links, tables and simple styles; nothing that loads or runs.

bleach is no longer maintained upstream, so it does not stand alone: input is bounded before it is parsed, every
attribute value is checked here, styles keep plain values only, and pages that show a signature run under a strict
Content-Security-Policy.
"""

from __future__ import annotations

import re
from collections import Counter
from html import unescape
from typing import Any
from urllib.parse import urlsplit

import tinycss2
from bleach.css_sanitizer import CSSSanitizer
from bleach.sanitizer import Cleaner
from django.utils.translation import gettext as _

from users.signatures.errors import SignatureRefused

MAX_CHARACTERS = 100_000
MAX_TAGS = 2_000
MAX_DEPTH = 150
MAX_ATTRIBUTES = 40
MAX_BRACKETS = 20
MAX_ROUNDS = 3

TAGS = frozenset(
    "a b br center div em font h1 h2 h3 h4 hr i img li ol p s small span strike strong sub sup "
    "table tbody td tfoot th thead tr u ul".split()
)
DROPPED_WITH_CONTENT = (
    "script style title head noscript template textarea xmp iframe noembed noframes svg math object xml"
)
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
STYLE_PROPERTIES = frozenset(
    "background-color border border-bottom border-collapse border-color border-left border-right border-style "
    "border-top border-width color font-family font-size font-style font-weight height letter-spacing line-height "
    "margin margin-bottom margin-left margin-right margin-top padding padding-bottom padding-left padding-right "
    "padding-top text-align text-decoration text-transform vertical-align white-space width".split()
)
STYLE_VALUE = re.compile(r"""[\w\s#%.,'"()/-]{1,200}""")
STYLE_FUNCTIONS = frozenset({"rgb", "rgba", "hsl", "hsla"})

_SIZE = re.compile(r"\d{1,4}(px|%)?")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}")
_WORD = re.compile(r"[a-zA-Z-]{1,20}")
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{0,300}")
_FACE = re.compile(r"[\w\s,.'-]{1,200}")
ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "*": {"dir": _WORD, "lang": _WORD, "title": _TEXT, "align": _WORD, "valign": _WORD},
    "table": {"width": _SIZE, "height": _SIZE, "border": _SIZE, "cellpadding": _SIZE, "cellspacing": _SIZE},
    "td": {"width": _SIZE, "height": _SIZE, "colspan": _SIZE, "rowspan": _SIZE, "bgcolor": _COLOUR},
    "th": {"width": _SIZE, "height": _SIZE, "colspan": _SIZE, "rowspan": _SIZE, "bgcolor": _COLOUR},
    "tr": {"bgcolor": _COLOUR},
    "img": {
        "src": re.compile(r"cid:[A-Za-z0-9._@+-]{1,96}"),
        "alt": _TEXT,
        "width": _SIZE,
        "height": _SIZE,
        "border": _SIZE,
    },
    "font": {"color": _COLOUR, "face": _FACE, "size": re.compile(r"[+-]?[1-7]")},
    "hr": {"width": _SIZE, "size": _SIZE, "color": _COLOUR},
}
_DROPPED = re.compile(
    r"<(?P<tag>{})\b[^<>]*>.*?</(?P=tag)\s*>".format("|".join(DROPPED_WITH_CONTENT.split())), re.IGNORECASE | re.DOTALL
)
_TAG = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
# A tag from its beginning, as HTML reads it; without the possessive quantifiers one attribute would count as several.
_ATTRIBUTE = r"""(?>[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)"""
_CROWDED = re.compile(rf"<[a-zA-Z][^\s/>]*+{_ATTRIBUTE}{{{MAX_ATTRIBUTES + 1}}}")
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_REFERENCE = re.compile(r"&#(?:[xX]([0-9a-fA-F]+)|([0-9]+));?")


def sanitize_html(html: str) -> str:
    """The HTML with everything unsafe taken out; sanitising the result again changes nothing.

    Raises :class:`SignatureRefused` for input that is too large or that does not come to rest.
    """
    text = _without_forbidden(html)
    for _round in range(MAX_ROUNDS):
        _refuse_what_costs_too_much(text)
        cleaned = _without_forbidden(_cleaner().clean(_without_dropped(text))).strip()
        if cleaned == text:
            return cleaned
        text = cleaned
    raise SignatureRefused(_("This HTML is too tangled to be kept safely. Paste the signature again, or simplify it."))


def _refuse_what_costs_too_much(html: str) -> None:
    if len(html) > MAX_CHARACTERS:
        raise SignatureRefused(_("The signature is too long. Keep it under 100,000 characters."))
    if html.count("<") > MAX_TAGS * 2 or not _is_shallow(html):
        raise SignatureRefused(_("The signature has too many elements. Paste the signature alone, not a whole page."))
    if _CROWDED.search(html):
        raise SignatureRefused(_("One element of the signature has too many attributes. Simplify it."))


def _is_shallow(html: str) -> bool:
    """Whether there are not too many elements, neither in all nor within each other, counting what is never closed."""
    is_open: Counter[str] = Counter()
    tags = depth = 0
    for closing, name in _TAG.findall(html.lower()):
        if not closing:
            tags += 1
            step = int(name not in _VOID)
        else:
            step = -1 if is_open[name] else 0
        is_open[name] += step
        depth += step
        if tags > MAX_TAGS or depth > MAX_DEPTH:
            return False
    return True


def _without_forbidden(text: str) -> str:
    """Take control characters and lone surrogates out, also where they are written as numbers."""
    return _FORBIDDEN.sub("", _REFERENCE.sub(_harmless_reference, text))


def _harmless_reference(match: re.Match[str]) -> str:
    # The numbers from 128 to 159 stand for printable characters (HTML, "numeric character reference end state").
    number = int(match[1][-8:], 16) if match[1] else int(match[2][-10:])
    is_forbidden = number > 0x10FFFF or (not 0x80 <= number <= 0x9F and _FORBIDDEN.fullmatch(chr(number)))
    return "" if is_forbidden else match[0]


def _without_dropped(html: str) -> str:
    """Take elements out whose text must not show either. Only cosmetic: bleach decides what is safe."""
    return _DROPPED.sub("", html)


def _cleaner() -> Cleaner:
    # A cleaner is not safe to share between threads.
    return Cleaner(
        tags=TAGS,
        attributes=_keeps,
        protocols=SCHEMES | {"cid"},
        strip=True,
        strip_comments=True,
        css_sanitizer=_StyleSanitizer(),
    )


def _keeps(tag: str, name: str, value: str) -> bool:
    # bleach gives the value as it is written; what counts is how a browser reads it.
    read = unescape(value)
    if name == "style":
        return len(read) <= 4_000
    if (tag, name) == ("a", "href"):
        return _is_safe_link(read)
    pattern = ATTRIBUTES.get(tag, {}).get(name) or ATTRIBUTES["*"].get(name)
    return pattern is not None and pattern.fullmatch(read) is not None


def _is_safe_link(value: str) -> bool:
    """An explicit scheme of the list, no blanks or invisible characters, and no sign-in data before the host."""
    if len(value) > 2_048 or not value.isprintable() or re.search(r"[\s\\]", value):
        return False
    try:
        parts = urlsplit(value)
    except ValueError:
        return False
    if parts.scheme not in SCHEMES:
        return False
    return parts.scheme in {"mailto", "tel"} or (bool(parts.netloc) and "@" not in parts.netloc)


class _StyleSanitizer(CSSSanitizer):
    """Keeps declarations with a listed property and plain values: no functions but colours, no escapes, no urls."""

    def sanitize_css(self, style: str) -> str:
        text = unescape(style)
        # The parser recurses into brackets.
        if sum(map(text.count, "([{")) > MAX_BRACKETS:
            return ""
        declarations = tinycss2.parse_declaration_list(text, skip_comments=True, skip_whitespace=True)
        return "; ".join(filter(None, map(_kept_declaration, declarations)))


def _kept_declaration(declaration: Any) -> str:
    if declaration.type != "declaration" or declaration.lower_name not in STYLE_PROPERTIES:
        return ""
    value = tinycss2.serialize(declaration.value).strip()
    is_plain = STYLE_VALUE.fullmatch(value) and all(map(_is_plain, declaration.value))
    return f"{declaration.lower_name}: {value}" if is_plain else ""


def _is_plain(token: Any) -> bool:
    """A word, a text, a colour, or a size that is not negative: a negative margin could cover what stands beside it."""
    if token.type == "function":
        return token.lower_name in STYLE_FUNCTIONS and all(map(_is_plain, token.arguments))
    if token.type in {"number", "percentage", "dimension"}:
        return bool(token.value >= 0)
    return token.type in {"ident", "string", "hash", "whitespace"} or token in (",", "/")
