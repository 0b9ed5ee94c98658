"""Knocks on the doors of workers: arranging the next one, and forgetting those that were answered long ago."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from django_tasks.base import Task
from django_tasks_db.models import DBTaskResult

AGAIN_AFTER = timedelta(minutes=1)
KEPT_FOR = timedelta(days=1)


def arrange(task: Task[Any, Any], due: datetime) -> None:
    """Have the task run when it is due, in a minute at the earliest, unless it is arranged to run by then anyway."""
    now = timezone.now()
    moment = max(due, now + AGAIN_AFTER)
    arranged = DBTaskResult.objects.filter(
        task_path=task.module_path, status="READY", run_after__gt=now, run_after__lte=moment
    )
    if not arranged.exists():
        task.using(run_after=moment).enqueue()


def forget_old(*tasks: Task[Any, Any]) -> None:
    """Remove what is known of runs of these tasks that ended a while ago."""
    paths = [task.module_path for task in tasks]
    DBTaskResult.objects.filter(task_path__in=paths, finished_at__lt=timezone.now() - KEPT_FOR).delete()
