"""The calendar of the stand-in for Graph: strict about what it takes, with faults as told.

``fault`` decides about each operation: it is called with ``create``, ``find``, ``update`` or ``delete`` and gives the
code of an error, or an HTTP status (with ``retry_after``, in seconds), or ``before`` or ``after`` to end the
connection, or ``late`` to answer ``lateness`` seconds after it was done, or nothing. Graph itself ``heeds_preference``
for times in UTC. What it finds may stand on its second page, after an empty one, as ``finds_late`` has it; and
there are places that it does not know.
"""

from __future__ import annotations

import json
import re
import threading
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from tests.servers.graph import GraphServer, Reply, Request
from tests.servers.graph_mail import Refusal
from users.calendars.base import PROPERTY_NAME, PROPERTY_SET

PROPERTY = f"String {{{PROPERTY_SET}}} Name {PROPERTY_NAME}"
WRITABLE = {"subject", "body", "start", "end", "isAllDay", "location", "showAs"}
OWN = re.compile(r"singleValueExtendedProperties/Any\(ep: ep/id eq '([^']+)' and ep/value eq '([0-9a-f-]{36})'\)")
OPERATIONS = {
    ("POST", False): "create",
    ("GET", False): "find",
    ("PATCH", True): "update",
    ("DELETE", True): "delete",
}
STATUSES = {
    "ErrorItemNotFound": 404,
    "itemNotFound": 404,
    "MailboxNotEnabledForRESTAPI": 404,
    "ErrorAccessDenied": 403,
    "InvalidAuthenticationToken": 401,
    "ErrorMailboxStoreUnavailable": 503,
    "ErrorMailboxMoveInProgress": 503,
    "ErrorServerBusy": 503,
    "ErrorQuotaExceeded": 507,
}


@dataclass
class Event:
    """An appointment in the calendar."""

    item_id: str
    activity_id: str
    transaction: str
    fields: dict[str, Any]

    @property
    def start(self) -> datetime:
        return instant(self.fields["start"])

    @property
    def end(self) -> datetime:
        return instant(self.fields["end"])


def instant(moment: dict[str, str]) -> datetime:
    """The moment in UTC. Raises :class:`Refusal` for a zone that is none."""
    try:
        local = datetime.fromisoformat(moment["dateTime"]).replace(tzinfo=ZoneInfo(moment["timeZone"]))
    except (ZoneInfoNotFoundError, ValueError, KeyError) as error:
        raise Refusal(400, "TimeZoneNotSupportedException") from error
    return local.astimezone(UTC)


