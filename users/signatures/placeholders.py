"""Placeholders of company signatures: plain replacement, never a template engine on text that people type."""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape
from urllib.parse import quote

from users.signatures.errors import SignatureRefused
from users.signatures.lines import read_tree, without_silent_lines
from users.signatures.sanitizer import sanitize_html
from users.signatures.tokens import Token, written_tag

PLACEHOLDERS = ("name", "job_title", "department", "phone", "mobile", "email")
_PLACEHOLDER = re.compile(r"\{\{\s*(\w+)\s*\}\}")
_NOT_DIALLED = re.compile(r"[^0-9+*#]")


def fill_in(html: str, values: Mapping[str, str]) -> str:
    """The sanitised HTML with ``{{ name }}`` and its like replaced; unknown ones stay as they are.

    A line whose placeholders are all empty disappears, with all else that stands in it. The result is sanitised again.
    """
    values = {name: value.strip() for name, value in values.items()}

    def is_silent(source: str) -> bool | None:
        names = _PLACEHOLDER.findall(source)
        return all(values.get(name) == "" for name in names) if names else None

    tree = read_tree(html)
    without_silent_lines(tree, is_silent)
    filled = tree.html(lambda token: _written(token, values))
    try:
        return sanitize_html(filled)
    except SignatureRefused:
        # With its values it is larger than what is read; all of them are escaped for the place where they stand.
        return filled


def unknown_placeholders(html: str) -> list[str]:
    """The placeholders in `html` that nothing is known for, in their order."""
    return [name for name in _PLACEHOLDER.findall(html) if name not in PLACEHOLDERS]


def _written(token: Token, values: Mapping[str, str]) -> str:
    if "{{" not in token.source:
        return token.source
    if not token.name:
        return _replaced(token.source, {name: escape(value) for name, value in values.items()})
    attributes = token.attributes
    for name, value in attributes.items():
        attributes[name] = _filled_link(value, values) if name == "href" else _replaced(value, values)
    return written_tag(token.name, attributes)


def _replaced(text: str, values: Mapping[str, str]) -> str:
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def _filled_link(address: str, values: Mapping[str, str]) -> str:
    """Values as a link can carry them: digits for telephones, the rest percent-encoded (RFC 3986, RFC 6068)."""
    scheme = address.partition(":")[0].lower()
    if scheme in {"tel", "sms"}:
        return _replaced(address, {name: _NOT_DIALLED.sub("", value) for name, value in values.items()})
    unreserved = "@" if scheme == "mailto" else ""
    return _replaced(address, {name: quote(value, safe=unreserved) for name, value in values.items()})
