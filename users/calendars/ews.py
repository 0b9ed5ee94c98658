"""A calendar on the organisation's own Exchange server (Exchange Web Services)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from exchangelib import Account, Body, CalendarItem, EWSDate, EWSTimeZone, ExtendedProperty, ItemId, Mailbox
from exchangelib import errors as ews
from exchangelib.errors import UnknownTimeZone
from exchangelib.folders import Calendar, Root
from exchangelib.items import ALWAYS_OVERWRITE, MOVE_TO_DELETED_ITEMS, SAVE_ONLY, SEND_TO_NONE
from exchangelib.properties import DistinguishedFolderId
from exchangelib.services import CreateItem, DeleteItem, UpdateItem

from users.calendars.appointment import Appointment, in_one_line
from users.calendars.base import PROPERTY_NAME, PROPERTY_SET, CalendarTransport, Entry, chosen, in_words
from users.calendars.errors import AppointmentGone, told_of_appointments
from users.mail.transports.exchange import ExchangeTransport
from users.mail.transports.exchange_errors import translated
from users.mail.transports.mailbox_errors import AccountRefused, NotTheService

GONE = (ews.ErrorItemNotFound, ews.ErrorInvalidIdMalformed)
FIELDS = ("subject", "body", "start", "end", "is_all_day", "location", "legacy_free_busy_status")
"""What is written of an appointment."""
READ = ("start", "end")
"""Without asking whether these are whole days: the library would reckon their end wrong where the clocks change."""


class ActivityId(ExtendedProperty):  # type: ignore[misc]
    """The activity's id, kept with the appointment."""

    property_set_id = PROPERTY_SET
    property_name = PROPERTY_NAME
    property_type = "String"


CalendarItem.register("activity_id", ActivityId)


class EwsCalendar(CalendarTransport):
    """The calendar of the user's own mailbox. The options are those of the transport for messages."""

    def __init__(self, **options: Any) -> None:
        self.mailbox = ExchangeTransport(**options)

    def open(self) -> None:
        self.mailbox.open()

    def close(self) -> None:
        self.mailbox.close()

    def find(self, uid: UUID, *, known: str = "") -> Entry | None:
        with self._asking() as account:
            found = _folder(account).filter(activity_id=str(uid)).only(*READ)
            return chosen([self._read(account, item) for item in found], known)

    def create(self, appointment: Appointment, *, attempt: str) -> Entry:
        with self._asking() as account:
            item = _item(account, appointment, activity_id=str(appointment.uid))
            created = CreateItem(account=account).get(
                expect_result=None,
                items=[item],
                folder=item.folder,
                message_disposition=SAVE_ONLY,
                send_meeting_invitations=SEND_TO_NONE,
            )
            return _entry(self._expected(getattr(created, "id", None)), appointment)

    def update(self, item_id: str, appointment: Appointment) -> Entry:
        with self._asking() as account:
            item = _item(account, appointment, id=item_id)
            try:
                updated = UpdateItem(account=account).get(
                    expect_result=None,
                    items=[(item, FIELDS)],
                    conflict_resolution=ALWAYS_OVERWRITE,
                    message_disposition="SaveOnly",
                    send_meeting_invitations_or_cancellations=SEND_TO_NONE,
                    suppress_read_receipts=True,
                )
            except GONE as error:
                raise AppointmentGone(self.mailbox._detail(error), server=self.mailbox.server) from error
            self._expected(updated)
            return _entry(item_id, appointment)

    def delete(self, item_id: str) -> None:
        with self._asking() as account:
            try:
                deleted = DeleteItem(account=account).get(
                    expect_result=None,
                    items=[ItemId(id=item_id)],
                    delete_type=MOVE_TO_DELETED_ITEMS,
                    send_meeting_cancellations=SEND_TO_NONE,
                    affected_task_occurrences="AllOccurrences",
                    suppress_read_receipts=True,
                )
            except GONE:
                return
            self._expected(deleted)

    def _read(self, account: Account, item: Any) -> Entry:
        """What was found, with its time: from a server that tells only the id of what it finds, that is asked for."""
        times = _times_in(item)
        if times is None:
            times = _times_in(next(account.fetch([item], folder=_folder(account), only_fields=READ), None))
        return Entry(str(self._expected(item.id)), in_words(*self._expected(times)))

    def _expected(self, told: Any) -> Any:
        """What the server has to tell. Raises :class:`NotTheService` when it does not."""
        if told is None:
            raise NotTheService("The answer lacks what was asked for.", server=self.mailbox.server)
        return told

    @contextmanager
    def _asking(self) -> Iterator[Account]:
        """A refused password is not tried a second time."""
        if self.mailbox._refusal is not None:
            raise self.mailbox._refusal
        account = self.mailbox._ready()
        try:
            with (
                told_of_appointments(),
                self.mailbox.clock.job(),
                translated(self.mailbox.server, self.mailbox._detail, account.protocol.adapter),
            ):
                yield account
        except AccountRefused as refusal:
            self.mailbox._refusal = refusal
            raise


def _folder(account: Account) -> Calendar:
    """The calendar by its well-known name, which saves looking it up."""
    name = DistinguishedFolderId(id="calendar", mailbox=Mailbox(email_address=account.primary_smtp_address))
    return Calendar(root=Root(account=account), _distinguished_id=name)


def _item(account: Account, appointment: Appointment, **more: Any) -> CalendarItem:
    start, end = _times(appointment)
    zone = _zone(appointment.zone)
    return CalendarItem(
        account=account,
        folder=_folder(account),
        subject=appointment.title,
        body=Body(appointment.body),
        start=start,
        end=end,
        is_all_day=appointment.is_whole_day,
        location=in_one_line(appointment.place) or None,
        legacy_free_busy_status="Free" if appointment.is_done else "Busy",
        _start_timezone=zone,
        _end_timezone=zone,
        **more,
    )


def _times(appointment: Appointment) -> tuple[Any, Any]:
    """Days as they are, the last one included; instants in UTC: the library knows no second of two equal times."""
    if appointment.first_day and appointment.last_day:
        return EWSDate.from_date(appointment.first_day), EWSDate.from_date(appointment.last_day)
    return appointment.starts_at.astimezone(ZoneInfo("UTC")), appointment.ends_at.astimezone(ZoneInfo("UTC"))


def _zone(name: str) -> EWSTimeZone:
    """The zone as Exchange knows it, or UTC where Windows has none for this place."""
    try:
        return EWSTimeZone.from_zoneinfo(ZoneInfo(name))
    except UnknownTimeZone:
        return EWSTimeZone("UTC")


def _times_in(item: Any) -> tuple[datetime, datetime] | None:
    """Start and end, if they were told. Raises what the library hands out in the place of an item."""
    if isinstance(item, Exception):
        raise item
    start, end = (getattr(item, name, None) for name in READ)
    return (start, end) if start and end else None


def _entry(item_id: str, appointment: Appointment) -> Entry:
    return Entry(str(item_id), in_words(appointment.starts_at, appointment.ends_at))
