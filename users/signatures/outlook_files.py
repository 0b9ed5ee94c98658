"""Outlook's signature files: ``NAME.htm`` with its picture folder, or a zip of both."""

from __future__ import annotations

from collections.abc import Sequence

from users.signatures.paste import Fetch, read_paste
from users.signatures.pasted import Pasted


def read_files(files: Sequence[tuple[str, bytes]], *, fetch: Fetch | None = None) -> Pasted:
    """The signature in these files, each a name (a path where the browser tells it) and its content.

    Raises SignatureRefused, with the reason.
    """
    html = next(content for name, content in files if name.lower().endswith((".htm", ".html")))
    return read_paste(html.decode("utf-8", "replace"), fetch=fetch)
