"""Placeholders of company signatures: plain replacement, never a template engine on text that people type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

PLACEHOLDERS = ("name", "job_title", "department", "phone", "mobile", "email")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")


def fill_in(html: str, values: Mapping[str, str]) -> str:
    """Replace ``{{ name }}`` and its like by their escaped values; unknown ones stay as they are."""
    return _PLACEHOLDER.sub(lambda match: escape(values[match[1]]) if match[1] in values else match[0], html)


def unknown_placeholders(html: str) -> list[str]:
    """The placeholders in `html` that nothing is known for, in their order."""
    return [name for name in _PLACEHOLDER.findall(html) if name not in PLACEHOLDERS]