@dataclass
class GraphCalendarServer(GraphServer):
    """Graph for some mailboxes with calendars. All appointments are in one list: there is one mailbox in a test."""

    fault: Callable[[str], str] = lambda _operation: ""
    retry_after: int = 0
    lateness: float = 0
    heeds_preference: bool = True
    finds_late: bool = False
    unknown_zones: Collection[str] = ()

    events: dict[str, Event] = field(default_factory=dict, init=False)
    deleted: list[Event] = field(default_factory=list, init=False)
    operations: list[str] = field(default_factory=list, init=False)
    lock: Any = field(default_factory=threading.Lock, init=False)

    @property
    def only(self) -> Event:
        (event,) = self.events.values()
        return event

    def remove(self, item_id: str) -> None:
        self.deleted.append(self.events.pop(item_id))

    def copy(self, item_id: str) -> None:
        """Make a second one, with all that is kept with the first but the transaction."""
        event = self.events[item_id]
        copied = replace(event, item_id="copy", transaction="none", fields=dict(event.fields))
        self.events = {"copy": copied, **self.events}

    def put_elsewhere(self, item_id: str) -> None:
        """Move an appointment away and back again: with an immutable id, it is the same one."""
        assert item_id in self.events

    def shift(self, item_id: str, by: timedelta) -> None:
        event = self.events[item_id]
        for name, moment in (("start", event.start), ("end", event.end)):
            event.fields[name] = {"dateTime": (moment + by).strftime("%Y-%m-%dT%H:%M:%S"), "timeZone": "UTC"}

    def execute(self, verb: str, path: str, headers: Any, body: bytes) -> Reply:
        mailbox, rest = self._mailbox(urlsplit(path).path, headers)
        found = re.fullmatch(r"calendar/events|events/([^/]+)", rest)
        if not found:
            return super().execute(verb, path, headers, body)
        operation = OPERATIONS[verb, bool(found[1])]
        self.operations.append(operation)
        assert headers["Prefer"] == 'IdType="ImmutableId", outlook.timezone="UTC"'
        code = self.fault(operation)
        if code.isdecimal():
            raise Refusal(int(code), "", {"Retry_After": str(self.retry_after)} if self.retry_after else {})
        if code not in {"", "before", "after", "late"}:
            raise Refusal(STATUSES.get(code, 400), code)
        request = Request(mailbox, [unquote(found[1] or "")], headers, body, urlsplit(path).query)
        return self._do(operation, request, code)

    def _do(self, operation: str, request: Request, code: str) -> Reply:
        if code == "before":
            raise ConnectionAbortedError
        with self.lock:
            reply: Reply = getattr(self, f"_{operation}_event")(request)
        if code == "after":
            raise ConnectionAbortedError
        if code == "late":
            time.sleep(self.lateness)
        return reply

    def _create_event(self, request: Request) -> Reply:
        fields = request.json()
        transaction = fields.pop("transactionId")
        (own,) = fields.pop("singleValueExtendedProperties")
        assert own["id"] == PROPERTY
        self._check(fields)
        for event in self.events.values():
            if event.transaction == transaction:
                return HTTPStatus.CREATED, self._told(event), {}
        assert transaction not in {event.transaction for event in self.deleted}, "Graph would make none."
        item_id = f"AAkALgAA/{len(self.events) + len(self.deleted)}+="
        self.events[item_id] = Event(item_id, own["value"], transaction, fields)
        return HTTPStatus.CREATED, self._told(self.events[item_id]), {}

    def _find_event(self, request: Request) -> Reply:
        query = parse_qs(request.query)
        assert query["$select"] == ["id,start,end"]
        assert "$top" not in query, "Copies have to be seen."
        found = OWN.fullmatch(query["$filter"][0])
        if not found or found[1] != PROPERTY:
            raise Refusal(400, "BadRequest")
        if self.finds_late and "$skiptoken" not in query:
            link = f"https://elsewhere.example.com/next?{request.query}&%24skiptoken=x"
            return HTTPStatus.OK, {"value": [], "@odata.nextLink": link}, {}
        return HTTPStatus.OK, {"value": [self._told(e) for e in self.events.values() if e.activity_id == found[2]]}, {}

    def _update_event(self, request: Request) -> Reply:
        event, fields = self._event(request), request.json()
        self._check(event.fields | fields)
        event.fields |= fields
        return HTTPStatus.OK, self._told(event), {}

    def _delete_event(self, request: Request) -> Reply:
        self.remove(self._event(request).item_id)
        return HTTPStatus.NO_CONTENT, None, {}

    def _event(self, request: Request) -> Event:
        if request.names[0] not in self.events:
            raise Refusal(404, "ErrorItemNotFound")
        return self.events[request.names[0]]

    def _check(self, fields: dict[str, Any]) -> None:
        if fields["start"]["timeZone"] in self.unknown_zones:
            raise Refusal(400, "TimeZoneNotSupportedException")
        if set(fields) != WRITABLE:
            raise Refusal(400, "BadRequest")
        if instant(fields["end"]) <= instant(fields["start"]) or len(fields["subject"]) > 255:
            raise Refusal(400, "ErrorInvalidRequest")
        midnights = {fields[name]["dateTime"][10:] == "T00:00:00" for name in ("start", "end")}
        if fields["isAllDay"] and midnights != {True}:
            raise Refusal(400, "ErrorPropertyValidationFailure")
        json.dumps(fields).encode()

    def _told(self, event: Event) -> dict[str, Any]:
        if not self.heeds_preference:
            return {"id": event.item_id} | {name: event.fields[name] for name in ("start", "end")}
        times = {
            name: {"dateTime": f"{moment:%Y-%m-%dT%H:%M:%S}.0000000", "timeZone": "UTC"}
            for name, moment in (("start", event.start), ("end", event.end))
        }
        return {"id": event.item_id, **times}
