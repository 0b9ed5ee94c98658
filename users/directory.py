"""The list of users for administrators: searched, filtered, sorted and paged without ever reading all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Q, QuerySet, Value, When

from users.methods import Method
from users.models import EmailSettings, Installation, User
from users.readiness import Readiness, is_complete, readiness_of_settings, uses_method

PAGE_SIZE = 50
SORTS = {
    "name": ("last_name", "first_name", "id"),
    "-name": ("-last_name", "-first_name", "-id"),
    "username": ("username",),
    "-username": ("-username",),
}
DEFAULT_SORT = "name"


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the list."""

    user: User
    settings: EmailSettings
    readiness: Readiness
    may_edit: bool

    @property
    def method(self) -> Method:
        return self.settings.traits


class Directory:
    """The users that a search finds. Values that are not known are ignored."""

    def __init__(self, installation: Installation, *, q: str = "", method: str = "", ready: str = "", sort: str = ""):
        self.installation = installation
        self.q = q
        self.method = method
        self.ready = ready
        self.sort = sort if sort in SORTS else DEFAULT_SORT

    @property
    def is_filtered(self) -> bool:
        return bool(self.q or self.method or self.ready)

    @property
    def next_sort(self) -> str:
        """The order that a click on the column of names gives."""
        return "-name" if self.sort == "name" else "name"

    @cached_property
    def users(self) -> QuerySet[User]:
        users = User.objects.all()
        for word in self.q.lower().split():
            users = users.filter(Q(search_text__contains=word) | Q(email_settings__address__icontains=word))
        if self.method:
            users = users.filter(uses_method(self.method, self.installation))
        if self.ready:
            complete = Case(When(is_complete(self.installation), Value(True)), default=Value(False))
            users = users.alias(complete=complete).filter(complete=self.ready == "yes")
        return users.order_by(*SORTS[self.sort])

    def page(self, number: str, *, editor: Any) -> Page[Any]:
        """The page with this number, or the nearest there is, as a list of :class:`Entry`."""
        page = Paginator(self.users.select_related("email_settings"), PAGE_SIZE).get_page(number)
        page.object_list = [self._entry(user, editor) for user in page.object_list]
        return page

    def _entry(self, user: User, editor: User) -> Entry:
        settings = getattr(user, "email_settings", None) or EmailSettings(user=user)
        settings.installation = self.installation
        may_edit = editor.is_superuser or not user.is_superuser
        return Entry(user, settings, readiness_of_settings(settings), may_edit)
