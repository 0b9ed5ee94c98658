"""What the editor of signatures asks the server for: everything that is pasted, dropped or chosen goes through here."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from users.models import User
from users.picture_references import address_of, with_addresses, with_content_ids
from users.signature_pictures import keep, pictures_in, refuse_what_can_not_be_kept
from users.signatures import SignatureRefused, sanitize_html
from users.signatures.meter import measure
from users.signatures.outgoing import for_recipients
from users.signatures.outlook_files import read_files
from users.signatures.paste import read_paste
from users.signatures.pasted import Pasted
from users.signatures.pictures import Picture, read_picture
from users.signatures.remote import Fetcher
from users.views.access import AuthenticatedRequest

MAX_HTML = 4_000_000
"""Bytes that are read at all; the reader itself keeps far less."""
MAX_RTF = 20_000_000
MAX_FILES = 60
MAX_FILE_BYTES = 10_000_000
"""Of all files together."""
MAX_SHOWN_WIDTH = 600
"""Pixels: what a message is wide in most mail programs."""
REFUSED = 422


@require_POST
def paste(request: AuthenticatedRequest) -> JsonResponse:
    """What was pasted (``html``, ``rtf``), chosen or dropped (``files`` with their ``paths``), as clean HTML.

    ``own`` says that the HTML comes from the editor itself. ``shown`` is what stands in the editor already.
    """
    try:
        pasted = read(request)
        with transaction.atomic():
            keep(request.user, pasted.pictures, shown=with_content_ids(request.POST.get("shown", "")))
            refuse_what_can_not_be_kept(pasted.html, request.user)
    except SignatureRefused as refused:
        return JsonResponse({"error": str(refused)}, status=REFUSED)
    return JsonResponse(_answer(pasted))


@require_POST
def measurement(request: AuthenticatedRequest) -> HttpResponse:
    """How large the signature is, as the part of the page that says so."""
    return render(request, "users/_signature_meter.html", meter_of(request.POST.get("html", ""), request.user))


def meter_of(html: str, editor: User) -> dict[str, Any]:
    """What that part of the page shows, for HTML that nobody has looked at yet."""
    try:
        cleaned = for_recipients(sanitize_html(with_content_ids(html)))
    except SignatureRefused as refused:
        return {"refused": str(refused)}
    return {"meter": measure(cleaned, pictures_in(cleaned, editor))}


def read(request: AuthenticatedRequest) -> Pasted:
    """Whatever the request brings. Raises SignatureRefused."""
    if files := request.FILES.getlist("files"):
        return read_uploads(files, request.POST.getlist("paths"))
    html = _text(request, "html", MAX_HTML)
    if not html.strip():
        raise SignatureRefused(_("There is nothing to take over. Copy the signature, and paste it again."))
    if request.POST.get("own"):
        return Pasted(sanitize_html(with_content_ids(html)))
    return read_paste(html, _bytes(request, "rtf", MAX_RTF), fetch=Fetcher())


def read_uploads(files: Sequence[UploadedFile], paths: Sequence[str] = ()) -> Pasted:
    """Outlook's files, or pictures. Raises SignatureRefused."""
    if not files:
        raise SignatureRefused(_("No file was chosen. Choose the signature's .htm file and its pictures, or a zip."))
    if len(files) > MAX_FILES:
        raise SignatureRefused(_("These are too many files. Choose the signature and its picture folder alone."))
    if sum(file.size or 0 for file in files) > MAX_FILE_BYTES:
        raise SignatureRefused(_("These files are larger than 10 MB together. Choose the signature's files alone."))
    if all(_is_picture(file) for file in files):
        return _pictures(files)
    names = paths if len(paths) == len(files) else [file.name or "" for file in files]
    return read_files([(name, file.read()) for name, file in zip(names, files, strict=True)], fetch=Fetcher())


def _answer(pasted: Pasted) -> dict[str, Any]:
    """HTML for the editor, the pictures that are stored now, and what is not as it was."""
    return {
        "html": with_addresses(pasted.html),
        "pictures": [
            {
                "content_id": picture.content_id,
                "address": address_of(picture.content_id),
                "width": picture.width,
                "height": picture.height,
            }
            for picture in pasted.pictures
        ],
        "notes": [{"code": note.code, "text": str(note.text), "place": str(note.place)} for note in pasted.notes],
        "missing": list(pasted.missing),
    }


def _is_picture(file: UploadedFile) -> bool:
    return (file.content_type or "").startswith("image/")


def _pictures(files: Sequence[UploadedFile]) -> Pasted:
    """Pictures alone, one behind the other, at most as wide as a message."""
    shown = [(read_picture(file.read()), file.name or "") for file in files]
    html = "".join(_image_tag(picture, name) for picture, name in shown)
    return Pasted(sanitize_html(html), tuple(picture for picture, _name in shown))


def _image_tag(picture: Picture, name: str) -> str:
    width = min(picture.width, MAX_SHOWN_WIDTH)
    height = max(1, round(picture.height * width / picture.width))
    alt = escape(PurePath(name).stem[:100])
    return f'<img src="cid:{picture.content_id}" width="{width}" height="{height}" alt="{alt}">'


def _text(request: AuthenticatedRequest, name: str, limit: int) -> str:
    """A field, or a file: scripts send files, because Django bounds fields to what people type."""
    if name in request.FILES:
        return _bytes(request, name, limit).decode("utf-8", "replace")
    return request.POST.get(name, "")


def _bytes(request: AuthenticatedRequest, name: str, limit: int) -> bytes:
    file = request.FILES.get(name)
    if file is None:
        return request.POST.get(name, "").encode("latin-1", "replace")
    if (file.size or 0) > limit:
        raise SignatureRefused(_("That is too much at once. Paste the signature alone, not a whole message."))
    content: bytes = file.read()
    return content
