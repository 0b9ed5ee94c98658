"""Activities: the own ones, and, for staff, those of the user whose ``uid`` stands in the address."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.http import content_disposition_header
from django.utils.translation import gettext_lazy as _
from django.views import View

from users.calendar_state import CalendarState, calendar_state_of
from users.calendars import ics
from users.exports import export_again, follow
from users.feeds import may_subscribe
from users.filenames import filename_of
from users.forms import ActivityForm, ActivitySearchForm
from users.models import Activity, ActivityExport, CalendarFeed, Conflict, EmailSettings, User
from users.models.activity import zone_of
from users.views.access import AuthenticatedRequest, StaffOnly, user_to_edit
from users.views.pages import SettingsPage, make_form

PAGE_SIZE = 25


class ActivityPage(View):
    """A page about the activities of one owner."""

    request: AuthenticatedRequest

    @cached_property
    def owner(self) -> User:
        uid: UUID | None = self.kwargs.get("uid")
        return user_to_edit(self.request.user, uid) if uid else self.request.user

    @property
    def is_own(self) -> bool:
        return "uid" not in self.kwargs

    def address(self, name: str, *keys: UUID) -> str:
        """A page of the same owner: ``activities``, ``activity-add`` and so on."""
        prefix, owner = ("", []) if self.is_own else ("user-", [self.owner.uid])
        return reverse(f"users:{prefix}{name}", args=[*owner, *keys])

    def activity(self) -> Activity:
        activity = get_object_or_404(self.owner.activities, uid=self.kwargs["activity"])
        activity.owner = self.owner
        return activity

    @cached_property
    def email_settings(self) -> EmailSettings:
        return EmailSettings.of(self.owner)

    @cached_property
    def calendar_state(self) -> CalendarState:
        return calendar_state_of(self.email_settings)

    def exports(self, activities: Iterable[Activity]) -> dict[UUID, ActivityExport]:
        """How they stand in the calendar in use, by the activities' own ids."""
        uids = [activity.uid for activity in activities] if self.calendar_state.calendar else []
        rows = ActivityExport.objects.filter(activity_uid__in=uids, calendar=self.calendar_state.calendar)
        return {row.activity_uid: row for row in rows} if uids else {}

    def surroundings(self) -> dict[str, Any]:
        """What every template about activities knows."""
        return {
            "owner": self.owner,
            "is_own": self.is_own,
            "list_address": self.address("activities"),
            "calendar_state": self.calendar_state,
            "settings_address": reverse("users:profile") if self.is_own else self.owner.get_absolute_url(),
            "settings_are_closed": not self.is_own and not self.request.user.has_perm("users.change_emailsettings"),
        }


class ActivityList(ActivityPage):
    """Those of a period, the earliest first."""

    def get(self, request: AuthenticatedRequest, **kwargs: Any) -> HttpResponse:
        form = ActivitySearchForm(request.GET, zone=zone_of(self.owner))
        found = self.owner.activities.filter(form.conditions).defer("text")
        page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
        exports = self.exports(page.object_list)
        rows = [(each, self.address("activity", each.uid), exports.get(each.uid)) for each in page.object_list]
        context = {"form": form, "page": page, "rows": rows, "add_address": self.address("activity-add")}
        return render(request, "activities/list.html", self.surroundings() | context | self.subscription())

    def subscription(self) -> dict[str, Any]:
        """The own subscription, where subscriptions are switched on."""
        if not (self.is_own and may_subscribe(self.email_settings)):
            return {}
        return {"may_subscribe": True, "subscription": CalendarFeed.objects.filter(user=self.owner).first()}


class ChangeActivity(ActivityPage, SettingsPage):
    """One activity. One that was deleted is brought back by saving it."""

    template_name = "activities/activity.html"
    saved = _("The activity is saved.")

    def prepare(self) -> None:
        self.edited = self.activity()
        # The form works on the row that it is given; beside it stands what is stored.
        self.title = self.edited.subject

    def make_forms(self, **options: Any) -> dict[str, Any]:
        return {"form": make_form(ActivityForm, self.edited, **options)}

    def context(self) -> dict[str, Any]:
        context = self.surroundings() | {"activity": self.edited, "title": self.title}
        if not self.edited._state.adding:
            context["delete_address"] = self.address("activity-delete", self.edited.uid)
            context["has_file"] = self.is_own and not self.calendar_state.calendar
            context["export"] = self.exports([self.edited]).get(self.edited.uid)
            context["export_address"] = self.address("activity-export", self.edited.uid)
        return context

    def next_address(self) -> str:
        return self.address("activities")


class AddActivity(ChangeActivity):
    """A new activity."""

    saved = _("The activity is added.")

    def prepare(self) -> None:
        self.edited = Activity(owner=self.owner)
        self.title = ""


class DeleteActivity(ActivityPage):
    """Asks, and deletes."""

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        activity = self.activity()
        context = {"activity": activity, "keep_address": self.address("activity", activity.uid)}
        return render(request, "activities/delete.html", self.surroundings() | context)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        try:
            self.activity().cancel()
        except Conflict:
            # Somebody else saved it at this moment: it is to go all the same.
            self.activity().cancel()
        messages.success(request, _("The activity is deleted."))
        return redirect(self.address("activities"))


class ExportAgain(ActivityPage):
    """Puts an activity into the calendar again, or overwrites the time that was set there: somebody has said so.

    Where there is nothing to decide, the calendar is looked at, so that the page says what its owner did there.
    """

    http_method_names = ["post"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        activity = self.activity()
        if export_again(activity):
            messages.success(request, _("The activity is on its way to the calendar."))
        else:
            follow(activity)
            messages.success(request, _("The calendar is looked at. In a moment, this page says what was found."))
        return redirect(self.address("activity", activity.uid))


class ActivityFile(ActivityPage):
    """The own activity as a file for calendar programs."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        activity = self.activity()
        response = HttpResponse(ics.calendar_file(activity.as_appointment()), content_type=ics.MEDIA_TYPE)
        name = filename_of(activity.subject, ".ics", otherwise=str(_("Activity")))
        disposition = content_disposition_header(as_attachment=True, filename=name)
        response.headers["Content-Disposition"] = disposition or "attachment"
        return response


class UsersActivities(StaffOnly, ActivityList):
    permissions = ("users.view_activity",)


class ChangeUsersActivity(StaffOnly, ChangeActivity):
    permissions = ("users.change_activity",)


class AddUsersActivity(StaffOnly, AddActivity):
    permissions = ("users.add_activity",)


class DeleteUsersActivity(StaffOnly, DeleteActivity):
    permissions = ("users.delete_activity",)


class ExportUsersActivityAgain(StaffOnly, ExportAgain):
    permissions = ("users.change_activity",)
