"""A calendar on Exchange, over https and with real sign-ins."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.servers.ews_calendar import EwsCalendarServer
from tests.users.calendars.appointments import UID, appointment
from tests.users.calendars.contract import CalendarContract
from tests.users.calendars.shown import shown_in_exchange
from users.calendars.ews import EwsCalendar
from users.mail.transports.mailbox_errors import AccountRefused, NotTheService
from users.vault import Secret


def connect(server: EwsCalendarServer, **changes: Any) -> EwsCalendar:
    options: dict[str, Any] = {
        "url": server.address,
        "auth": server.scheme.lower(),
        "username": server.username,
        "password": Secret(server.password),
        "address": "alice@example.com",
        "ca_file": server.ca_file,
        "trusted_networks": THIS_MACHINE,
        "timeout": 5,
    }
    return EwsCalendar(**options | changes)


class EwsCalendarTests(CalendarContract, SimpleTestCase):
    create = "CreateItem"

    def setUp(self) -> None:
        self.server = self.enterContext(EwsCalendarServer())
        self.calendar = self.enterContext(connect(self.server))

    def shown(self) -> dict[str, Any]:
        return shown_in_exchange(self.server)

    def test_a_zone_that_windows_does_not_know_is_written_in_utc(self) -> None:
        self.calendar.create(appointment(zone="Factory"), attempt="1")
        assert self.server.only.zone == "UTC"
        assert self.server.only.start == appointment().starts_at

    def test_an_emptied_place_is_taken_away(self) -> None:
        item_id = self.put(place="Hall 3")
        self.calendar.update(item_id, appointment())
        assert self.shown()["place"] == ""

    def test_an_answer_that_tells_nothing_is_no_answer_of_exchange(self) -> None:
        item_id = self.put()
        for operation, ask in (
            ("CreateItem", self.put),
            ("UpdateItem", lambda: self.calendar.update(item_id, appointment())),
            ("DeleteItem", lambda: self.calendar.delete(item_id)),
            ("FindItem", lambda: self.calendar.find(UID)),
            ("GetItem", lambda: self.calendar.find(UID)),
        ):
            with self.subTest(operation):
                self.server.tells_times = operation != "GetItem"
                self.server.fault = lambda asked, silent=operation: "silent" if asked == silent else ""
                with pytest.raises(NotTheService):
                    ask()

    def test_a_refused_password_is_tried_once(self) -> None:
        with connect(self.server, password=Secret("wrong")) as calendar:
            for _time in range(2):
                with pytest.raises(AccountRefused):
                    calendar.find(UID)
        assert self.server.sign_ins == 1


class SparingEwsCalendarTests(CalendarContract, SimpleTestCase):
    """A server that tells only the ids of what it finds."""

    create = "CreateItem"

    def setUp(self) -> None:
        self.server = self.enterContext(EwsCalendarServer(tells_times=False))
        self.calendar = self.enterContext(connect(self.server))

    def shown(self) -> dict[str, Any]:
        return shown_in_exchange(self.server)
