"""Outlook's signature files: ``NAME.htm`` with its picture folder, or a zip of both.

Outlook keeps them in ``%APPDATA%\\Microsoft\\Signatures``. The folder's name ends in the language of Office
(``_files``, ``-Dateien``, ``_fichiers`` ...) and does not matter, unless there are several: pictures are known by their
bare names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.signatures.errors import SignatureRefused
from users.signatures.paste import open_paste, put_together
from users.signatures.pasted import Pasted
from users.signatures.picture_sources import Fetch, Sources, bare_name, name_with_folder
from users.signatures.text_encoding import decoded
from users.signatures.zip_files import MAX_ENTRIES, MAX_UNPACKED, unpacked

PAGES = (".htm", ".html")
_RESOURCE_FORK = re.compile(r"(?:^|/)(?:__MACOSX/|\._)")
"""What macOS puts beside the files of a zip."""
ZIP = b"PK\3\4"
PICTURES = (
    ".png",
    ".jpg",
    ".jpeg",
    ".jpe",
    ".gif",
    ".bmp",
    ".tif",
    ".tiff",
    ".emz",
    ".wmz",
    ".emf",
    ".wmf",
    ".webp",
    ".svg",
)


ABSENT = gettext_lazy("One picture is not among the files: add it here, or choose the signature's folder too.")


def read_files(files: Sequence[tuple[str, bytes]], *, fetch: Fetch | None = None) -> Pasted:
    """The signature in these files, each a name (a path where the browser tells it) and its content.

    Raises SignatureRefused, with the reason.
    """
    files = [
        one for name, content in files for one in (unpacked(content) if _is_zip(name, content) else [(name, content)])
    ]
    if len(files) > MAX_ENTRIES or sum(len(content) for _name, content in files) > MAX_UNPACKED:
        raise SignatureRefused(_("These are too many files. Choose only the signature's .htm file and its folder."))
    files = [(name, content) for name, content in files if not _RESOURCE_FORK.search(name)]
    page = _page(files)
    apart, embedded = open_paste(decoded(page))
    pasted = put_together(apart, Sources(embedded=embedded, files=_pictures(files), fetch=fetch, absent=ABSENT))
    if not pasted.html and not pasted.notes:
        raise SignatureRefused(_("The signature's file is empty. Choose another one."))
    return pasted


def _pictures(files: Sequence[tuple[str, bytes]]) -> dict[str, bytes]:
    """By their names with and without their folder; not by a bare name that different pictures of two folders have."""
    pictures = [(name, content) for name, content in files if bare_name(name).endswith(PICTURES)]
    by_bare_name: dict[str, set[bytes]] = {}
    for name, content in pictures:
        by_bare_name.setdefault(bare_name(name), set()).add(content)
    unmistakable = {name: contents.pop() for name, contents in by_bare_name.items() if len(contents) == 1}
    return {name_with_folder(name): content for name, content in pictures} | unmistakable


def _is_zip(name: str, content: bytes) -> bool:
    return name.lower().endswith(".zip") or content.startswith(ZIP)


def _page(files: Sequence[tuple[str, bytes]]) -> bytes:
    """The one page among the files. A picture folder may hold further ones (filelist.xml is none)."""
    pages = [
        (name, content) for name, content in files if name.lower().endswith(PAGES) and _depth(name) == _least(files)
    ]
    if not pages:
        raise SignatureRefused(
            _("There is no .htm file among these. Choose the signature's .htm file, and its folder.")
        )
    if len(pages) > 1:
        raise SignatureRefused(
            _("There are several signatures among these files. Choose one .htm file with its folder.")
        )
    return pages[0][1]


def _least(files: Sequence[tuple[str, bytes]]) -> int:
    return min((_depth(name) for name, _content in files if name.lower().endswith(PAGES)), default=0)


def _depth(name: str) -> int:
    return name.replace("\\", "/").count("/")
