"""Character references, such as ``&amp;`` and ``&#65;``."""

from __future__ import annotations

import re
from html import unescape

_ENDLESS = re.compile(r"&#(?:[xX][0-9a-fA-F]{20,}+|[0-9]{20,}+);?")


def unescaped(text: str) -> str:
    """The text that is meant. A number of twenty digits stands for none; Python raises an error at very long ones."""
    return unescape(_ENDLESS.sub("\N{REPLACEMENT CHARACTER}", text))
