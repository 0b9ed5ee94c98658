"""A small allow-list for signatures: text, links, tables and simple styles; nothing that loads or runs.

bleach is no longer maintained upstream, so it does not stand alone: input is bounded before it is parsed, every attribute
value is checked here, styles keep plain values only, and pages that show a signature run under a strict
Content-Security-Policy.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import tinycss2
from bleach.sanitizer import Cleaner
from django.utils.translation import gettext as _

MAX_CHARACTERS = 100_000
MAX_TAGS = 2_000
MAX_DEPTH = 150
MAX_ROUNDS = 3

TAGS = frozenset(
    "a b br center div em font h1 h2 h3 h4 hr i li ol p s small span strike strong sub sup "
    "table tbody td tfoot th thead tr u ul".split()
)
DROPPED_WITH_CONTENT = "script style title head noscript template textarea xmp iframe noembed noframes svg math object xml"
SCHEMES = frozenset({"http", "https", "mailto", "tel"})
STYLE_PROPERTIES = frozenset(
    "background-color border border-bottom border-collapse border-color border-left border-right border-style border-top "
    "border-width color font-family font-size font-style font-weight height letter-spacing line-height margin "
    "margin-bottom margin-left margin-right margin-top padding padding-bottom padding-left padding-right padding-top "
    "text-align text-decoration text-transform vertical-align white-space width".split()
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
    "font": {"color": _COLOUR, "face": _FACE, "size": re.compile(r"[+-]?[1-7]")},
    "hr": {"width": _SIZE, "size": _SIZE, "color": _COLOUR},
}
_DROPPED = re.compile(
    r"<(?P<tag>{})\b[^<>]*>.*?</(?P=tag)\s*>".format("|".join(DROPPED_WITH_CONTENT.split())), re.IGNORECASE | re.DOTALL
)
_OPENING = re.compile(r"<[a-zA-Z]")


class SignatureRefused(ValueError):
    """The HTML can't be kept. The text of the error says why, in plain words."""


def sanitize_html(html: str) -> str:
    """The HTML with everything unsafe taken out; sanitising the result again changes nothing.

    Raises :class:`SignatureRefused` for input that is too large or that does not come to rest.
    """
    _refuse_what_costs_too_much(html)
    text = html.replace("\x00", "")
    for _round in range(MAX_ROUNDS):
        cleaned = _cleaner().clean(_without_dropped(text)).strip()
        if cleaned == text:
            return cleaned
        text = cleaned
    raise SignatureRefused(_("This HTML is too tangled to be kept safely. Paste the signature again, or simplify it."))


def _refuse_what_costs_too_much(html: str) -> None:
    if len(html) > MAX_CHARACTERS:
        raise SignatureRefused(_("The signature is too long. Keep it under 100,000 characters."))
    if html.count("<") > MAX_TAGS * 2 or len(_OPENING.findall(html)) > MAX_TAGS or _depth(html) > MAX_DEPTH:
        raise SignatureRefused(_("The signature has too many elements. Paste the signature alone, not a whole page."))
    if any(chunk.count("=") > 40 or chunk.count("(") > 60 for chunk in html.split("<")):
        raise SignatureRefused(_("One element of the signature has too many attributes. Simplify it."))


def _depth(html: str) -> int:
    """How deep elements may be nested at most, counting everything that is never closed."""
    return len(re.findall(r"<(?!br|hr|img|wbr|col)[a-zA-Z]", html)) - html.count("</")


def _without_dropped(html: str) -> str:
    """Take elements out whose text must not show either. Only cosmetic: bleach decides what is safe."""
    return _DROPPED.sub("", html)


def _cleaner() -> Cleaner:
    # A cleaner is not safe to share between threads.
    return Cleaner(
        tags=TAGS, attributes=_keeps, protocols=SCHEMES, strip=True, strip_comments=True, css_sanitizer=_StyleSanitizer()
    )


def _keeps(tag: str, name: str, value: str) -> bool:
    if name == "style":
        return len(value) <= 4_000
    if (tag, name) == ("a", "href"):
        return _is_safe_link(value)
    pattern = ATTRIBUTES.get(tag, {}).get(name) or ATTRIBUTES["*"].get(name)
    return pattern is not None and pattern.fullmatch(value) is not None


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


class _StyleSanitizer:
    """Keeps declarations with a listed property and plain values: no functions but colours, no escapes, no urls."""

    def sanitize_css(self, style: str) -> str:
        kept = [
            f"{declaration.lower_name}: {value}"
            for declaration in tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
            if declaration.type == "declaration" and declaration.lower_name in STYLE_PROPERTIES
            if _is_plain(declaration.value, value := tinycss2.serialize(declaration.value).strip())
        ]
        return "; ".join(kept)


def _is_plain(tokens: list[tinycss2.ast.Node], value: str) -> bool:
    functions = {token.lower_name for token in tokens if token.type == "function"}
    return STYLE_VALUE.fullmatch(value) is not None and functions <= STYLE_FUNCTIONS and "-" not in value[:1]
