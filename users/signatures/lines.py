"""The lines of a signature, and taking out those that have nothing to say.

A line is a paragraph, a list item, a row of a table, or what stands between two line breaks.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from users.signatures.allow_list import VOID
from users.signatures.tokens import Token, read_tokens

BLOCKS = frozenset(
    "address blockquote caption center div h1 h2 h3 h4 h5 h6 hr li ol p pre table tbody td tfoot th thead tr ul".split()
)
ROWS_AROUND = frozenset({"table", "tbody", "thead", "tfoot"})
STAYS = frozenset({"td", "th"})
"""A row without one of its cells would be another table."""

IsSilent = Callable[[str], bool | None]
"""Whether a piece of source has nothing to say; None where it does not matter."""


@dataclass(slots=True)
class Node:
    """A tag with what is in it, or a piece of text."""

    token: Token
    children: list[Node] = field(default_factory=list)
    is_closed: bool = False

    @property
    def name(self) -> str:
        return self.token.name

    def sources(self) -> Iterator[str]:
        """What is written in it, tags included."""
        yield self.token.source
        for child in self.children:
            yield from child.sources()

    def html(self, write: Callable[[Token], str]) -> str:
        end = f"</{self.name}>" if self.is_closed else ""
        return write(self.token) + "".join(child.html(write) for child in self.children) + end

    def has(self, names: frozenset[str]) -> bool:
        return any(child.name in names or child.has(names) for child in self.children)


def read_tree(html: str) -> Node:
    """Sanitised HTML as a tree. An end tag without a beginning stays where it is, as text."""
    root = Node(Token(""))
    around = [root]
    for token in read_tokens(html):
        if token.is_closing and len(around) > 1 and around[-1].name == token.name:
            around.pop().is_closed = True
            continue
        node = Node(token)
        around[-1].children.append(node)
        if token.name and not token.is_closing and token.name not in VOID:
            around.append(node)
    return root


def without_silent_lines(node: Node, is_silent: IsSilent) -> None:
    """Take out, in place, the lines of which `is_silent` is true, and what nothing is left in then."""
    if node.name == "tr" and _is_one_line(node) and _is_silent(node.children, is_silent):
        node.children.clear()
        return
    kept = [one for line in _lines(node.children) for one in _what_stays(line, is_silent)]
    if len(kept) < len(node.children):
        node.children = _without_last_break(kept, node.children)


def _what_stays(line: list[Node], is_silent: IsSilent) -> list[Node]:
    if len(line) > 1 or not _holds_lines(line[0]):
        return [] if _is_silent(line, is_silent) else line
    was_empty = _is_empty(line[0])
    without_silent_lines(line[0], is_silent)
    return [] if _is_empty(line[0]) and not was_empty else line


def _lines(nodes: list[Node]) -> Iterator[list[Node]]:
    """Nodes by line, a line break being the end of its line; what holds lines itself stands alone."""
    line: list[Node] = []
    for node in nodes:
        if _holds_lines(node):
            yield from (one for one in (line, [node]) if one)
            line = []
            continue
        line.append(node)
        if node.name == "br":
            yield line
            line = []
    if line:
        yield line


def _holds_lines(node: Node) -> bool:
    return node.name in BLOCKS or node.has(frozenset({"br"}) | BLOCKS)


def _is_silent(nodes: list[Node], is_silent: IsSilent) -> bool:
    """Whether something in the line matters, and all that matters is silent."""
    answers = [is_silent(source) for node in nodes for source in node.sources()]
    known = [answer for answer in answers if answer is not None]
    return bool(known) and all(known)


def _is_one_line(row: Node) -> bool:
    return all(len(list(_lines(_inner(cell)))) <= 1 for cell in row.children)


def _inner(cell: Node) -> list[Node]:
    """What is in a cell, or in the only block in it."""
    nodes = [node for node in cell.children if node.name or node.token.source.strip()]
    return _inner(nodes[0]) if len(nodes) == 1 and _holds_lines(nodes[0]) else nodes


def _is_empty(node: Node) -> bool:
    if node.name in STAYS:
        return False
    return all(child.name == "" and not child.token.source.strip() for child in node.children)


def _without_last_break(kept: list[Node], before: list[Node]) -> list[Node]:
    """Where the last line went, the break in front of it would begin an empty one."""
    ends_anew = bool(kept) and kept[-1].name == "br" and before[-1] is not kept[-1]
    return kept[:-1] if ends_anew else kept
