"""A calendar in Microsoft 365, over https."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import uuid4

import pytest
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.graph_calendar import GraphCalendarServer
from tests.users.calendars.appointments import UID, appointment, whole_days
from tests.users.calendars.contract import CalendarContract
from tests.users.calendars.shown import shown_in_microsoft_365
from tests.users.mail.transports.test_exchange_online import Access
from users.calendars.base import times_of
from users.calendars.errors import AppointmentGone
from users.calendars.graph import GraphCalendar
from users.mail.transports.cloud_errors import NoCloudMailbox


def connect(server: GraphCalendarServer, **changes: Any) -> GraphCalendar:
    options: dict[str, Any] = {
        "graph": server.url,
        "mailbox": "me",
        "access": Access(),
        "address": "alice@example.com",
        "ca_file": server.ca_file,
        "trusted_networks": THIS_MACHINE,
        "timeout": 5,
    }
    return GraphCalendar(**options | changes)


class GraphCalendarTests(CalendarContract, SimpleTestCase):
    create = "create"

    def setUp(self) -> None:
        self.server = self.enterContext(GraphCalendarServer())
        self.calendar = self.enterContext(connect(self.server))

    def shown(self) -> dict[str, Any]:
        return shown_in_microsoft_365(self.server)

    def test_the_same_attempt_makes_one(self) -> None:
        first = self.calendar.create(appointment(), attempt="1")
        assert self.calendar.create(appointment(), attempt="1") == first
        assert len(self.server.events) == 1

    def test_local_times_stand_in_their_zone(self) -> None:
        self.put()
        assert self.server.only.fields["start"] == {"dateTime": "2026-07-01T09:00:00", "timeZone": "Europe/Berlin"}

    def test_a_time_that_is_told_in_its_own_zone_is_the_same_time(self) -> None:
        before = self.calendar.create(appointment(), attempt="1")
        self.server.heeds_preference = False
        assert self.calendar.find(UID) == before

    def test_each_way_to_say_that_there_is_no_such_item_is_understood(self) -> None:
        item_id = self.put()
        for code in ("ErrorItemNotFound", "itemNotFound"):
            self.server.fault = lambda _operation, code=code: code
            with self.subTest(code), pytest.raises(AppointmentGone):
                self.calendar.update(item_id, appointment())
            self.calendar.delete(item_id)

    def test_a_mailbox_that_is_not_there_is_no_appointment_that_is_gone(self) -> None:
        item_id = self.put()
        self.server.fault = lambda _operation: "MailboxNotEnabledForRESTAPI"
        with pytest.raises(NoCloudMailbox):
            self.calendar.delete(item_id)

    def test_what_stands_on_the_second_page_is_found(self) -> None:
        entry = self.calendar.create(appointment(), attempt="1")
        self.server.finds_late = True
        assert self.calendar.find(UID) == entry

    def test_a_zone_that_graph_does_not_know_is_written_in_utc(self) -> None:
        self.server.unknown_zones = {"Europe/Kyiv"}
        days = whole_days(date(2026, 7, 1), date(2026, 7, 2), "Europe/Kyiv")
        for each in (appointment(zone="Europe/Kyiv"), days):
            entry = self.calendar.create(each, attempt=str(uuid4()))
            assert self.server.only.fields["start"]["timeZone"] == "UTC"
            assert entry.when in times_of(each)
            assert self.calendar.update(entry.item_id, each) == entry
            self.calendar.delete(entry.item_id)

    def test_it_goes_through_the_mailbox_that_the_access_is_for(self) -> None:
        self.put()
        assert self.server.requests == ["POST /v1.0/me/calendar/events"]
