"""The plain-text twin of a signature."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape
from textwrap import dedent

from inscriptis import get_text
from inscriptis.css_profiles import CSS_PROFILES
from inscriptis.model.config import ParserConfig

from users.signatures.references import unescaped
from users.signatures.tokens import Token, read_tokens

MAX_ALIGNED = 1_000_000
"""Characters that lines of tables may come to at most, blanks included."""
ROWS = frozenset({"table", "caption", "tr"})
CELLS = frozenset({"colgroup", "col", "thead", "tbody", "tfoot", "th", "td"})
LINES = ROWS | frozenset("address blockquote br center div h1 h2 h3 h4 h5 h6 hr li ol p pre ul".split())
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_INLINE = "a|b|em|font|i|span|strong|u"
_EMPTY_LINE = re.compile(
    rf"(<(p|div)\b[^<>]*+>(?:<(?:{_INLINE})\b[^<>]*+>)*+)[ \t\n]*+(?:&nbsp;|\xa0)(?:&nbsp;|\s)*+"
    rf"(?=(?:</(?:{_INLINE})>|\s)*+</\2>)",
    re.IGNORECASE,
)
"""A paragraph with nothing but a blank: the way in which Outlook writes an empty line."""
_TAGS = re.compile(r"<[^>]*+>")
_NO_SPACE = re.compile(r"0?(?:\.\d+|0)?(?:px|pt|em|rem|in|cm|mm|%)?")
_SCHEME = re.compile(r"(?:https?://|mailto:|tel:|sms:)", re.IGNORECASE)
_NOT_DIALLED = re.compile(r"[^0-9+*#]")


def plain_text_of(html: str) -> str:
    """What the HTML says, line by line, with the addresses of its links where the text does not say them."""
    if not html.strip():
        return ""
    tokens = list(read_tokens(_EMPTY_LINE.sub(r"\1<br>", html)))
    if _columns_would_be_too_long(tokens):
        tokens = list(map(_without_columns, tokens))
    # inscriptis reads references once more in what lxml has read already.
    simple = "".join(_simplified(iter(tokens))).replace("&amp;", "&amp;amp;")
    text = _CONTROLS.sub("", get_text(simple, ParserConfig(css=CSS_PROFILES["strict"])))
    return dedent("\n".join(line.rstrip() for line in text.splitlines())).strip()


def _columns_would_be_too_long(tokens: list[Token]) -> bool:
    """Columns stand below each other by blanks: every line of a table gets as long as the longest cells together."""
    text = length = longest = lines = cells = most_cells = depth = deepest = 0
    for token in tokens:
        if not token.name:
            text, length = text + len(token.source), length + len(token.source)
            longest = max(longest, length)
            continue
        length *= token.name not in LINES | CELLS
        depth += (token.name == "table") * (-1 if token.is_closing else 1)
        lines += token.name in LINES and not token.is_closing
        cells = 0 if token.name == "tr" else cells + (token.name in {"td", "th"} and not token.is_closing)
        deepest, most_cells = max(deepest, depth), max(most_cells, cells)
    return lines * min(text, longest * most_cells * deepest) > MAX_ALIGNED


def _without_columns(token: Token) -> Token:
    if token.name not in ROWS | CELLS:
        return token
    source = " " if token.name in CELLS else "</div>" if token.is_closing else "<div>"
    return Token(source, is_hidden=token.is_hidden)


def _simplified(tokens: Iterator[Token]) -> Iterator[str]:
    """The HTML with its links written out, and a block in place of each paragraph that keeps no distance."""
    close_paragraph = "</p>"
    shown: set[str] = set()
    for token in tokens:
        if token.is_hidden:
            continue
        if token.name == "a" and not token.is_closing:
            yield from _link(token, tokens, shown)
        elif token.name == "p":
            style = token.attributes.get("style", "")
            if not token.is_closing:
                close_paragraph = "</div>" if _keeps_no_distance(style) else "</p>"
            yield close_paragraph if token.is_closing else close_paragraph.replace("/", "")
        elif token.name == "hr":
            yield "<div></div>"
        else:
            yield _without_style(token)


def _without_style(token: Token) -> str:
    """The tag without its style, whose sizes would become blanks and empty lines; what is not shown stays hidden."""
    style = token.attributes.get("style", "") if "style" in token.written_attributes.lower() else ""
    if not style:
        return token.source
    hidden = ' style="display:none"' if "display:none" in style.replace(" ", "").lower() else ""
    return f"<{token.name}{hidden}>"


def _link(token: Token, tokens: Iterator[Token], shown: set[str]) -> Iterator[str]:
    """Everything up to the end of a link, as ``[text](address)`` where the text is not the address."""
    content = []
    for inner in tokens:
        if inner.name == "a":
            break
        content.append(_without_style(inner))
    address = token.attributes.get("href", "").strip()
    text = " ".join(unescaped(_TAGS.sub("", "".join(content))).split())
    written = address if address.lower().startswith("http") else _SCHEME.sub("", address).partition("?")[0]
    if not text:
        yield "" if not _SCHEME.match(address) or address in shown else escape(written)
    elif _SCHEME.match(address) and not _says(text, address):
        yield from ("[", *content, f"]({escape(written)})")
    else:
        yield from content
    shown.add(address)


def _says(text: str, address: str) -> bool:
    """Whether the text of a link is its address already, however it is written."""
    if address.lower().startswith(("tel:", "sms:")):
        return _NOT_DIALLED.sub("", text).endswith(_NOT_DIALLED.sub("", address)[-6:])
    bare = _SCHEME.sub("", address).partition("?")[0].rstrip("/").casefold()
    return bare.removeprefix("www.") == _SCHEME.sub("", text).rstrip("/").casefold().removeprefix("www.")


def _keeps_no_distance(style: str) -> bool:
    """Whether a paragraph with this style stands close to its neighbours."""
    sides: dict[str, str] = {}
    for declaration in style.lower().split(";"):
        name, _colon, value = declaration.partition(":")
        name, values = name.strip(), value.split()
        if name == "margin" and values:
            sides |= {"margin-top": values[0], "margin-bottom": values[2 if len(values) > 2 else 0]}
        elif values:
            sides[name] = values[0]
    return all(_NO_SPACE.fullmatch(sides.get(f"margin-{side}", "1em")) for side in ("top", "bottom"))
