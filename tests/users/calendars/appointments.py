"""Appointments for tests, and what calendars find hard."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from users.calendars.appointment import Appointment
from users.local_times import beginning_of

UID = UUID("4a6de2f5-6d0f-4c0e-9a35-9c2c1f2d7b10")


def appointment(**fields: Any) -> Appointment:
    """An hour in Berlin in the summer, unless said otherwise."""
    defaults: dict[str, Any] = {
        "uid": UID,
        "sequence": 0,
        "changed_at": datetime(2026, 6, 1, 12, tzinfo=UTC),
        "subject": "Call the buyer",
        "starts_at": datetime(2026, 7, 1, 7, tzinfo=UTC),
        "ends_at": datetime(2026, 7, 1, 8, tzinfo=UTC),
        "zone": "Europe/Berlin",
    }
    return Appointment(**defaults | fields)


def whole_days(first: date, last: date, zone: str = "Europe/Berlin") -> Appointment:
    ends_at = beginning_of(date.fromordinal(last.toordinal() + 1), zone)
    return appointment(first_day=first, last_day=last, starts_at=beginning_of(first, zone), ends_at=ends_at, zone=zone)


def at(start: str, end: str, zone: str) -> Appointment:
    """An appointment between two instants in UTC."""
    starts_at, ends_at = (datetime.fromisoformat(moment).replace(tzinfo=UTC) for moment in (start, end))
    return appointment(starts_at=starts_at, ends_at=ends_at, zone=zone)


HARD_TIMES = {
    "over the beginning of summer time": at("2027-03-28T00:30", "2027-03-28T01:30", "Europe/Berlin"),
    "right after the clocks go forward": at("2027-03-28T01:00", "2027-03-28T01:15", "Europe/Berlin"),
    "the first of two equal times": at("2026-10-25T00:30", "2026-10-25T00:45", "Europe/Berlin"),
    "the second of two equal times": at("2026-10-25T01:30", "2026-10-25T01:45", "Europe/Berlin"),
    "from the first to the second of two equal times": at("2026-10-25T00:30", "2026-10-25T01:30", "Europe/Berlin"),
    "over midnight": at("2026-07-01T21:30", "2026-07-01T22:30", "Europe/Berlin"),
    "at midnight": at("2026-07-01T22:00", "2026-07-02T22:00", "Europe/Berlin"),
    "half an hour beside the others": at("2026-07-01T03:30", "2026-07-01T04:30", "Asia/Kolkata"),
    "the other half of the year": at("2027-01-05T23:00", "2027-01-06T00:30", "Australia/Sydney"),
    "summer time by half an hour": at("2026-10-03T15:45", "2026-10-03T16:15", "Australia/Lord_Howe"),
    "the other side of the date line": at("2026-07-01T10:30", "2026-07-01T11:00", "Pacific/Kiritimati"),
    "summer time over Ramadan": at("2027-02-08T09:00", "2027-02-08T10:00", "Africa/Casablanca"),
    "in UTC": at("2026-07-01T07:00", "2026-07-01T08:00", "UTC"),
    "over New Year and several zones' changes": at("2026-10-20T07:00", "2027-04-20T07:00", "America/New_York"),
    "one whole day": whole_days(date(2026, 7, 1), date(2026, 7, 1)),
    "whole days over the beginning of summer time": whole_days(date(2027, 3, 27), date(2027, 3, 29)),
    "a whole day of 23 hours": whole_days(date(2027, 3, 28), date(2027, 3, 28)),
    "a whole day of 25 hours": whole_days(date(2026, 10, 25), date(2026, 10, 25)),
    "a whole day without midnight": whole_days(date(2023, 4, 28), date(2023, 4, 28), "Africa/Cairo"),
    "whole days far east": whole_days(date(2026, 12, 31), date(2027, 1, 1), "Pacific/Kiritimati"),
}

HARD_TEXTS = {
    "ten thousand characters": "Ein sehr länger Text, " * 455,
    "what iCalendar escapes": 'a\\b, c; d: "e" \\n \\, ^n',
    "lines": "first\nsecond\r\nthird\rfourth\n\n\nlast\n",
    "emoji": "👩‍👩‍👧‍👦 🏳️‍🌈 🇩🇪 é " * 30,
    "right to left": "שלום \u202eabc\u202c مرحبا",
    "markup": "<b>&amp;</b> ]]> <!-- --> <?xml?>",
    "other calendars": "END:VEVENT\nBEGIN:VEVENT\r\nX-EVIL:1\r\nEND:VCALENDAR",
    "control characters": "a\x00b\x01c\x07d\x0be\x1bf\x7fg\x85h\u2028i\ufffej\ud800k",
    "blanks": "   \t leading and trailing \t  ",
}
