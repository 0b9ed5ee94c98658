"""What is said about the parts of a paste that are taken out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from users.signatures.pasted import Note
from users.signatures.pasted_html import Apart
from users.signatures.sanitizer import is_safe_link

REMOVALS: tuple[tuple[str, frozenset[str], str | Promise], ...] = (
    ("script_removed", frozenset({"script"}), gettext_lazy("A script was removed.")),
    (
        "form_removed",
        frozenset({"form", "input", "button", "select", "textarea"}),
        gettext_lazy("A form was removed: mail programs don't show it."),
    ),
    (
        "embedded_removed",
        frozenset({"iframe", "object", "embed", "applet", "video", "audio"}),
        gettext_lazy("Embedded content, such as a video, was removed: mail programs don't show it."),
    ),
    (
        "svg_removed",
        frozenset({"svg"}),
        gettext_lazy("A drawing (SVG) was removed: mail programs don't show it. Add it as PNG."),
    ),
    ("hidden_removed", frozenset({"hidden"}), gettext_lazy("Hidden text was removed.")),
    (
        "background_removed",
        frozenset({"background"}),
        gettext_lazy("A picture behind the text was removed: mail programs don't show it."),
    ),
)


_LEADS_ELSEWHERE = re.compile(r"\s*(?!x-apple-data-detectors:)[a-zA-Z][a-zA-Z0-9+.-]*:|\s*[\\/]{2}")


def notes_of(apart: Apart) -> Iterator[Note]:
    """One note for each kind of thing that was taken out, and for each link that leads where none may."""
    for code, names, text in REMOVALS:
        if apart.removed & names:
            yield Note(code, str(text))
    for address in dict.fromkeys(apart.links):
        if _LEADS_ELSEWHERE.match(address) and not is_safe_link(address.strip()):
            yield Note(
                "link_removed",
                _("A link was removed, because it leads neither to the web nor to an e-mail address or a telephone."),
                address[:60],
            )
