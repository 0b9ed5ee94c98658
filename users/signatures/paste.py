"""What the clipboard brings, from Outlook, Word, webmail and pages, as a signature."""

from __future__ import annotations

from html import escape

from django.utils.translation import gettext as _

from users.signatures.errors import SignatureRefused
from users.signatures.guard import refuse_too_long
from users.signatures.pasted import MISSING, Note, Pasted
from users.signatures.pasted_html import Apart, Wanted, take_apart
from users.signatures.picture_sources import Fetch, Missing, OnlyALink, Sources, from_rtf, is_on_web, lift_embedded
from users.signatures.pictures import Picture
from users.signatures.removals import notes_of
from users.signatures.rtf import read_rtf
from users.signatures.sanitizer import sanitize_html
from users.signatures.tokens import written_tag

MAX_PASTE = 10 * 1024 * 1024
"""Characters, with pictures that are written out in the HTML."""
MAX_WANTED = 100
"""Pictures, kept or not: more than ten are only told of."""
BROWSERS_OWN = "p { margin-top: 1em; margin-bottom: 1em }"
"""What pages rely on without saying it, and mail programs do not share. Their own style sheets come after it."""
KEPT_ATTRIBUTES = ("style", "title", "align", "border", "hspace", "vspace")


def read_paste(html: str, rtf: bytes = b"", *, fetch: Fetch | None = None) -> Pasted:
    """Clean HTML, the pictures that it shows and a report. Raises SignatureRefused when nothing can be kept.

    `rtf` is the other half of what Word and Outlook copy: it has the pictures. `fetch` gives the picture at an https
    address (:class:`users.signatures.remote.Fetcher`); without it, pictures from the web stay as links.
    """
    apart, embedded = open_paste(html)
    sources = Sources(embedded=embedded, fetch=fetch)
    sources.rtf = from_rtf(apart.wanted, read_rtf(rtf), apart.rules)
    return put_together(apart, sources)


def open_paste(html: str) -> tuple[Apart, dict[str, str]]:
    """The HTML in pieces, and the pictures that are written out in it. Raises SignatureRefused."""
    if len(html) > MAX_PASTE:
        raise _too_much()
    text, embedded = lift_embedded(html)
    refuse_too_long(text)
    apart = take_apart(text)
    if len(apart.wanted) > MAX_WANTED:
        raise _too_much()
    return apart, embedded


def _too_much() -> SignatureRefused:
    return SignatureRefused(_("This is too much for a signature. Copy the signature alone, and paste it again."))


def put_together(apart: Apart, sources: Sources) -> Pasted:
    """The signature with the pictures that can be had, and notes about the rest."""
    work = _Assembly(sources)
    sheets = [f"<style>{sheet}</style>" for sheet in (BROWSERS_OWN, *apart.sheets)]
    pieces = [work.shown(piece) if isinstance(piece, Wanted) else piece for piece in apart.pieces]
    html = sanitize_html("".join(sheets + pieces))
    return Pasted(
        html=html,
        pictures=tuple(picture for name, picture in work.pictures.items() if f"cid:{name}" in html),
        notes=(*work.notes, *notes_of(apart)),
        missing=tuple(name for name in work.missing if f'"cid:{name}"' in html),
        remote=tuple(work.remote),
    )


class _Assembly:
    """Finds the pictures one after the other."""

    def __init__(self, sources: Sources) -> None:
        self.sources = sources
        self.pictures: dict[str, Picture] = {}
        self.notes: list[Note] = []
        self.missing: list[str] = []
        self.remote: list[str] = []

    def shown(self, wanted: Wanted) -> str:
        """The HTML for a picture: itself, a link to it, or a mark where it is missing."""
        if not wanted.source:
            return ""
        if _is_tracker(wanted):
            self._note(
                wanted, "tracker_removed", _("An invisible picture, which tells who reads a message, was removed.")
            )
            return ""
        try:
            picture = self.sources.find(wanted)
        except OnlyALink as link:
            self._note(wanted, link.code, str(link))
            self.remote.append(wanted.source)
            return _link(wanted)
        except Missing as missing:
            self._note(wanted, missing.code, str(missing))
            self.missing.append(f"{MISSING}{len(self.missing) + 1}")
            return _tag(wanted, self.missing[-1], wanted.size)
        self.pictures[picture.content_id] = picture
        return _tag(wanted, picture.content_id, _shown_size(wanted, picture))

    def _note(self, wanted: Wanted, code: str, text: str) -> None:
        self.notes.append(Note(code, text, _place(wanted)))


def _place(wanted: Wanted) -> str:
    if not wanted.near:
        return _("picture %(number)s") % {"number": wanted.number}
    return _("picture %(number)s, next to “%(text)s”") % {"number": wanted.number, "text": wanted.near.strip()}


def _is_tracker(wanted: Wanted) -> bool:
    return is_on_web(wanted.source) and wanted.size in {(1, 1), (0, 1), (1, 0)}


def _shown_size(wanted: Wanted, picture: Picture) -> tuple[int, int]:
    """The size that the HTML wants; a side that it does not name follows from the picture."""
    width, height = wanted.size
    if width and not height:
        return width, max(round(width * picture.height / picture.width), 1)
    if height and not width:
        return max(round(height * picture.width / picture.height), 1), height
    return (width, height) if width else (picture.width, picture.height)


def _tag(wanted: Wanted, reference: str, size: tuple[int, int]) -> str:
    attributes = {"src": f"cid:{reference}", "alt": " ".join(wanted.attributes.get("alt", "").split())[:300]}
    attributes |= {name: str(pixels) for name, pixels in zip(("width", "height"), size, strict=True) if pixels}
    attributes |= {name: wanted.attributes[name] for name in KEPT_ATTRIBUTES if name in wanted.attributes}
    return written_tag("img", attributes)


def _link(wanted: Wanted) -> str:
    name = wanted.attributes.get("alt", "").strip()[:80] or _("picture")
    return f'<a href="{escape(wanted.source)}">{escape(name)}</a>'
