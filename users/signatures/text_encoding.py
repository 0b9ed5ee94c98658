"""Which encoding a signature file is in. What Outlook's files say of it themselves may be wrong."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup

SAMPLE = 1_024
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_MARKS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
_NOT_IN_BYTES = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"})
"""What is not what it says: the meta element that said so was read byte by byte."""


def decoded(content: bytes) -> str:
    """The text: by its byte order mark, by the zeros in it, as its meta element says, as UTF-8, or as Windows-1252."""
    for encoding in (*_certain(content), *_named(content), "utf-8"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    # Five bytes mean nothing in Windows-1252; HTML reads them as control characters.
    return content.decode("cp1252", "replace")


def _certain(content: bytes) -> list[str]:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return [encoding]
    sample = content[:SAMPLE]
    if sample[1::2].count(0) * 4 > len(sample):
        return ["utf-16-le"]
    if sample[::2].count(0) * 4 > len(sample):
        return ["utf-16-be"]
    return []


def _named(content: bytes) -> list[str]:
    match = _META.search(content, 0, 4 * SAMPLE)
    try:
        encoding = lookup(match[1].decode("ascii")) if match else None
    except LookupError:
        return []
    is_usable = encoding is not None and encoding._is_text_encoding and encoding.name not in _NOT_IN_BYTES
    return [encoding.name] if encoding and is_usable else []
