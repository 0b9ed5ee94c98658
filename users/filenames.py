"""Names for files that are made for somebody."""

from __future__ import annotations

import re
import unicodedata

FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
"""Characters that Windows takes in no file name (Microsoft, "Naming Files, Paths, and Namespaces")."""

RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
MAX_LENGTH = 80


def filename_of(subject: str, suffix: str, *, otherwise: str) -> str:
    """A safe name made of the subject, such as ``Offer 2041.eml``; `otherwise` is the name where it gives none."""
    visible = (" " if unicodedata.category(character)[0] in "CZ" else character for character in subject)
    name = " ".join(FORBIDDEN.sub(" ", "".join(visible)).split())[:MAX_LENGTH].strip(". ")
    return (otherwise if not name or RESERVED.fullmatch(name) else name) + suffix
