"""Which encoding a signature file is in. What Outlook's files say of it themselves may be wrong."""

from __future__ import annotations

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, lookup

SAMPLE = 1_024
_META = re.compile(rb"""<meta[^>]{0,200}charset\s*=\s*["']?\s*([\w.:-]{1,40})""", re.IGNORECASE)
_MARKS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_LE, "utf-16"), (BOM_UTF16_BE, "utf-16"))
_NOT_IN_BYTES = frozenset({"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-7"})
"""What is not what it says: the meta element that said so was read byte by byte."""


_AS_BROWSERS_READ = {
    "ascii": "cp1252",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
    "tis-620": "cp874",
    "gb2312": "gbk",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
}
"""What these names stand for on the web: more than they say (WHATWG, "Encoding", names and labels)."""
_UPPER_HALF = bytes(range(128, 256))


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
    if encoding is None or not encoding._is_text_encoding or encoding.name in _NOT_IN_BYTES:
        return []
    name = _AS_BROWSERS_READ.get(encoding.name, encoding.name)
    # Where each byte is a letter, nothing is UTF-8 throughout by chance: then the element is wrong.
    is_letter_by_byte = len(_UPPER_HALF.decode(name, "replace")) == len(_UPPER_HALF)
    return ["utf-8", name] if is_letter_by_byte else [name]
