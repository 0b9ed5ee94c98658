"""Reads pasted HTML piece by piece, with the conditional comments of Microsoft's programs understood.

``<!--[if gte vml 1]>…<![endif]-->`` is a comment to browsers, and may hold further ones, which an end at the first
``-->`` would cut through; ``<![if !vml]>…<![endif]>`` and ``<!--[if !mso]><!-->…<!--<![endif]-->`` are shown by
browsers. (Microsoft, "About conditional comments".) What is read here is sanitised afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from itertools import islice

from users.signatures.references import unescaped

MAX_ATTRIBUTES = 100
"""Of one tag; those behind are not read."""
_ATTRIBUTES = re.compile(r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+""")
_WRITTEN_ATTRIBUTES = r"""(?:[\s/]*+[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?+)?+)*+"""
_TOKEN = re.compile(
    r"""(?P<reveal><!--\[if[^\]]*+\]>(?:<!--[\s-]*+>|-->)|<!\[if[^\]]*+\]>)"""
    r"""|(?P<hide><!--\[if[^\]]*+\]>)"""
    r"""|(?P<endif>(?:<!--\s*+)?<!\[endif\](?:--)?>)"""
    r"""|(?P<comment><!--(?:-?>|.*?(?:--!?>|\Z)))"""
    rf"""|<(?P<closing>/?)(?P<name>[a-zA-Z][^\s/>]*+)(?P<attributes>{_WRITTEN_ATTRIBUTES})[\s/]*+(?:>|\Z)"""
    r"""|(?P<other><[!?/][^>]*+(?:>|\Z))"""
    r"""|(?P<text>[^<]++|<)""",
    re.DOTALL | re.IGNORECASE,
)
_RAW_ENDS = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("style", "script", "title", "textarea", "xmp", "iframe", "noembed", "noframes")
}
"""Where the content of elements that hold text alone ends, whatever tags and comments seem to be in it."""


@dataclass(frozen=True, slots=True)
class Token:
    """A tag or a piece of text as it is written. `is_hidden` in what only Microsoft's programs read."""

    source: str
    name: str = ""
    is_closing: bool = False
    written_attributes: str = ""
    is_hidden: bool = False

    @property
    def attributes(self) -> dict[str, str]:
        """Their values as a browser reads them; of several with one name, the first."""
        found: dict[str, str] = {}
        for match in islice(_ATTRIBUTES.finditer(self.written_attributes), MAX_ATTRIBUTES):
            name, value = match[1], match[2] or ""
            bare = value[1:-1] if value[:1] in {'"', "'"} else value
            found.setdefault(name.lower(), unescaped(bare))
        return found


def read_tokens(html: str) -> Iterator[Token]:
    """Tags and text in their order; comments are left out."""
    ended = _ended_conditions(html)
    open_conditions: list[bool] = []
    hiding = position = 0
    while match := _TOKEN.match(html, position):
        position = match.end()
        if match["hide"] and match.start() not in ended:
            position = _after_comment(html, position)
        elif match["hide"] or match["reveal"]:
            open_conditions.append(bool(match["hide"]))
            hiding += open_conditions[-1]
        elif match["endif"]:
            hiding -= open_conditions.pop() if open_conditions else 0
        elif match["name"]:
            name = match["name"].lower()
            yield Token(match[0], name, bool(match["closing"]), match["attributes"], hiding > 0)
            if name in _RAW_ENDS and not match["closing"]:
                end = _raw_end(html, name, position)
                yield Token(html[position:end], is_hidden=hiding > 0)
                position = end
        elif match["text"]:
            yield Token(match[0], is_hidden=hiding > 0)


def _raw_end(html: str, name: str, position: int) -> int:
    match = _RAW_ENDS[name].search(html, position)
    return match.start() if match else len(html)


def written_tag(name: str, attributes: dict[str, str]) -> str:
    """A start tag whose attributes have these values."""
    return "<{} {}>".format(name, " ".join(f'{name}="{escape(value)}"' for name, value in attributes.items()))


def _after_comment(html: str, position: int) -> int:
    """Where an ordinary comment ends, which a conditional one without an end is."""
    end = html.find("-->", position)
    return len(html) if end < 0 else end + 3


def _ended_conditions(html: str) -> set[int]:
    """Where the conditional comments begin that have an end of their own."""
    begun: list[int] = []
    ended = set()
    for match in re.finditer(r"<!--\[if|<!\[if|<!\[endif\]", html, re.IGNORECASE):
        if match[0].lower() != "<![endif]":
            begun.append(match.start())
        elif begun:
            ended.add(begun.pop())
    return ended
