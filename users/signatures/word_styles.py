"""Style sheets of Word and Outlook, written into the elements that they are for before the sanitiser drops them.

Without this every paragraph of Word would lose its font, and gain the gaps that its ``p.MsoNormal { margin: 0 }``
takes away. css-inline does it; what it gets is bounded here: simple selectors, declarations that would be kept
anyway, and no more of them than the result may hold.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice

from django.utils.translation import gettext as _

from users.signatures.errors import SignatureRefused
from users.signatures.style_values import kept_style
from users.signatures.tokens import Token, read_tokens, written_tag

MAX_CSS = 128 * 1024
MAX_BRACES = 4_000
MAX_RULES = 400
MAX_GROWTH = 200_000
"""Characters of declarations that are written into elements, counted high."""

_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)|<!--|-->", re.DOTALL)
_PIECE = re.compile(r"([^{}]*+)([{}]|\Z)")
_SIMPLE = r"(?:[a-zA-Z][a-zA-Z0-9]*+)?+(?:\.[a-zA-Z_][\w-]*+){0,2}"
_SELECTOR = re.compile(rf"{_SIMPLE}(?:(?:\s*>\s*|\s+){_SIMPLE}){{0,3}}", re.ASCII)
_LAST = re.compile(r"([a-zA-Z][a-zA-Z0-9]*)?(?:\.([\w-]+))?[^\s>]*\Z", re.ASCII)


def with_styles_inline(html: str, sheets: Iterable[str]) -> str:
    """The HTML with the declarations of its style sheets in its elements; their own ones win."""
    rules = list(_affordable(_rules("\n".join(sheets)[:MAX_CSS]), html.lower()))
    if not rules:
        return html
    # A large library, and few signatures come with a style sheet.
    import css_inline

    inliner = css_inline.CSSInliner(inline_style_tags=False, keep_at_rules=False, load_remote_stylesheets=False)
    css = "\n".join(f"{selector} {{ {declarations} }}" for selector, declarations in rules)
    try:
        return inliner.inline_fragment("".join(map(_with_kept_style, read_tokens(html))), css)
    except css_inline.InlineError as error:
        raise SignatureRefused(
            _("The style sheet of this signature can't be read. Paste the signature again.")
        ) from error


def _with_kept_style(token: Token) -> str:
    """The tag with what is kept of its style anyway: the library gives up where a style is not well written."""
    style = (
        "" if token.is_closing or "style" not in token.written_attributes.lower() else token.attributes.get("style", "")
    )
    return written_tag(token.name, token.attributes | {"style": kept_style(style)}) if style else token.source


def _rules(css: str) -> Iterator[tuple[str, str]]:
    """Each selector with the declarations that are kept. Rules within at-rules, which depend on the reader, are not."""
    depth, prelude, is_nested = 0, "", False
    for before, brace in (piece.groups() for piece in islice(_PIECE.finditer(_COMMENT.sub(" ", css)), MAX_BRACES)):
        if brace == "{":
            prelude, is_nested = (before, False) if depth == 0 else (prelude, True)
            depth += 1
            continue
        depth = max(depth - 1, 0)
        if depth == 0 and not is_nested:
            declarations = kept_style(before)
            yield from ((selector, declarations) for selector in _selectors(prelude) if declarations)


def _selectors(prelude: str) -> Iterator[str]:
    for written in prelude.rpartition(";")[2].split(","):
        selector = written.strip().removesuffix(":link")
        if selector and _SELECTOR.fullmatch(selector):
            yield selector


def _affordable(rules: Iterable[tuple[str, str]], html: str) -> Iterator[tuple[str, str]]:
    """As many rules as the signature has room for."""
    growth = 0
    for number, (selector, declarations) in enumerate(rules):
        last = _LAST.search(selector)
        tag, name = last.groups() if last else ("", "")
        uses = html.count(f"<{tag.lower()}" if tag else "<")
        growth += min(uses, html.count(name.lower()) if name else uses) * len(declarations)
        if number >= MAX_RULES or growth > MAX_GROWTH:
            return
        yield selector, declarations
