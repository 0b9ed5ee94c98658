"""The pictures of signatures, from the paste until nothing shows them any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.models import SignatureImage, SignatureTemplate, User
from users.picture_references import content_ids_in
from users.signatures import SignatureRefused
from users.signatures.pictures import MAX_PICTURES, MAX_TOTAL_BYTES, Picture

ABANDONED_AFTER = timedelta(days=1)
Holder = User | SignatureTemplate


@transaction.atomic
def keep(user: User, pictures: Iterable[Picture], *, shown: str = "") -> None:
    """Store pasted pictures, each once, with whoever pasted them. Raises SignatureRefused when there are too many.

    Where room is short, pictures go that were pasted earlier and neither saved nor left in the editor, which shows
    the HTML `shown`.
    """
    remove_abandoned()
    User.objects.select_for_update().get(pk=user.pk)  # two pastes at once count each other's pictures
    stored = list(user.signature_images.defer("content").order_by("added_at", "pk"))
    present = {row.content_id for row in stored}
    added = [row for row in _rows(pictures) if row.content_id not in present]
    kept = {row.content_id for row in added} | {picture.content_id for picture in pictures} | content_ids_in(shown)
    for row in _superfluous(stored, added, kept):
        row.delete()
        stored.remove(row)
    _refuse_too_many([*stored, *added])
    user.signature_images.filter(content_id__in=present & kept).update(added_at=timezone.now())
    for row in added:
        row.owner = user
        row.save(force_insert=True)


def settle(html: str, holder: Holder, editor: User) -> None:
    """After saving: what the signature shows is the holder's own and in use, and what it no longer shows is gone."""
    shown = content_ids_in(html)
    _fetch_from_elsewhere(shown, holder, editor)
    holder.signature_images.filter(is_used=True).exclude(content_id__in=shown).delete()
    holder.signature_images.filter(content_id__in=shown).update(is_used=True)
    remove_abandoned()


def pictures_in(html: str, editor: User) -> tuple[Picture, ...]:
    """The stored pictures that the HTML shows and that `editor` may see, each once."""
    return _as_pictures(SignatureImage.objects.visible_to(editor).named(content_ids_in(html)))


def pictures_of(holder: Holder, html: str) -> tuple[Picture, ...]:
    """The holder's own pictures that the HTML shows."""
    return _as_pictures(holder.signature_images.named(content_ids_in(html)))


def refuse_what_can_not_be_kept(html: str, editor: User) -> None:
    """Raise SignatureRefused where the HTML shows pictures that are not stored, or too many of them."""
    names = content_ids_in(html)
    if not names:
        return
    rows = {row.content_id: row for row in SignatureImage.objects.visible_to(editor).named(names).defer("content")}
    if missing := names - rows.keys():
        sentence = ngettext(
            "One picture of the signature is no longer stored here. Remove it, and add it again.",
            "%(count)d pictures of the signature are no longer stored here. Remove them, and add them again.",
            len(missing),
        )
        raise SignatureRefused(sentence % {"count": len(missing)})
    _refuse_too_many(list(rows.values()))


def remove_abandoned() -> None:
    """Remove what was pasted and never saved, and what settings showed that were deleted."""
    never_saved = Q(is_used=False, added_at__lt=timezone.now() - ABANDONED_AFTER)
    left_behind = Q(is_used=True, owner__isnull=False, owner__email_settings__isnull=True)
    SignatureImage.objects.filter(never_saved | left_behind).delete()


def _as_pictures(rows: Iterable[SignatureImage]) -> tuple[Picture, ...]:
    unique = {row.content_id: row for row in rows}
    return tuple(
        Picture(bytes(row.content), row.media_type, row.width, row.height, row.content_id) for row in unique.values()
    )


def _rows(pictures: Iterable[Picture]) -> list[SignatureImage]:
    unique = {picture.content_id: picture for picture in pictures}
    return [
        SignatureImage(
            content=picture.content,
            media_type=picture.media_type,
            size=len(picture.content),
            width=picture.width,
            height=picture.height,
            sha256=picture.sha256,
            content_id=picture.content_id,
        )
        for picture in unique.values()
    ]


def _superfluous(
    stored: Sequence[SignatureImage], added: Sequence[SignatureImage], kept: set[str]
) -> list[SignatureImage]:
    """The oldest pictures that nobody needs, as many as have to go so that the new ones fit."""
    count = len(stored) + len(added) - MAX_PICTURES
    size = sum(row.size for row in [*stored, *added]) - MAX_TOTAL_BYTES
    going = []
    for row in stored:
        if (count > 0 or size > 0) and not row.is_used and row.content_id not in kept:
            going.append(row)
            count, size = count - 1, size - row.size
    return going


def _refuse_too_many(pictures: Sequence[SignatureImage]) -> None:
    """Raise SignatureRefused where these are more pictures than one signature may have."""
    if len(pictures) > MAX_PICTURES:
        raise SignatureRefused(
            _("A signature can have %(count)d pictures at most. Remove one first.") % {"count": MAX_PICTURES}
        )
    if sum(row.size for row in pictures) > MAX_TOTAL_BYTES:
        raise SignatureRefused(_("The pictures have more than 5 MB together. Make them smaller, or remove one first."))


def _fetch_from_elsewhere(shown: set[str], holder: Holder, editor: User) -> None:
    """Move what the editor has pasted for somebody else, and copy what another signature shows too."""
    missing = shown - set(holder.signature_images.values_list("content_id", flat=True))
    for row in {row.content_id: row for row in SignatureImage.objects.visible_to(editor).named(missing)}.values():
        if row.is_used or row.owner_id != editor.pk:
            row.pk = None
            row._state.adding = True
        row.owner, row.template = (holder, None) if isinstance(holder, User) else (None, holder)
        row.save()
