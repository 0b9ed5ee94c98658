"""The name of the file in which a draft is handed over."""

from __future__ import annotations

from django.utils.translation import gettext as _

from users.filenames import MAX_LENGTH, filename_of

__all__ = ["MAX_LENGTH", "SUFFIX", "draft_filename"]

SUFFIX = ".eml"


def draft_filename(subject: str) -> str:
    """A safe name made of the subject, such as ``Offer 2041.eml``."""
    return filename_of(subject, SUFFIX, otherwise=_("Message"))
