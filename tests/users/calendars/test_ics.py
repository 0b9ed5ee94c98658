"""Calendar files, read back by the package that wrote them and by one that knows nothing of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import icalendar
import pytest
from ical.calendar_stream import IcsCalendarStream

from tests.users.calendars.appointments import HARD_TEXTS, HARD_TIMES, UID, appointment, whole_days
from users.calendars.appointment import Appointment, in_one_line, without_controls
from users.calendars.ics import calendar_feed, calendar_file


def read_back(content: bytes) -> Any:
    """The only event, as the package icalendar reads it."""
    (event,) = icalendar.Calendar.from_ical(content).walk("VEVENT")
    return event


def read_by_others(content: bytes) -> Any:
    """The only event, as the package ical reads it."""
    (event,) = IcsCalendarStream.calendar_from_ics(content.decode()).events
    return event


@pytest.fixture(params=HARD_TIMES.values(), ids=list(HARD_TIMES))
def at_a_hard_time(request: pytest.FixtureRequest) -> Appointment:
    return request.param  # type: ignore[no-any-return]


class TestTimes:
    def expected(self, each: Appointment) -> tuple[Any, Any]:
        return (each.first_day, each.day_after) if each.is_whole_day else (each.starts_at, each.ends_at)

    def test_the_same_package_reads_the_same_instants(self, at_a_hard_time: Appointment) -> None:
        event = read_back(calendar_file(at_a_hard_time))
        assert (in_utc(event["dtstart"].dt), in_utc(event["dtend"].dt)) == self.expected(at_a_hard_time)

    def test_another_package_reads_the_same_instants(self, at_a_hard_time: Appointment) -> None:
        event = read_by_others(calendar_file(at_a_hard_time))
        assert (in_utc(event.dtstart), in_utc(event.dtend)) == self.expected(at_a_hard_time)

    def test_the_changes_of_the_clocks_are_those_of_the_zone(self, at_a_hard_time: Appointment) -> None:
        """Each begins at an instant at which the zone's distance from UTC changes (RFC 5545 section 3.6.5)."""
        for zone in icalendar.Calendar.from_ical(calendar_file(at_a_hard_time)).walk("VTIMEZONE"):
            tzinfo = ZoneInfo(str(zone["tzid"]))
            parts: list[Any] = zone.subcomponents
            for part in parts:
                before, after = part["tzoffsetfrom"].td, part["tzoffsetto"].td
                for onset in onsets(part):
                    moment = (onset - before).replace(tzinfo=UTC)
                    assert moment.astimezone(tzinfo).utcoffset() == after
                    just_before = (moment - timedelta(seconds=1)).astimezone(tzinfo).utcoffset()
                    assert just_before == before or onset == min(onsets(part))

    def test_times_stand_in_their_zone_and_days_in_none(self) -> None:
        content = calendar_file(appointment()).decode()
        assert "DTSTART;TZID=Europe/Berlin:20260701T090000\r\n" in content
        content = calendar_file(whole_days(date(2026, 7, 1), date(2026, 7, 2))).decode()
        assert "DTSTART;VALUE=DATE:20260701\r\nDTEND;VALUE=DATE:20260703\r\n" in content
        assert "VTIMEZONE" not in content

    def test_every_zone_that_is_named_is_described(self) -> None:
        for name in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe"):
            assert f"BEGIN:VTIMEZONE\r\nTZID:{name}\r\n" in calendar_file(appointment(zone=name)).decode()


def in_utc(moment: Any) -> Any:
    """Python takes a time that comes twice for unequal to every other zone's (PEP 495)."""
    return moment.astimezone(UTC) if isinstance(moment, datetime) else moment


def onsets(part: Any) -> list[datetime]:
    more = part.get("rdate", [])
    listed = more if isinstance(more, list) else [more]
    return [part["dtstart"].dt, *(moment.dt for dates in listed for moment in dates.dts)]


@pytest.fixture(params=HARD_TEXTS.values(), ids=list(HARD_TEXTS))
def hard_text(request: pytest.FixtureRequest) -> str:
    return request.param  # type: ignore[no-any-return]


class TestTexts:
    def test_the_same_package_reads_the_same(self, hard_text: str) -> None:
        event = read_back(calendar_file(appointment(subject=hard_text, place=hard_text, text=hard_text)))
        assert str(event["summary"]) == in_one_line(hard_text)
        assert str(event["location"]) == in_one_line(hard_text)
        assert str(event["description"]) == without_controls(hard_text)

    def test_another_package_reads_the_same(self, hard_text: str) -> None:
        event = read_by_others(calendar_file(appointment(subject=hard_text, text=hard_text)))
        assert event.summary == in_one_line(hard_text)
        assert event.description == without_controls(hard_text)

    def test_no_line_is_too_long_and_none_is_broken(self, hard_text: str) -> None:
        """RFC 5545 section 3.1: at most 75 octets, ended by CR and LF."""
        content = calendar_file(appointment(subject=hard_text, text=hard_text))
        lines = content.split(b"\r\n")
        assert max(map(len, lines)) <= 75
        assert not any(byte in line for line in lines for byte in (b"\r", b"\n"))
        for line in lines:
            line.decode()


class TestOneFile:
    def test_carries_what_calendars_need_to_bring_it_up_to_date(self) -> None:
        content = calendar_file(appointment(sequence=3))
        assert b"METHOD:PUBLISH\r\n" in content
        event = read_by_others(content)
        assert (event.uid, event.sequence) == (str(UID), 3)
        assert event.dtstamp == event.last_modified == datetime(2026, 6, 1, 12, tzinfo=UTC)

    @pytest.mark.parametrize(
        ("fields", "status", "transparency"),
        [
            ({}, "CONFIRMED", "OPAQUE"),
            ({"is_done": True}, "CONFIRMED", "TRANSPARENT"),
            ({"is_cancelled": True}, "CANCELLED", "TRANSPARENT"),
        ],
    )
    def test_says_how_it_stands(self, fields: dict[str, Any], status: str, transparency: str) -> None:
        event = read_back(calendar_file(appointment(**fields)))
        assert (str(event["status"]), str(event["transp"])) == (status, transparency)

    def test_the_link_is_a_link(self) -> None:
        link = "https://erp.example.com/offers/2041?a=b&c=%20d,e;f"
        assert read_back(calendar_file(appointment(link=link)))["url"] == link


class TestFeed:
    def many(self) -> list[Appointment]:
        zones = ("Europe/Berlin", "America/New_York", "Asia/Tokyo", "Africa/Cairo", "Australia/Sydney")
        return [appointment(uid=uuid4(), zone=zones[number % 5]) for number in range(25)]

    def test_has_all_of_them_and_a_name_and_no_method(self) -> None:
        content = calendar_feed(self.many(), name="Activities of Zoë, “Z”; & co")
        assert len(IcsCalendarStream.calendar_from_ics(content.decode()).events) == 25
        calendar = icalendar.Calendar.from_ical(content)
        assert calendar["x-wr-calname"] == "Activities of Zoë, “Z”; & co"
        assert "method" not in calendar

    def test_the_same_appointments_give_the_same_bytes(self) -> None:
        many = self.many()
        assert calendar_feed(many, name="x") == calendar_feed(many, name="x")

    def test_without_appointments_it_is_a_calendar_all_the_same(self) -> None:
        assert IcsCalendarStream.calendar_from_ics(calendar_feed([], name="x").decode()).events == []
