"""Whether somebody's activities go into the calendar program, and if not, why, and who can change that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from users.exports import calendar_of, may_export
from users.models import ActivityExport, EmailSettings, ExportQueue
from users.readiness import Item, readiness_of_settings


@dataclass(frozen=True, slots=True)
class CalendarState:
    """How the export of one user stands."""

    calendar: str = ""
    """Stands for the calendar on the server; empty where appointments come as a file."""
    is_open: bool = False
    missing: list[Item] = field(default_factory=list)
    """What keeps it closed."""
    paused_at: datetime | None = None
    problem: str = ""
    advice: str = ""
    waiting: int = 0

    @property
    def is_paused(self) -> bool:
        return bool(self.paused_at) and not self.is_open and not self.missing


def calendar_state_of(settings: EmailSettings) -> CalendarState:
    """How the export stands with these settings."""
    calendar = calendar_of(settings)
    if not calendar:
        return CalendarState()
    queue = ExportQueue.objects.filter(pk=settings.user.pk).first() or ExportQueue()
    waiting = ActivityExport.objects.filter(owner=settings.user, calendar=calendar, try_at__isnull=False)
    return CalendarState(
        calendar,
        is_open=may_export(settings, queue),
        missing=readiness_of_settings(settings).missing,
        paused_at=queue.paused_at,
        problem=queue.problem,
        advice=queue.advice,
        waiting=waiting.count(),
    )
