"""The only appointment in a calendar, as its owner sees it."""

from __future__ import annotations

from typing import Any

from tests.servers.ews_calendar import EwsCalendarServer
from tests.servers.graph_calendar import GraphCalendarServer


def shown_in_exchange(server: EwsCalendarServer) -> dict[str, Any]:
    fields = server.only.fields
    return {
        "subject": fields["Subject"],
        "text": fields["Body"],
        "place": fields.get("Location", ""),
        "is_busy": fields["LegacyFreeBusyStatus"] == "Busy",
    }


def shown_in_microsoft_365(server: GraphCalendarServer) -> dict[str, Any]:
    fields = server.only.fields
    return {
        "subject": fields["subject"],
        "text": fields["body"]["content"],
        "place": fields["location"]["displayName"],
        "is_busy": fields["showAs"] == "busy",
    }
