"""Knocks on the door for whoever works off rounds of checks; see ``users/tasks.py``."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from users import round_crew, rounds

AGAIN_AFTER = timedelta(minutes=1)
KEPT_FOR = timedelta(days=1)
AFTER_ALL_OTHERS = -10


@task(priority=AFTER_ALL_OTHERS)
def check_users() -> int:
    """Check users of rounds for a while, and let other work have its turn. Returns how many were looked at."""
    arrange_next()
    done = round_crew.run_due(has_other_work)
    if done and rounds.is_something_left():
        knock()
    forget_old()
    return done


def has_other_work() -> bool:
    """Whether tasks of another kind wait for a worker."""
    return DBTaskResult.objects.ready().exclude(task_path=check_users.module_path).exists()


def arrange_next() -> None:
    """Have somebody look again, should this worker be killed."""
    waiting = DBTaskResult.objects.filter(
        task_path=check_users.module_path, status="READY", run_after__gt=timezone.now()
    )
    if rounds.is_something_left() and not waiting.exists():
        check_users.using(run_after=timezone.now() + AGAIN_AFTER).enqueue()


def forget_old() -> None:
    """Remove what is known of tasks that were done a while ago."""
    rounds.forget_old()
    old = DBTaskResult.objects.filter(task_path=check_users.module_path, finished_at__lt=timezone.now() - KEPT_FOR)
    old.delete()


def knock() -> None:
    check_users.enqueue()


rounds.wake_workers.append(knock)
