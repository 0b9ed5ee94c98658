"""The plain-text twin of a signature."""

from __future__ import annotations

import re

from inscriptis import get_text
from inscriptis.model.config import ParserConfig

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def plain_text_of(html: str) -> str:
    """What the HTML says, line by line, with the addresses of its links."""
    if not html.strip():
        return ""
    text = _CONTROLS.sub("", get_text(html, ParserConfig(display_links=True)))
    return "\n".join(line.rstrip() for line in text.strip().splitlines())
