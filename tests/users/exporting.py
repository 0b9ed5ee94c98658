"""Alice and her calendar on each kind of server, and the worker that comes by, for tests of the export."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import time_machine
from django.test import TestCase, override_settings
from django.utils import timezone

from tests.factories import checked, configure, make_activity, make_settings, make_user, register
from tests.servers.entra_tokens import Account
from tests.servers.ews_calendar import EwsCalendarServer, Stored
from tests.servers.graph_calendar import Event, GraphCalendarServer
from tests.servers.microsoft import Microsoft365
from tests.users.calendars.shown import shown_in_exchange, shown_in_microsoft_365
from tests.users.test_services_exchange_online import sign_in_at_microsoft
from users import export_runs
from users.entra.access import MEMORY
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue, User

PASSWORD = "Pässwörd 5"
ALICE = Account("alice@example.com", password=PASSWORD)
Enter = Callable[[Any], Any]


class Exporting:
    """What both kinds have in common. :meth:`start` sets up what is undone at the end by `enter`."""

    method: ClassVar[str]
    operations: ClassVar[Mapping[str, str]]
    """What the server calls ``find``, ``create``, ``update`` and ``delete``."""
    server: Any
    alice: User

    def start(self, enter: Enter) -> None:
        raise NotImplementedError

    def account(self) -> dict[str, str]:
        """What Alice's settings say of her account."""
        return {}

    def stored(self) -> list[Any]:
        """What lies in the calendar."""
        raise NotImplementedError

    def shown(self) -> dict[str, Any]:
        """Subject, text, place and whether it is shown as busy, of the only appointment."""
        raise NotImplementedError

    # --- Alice ------------------------------------------------------------------------------------------------------

    def use_calendar(self, **changes: Any) -> EmailSettings:
        return checked(self.fill_in(**changes))

    def fill_in(self, **changes: Any) -> EmailSettings:
        """Everything is in place, but nobody has checked it."""
        defaults = {"method": self.method, "export_activities": True}
        return make_settings(self.alice, **defaults | self.account() | changes)

    def leave_calendar(self) -> EmailSettings:
        """Alice uses SMTP from now on."""
        return self.use_calendar(method="smtp", exchange_username="", exchange_password="")

    def add(self, **fields: Any) -> Activity:
        return make_activity(self.alice, **fields)

    def exported(self, **fields: Any) -> Activity:
        activity = self.add(**fields)
        self.work()
        return activity

    def change(self, activity: Activity, **fields: Any) -> None:
        """Somebody changes the activity, by default its subject, and a worker comes by."""
        for name, value in (fields or {"subject": "Visit"}).items():
            setattr(activity, name, value)
        activity.save_unless_changed()
        self.work()

    def row(self) -> ActivityExport:
        return ActivityExport.objects.get()

    def queue(self) -> ExportQueue:
        return ExportQueue.objects.get()

    # --- The worker and the server ----------------------------------------------------------------------------------

    def work(self, *, after: timedelta = timedelta()) -> None:
        """A worker comes by, now or later."""
        with time_machine.travel(timezone.now() + after, tick=True):
            export_runs.run_due()

    def break_at(self, code: str, operation: str = "create") -> None:
        broken = self.operations[operation]
        self.server.fault = lambda asked: code if asked == broken else ""

    def mend(self) -> None:
        self.server.fault = lambda _operation: ""

    def times(self) -> tuple[datetime, datetime]:
        """Start and end of the only appointment."""
        (appointment,) = self.stored()
        return appointment.start, appointment.end


class OnExchange(Exporting):
    """On the organisation's own server."""

    method = "exchange"
    operations: ClassVar = {
        "find": "FindItem",
        "create": "CreateItem",
        "update": "UpdateItem",
        "delete": "DeleteItem",
    }
    server: EwsCalendarServer

    def start(self, enter: Enter) -> None:
        self.server = enter(EwsCalendarServer(scheme="Basic", password=PASSWORD))
        enter(override_settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="basic")
        self.alice = make_user("alice")
        self.use_calendar()

    def account(self) -> dict[str, str]:
        return {"exchange_username": self.server.username, "exchange_password": PASSWORD}

    def stored(self) -> list[Stored]:
        return list(self.server.items.values())

    def shown(self) -> dict[str, Any]:
        return shown_in_exchange(self.server)


class InMicrosoft365(Exporting):
    """In Exchange Online, where the application signs in by itself, unless the flow is another one."""

    method = "exchange_online"
    flow: ClassVar[str] = "application"
    operations: ClassVar = {name: name for name in OnExchange.operations}
    server: GraphCalendarServer

    def start(self, enter: Enter) -> None:
        MEMORY.forget()
        self.microsoft = enter(Microsoft365(ALICE, graph=GraphCalendarServer))
        assert isinstance(self.microsoft.graph, GraphCalendarServer)
        self.server = self.microsoft.graph
        enter(override_settings(MAILSETTINGS_CA_FILE=self.microsoft.ca_file))
        configure()
        register(flow=self.flow, **self.microsoft.registration)
        self.alice = make_user("alice")
        self.use_calendar()

    def fill_in(self, **changes: Any) -> EmailSettings:
        settings = super().fill_in(**{"connected": False} | changes)
        if settings.asks_for_connection:
            sign_in_at_microsoft(settings, ALICE)
        return EmailSettings.of(self.alice)

    def stored(self) -> list[Event]:
        return list(self.server.events.values())

    def shown(self) -> dict[str, Any]:
        return shown_in_microsoft_365(self.server)


class ExportCase(OnExchange, TestCase):
    """For what is the same for both, and so is tried with one."""

    def setUp(self) -> None:
        self.start(self.enterContext)


class CloudExportCase(InMicrosoft365, TestCase):
    def setUp(self) -> None:
        self.start(self.enterContext)
