"""Takes pasted HTML apart: what is shown, the pictures that it wants, its style sheets, and what is taken out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from users.signatures.allow_list import DROPPED_WITH_CONTENT, VOID
from users.signatures.references import unescaped
from users.signatures.tokens import Token, read_tokens, written_tag

DROPPED = frozenset(DROPPED_WITH_CONTENT.split())
SHAPES = frozenset({"v:shape", "v:rect", "v:roundrect", "v:oval", "v:image"})
"""What a picture of VML is drawn in. Between the two may stand others, such as one for the link."""
FRAME = frozenset({"html", "head", "body", "meta", "link", "base"})
BLOCK_ENDS = frozenset({"p", "td", "th", "div", "li", "table"})
CONTEXT = 30
"""Characters of the text by which a picture's place is named."""
_START, _END = "<!--StartFragment-->", "<!--EndFragment-->"
_HIDDEN = re.compile(r"(?:^|;)\s*+(?:display\s*+:\s*+none|mso-hide\s*+:\s*+all)", re.IGNORECASE)
_BACKGROUND = re.compile(r"url\s*\(", re.IGNORECASE)
_NUMBER = re.compile(r"(\d{1,4})(?:\.\d+)?(?:px)?")
_LENGTH = re.compile(r"(?:^|[;\s])(width|height)\s*+:\s*+(\d{1,4}(?:\.\d{1,6})?)(pt|px|in)", re.IGNORECASE)
_PIXELS = {"pt": 96 / 72, "px": 1, "in": 96}


@dataclass(slots=True)
class Wanted:
    """A picture that the HTML shows: where it says that it is, its attributes, and the text that it stands next to."""

    number: int
    source: str
    attributes: dict[str, str]
    near: str = ""

    @property
    def size(self) -> tuple[int, int]:
        """Pixels; 0 where it is not said."""
        return self._side("width"), self._side("height")

    def _side(self, name: str) -> int:
        attribute = _NUMBER.fullmatch(self.attributes.get(name, "").strip())
        if attribute:
            return int(attribute[1])
        for side, number, unit in _LENGTH.findall(self.attributes.get("style", "")):
            if side.lower() == name:
                return round(float(number) * _PIXELS[unit.lower()])
        return 0


@dataclass(slots=True)
class Apart:
    """The HTML in pieces, each as it is written or a picture that is wanted there."""

    pieces: list[str | Wanted] = field(default_factory=list)
    sheets: list[str] = field(default_factory=list)
    removed: set[str] = field(default_factory=set)
    """Names of elements that were taken out; ``background`` for pictures behind the text, ``hidden`` for what hides."""
    links: list[str] = field(default_factory=list)
    rules: int = 0
    """How many horizontal rules there are."""

    wanted: list[Wanted] = field(default_factory=list)
    """The pictures among the pieces."""


def take_apart(html: str) -> Apart:
    """The part that was copied, with the style sheets from around it."""
    begin, end = html.find(_START), html.rfind(_END)
    if begin < 0 or end < begin:
        return _Reader().read(html)
    around = _Reader().read(html[:begin])
    inside = _Reader().read(html[begin + len(_START) : end])
    inside.sheets[:0] = around.sheets
    return inside


class _Reader:
    def __init__(self) -> None:
        self.apart = Apart()
        self.inside = ""
        """The element whose content is dropped at the moment."""
        self.depth = 0
        self.text = ""
        self.nameless: list[Wanted] = []
        self.shape: dict[str, str] = {}
        self.drawings: list[tuple[str, dict[str, str]]] = []
        """Pictures of VML that no ``<img>`` has stood for yet, with their shapes."""

    def read(self, html: str) -> Apart:
        for token in read_tokens(html):
            if self.inside:
                self._drop(token)
            elif token.name in DROPPED and not token.is_closing:
                self.inside, self.depth = token.name, 1
                if not token.is_hidden:
                    self.apart.removed.add(token.name)
            elif token.name.startswith("v:"):
                self._see_drawing(token)
            elif _hides(token):
                self.inside, self.depth = token.name, 1
                self.apart.removed.add("hidden")
            elif not token.is_hidden:
                self._take(token)
        self._show_drawings()
        return self.apart

    def _drop(self, token: Token) -> None:
        if token.name == self.inside:
            self.depth += -1 if token.is_closing else 1
            self.inside = self.inside if self.depth else ""
        elif self.inside == "style" and not token.is_hidden:
            self.apart.sheets.append(token.source)

    def _take(self, token: Token) -> None:
        if not token.name:
            self._take_text(token)
        elif token.name == "img" and not token.is_closing:
            self._take_picture(token)
        elif token.name not in FRAME:
            if token.is_closing and token.name in BLOCK_ENDS:
                self._show_drawings()
            self._note(token)
            self.apart.pieces.append(_with_true_address(token))

    def _take_text(self, token: Token) -> None:
        words = " ".join(unescaped(token.source).split())
        if words:
            self._show_drawings()
            self.text = words
            for wanted in self.nameless:
                wanted.near = words[:CONTEXT]
            self.nameless.clear()
        self.apart.pieces.append(token.source)

    def _take_picture(self, token: Token) -> None:
        attributes = token.attributes
        shapes = set(attributes.get("v:shapes", "").split())
        self.drawings = [one for one in self.drawings if shapes and one[1].get("id", "") not in shapes]
        self._show_drawings()
        self._want(attributes.get("src", ""), attributes)

    def _want(self, source: str, attributes: dict[str, str]) -> None:
        wanted = Wanted(len(self.apart.wanted) + 1, source.strip(), attributes, self.text[-CONTEXT:])
        self.apart.pieces.append(wanted)
        self.apart.wanted.append(wanted)
        if not wanted.near:
            self.nameless.append(wanted)

    def _see_drawing(self, token: Token) -> None:
        if token.name == "v:imagedata" and not token.is_closing:
            attributes = token.attributes
            self.drawings.append((attributes.get("src", ""), self.shape | {"title": attributes.get("o:title", "")}))
        elif token.name in SHAPES and not token.is_closing:
            self.shape = token.attributes

    def _show_drawings(self) -> None:
        """Pictures that only VML shows: no ``<img>`` followed."""
        drawings, self.drawings = self.drawings, []
        for source, shape in drawings:
            self._want(source, {"style": shape.get("style", ""), "alt": shape.get("alt", "") or shape["title"]})

    def _note(self, token: Token) -> None:
        if token.is_closing:
            return
        self.apart.removed.add(token.name)
        self.apart.rules += token.name == "hr"
        attributes = token.attributes
        if attributes.get("background") or _BACKGROUND.search(attributes.get("style", "")):
            self.apart.removed.add("background")
        if token.name == "a" and attributes.get("href"):
            self.apart.links.append(attributes["href"])


def _hides(token: Token) -> bool:
    """Whether nobody sees what the element holds; without this it would come to light."""
    is_element = token.name and not (token.is_closing or token.is_hidden or token.name in VOID)
    return bool(
        is_element and "style" in token.written_attributes and _HIDDEN.search(token.attributes.get("style", ""))
    )


def _with_true_address(token: Token) -> str:
    """A link without blanks around its address, and past the scanner through which Outlook on the web leads it."""
    if token.name != "a" or token.is_closing:
        return token.source
    attributes = token.attributes
    address = attributes.get("href", "")
    original = attributes.get("originalsrc", "")
    better = (original if original.startswith("https://") else address).strip()
    return token.source if better == address else written_tag("a", attributes | {"href": better})
