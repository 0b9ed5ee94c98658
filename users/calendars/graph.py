"""A calendar in Microsoft 365 (Microsoft Graph)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, quote
from uuid import UUID
from zoneinfo import ZoneInfo

from users.calendars.appointment import Appointment, in_one_line
from users.calendars.base import PROPERTY_NAME, PROPERTY_SET, CalendarTransport, Entry, chosen
from users.calendars.errors import AppointmentGone, told_of_appointments
from users.local_times import is_zone
from users.mail.transports.errors import MessageRefused
from users.mail.transports.exchange_online import ExchangeOnlineTransport
from users.mail.transports.exchange_online_client import GraphClient
from users.mail.transports.exchange_online_errors import Answer

PROPERTY = f"String {{{PROPERTY_SET}}} Name {PROPERTY_NAME}"
EVENTS = "calendar/events"
HEADERS = {"Prefer": 'IdType="ImmutableId", outlook.timezone="UTC"'}
"""Ids that stay when an appointment is moved, and times that can be compared."""
READ = {"$select": "id,start,end"}
UNKNOWN_ZONE = "TimeZoneNotSupportedException"
"""The code for a time zone that Graph does not know, such as a place that has a new name."""

Send = Callable[[GraphClient, dict[str, Any]], Answer]


class GraphCalendar(CalendarTransport):
    """The main calendar of the user's own mailbox. The options are those of the transport for messages."""

    def __init__(self, **options: Any) -> None:
        self.mailbox = ExchangeOnlineTransport(**options)

    def open(self) -> None:
        with told_of_appointments():
            self.mailbox.open()

    def close(self) -> None:
        self.mailbox.close()

    def find(self, uid: UUID, *, known: str = "") -> Entry | None:
        own = f"singleValueExtendedProperties/Any(ep: ep/id eq '{PROPERTY}' and ep/value eq '{uid}')"
        query, entries = {"$filter": own} | READ, list[Entry]()
        with self._asking() as client:
            while query:
                answer = client.ask("GET", EVENTS, HTTPStatus.OK, query=query, headers=HEADERS)
                found = answer.fields.get("value")
                if not isinstance(found, list):
                    raise client.not_the_service(answer)
                entries += [_entry(client, answer, fields) for fields in found]
                query = _next_page(answer)
            return chosen(entries, known)

    def create(self, appointment: Appointment, *, attempt: str) -> Entry:
        own = {"id": PROPERTY, "value": str(appointment.uid)}
        only_once = {"transactionId": attempt, "singleValueExtendedProperties": [own]}

        def post(client: GraphClient, fields: dict[str, Any]) -> Answer:
            body = json.dumps(fields | only_once).encode()
            return client.ask("POST", EVENTS, HTTPStatus.CREATED, body=body, headers=HEADERS, sends=True)

        return self._write(appointment, post)

    def update(self, item_id: str, appointment: Appointment) -> Entry:
        def patch(client: GraphClient, fields: dict[str, Any]) -> Answer:
            body = json.dumps(fields).encode()
            answer = client.ask(
                "PATCH", _path(item_id), HTTPStatus.OK, body=body, headers=HEADERS, sends=True, may_be_gone=True
            )
            if answer.is_gone:
                raise AppointmentGone(str(answer), server=client.server)
            return answer

        return self._write(appointment, patch)

    def _write(self, appointment: Appointment, send: Send) -> Entry:
        """In the time zone of the appointment, or, where Graph does not know its place, in UTC."""
        with self._asking() as client:
            try:
                answer = send(client, _fields(appointment))
            except MessageRefused as refusal:
                if UNKNOWN_ZONE not in refusal.detail or appointment.zone == "UTC":
                    raise
                answer = send(client, _fields(replace(appointment, zone="UTC")))
            return _entry(client, answer, answer.fields)

    def delete(self, item_id: str) -> None:
        with self._asking() as client:
            client.ask("DELETE", _path(item_id), HTTPStatus.NO_CONTENT, headers=HEADERS, sends=True, may_be_gone=True)

    @contextmanager
    def _asking(self) -> Iterator[GraphClient]:
        with told_of_appointments(), self.mailbox.clock.job(), self.mailbox.noting_refusal():
            yield self.mailbox._ready()


def _next_page(answer: Answer) -> dict[str, str]:
    """What to ask for next: also a page without anything may have one after it. Its host and path are not followed."""
    link = answer.fields.get("@odata.nextLink")
    return dict(parse_qsl(link.partition("?")[2])) if isinstance(link, str) else {}


def _path(item_id: str) -> str:
    return f"events/{quote(item_id, safe='')}"


def _fields(appointment: Appointment) -> dict[str, Any]:
    """Without attendees: to these Graph would send invitations."""
    return {
        "subject": appointment.title,
        "body": {"contentType": "text", "content": appointment.body},
        "start": _moment(appointment.first_day or appointment.start, appointment.zone),
        "end": _moment(appointment.day_after or appointment.end, appointment.zone),
        "isAllDay": appointment.is_whole_day,
        "location": {"displayName": in_one_line(appointment.place)},
        "showAs": "free" if appointment.is_done else "busy",
    }


def _moment(moment: date, zone: str) -> dict[str, str]:
    """Local and in its zone; in UTC where a local time comes twice."""
    if not isinstance(moment, datetime):
        return {"dateTime": f"{moment.isoformat()}T00:00:00", "timeZone": zone}
    if moment.replace(fold=0).utcoffset() != moment.replace(fold=1).utcoffset():
        moment, zone = moment.astimezone(UTC), "UTC"
    return {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}", "timeZone": zone}


def _entry(client: GraphClient, answer: Answer, fields: Mapping[str, Any]) -> Entry:
    try:
        return Entry(str(fields["id"]), "/".join(_told(fields[name]) for name in ("start", "end")))
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise client.not_the_service(answer) from error


def _told(moment: Mapping[str, Any]) -> str:
    """A time in UTC, as :func:`in_words` has it: without Graph's seven digits after the seconds.

    UTC was asked for, so that another zone stands only in an answer that does not heed it.
    """
    text: str = moment["dateTime"].partition(".")[0].removesuffix("Z")
    zone = moment.get("timeZone") or "UTC"
    if zone == "UTC" or not is_zone(zone):
        return f"{text}Z"
    return f"{datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
