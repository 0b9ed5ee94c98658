"""The calendar of the stand-in for Exchange: strict about what it takes, with the faults of ``ews.py`` and more.

``fault`` decides about each operation: it is called with the operation's name and gives an EWS response code, or an
HTTP status (with ``retry_after``, in seconds), or ``before`` or ``after`` to end the connection, or ``late`` to answer
``lateness`` seconds after it was done, or ``silent`` to tell nothing of what was done, or nothing. :meth:`shift` and
the like play the owner in Outlook. Exchange itself ``tells_times`` of what it finds, and those of whole days in their
zone and not, as ``tells_days_in_utc``, as if they were in UTC.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from exchangelib.winzone import MS_TIMEZONE_TO_IANA_MAP
from lxml import etree

from tests.servers.ews import ENVELOPE, NAMESPACES, EwsServer, Unavailable
from users.calendars.base import PROPERTY_NAME, PROPERTY_SET

T = f"{{{NAMESPACES['t']}}}"
NO_ERROR = "<m:ResponseCode>NoError</m:ResponseCode>"
ORDER = (
    "Subject Sensitivity Body Categories Importance ReminderIsSet ReminderDueBy ReminderMinutesBeforeStart "
    "ExtendedProperty Start End IsAllDayEvent LegacyFreeBusyStatus Location RequiredAttendees OptionalAttendees "
    "Resources Recurrence MeetingTimeZone StartTimeZone EndTimeZone AllowNewTimeProposal"
).split()
"""The order that the schema demands (types.xsd, CalendarItemType), as far as it is used."""


@dataclass(frozen=True)
class Stored:
    """An appointment in the calendar. `fields` are its elements' texts."""

    item_id: str
    activity_id: str
    fields: dict[str, str]
    zone: str
    changes: int = 0

    @property
    def start(self) -> datetime:
        return datetime.fromisoformat(self.fields["Start"]).astimezone(UTC)

    @property
    def end(self) -> datetime:
        return datetime.fromisoformat(self.fields["End"]).astimezone(UTC)


class Refused(Exception):
    """An EWS response code."""


