"""Whether somebody's activities go into the calendar program, and if not, why, and who can change that."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from users.exports import calendar_of, may_export
from users.models import ActivityExport, EmailSettings, ExportQueue
from users.readiness import Item, readiness_of_settings


@dataclass(frozen=True)
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
    owner_id: int | None = None

    @cached_property
    def waiting(self) -> int:
        """How many activities are on their way; asked for where it is shown."""
        rows = ActivityExport.objects.filter(owner=self.owner_id, calendar=self.calendar, try_at__isnull=False)
        return rows.count()

    @property
    def is_paused(self) -> bool:
        return bool(self.paused_at) and not self.is_open and not self.missing


def calendar_state_of(settings: EmailSettings) -> CalendarState:
    """How the export stands with these settings."""
    calendar = calendar_of(settings)
    if not calendar:
        return CalendarState()
    queue = settings.export_queue or ExportQueue()
    return CalendarState(
        calendar,
        is_open=may_export(settings, queue),
        missing=readiness_of_settings(settings).missing,
        paused_at=queue.paused_at,
        problem=queue.problem,
        advice=queue.advice,
        owner_id=settings.user.pk,
    )
