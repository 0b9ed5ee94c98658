"""What calendars in mailboxes have in common: one appointment for each activity, found again by the activity's id."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from types import TracebackType
from typing import Self
from uuid import UUID
from zoneinfo import ZoneInfo

from users.calendars.appointment import Appointment

PROPERTY_SET = "7c9f2c4e-5b0a-4d53-9a44-2f1f6c0e8b6d"
PROPERTY_NAME = "MailSettingsActivity"
"""The extended property that holds the activity's id. It is the same for Exchange and Exchange Online, so that the link
survives when a mailbox moves between them. Never change either."""


@dataclass(frozen=True, slots=True)
class Entry:
    """An appointment as it lies in a mailbox.

    `when` is its time as this kind of calendar tells it: the same text as long as nobody changes the time.
    """

    item_id: str
    when: str


class CalendarTransport:
    """One user's calendar, built from keyword options alone. As a context manager it keeps the connection.

    Every method may raise :class:`users.mail.transports.errors.TransportError`; :class:`AppointmentUncertain` stands
    for a connection that broke after a change went out, which :meth:`find` clears up.
    """

    def open(self) -> None:
        """Get ready, or stay so; the server may first be asked with the first operation."""

    def close(self) -> None:
        """Let go of the connection."""

    def find(self, uid: UUID, *, known: str = "") -> Entry | None:
        """The appointment of an activity; None when it was deleted or moved out of the calendar.

        An owner who copies it has two: then it is the one with the id that is `known`.
        """
        raise NotImplementedError

    def create(self, appointment: Appointment, *, attempt: str) -> Entry:
        """Put the appointment in. The same `attempt` creates one where the server can tell."""
        raise NotImplementedError

    def update(self, item_id: str, appointment: Appointment) -> Entry:
        """Bring the appointment up to date. Raises :class:`AppointmentGone`."""
        raise NotImplementedError

    def delete(self, item_id: str) -> None:
        """Move the appointment to the deleted items; it is no error when it is gone already."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        self.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


def chosen(entries: Sequence[Entry], known: str) -> Entry | None:
    """The one that is known, or else the first."""
    return next((entry for entry in entries if entry.item_id == known), next(iter(entries), None))


def times_of(appointment: Appointment) -> set[str]:
    """How a calendar may tell the time of an appointment that is as it was written.

    Of whole days, some tell the instants at which they begin and end, and some the days, as if they were in UTC.
    """
    told = {in_words(appointment.starts_at, appointment.ends_at)}
    if appointment.first_day and appointment.day_after:
        days = (appointment.first_day, appointment.day_after)
        told.add(in_words(*(datetime.combine(day, time(), ZoneInfo("UTC")) for day in days)))
    return told


def in_words(starts_at: datetime, ends_at: datetime) -> str:
    """Two instants as one text, in UTC."""
    return "/".join(
        moment.astimezone(ZoneInfo("UTC")).strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (starts_at, ends_at)
    )
