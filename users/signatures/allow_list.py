"""What a signature may hold: elements, attributes with their values, CSS properties with theirs. Data alone.

Chosen from what Outlook, Word, Gmail and Apple Mail write and what mail programs show. Nothing on these lists loads
from the network, runs, covers what stands beside it, hides text, or names an element for scripts and style sheets. So
there is no position, no negative margin, no url(), no class, id or name, and no element whose content HTML reads by
other rules than the rest (SVG, MathML, forms, textarea, style).
"""

from __future__ import annotations

import re

TAGS = frozenset(
    "a abbr address b big blockquote br caption center cite code col colgroup del div em font h1 h2 h3 h4 h5 h6 hr i "
    "img ins li ol p pre q s small span strike strong sub sup table tbody td tfoot th thead tr tt u ul wbr".split()
)
FORMATTING = frozenset("a b big code em font i nobr s small strike strong tt u".split())
"""What HTML opens again in the next block when it was not closed (HTML, "the list of active formatting elements")."""
VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())
DROPPED_WITH_CONTENT = "script style title noscript template textarea xmp iframe noembed noframes svg math object xml"
SCHEMES = frozenset({"http", "https", "mailto", "tel", "sms"})
WEB_SCHEMES = frozenset({"http", "https"})

# --- Attributes -----------------------------------------------------------------------------------------------------

_SIZE = re.compile(r"\d{1,4}(?:\.\d{1,4})?(?:px|pt|%)?")
_SPAN = re.compile(r"[1-9]|[1-4]\d|50")
_COLOUR = re.compile(r"#[0-9a-fA-F]{3,8}|[a-zA-Z]{1,30}|rgb\([\d\s,]{5,20}\)")
_WORD = re.compile(r"[a-zA-Z-]{1,20}")
_TEXT = re.compile(r"[^\x00-\x08\x0b-\x1f\u200b-\u200f\u2028-\u202e\u2066-\u2069]{0,300}")
_FACE = re.compile(r"[\w\s,.'-]{1,200}")
_NUMBER = re.compile(r"\d{1,4}")

PICTURE = re.compile(r"cid:[A-Za-z0-9._@+-]{1,96}")
"""A part of the message itself (RFC 2392): the only pictures that a signature shows."""

_CELL = {
    "width": _SIZE,
    "height": _SIZE,
    "colspan": _SPAN,
    "rowspan": _SPAN,
    "bgcolor": _COLOUR,
    "bordercolor": _COLOUR,
    "nowrap": re.compile("(?:nowrap|true)?"),
}
_COLUMN = {"width": _SIZE, "span": _SPAN}
ATTRIBUTES: dict[str, dict[str, re.Pattern[str]]] = {
    "*": {
        "dir": _WORD,
        "lang": _WORD,
        "title": _TEXT,
        "align": _WORD,
        "valign": _WORD,
        "role": re.compile("presentation|none|img"),
        "aria-label": _TEXT,
        "aria-hidden": re.compile("true|false"),
    },
    "img": {
        "src": PICTURE,
        "alt": _TEXT,
        "width": _SIZE,
        "height": _SIZE,
        "border": _SIZE,
        "hspace": _NUMBER,
        "vspace": _NUMBER,
    },
    "table": {
        "width": _SIZE,
        "height": _SIZE,
        "border": _SIZE,
        "cellpadding": _SIZE,
        "cellspacing": _SIZE,
        "bgcolor": _COLOUR,
        "bordercolor": _COLOUR,
    },
    "tr": {"bgcolor": _COLOUR, "height": _SIZE},
    "td": _CELL,
    "th": _CELL | {"scope": _WORD},
    "col": _COLUMN,
    "colgroup": _COLUMN,
    "font": {"color": _COLOUR, "face": _FACE, "size": re.compile(r"[+-]?[1-7]")},
    "hr": {"width": _SIZE, "size": _SIZE, "color": _COLOUR, "noshade": re.compile("(?:noshade)?")},
    "ol": {"start": _NUMBER, "type": _WORD},
    "ul": {"type": _WORD},
    "li": {"type": _WORD, "value": _NUMBER},
    "br": {"clear": _WORD},
}
"""Values match whole. Links (``href``) and styles have rules of their own."""

