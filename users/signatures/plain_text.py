"""The plain-text twin of a signature."""

from __future__ import annotations

from inscriptis import get_text
from inscriptis.model.config import ParserConfig


def plain_text_of(html: str) -> str:
    """What the HTML says, line by line, with the addresses of its links."""
    if not html.strip():
        return ""
    text = get_text(html, ParserConfig(display_links=True))
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
