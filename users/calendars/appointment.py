"""An appointment as every calendar program understands it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

DONE = "✓ "
"""Calendars know no appointments that are done: it stands in front of the subject."""

CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What neither iCalendar (RFC 5545 section 3.1) nor XML 1.0 (section 2.2) can carry, or no program shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointment:
    """What a calendar shows of an activity.

    `starts_at` and `ends_at` are instants. A whole-day appointment has a `first_day` and a `last_day` as well, and
    these count.
    """

    uid: UUID
    sequence: int
    changed_at: datetime
    subject: str
    starts_at: datetime
    ends_at: datetime
    zone: str
    first_day: date | None = None
    last_day: date | None = None
    place: str = ""
    text: str = ""
    reference: str = ""
    link: str = ""
    is_done: bool = False
    is_cancelled: bool = False

    @property
    def is_whole_day(self) -> bool:
        return self.first_day is not None

    @property
    def day_after(self) -> date | None:
        """Where calendars let a whole-day appointment end: the day after its last one."""
        return self.last_day and self.last_day + timedelta(days=1)

    @property
    def start(self) -> datetime:
        return self.starts_at.astimezone(ZoneInfo(self.zone))

    @property
    def end(self) -> datetime:
        return self.ends_at.astimezone(ZoneInfo(self.zone))

    @property
    def title(self) -> str:
        return (DONE if self.is_done else "") + in_one_line(self.subject)

    @property
    def body(self) -> str:
        """The text, and below it what the activity is about."""
        about = "\n".join(in_one_line(part) for part in (self.reference, self.link) if part)
        return "\n\n".join(part for part in (without_controls(self.text), about) if part)


def without_controls(text: str) -> str:
    """The text with ``\\n`` as its line end, without characters that calendars can't carry."""
    lines = re.sub("\r\n|[\r\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return CONTROL.sub("", lines)


def in_one_line(text: str) -> str:
    return " ".join(without_controls(text).split())
