"""Brings activities into another calendar after a change of the settings: what is still to come moves, the past stays.

The appointments in the old calendar are let be. After a change of what all users share, many may have another calendar:
they are gone through a batch at a time, and a worker that is killed leaves a mark of how far it has come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from django.db.models import Exists, F, OuterRef
from django.utils import timezone

from users.exports import calendar_of, to_come
from users.models import ActivityExport, EmailSettings, Installation, SystemSettings, User

State = ActivityExport.State
BATCH = 200


def move_future(calendars: Mapping[int, str]) -> None:
    """What is still to come of these owners goes into the calendars in use, which are given by the owners' keys.

    A calendar stands for one address, so that it need not be asked whose it is.
    """
    in_use = {calendar for calendar in calendars.values() if calendar}
    rows = ActivityExport.objects.filter(owner_id__in=calendars)
    rows.exclude(calendar__in=in_use).exclude(state=State.LEFT).update(state=State.LEFT, try_at=None)
    wanted = to_come().filter(owner_id__in=[owner_id for owner_id, calendar in calendars.items() if calendar])
    rows.filter(calendar__in=in_use, state=State.LEFT, activity__in=wanted).update(
        state=State.WAITING, requested=F("requested") + 1, try_at=timezone.now()
    )
    known = ActivityExport.objects.filter(activity_uid=OuterRef("uid"), calendar__in=in_use)
    missing = wanted.filter(~Exists(known)).only("uid", "owner_id")
    ActivityExport.objects.bulk_create(
        [
            ActivityExport(
                owner_id=activity.owner_id,
                activity=activity,
                activity_uid=activity.uid,
                calendar=calendars[activity.owner_id],
                try_at=timezone.now(),
            )
            for activity in missing
        ],
        batch_size=BATCH,
        ignore_conflicts=True,
    )


def move_everybody() -> None:
    """Go on where the last worker stopped, if anybody has asked for it."""
    seen_to = SystemSettings.objects.values_list("calendars_seen_to", flat=True).first()
    if seen_to is None:
        return
    installation = Installation.load()
    for owners in _owners_after(seen_to):
        move_future({row.pk: calendar_of(row) for row in _settings_of(owners, installation)})
        if not _note(seen_to, owners[-1]):
            return
        seen_to = owners[-1]
    _note(seen_to, None)


def _owners_after(key: int) -> Iterator[list[int]]:
    """The keys of those for whom something is still to come, in batches."""
    owners = User.objects.filter(Exists(to_come().filter(owner=OuterRef("pk")))).order_by("pk")
    while batch := list(owners.filter(pk__gt=key).values_list("pk", flat=True)[:BATCH]):
        yield batch
        key = batch[-1]


def _settings_of(owners: Collection[int], installation: Installation) -> Iterator[EmailSettings]:
    stored = EmailSettings.objects.in_bulk(owners)
    for owner_id in owners:
        settings = stored.get(owner_id) or EmailSettings(user_id=owner_id)
        settings.installation = installation
        yield settings


def _note(seen_to: int, now: int | None) -> bool:
    """False, when it was asked for anew meanwhile, or another worker has come further."""
    return bool(SystemSettings.objects.filter(calendars_seen_to=seen_to).update(calendars_seen_to=now))
