"""What every calendar in a mailbox does, whatever server it lies on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.users.calendars.appointments import HARD_TEXTS, HARD_TIMES, UID, appointment
from users.calendars.appointment import in_one_line
from users.calendars.base import CalendarTransport
from users.calendars.errors import AppointmentGone, AppointmentUncertain, CalendarDenied
from users.mail.transports.errors import TransportError


class CalendarContract:
    """A test case sets `server` and `calendar` up, and says how to read what lies on the server."""

    server: Any
    calendar: CalendarTransport
    create: str
    """What the server calls the operation."""

    def shown(self) -> dict[str, Any]:
        """Subject, text, place and whether it is shown as busy, of the only appointment."""
        raise NotImplementedError

    def put(self, **fields: Any) -> str:
        return self.calendar.create(appointment(**fields), attempt=str(uuid4())).item_id

    def fault(self, code: str) -> Callable[[str], str]:
        return lambda operation: code if operation == self.create else ""

    def test_every_time_arrives_and_is_read_as_it_was_written(self) -> None:
        for name, each in HARD_TIMES.items():
            with self.subTest(name):  # type: ignore[attr-defined]
                entry = self.calendar.create(each, attempt=name)
                assert (self.server.only.start, self.server.only.end) == (each.starts_at, each.ends_at)
                assert self.calendar.find(each.uid) == entry
                assert self.calendar.update(entry.item_id, each) == entry
                assert self.calendar.find(each.uid, known=entry.item_id) == entry
                assert (self.server.only.start, self.server.only.end) == (each.starts_at, each.ends_at)
                self.calendar.delete(entry.item_id)

    def test_every_text_arrives(self) -> None:
        for name, text in HARD_TEXTS.items():
            with self.subTest(name):  # type: ignore[attr-defined]
                item_id = self.put(subject=text[:200], text=text, place=text[:200])
                shown = self.shown()
                assert shown["subject"] == in_one_line(text[:200])
                assert shown["text"] == appointment(text=text).body
                assert shown["place"] == in_one_line(text[:200])
                self.calendar.delete(item_id)

    def test_what_is_done_is_ticked_and_leaves_the_time_free(self) -> None:
        item_id = self.put()
        assert self.shown()["is_busy"]
        self.calendar.update(item_id, appointment(is_done=True, place="", text=""))
        shown = self.shown()
        assert (shown["subject"], shown["is_busy"]) == ("✓ Call the buyer", False)

    def test_one_is_found_by_the_activity_alone(self) -> None:
        self.put(uid=uuid4())
        assert self.calendar.find(UID) is None
        item_id = self.put()
        found = self.calendar.find(UID)
        assert found is not None
        assert found.item_id == item_id

    def test_a_changed_time_shows(self) -> None:
        before = self.calendar.create(appointment(), attempt="1")
        self.server.shift(before.item_id, timedelta(minutes=15))
        after = self.calendar.find(UID)
        assert after is not None
        assert after.when != before.when

    def test_of_an_appointment_and_its_copy_the_known_one_is_found(self) -> None:
        entry = self.calendar.create(appointment(), attempt="1")
        self.server.copy(entry.item_id)
        assert self.calendar.find(UID, known=entry.item_id) == entry
        copied = self.calendar.find(UID)
        assert copied is not None
        assert copied.item_id == "copy"

    def test_one_that_was_removed_is_gone(self) -> None:
        item_id = self.put()
        self.server.remove(item_id)
        assert self.calendar.find(UID) is None
        assert self.calendar.find(UID, known=item_id) is None
        with pytest.raises(AppointmentGone):
            self.calendar.update(item_id, appointment())
        self.calendar.delete(item_id)

    def test_deleting_moves_it_to_the_deleted_items(self) -> None:
        self.calendar.delete(self.put())
        assert len(self.server.deleted) == 1

    def test_a_connection_that_breaks_while_writing_leaves_it_uncertain(self) -> None:
        for drop in ("before", "after"):
            with self.subTest(drop):  # type: ignore[attr-defined]
                self.server.fault = self.fault(drop)
                with pytest.raises(AppointmentUncertain) as caught:
                    self.put()
                assert not caught.value.is_permanent
        self.server.fault = lambda _operation: ""
        found = self.calendar.find(UID)
        assert found is not None
        assert self.server.only.item_id == found.item_id

    def test_lost_rights_are_told_of_the_calendar(self) -> None:
        self.server.fault = self.fault("ErrorAccessDenied")
        with pytest.raises(CalendarDenied):
            self.put()

    def test_errors_speak_of_appointments_and_not_of_messages(self) -> None:
        for code in ("ErrorQuotaExceeded", "ErrorServerBusy", "ErrorInvalidPropertyRequest", "ErrorAccessDenied"):
            with self.subTest(code):  # type: ignore[attr-defined]
                self.server.fault = self.fault(code)
                with pytest.raises(TransportError) as caught:
                    self.put()
                assert "the message" not in str(caught.value)
