"""Brings one activity's appointment up to date, and never makes a second one.

What its owner has done in the calendar program stands: an appointment that was removed there does not come back by
itself, and a time that was changed there is not overwritten without saying so.
"""

from __future__ import annotations

from collections.abc import Callable

from users.calendars.appointment import Appointment
from users.calendars.base import CalendarTransport, Entry, times_of
from users.calendars.errors import AppointmentGone
from users.models import ActivityExport

State = ActivityExport.State
STAYS = {State.GONE, State.CHANGED}
"""Where the owner has decided otherwise, nothing is written until somebody says so."""

Hold = Callable[[ActivityExport | None], None]


class Overtaken(Exception):
    """Another worker has the mailbox by now."""


def bring_up_to_date(row: ActivityExport, transport: CalendarTransport, *, is_wanted: bool, hold: Hold) -> None:
    """Do what the row asks for, and note in the row what became of it. Raises ``TransportError``.

    `hold` makes sure that no other worker is at it, or raises :class:`Overtaken`. It is asked before the look, which
    may take long, and before the writing: then with the row, in which it stores the time that is sent.
    """
    row.problem = row.advice = ""
    hold(None)
    if not is_wanted or row.activity is None:
        _withdraw(row, transport)
    elif row.state not in STAYS:
        _write(row, transport, row.activity.as_appointment(), hold)


def _write(row: ActivityExport, transport: CalendarTransport, appointment: Appointment, hold: Hold) -> None:
    present = _present(row, transport)
    if present is None and row.item_id:
        row.state, row.item_id = State.GONE, ""
    elif present is not None and row.when_written and present.when not in _own_times(row):
        row.state, row.item_id = State.CHANGED, present.item_id
    else:
        if row.when_written and row.when_written not in times_of(appointment):
            row.when_sent = "\n".join(sorted(times_of(appointment).union(row.when_sent.split())))
        hold(row)
        _put(row, transport, appointment, present)


def _own_times(row: ActivityExport) -> set[str]:
    """The times that the appointment has by us: an attempt whose answer was lost may have changed it."""
    return {row.when_written, *row.when_sent.split()}


def _present(row: ActivityExport, transport: CalendarTransport) -> Entry | None:
    """The appointment as it is now.

    It is looked for by the activity, also before the first writing: an attempt whose answer was lost may have made it.
    Its id alone would not do. Exchange gives it another one when it is moved, and Graph also finds it by its id where
    it was moved to, such as in the bin.
    """
    return transport.find(row.activity_uid, known=row.item_id)


def _put(row: ActivityExport, transport: CalendarTransport, appointment: Appointment, present: Entry | None) -> None:
    try:
        if present is None:
            entry = transport.create(appointment, attempt=f"{row.activity_uid}-{row.generation}")
        else:
            entry = transport.update(present.item_id, appointment)
    except AppointmentGone:
        # It was removed between looking and writing.
        row.state, row.item_id = State.GONE, ""
    else:
        row.state, row.item_id, row.when_written = State.WRITTEN, entry.item_id, entry.when
        # Not every server tells the time of whole days as it did when they were written.
        row.when_sent = "\n".join(sorted(times_of(appointment) - {entry.when}))


def _withdraw(row: ActivityExport, transport: CalendarTransport) -> None:
    present = None if row.state in {State.GONE, State.WITHDRAWN} else _present(row, transport)
    if present is not None:
        transport.delete(present.item_id)
    row.state, row.item_id, row.when_written, row.when_sent = State.WITHDRAWN, "", "", ""
    # The server must not take it for the one that was there, should it come back.
    row.generation += 1
