"""Knocks on the door for whoever works off rounds of checks; see ``users/tasks.py``."""

from __future__ import annotations

from django.utils import timezone
from django_tasks import task
from django_tasks_db.models import DBTaskResult

from users import knocks, round_crew, rounds

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
    if rounds.is_something_left():
        knocks.arrange(check_users, timezone.now())


def forget_old() -> None:
    """Remove what is known of tasks that were done a while ago."""
    rounds.forget_old()
    knocks.forget_old(check_users)


def knock() -> None:
    check_users.enqueue()


rounds.wake_workers.append(knock)
