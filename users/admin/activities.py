"""Activities, and how they get into calendars."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from users.admin.base import LookOnlyAdmin, PageFormAdmin, may_touch
from users.forms.admin import ActivityAdminForm
from users.models import Activity, ActivityExport, CalendarFeed, ExportQueue


@admin.register(Activity)
class ActivityAdmin(PageFormAdmin):
    """Activities are added on the pages, where it is seen whose they are."""

    form = ActivityAdminForm
    list_display = ["subject", "owner", "when", "is_done", "cancelled_at"]
    list_filter = ["is_done"]
    list_select_related = ["owner"]
    search_fields = ["subject", "owner__username"]
    date_hierarchy = "starts_at"
    fieldsets = [
        (None, {"fields": ["version", "subject", "is_done", "in_calendar"]}),
        (
            _("When"),
            {
                "fields": [
                    "whole_day",
                    ("start_day", "start_time", "start_which"),
                    ("end_day", "end_time", "end_which"),
                    "time_zone",
                ]
            },
        ),
        (_("What about"), {"fields": ["place", "text", "reference", "link"]}),
    ]
    LOOK: ClassVar = [
        "subject",
        "is_done",
        "in_calendar",
        "owner",
        "when",
        "time_zone",
        "place",
        "text",
        "reference",
        "link",
    ]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """The form puts the time together out of fields that the model does not have."""
        if self.has_change_permission(request, obj):
            return super().get_fieldsets(request, obj)
        return [(None, {"fields": self.LOOK})]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and may_touch(request, obj and obj.owner)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and may_touch(request, obj and obj.owner)


@admin.register(ActivityExport)
class ActivityExportAdmin(LookOnlyAdmin):
    """Which activity is in which calendar."""

    list_display = ["activity_uid", "owner", "state", "attempts", "try_at", "problem"]
    list_filter = ["state"]
    list_select_related = ["owner"]
    fields = ["activity_uid", "owner", "state", "requested", "written", "attempts", "try_at", "problem", "advice"]


@admin.register(ExportQueue)
class ExportQueueAdmin(LookOnlyAdmin):
    """Whose export is under way, waits for a server, or is paused."""

    list_display = ["owner", "claimed_until", "not_before", "paused_at", "problem"]
    list_filter = [("paused_at", admin.EmptyFieldListFilter)]
    list_select_related = ["owner"]
    fields = ["owner", "claimed_until", "not_before", "attempts", "paused_at", "problem", "advice"]


@admin.register(CalendarFeed)
class CalendarFeedAdmin(LookOnlyAdmin):
    """Subscriptions: their addresses are known to those alone who made them."""

    list_display = ["user", "made_at"]
    list_select_related = ["user"]
    fields = ["user", "made_at"]
