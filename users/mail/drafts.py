"""The name of the file in which a draft is handed over."""

from __future__ import annotations

import re
import unicodedata

from django.utils.translation import gettext as _

FORBIDDEN = re.compile(r'[<>:"/\\|?*]+')
"""Characters that Windows takes in no file name (Microsoft, "Naming Files, Paths, and Namespaces")."""

RESERVED = re.compile(r"(?:con|prn|aux|nul|com\d|lpt\d)(?:\..*)?", re.IGNORECASE)
MAX_LENGTH = 80
SUFFIX = ".eml"


def draft_filename(subject: str) -> str:
    """A safe name made of the subject, such as ``Offer 2041.eml``."""
    visible = (" " if unicodedata.category(character)[0] in "CZ" else character for character in subject)
    name = " ".join(FORBIDDEN.sub(" ", "".join(visible)).split())[:MAX_LENGTH].strip(". ")
    return (_("Message") if not name or RESERVED.fullmatch(name) else name) + SUFFIX
