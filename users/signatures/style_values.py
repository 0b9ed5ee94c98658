"""The style attribute: what of its declarations is kept."""

from __future__ import annotations

import re

import tinycss2
from bleach.css_sanitizer import CSSSanitizer

from users.signatures.allow_list import MAX_BRACKETS, MAX_DECLARATIONS, MAX_STYLE, MAX_VALUE, STYLE_VALUES
from users.signatures.references import unescaped

SIDES = {name: [f"{name}-{side}" for side in ("top", "right", "bottom", "left")] for name in ("margin", "padding")}

# Styles without escapes, comments, blocks and functions other than colours mean to CSS what they look like. Everything
# else is left to the parser.
_PLAIN_VALUE = (
    r"""(?:[^;"'(){}\[\]\\/<>!@&]|"[\w .,-]*+"|'[\w .,-]*+'|(?<=rgb)\([\d .,%]*+\)|(?<=rgba)\([\d .,%]*+\))*+"""
)
_PLAIN = re.compile(rf"\s*+([a-zA-Z-]++)\s*+:({_PLAIN_VALUE})(?:;|\Z)|\s*+(?:;|\Z)")


class StyleSanitizer(CSSSanitizer):
    """Keeps declarations with a listed property and a value of its grammar.

    One for each signature: Word repeats the same style on every line.
    """

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, str] = {}

    def sanitize_css(self, style: str) -> str:
        if style not in self._known:
            self._known[style] = kept_style(unescaped(style))
        return self._known[style]


def kept_style(style: str) -> str:
    """The declarations that are on the list, written in one way, without those that a later one undoes.

    The result is its own fixed point.
    """
    # The parser recurses into brackets.
    if len(style) > MAX_STYLE or sum(map(style.count, "([{")) > MAX_BRACKETS:
        return ""
    declarations = _plain_declarations(style)
    if declarations is None:
        declarations = _parsed_declarations(style)
    kept: dict[str, str] = {}
    for name, value in declarations[:MAX_DECLARATIONS]:
        if is_kept(name, value):
            for earlier in (name, *SIDES.get(name, ())):
                kept.pop(earlier, None)
            kept[name] = value
    return "; ".join(f"{name}: {value}" for name, value in kept.items())


def is_kept(name: str, value: str) -> bool:
    """Whether a property is on the list, and the value, its blanks being single ones, of its grammar."""
    pattern = STYLE_VALUES.get(name)
    return pattern is not None and len(value) <= MAX_VALUE and pattern.fullmatch(value) is not None


def _plain_declarations(style: str) -> list[tuple[str, str]] | None:
    """Property and value of each declaration; None where the style needs a parser."""
    found, position = [], 0
    while position < len(style):
        match = _PLAIN.match(style, position)
        if match is None:
            return None
        if match[1]:
            found.append((match[1].lower(), " ".join(match[2].split())))
        position = match.end()
    return found


def _parsed_declarations(style: str) -> list[tuple[str, str]]:
    parsed = tinycss2.parse_declaration_list(style, skip_comments=True, skip_whitespace=True)
    return [
        (declaration.lower_name, " ".join(tinycss2.serialize(declaration.value).split()))
        for declaration in parsed
        if declaration.type == "declaration"
    ]
