"""The list of users for administrators: searched, filtered, sorted and paged without ever reading all of them.

A page takes few queries, however many users there are: one counts the users of each kind, one reads the page, and a
search finds its users by one before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Func, OuterRef, Q, QuerySet, Subquery, Value, When

from users.exports import may_export
from users.methods import Method
from users.models import EmailSettings, Installation, Listing, ListingKind, SearchWords, User
from users.models.search_words import words_of
from users.readiness import Readiness, has_failed, is_complete, is_ready, readiness_of_settings, uses_method

PAGE_SIZE = 50
SEARCH_LIMIT = 2_000
"""A search lists no more users than this, and asks for another word."""
SORTS = {
    "name": ("last_name", "first_name", "pk"),
    "-name": ("-last_name", "-first_name", "-pk"),
    "username": ("username", "pk"),
    "-username": ("-username", "-pk"),
}
DEFAULT_SORT = "name"
STATES: Mapping[str, Callable[[Installation], Q]] = {
    "yes": lambda installation: is_ready(installation, at=""),
    "no": lambda installation: ~is_ready(installation, at=""),
    "settings": lambda installation: ~is_complete(installation, at=""),
    "failed": lambda installation: has_failed(installation, at=""),
    "check": lambda installation: (
        is_complete(installation, at="") & ~is_ready(installation, at="") & ~has_failed(installation, at="")
    ),
}
"""How settings may stand: ready or not, and if not, whether settings are missing, the check of exactly these failed, or
there was none."""
Kinds = list[int] | None
"""Those that fulfil a filter; None without one."""


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

    @property
    def is_calendar_paused(self) -> bool:
        """Whether the calendar takes nothing although the settings are ready."""
        queue = self.settings.export_queue
        is_paused = queue is not None and queue.paused_at is not None
        return is_paused and self.readiness.is_ready and not may_export(self.settings, queue)


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

    @property
    def is_cut(self) -> bool:
        """Whether a search found more users than are listed."""
        return isinstance(self.keys, FoundKeys) and self.keys.is_cut

    @cached_property
    def keys(self) -> FoundKeys | ListedKeys:
        kinds = [kind.pk for kind in self._kinds if kind.is_listed] if self.method or self.ready else None
        if words_of(self.q):
            return FoundKeys(self.q, kinds, SORTS[self.sort])
        number = sum(kind.users for kind in self._kinds if kind.is_listed)
        return ListedKeys(kinds, SORTS[self.sort], number)

    @cached_property
    def counts(self) -> dict[str, int]:
        """How many users there are in each state, and under the empty name in all, whatever is searched."""
        in_state = {state: sum(kind.users for kind in self._kinds if getattr(kind, f"is_{state}")) for state in STATES}
        return {"": sum(kind.users for kind in self._kinds)} | in_state

    @cached_property
    def _kinds(self) -> list[Any]:
        """Every kind that users are of: how many, in which states they are, and whether they are listed."""
        # Not of a column: the index of kinds has the rows, and nothing else of them is needed.
        users = Listing.objects.filter(kind=OuterRef("pk")).order_by().values("kind").values(number=Count("*"))
        kinds = ListingKind.objects.annotate(
            users=Subquery(users),
            is_listed=_whether(self._conditions()),
            **{f"is_{state}": _whether(condition(self.installation)) for state, condition in STATES.items()},
        )
        states = [f"is_{state}" for state in STATES]
        rows = kinds.values_list("pk", "users", "is_listed", *states, named=True)
        return [kind for kind in rows if kind.users]

    def _conditions(self) -> Q:
        conditions = Q()
        if self.method:
            conditions &= uses_method(self.method, self.installation, at="")
        if self.ready in STATES:
            conditions &= STATES[self.ready](self.installation)
        return conditions

    def page(self, number: str, *, editor: Any) -> Page[Any]:
        """The page with this number, or the nearest there is, as a list of :class:`Entry`."""
        # Django's paginator asks for less than its annotations: a count, and a slice.
        page: Page[Any] = Paginator(self.keys, PAGE_SIZE).get_page(number)  # type: ignore[arg-type]
        page.object_list = [self._entry(user, editor) for user in self._users(page.object_list)]
        return page

    def _users(self, keys: Any) -> QuerySet[User]:
        """The users with these primary keys, with their settings, but without the long signatures."""
        users = User.objects.filter(pk__in=keys).order_by(*SORTS[self.sort])
        users = users.select_related("email_settings", "microsoft_connection", "export_queue")
        return users.defer("email_settings__signature_html", "email_settings__signature_text")

    def _entry(self, user: User, editor: User) -> Entry:
        settings = _settings_of(user, self.installation)
        settings.export_queue = getattr(user, "export_queue", None)
        may_edit = editor.is_superuser or not user.is_superuser
        return Entry(user, settings, readiness_of_settings(settings), may_edit)


def _settings_of(user: User, installation: Installation) -> EmailSettings:
    """The settings of a user that was read together with them and with the connection."""
    settings = getattr(user, "email_settings", None) or EmailSettings(user=user)
    settings.installation = installation
    settings.connection_row = getattr(user, "microsoft_connection", None)
    return settings


def _whether(condition: Q) -> Any:
    return Case(When(condition, then=True), default=False) if condition else Value(True)


class InOrder(Func):
    """A column by which SQLite shall not look rows up: it would sort them all, where the index of the order has them.

    The plus is SQLite's own way to say so (https://www.sqlite.org/optoverview.html#disqualifying_where_clause_terms).
    """

    template = "%(expressions)s"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, template="+%(expressions)s", **context)


class ListedKeys:
    """The primary keys of all users of these kinds, in order; `number` says how many there are."""

    def __init__(self, kinds: Kinds, order: Sequence[str], number: int) -> None:
        listings = Listing.objects.order_by(*order)
        self._in_order = listings if kinds is None else listings.alias(of=InOrder("kind")).filter(of__in=kinds)
        self._number = number

    def count(self) -> int:
        return self._number

    def all(self) -> QuerySet[Listing, Any]:
        """The rows of all of them."""
        return self._in_order

    def __getitem__(self, part: slice) -> QuerySet[Listing, Any]:
        """A query for the keys of one page: a database goes through all that it skips, so from the nearer end."""
        start, stop = part.start, min(part.stop, self._number)
        keys = self._in_order.values("pk")
        if start > self._number // 2:
            return keys.reverse()[self._number - stop : self._number - start]
        return keys[start:stop]


class FoundKeys:
    """The primary keys of the users that a search finds, in order: all at once, and at most :data:`SEARCH_LIMIT`."""

    def __init__(self, q: str, kinds: Kinds, order: Sequence[str]) -> None:
        matches = SearchWords.objects.filter(words__begin_with=q)
        if kinds is not None:
            matches = matches.of_kinds(kinds)
        found = Listing.objects.filter(pk__in=matches.values("pk")[: SEARCH_LIMIT + 1]).order_by(*order)
        self.keys = list(found.values_list("pk", flat=True))

    @property
    def is_cut(self) -> bool:
        return len(self.keys) > SEARCH_LIMIT

    def count(self) -> int:
        return min(len(self.keys), SEARCH_LIMIT)

    def all(self) -> QuerySet[Listing, Any]:
        """The rows of those that are listed."""
        return Listing.objects.filter(pk__in=self.keys[:SEARCH_LIMIT])

    def __getitem__(self, part: slice) -> list[int]:
        return self.keys[:SEARCH_LIMIT][part]


# --- For monitoring -------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Status:
    """How one user's e-mail stands."""

    settings: EmailSettings
    readiness: Readiness

    @property
    def ready(self) -> bool:
        return self.readiness.is_ready

    @property
    def missing(self) -> list[str]:
        return [item.requirement.code for item in self.readiness.missing]

    @property
    def last_check_text(self) -> str:
        return self.settings.last_check.text

    def as_json(self) -> dict[str, Any]:
        last = self.settings.last_check
        return {
            "username": self.settings.user.username,
            "uid": str(self.settings.user.uid),
            "address": self.settings.address,
            "method": self.settings.effective_method,
            "ready": self.ready,
            "missing": self.missing,
            "last_check": {"standing": last.standing, "at": last.at.isoformat() if last.at else None},
        }


def statuses(*, only_not_ready: bool = False) -> Iterator[Status]:
    """The status of every active user, one after the other."""
    installation = Installation.load()
    users = User.objects.filter(is_active=True).order_by("username")
    users = users.select_related("email_settings", "microsoft_connection")
    users = users.defer("email_settings__signature_html", "email_settings__signature_text")
    if only_not_ready:
        users = users.exclude(is_ready(installation))
    for user in users.iterator(chunk_size=PAGE_SIZE):
        settings = _settings_of(user, installation)
        yield Status(settings, readiness_of_settings(settings))
