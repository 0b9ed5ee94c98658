"""Work in the background: ``manage.py db_worker`` does it, or the demonstration's own worker.

A worker that is killed leaves its task undone for ever. So tasks are only knocks on the door: what has to be done
stands in tables of its own, and as long as there is something, the next knock is arranged before the work begins.
"""

from __future__ import annotations

from django.dispatch import receiver
from django_tasks import task

from users import expired_activities, export_runs, exports, knocks
from users.models import Activity
from users.models.activity import activity_saved


@task()
def export_owner(owner_id: int) -> int:
    """Bring one owner's calendar up to date. Returns how many activities were looked at."""
    arrange_next()
    return export_runs.run_owner(owner_id)


@task()
def export_due() -> int:
    """Bring all calendars up to date in which something is due, and clear away what nobody needs any more."""
    arrange_next()
    forget_old()
    expired_activities.remove_expired()
    return export_runs.run_due()


def arrange_next() -> None:
    """Have somebody look again when there is something to do, if nobody does so anyway by then."""
    moments = [moment for moment in (exports.next_due(), expired_activities.next_expiry()) if moment is not None]
    if moments:
        knocks.arrange(export_due, min(moments))


@receiver(activity_saved)
def arrange_removal(activity: Activity, **_kwargs: object) -> None:
    """A deleted activity is to be removed some day, also where nothing else is ever to be done."""
    if activity.cancelled_at is not None:
        arrange_next()


def forget_old() -> None:
    """Remove what is known of tasks that were done a while ago."""
    knocks.forget_old(export_owner, export_due)


def knock(owner_id: int | None) -> None:
    if owner_id is None:
        export_due.enqueue()
    else:
        export_owner.enqueue(owner_id)


exports.wake_workers.append(knock)