MAX_LINK = 2_048

# --- Styles ---------------------------------------------------------------------------------------------------------

MAX_STYLE = 4_000
"""Characters of one style attribute."""
MAX_BRACKETS = 20
MAX_DECLARATIONS = 60
MAX_VALUE = 200
MAX_TOKENS = 40
"""Of one value."""

_DECIMALS = r"(?:\.\d{1,8})?"
_LENGTH = (
    rf"(?:(?:[01]?\d{{1,3}}{_DECIMALS}|\.\d{{1,8}})(?:px|pt)"  # up to 1999
    rf"|(?:\d{{1,2}}{_DECIMALS}|\.\d{{1,8}})(?:em|rem|ex|in|cm|pc)"
    rf"|(?:\d{{1,3}}{_DECIMALS}|\.\d{{1,8}})(?:mm)?"  # up to 999, as for weights
    rf"|(?:[012]?\d{{1,2}}{_DECIMALS}|\.\d{{1,8}}|300)%)"
)
_NEGATIVE = rf"-(?:[0-4]?\d{_DECIMALS}|\.\d{{1,8}})(?:px|pt)|-(?:0?{_DECIMALS})(?:em|in)|-[01]{_DECIMALS}cm"
_KEYWORD = r"[a-zA-Z][a-zA-Z-]{0,39}"
_HEX = r"#[0-9a-fA-F]{3,8}"
_COLOUR_FUNCTION = r"(?:rgb|hsl)a?\(\s*[\d.]{1,8}%?(?:[\s,/]{1,3}[\d.]{1,8}%?){2,3}\s*\)"
_FONT_WORD = r"[^\W\d][\w-]{0,59}"
_STRING = r"""(?:"[\w .-]{1,60}"|'[\w .-]{1,60}')"""


def _values(*tokens: str) -> re.Pattern[str]:
    """Whole values of these tokens, separated by blanks, commas and slashes."""
    token = "(?:{})".format("|".join(tokens))
    return re.compile(rf"{token}(?:(?: ?[,/] ?| ){token}){{0,{MAX_TOKENS}}}", re.IGNORECASE)


_WORDS = _values(_KEYWORD)
_LENGTHS = _values(_LENGTH, _KEYWORD)
_SIGNED_LENGTHS = _values(_LENGTH, _NEGATIVE, _KEYWORD)
_COLOURS = _values(_HEX, _COLOUR_FUNCTION, _KEYWORD)
_MIXED = _values(_LENGTH, _HEX, _COLOUR_FUNCTION, _KEYWORD)
_FONTS = _values(_LENGTH, _STRING, _FONT_WORD)
_SHOWN = _values(
    "block|inline|inline-block|list-item|table|inline-table|table-row|table-cell|table-row-group|flex|inline-flex"
)

_PROPERTIES: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        _LENGTHS,
        """width height max-width min-width max-height min-height font-size font-weight line-height border-spacing
        border-width border-top-width border-right-width border-bottom-width border-left-width border-radius
        border-top-left-radius border-top-right-radius border-bottom-left-radius border-bottom-right-radius
        margin margin-top margin-right margin-bottom margin-left padding padding-top padding-right padding-bottom
        padding-left mso-table-lspace mso-table-rspace mso-padding-alt""",
    ),
    (_SIGNED_LENGTHS, "letter-spacing word-spacing vertical-align text-indent"),
    (
        _COLOURS,
        """color background-color border-color border-top-color border-right-color border-bottom-color
        border-left-color text-decoration-color""",
    ),
    (
        _MIXED,
        """background border border-top border-right border-bottom border-left text-decoration list-style""",
    ),
    (_FONTS, "font font-family"),
    (_SHOWN, "display"),
    (
        _WORDS,
        """font-style font-variant text-align text-transform text-decoration-line text-decoration-style white-space
        word-break word-wrap overflow-wrap align-items justify-content float clear border-collapse border-style
        border-top-style border-right-style border-bottom-style border-left-style table-layout box-sizing direction
        list-style-type list-style-position mso-line-height-rule""",
    ),
)
STYLE_VALUES = {name: values for values, names in _PROPERTIES for name in names.split()}
STYLE_PROPERTIES = frozenset(STYLE_VALUES)