@dataclass
class EwsCalendarServer(EwsServer):
    """Exchange for one user, with a calendar."""

    fault: Callable[[str], str] = lambda _operation: ""
    retry_after: int = 0
    lateness: float = 0
    tells_times: bool = True
    tells_days_in_utc: bool = False

    items: dict[str, Stored] = field(default_factory=dict, init=False)
    deleted: list[Stored] = field(default_factory=list, init=False)
    operations: list[str] = field(default_factory=list, init=False)
    ids: Any = field(default_factory=count, init=False)
    lock: Any = field(default_factory=threading.Lock, init=False)

    def __enter__(self) -> EwsCalendarServer:
        super().__enter__()
        return self

    # --- The owner, in Outlook ------------------------------------------------------------------------------------

    @property
    def only(self) -> Stored:
        (item,) = self.items.values()
        return item

    def remove(self, item_id: str) -> None:
        self.deleted.append(self.items.pop(item_id))

    def shift(self, item_id: str, by: timedelta) -> None:
        """Change the time of an appointment."""
        item = self.items[item_id]
        moved = {name: (getattr(item, name.lower()) + by).isoformat() for name in ("Start", "End")}
        self.items[item_id] = replace(item, fields=item.fields | moved)

    def copy(self, item_id: str) -> None:
        """Make a second one, with all that is kept with the first."""
        item = self.items[item_id]
        self.items = {"copy": replace(item, item_id="copy"), **self.items}

    def put_elsewhere(self, item_id: str) -> None:
        """Move an appointment away and back again: its id is another one then."""
        item = self.items.pop(item_id)
        self._store(replace(item, item_id=f"moved-{item_id}"))

    # --- Requests -------------------------------------------------------------------------------------------------

    def execute(self, envelope: Any) -> bytes:
        (request,) = envelope.xpath("s:Body/*", namespaces=NAMESPACES)
        operation = etree.QName(request).localname
        if not self._is_of_calendar(operation, request):
            return super().execute(envelope)
        act = {
            "CreateItem": self._create_item,
            "FindItem": self._find_items,
            "GetItem": self._get_item,
            "UpdateItem": self._update_item,
            "DeleteItem": self._delete_item,
        }[operation]
        self.operations.append(operation)
        code = self.fault(operation)
        # Both end the connection now; whether the operation is done before that is decided below.
        self.drop = "after" if code in {"before", "after"} else ""
        try:
            with self.lock:
                message = self._do(act, request, code)
            if code == "late":
                time.sleep(self.lateness)
        except Refused as refusal:
            message = (
                f'<m:{operation}ResponseMessage ResponseClass="Error"><m:MessageText>It is so.</m:MessageText>'
                f"<m:ResponseCode>{refusal}</m:ResponseCode><m:DescriptiveLinkKey>0</m:DescriptiveLinkKey>"
                f"<m:Items/></m:{operation}ResponseMessage>"
            )
        return ENVELOPE.format(operation=operation, message=message, **NAMESPACES).encode()

    def _do(self, act: Callable[[Any], str], request: Any, code: str) -> str:
        if code.startswith("Error"):
            raise Refused(code)
        if code.isdecimal():
            raise Unavailable(int(code), **({"Retry_After": str(self.retry_after)} if self.retry_after else {}))
        done = "" if code == "before" else act(request)
        return "" if code == "silent" else done

    @staticmethod
    def _is_of_calendar(operation: str, request: Any) -> bool:
        of_messages = operation == "CreateItem" and request.xpath("m:Items/t:Message", namespaces=NAMESPACES)
        in_sent = request.xpath(".//t:DistinguishedFolderId[@Id='sentitems']", namespaces=NAMESPACES)
        return operation.endswith("Item") and not of_messages and not in_sent

    def _create_item(self, request: Any) -> str:
        assert request.get("SendMeetingInvitations") == "SendToNone"
        self._expect_calendar(request.xpath("m:SavedItemFolderId", namespaces=NAMESPACES)[0])
        (element,) = request.xpath("m:Items/t:CalendarItem", namespaces=NAMESPACES)
        names = [etree.QName(child).localname for child in element]
        assert names == sorted(names, key=ORDER.index), names
        item = self._store(self._read_item(element))
        return self._message("CreateItem", f"<t:CalendarItem>{self._id(item)}</t:CalendarItem>")

    def _find_items(self, request: Any) -> str:
        assert request.get("Traversal") == "Shallow"
        self._expect_calendar(request.xpath("m:ParentFolderIds", namespaces=NAMESPACES)[0])
        (uri,) = request.xpath("m:Restriction/t:IsEqualTo/t:ExtendedFieldURI", namespaces=NAMESPACES)
        self._expect_property(uri)
        (wanted,) = request.xpath("m:Restriction/t:IsEqualTo//t:Constant/@Value", namespaces=NAMESPACES)
        told = self._whole if self.tells_times else self._bare
        found = [told(item, request) for item in self.items.values() if item.activity_id == wanted]
        return (
            f'<m:FindItemResponseMessage ResponseClass="Success">{NO_ERROR}<m:RootFolder IndexedPagingOffset="1" '
            f'TotalItemsInView="{len(found)}" IncludesLastItemInRange="true"><t:Items>{"".join(found)}</t:Items>'
            "</m:RootFolder></m:FindItemResponseMessage>"
        )

    def _get_item(self, request: Any) -> str:
        return self._message("GetItem", self._whole(self._asked_for(request), request))

    def _update_item(self, request: Any) -> str:
        assert request.get("SendMeetingInvitationsOrCancellations") == "SendToNone"
        item = self._asked_for(request)
        fields, zone = dict(item.fields), item.zone
        for change in request.xpath(".//t:SetItemField", namespaces=NAMESPACES):
            uri, container = change
            (value,) = container
            name = etree.QName(value).localname
            assert uri.get("FieldURI").split(":")[1] == name
            if name.endswith("TimeZone"):
                zone = self._zone(value)
            else:
                fields[name] = value.text or ""
        for uri in request.xpath(".//t:DeleteItemField/t:FieldURI/@FieldURI", namespaces=NAMESPACES):
            fields.pop(uri.split(":")[1], None)
        self._check(fields)
        item = replace(item, fields=fields, zone=zone, changes=item.changes + 1)
        self.items[item.item_id] = item
        return self._message("UpdateItem", f"<t:CalendarItem>{self._id(item)}</t:CalendarItem>")

    def _delete_item(self, request: Any) -> str:
        assert request.get("DeleteType") == "MoveToDeletedItems"
        assert request.get("SendMeetingCancellations") == "SendToNone"
        self.remove(self._asked_for(request).item_id)
        return f'<m:DeleteItemResponseMessage ResponseClass="Success">{NO_ERROR}</m:DeleteItemResponseMessage>'

    # --- What Exchange would check --------------------------------------------------------------------------------

    def _asked_for(self, request: Any) -> Stored:
        (item_id,) = request.xpath(".//t:ItemId/@Id", namespaces=NAMESPACES)
        if item_id not in self.items:
            raise Refused("ErrorItemNotFound")
        return self.items[item_id]

    @staticmethod
    def _expect_calendar(parent: Any) -> None:
        (folder,) = parent.xpath("t:DistinguishedFolderId", namespaces=NAMESPACES)
        assert folder.get("Id") == "calendar"
        assert folder.xpath("string(t:Mailbox/t:EmailAddress)", namespaces=NAMESPACES)

    @staticmethod
    def _expect_property(uri: Any) -> None:
        assert uri.get("PropertySetId") == PROPERTY_SET
        assert uri.get("PropertyName") == PROPERTY_NAME
        assert uri.get("PropertyType") == "String"

    def _read_item(self, element: Any) -> Stored:
        (own,) = element.xpath("t:ExtendedProperty", namespaces=NAMESPACES)
        self._expect_property(own.find(f"{T}ExtendedFieldURI"))
        zones = {self._zone(each) for each in element.xpath("t:StartTimeZone | t:EndTimeZone", namespaces=NAMESPACES)}
        (zone,) = zones
        fields = {
            etree.QName(child).localname: child.text or ""
            for child in element
            if not child.tag.endswith(("Property", "TimeZone"))
        }
        self._check(fields)
        return Stored(f"AAMk{next(self.ids)}+/=", own.findtext(f"{T}Value"), fields, zone)

    @staticmethod
    def _zone(element: Any) -> str:
        name: str = element.get("Id")
        if name not in MS_TIMEZONE_TO_IANA_MAP:
            raise Refused("ErrorTimeZone")
        return name

    def _check(self, fields: dict[str, str]) -> None:
        start, end = (datetime.fromisoformat(fields[name]) for name in ("Start", "End"))
        if end < start:
            raise Refused("ErrorCalendarEndDateIsEarlierThanStartDate")
        if end - start > timedelta(days=1825):
            raise Refused("ErrorCalendarDurationIsTooLong")
        if len(fields["Subject"]) > 255:
            raise Refused("ErrorInvalidPropertyRequest")

    def _store(self, item: Stored) -> Stored:
        self.items[item.item_id] = item
        return item

    @staticmethod
    def _id(item: Stored) -> str:
        return f'<t:ItemId Id="{item.item_id}" ChangeKey="DwAAABYAAA{item.changes}"/>'

    def _whole(self, item: Stored, request: Any) -> str:
        """What was asked for, and nothing else."""
        told = {name: f"{getattr(item, name.lower()):%Y-%m-%dT%H:%M:%SZ}" for name in ("Start", "End")}
        if self.tells_days_in_utc and item.fields.get("IsAllDayEvent") == "1":
            told = {name: f"{item.fields[name][:10]}T00:00:00Z" for name in told}
        known = {f"calendar:{name}": f"<t:{name}>{time}</t:{name}>" for name, time in told.items()}
        asked = request.xpath(".//t:AdditionalProperties/t:FieldURI/@FieldURI", namespaces=NAMESPACES)
        fields = "".join(known[name] for name in asked if not name.endswith("TimeZone"))
        return f"<t:CalendarItem>{self._id(item)}{fields}</t:CalendarItem>"

    def _bare(self, item: Stored, _request: Any) -> str:
        return f"<t:CalendarItem>{self._id(item)}</t:CalendarItem>"

    @staticmethod
    def _message(operation: str, content: str) -> str:
        name = f"m:{operation}ResponseMessage"
        return f'<{name} ResponseClass="Success">{NO_ERROR}<m:Items>{content}</m:Items></{name}>'
