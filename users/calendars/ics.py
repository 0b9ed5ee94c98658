"""Appointments as an iCalendar file (RFC 5545), for one download and for a subscription."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from icalendar import Calendar, Event, Timezone

from users.calendars.appointment import Appointment, in_one_line

MEDIA_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Mail Settings//Activities//EN"
REFRESH = timedelta(hours=1)
"""How often a subscriber is asked to look again (RFC 7986 section 5.7; [MS-OXCICAL] 2.1.3.1.1.15 for Outlook)."""

AROUND = timedelta(days=366)
"""How far before and after its appointments a file describes a time zone: a full year, with both its changes."""


def calendar_file(appointment: Appointment) -> bytes:
    """One appointment, to be added or brought up to date by opening the file."""
    calendar = _calendar([appointment])
    calendar.add("method", "PUBLISH")
    return bytes(calendar.to_ical())


def calendar_feed(appointments: Sequence[Appointment], *, name: str) -> bytes:
    """Appointments for a subscriber. The same appointments give the same bytes."""
    calendar = _calendar(appointments)
    calendar.add("name", name)
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    return bytes(calendar.to_ical())


def _calendar(appointments: Sequence[Appointment]) -> Calendar:
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    for part in (*_zones(appointments), *map(_event, appointments)):
        calendar.add_component(part)
    return calendar


def _event(appointment: Appointment) -> Event:
    event = Event()
    event.add("uid", str(appointment.uid))
    event.add("sequence", appointment.sequence)
    # Without a METHOD, and for what is published, both say when the appointment was last changed (section 3.8.7.2).
    event.add("dtstamp", appointment.changed_at.astimezone(UTC))
    event.add("last-modified", appointment.changed_at.astimezone(UTC))
    event.add("dtstart", appointment.first_day or _written(appointment.start))
    event.add("dtend", appointment.day_after or _written(appointment.end))
    event.add("summary", appointment.title)
    for name, text in (("location", in_one_line(appointment.place)), ("description", appointment.body)):
        if text:
            event.add(name, text)
    if appointment.link:
        event.add("url", appointment.link)
    event.add("status", "CANCELLED" if appointment.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if appointment.is_done or appointment.is_cancelled else "OPAQUE")
    return event


def _written(moment: datetime) -> datetime:
    """In its time zone, or in UTC for the second of two equal times: a local time always means the first (3.3.5)."""
    return moment.astimezone(UTC) if moment.fold else moment


def _zones(appointments: Iterable[Appointment]) -> list[Timezone]:
    """The time zones in use, by name: always in the same order."""
    timed = [each for each in appointments if not each.is_whole_day]
    if not timed:
        return []
    first = (min(each.starts_at for each in timed) - AROUND).date()
    last = (max(each.ends_at for each in timed) + AROUND).date()
    names = sorted({each.zone for each in timed} - {"UTC"})
    return [_with_onsets(Timezone.from_tzid(name, first_date=first, last_date=last)) for name in names]


def _with_onsets(zone: Timezone) -> Timezone:
    """Name each change of the clocks by the time they show before it (section 3.6.5).

    icalendar 7.3 names the time after it where they go forward, an hour that no clock has shown yet.
    """
    parts: list[Any] = zone.subcomponents
    for part in parts:
        step = max(part["tzoffsetto"].td - part["tzoffsetfrom"].td, timedelta())
        part["dtstart"].dt -= step
        for dates in _listed(part.get("rdate")):
            for moment in dates.dts:
                moment.dt -= step
    return zone


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
