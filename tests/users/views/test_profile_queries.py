"""How many statements the profile page takes.

All are counted, those that begin and end transactions too, but where a save has also something else to put in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import TransactionTestCase
from django.test.utils import CaptureQueriesContext

from tests.factories import (
    configure,
    connect,
    make_activity,
    make_settings,
    make_superuser,
    make_template,
    make_user,
    register,
)
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings, User

SHOWING_AT_MOST = 6
SAVING_AT_MOST = 12
TRANSACTIONS = "BEGIN", "COMMIT"


def make_staff_by_groups(username: str) -> User:
    """Staff whose permissions come from a group and from a permission of their own."""
    sam = make_user(username, is_staff=True)
    group = Group.objects.create(name="Administrators")
    group.permissions.set(Permission.objects.filter(content_type__app_label="users"))
    sam.groups.add(group)
    sam.user_permissions.add(Permission.objects.get(codename="view_emailsettings"))
    return sam


MAKE: dict[str, Callable[[str], User]] = {"alice": make_user, "sam": make_staff_by_groups, "root": make_superuser}
"""Users, staff and superusers."""


class StatementsTest(TransactionTestCase):
    """No transaction is around these tests, so that the site's own can be counted."""

    def setUp(self) -> None:
        configure()
        make_template(use="mandatory")
        register(flow="password")
        self.people = {name: make(name) for name, make in MAKE.items()}

    @contextmanager
    def at_most(self, limit: int, *, leaving_out: tuple[str, ...] = ()) -> Iterator[None]:
        with CaptureQueriesContext(connection) as captured:
            yield
        statements = [query["sql"] for query in captured if not query["sql"].startswith(leaving_out or "\0")]
        assert len(statements) <= limit, "\n".join(statements)

    def page(self, user: User) -> Page:
        return Browser(user).open("/profile/")

    def check_showing(self, **fields: Any) -> None:
        for name, user in self.people.items():
            make_settings(user, copy_mode="cc", **fields)
            browser = Browser(user)
            with self.subTest(name), self.at_most(SHOWING_AT_MOST):
                assert browser.open("/profile/").status == 200

    def test_showing(self) -> None:
        self.check_showing(method="exchange")

    def test_showing_what_is_inherited(self) -> None:
        self.check_showing(method="")

    def test_showing_a_connection_to_microsoft(self) -> None:
        register(flow="sign_in")
        self.check_showing(method="exchange_online")

    def test_showing_to_those_who_have_nothing_stored(self) -> None:
        for name, user in self.people.items():
            browser = Browser(user)
            with self.subTest(name), self.at_most(SHOWING_AT_MOST):
                assert browser.open("/profile/").status == 200

    def test_saving(self) -> None:
        for name, user in self.people.items():
            make_settings(user, method="exchange")
            page = self.page(user)
            with self.subTest(name), self.at_most(SAVING_AT_MOST):
                assert page.press(address=f"new.{name}@example.com").status == 302
            assert EmailSettings.of(user).address == f"new.{name}@example.com"

    def test_saving_a_new_password(self) -> None:
        for name, user in self.people.items():
            make_settings(user, method="exchange_online")
            page = self.page(user).press("unlock:exchange_password")
            with self.subTest(name), self.at_most(SAVING_AT_MOST):
                assert page.press(exchange_password="new", address=f"new.{name}@example.com").status == 302
            assert EmailSettings.of(user).exchange_secret.reveal() == "new"

    def test_saving_another_address_than_the_connected_one(self) -> None:
        register(flow="sign_in")
        for name, user in self.people.items():
            make_settings(user, method="exchange_online")
            page = self.page(user)
            with self.subTest(name), self.at_most(SAVING_AT_MOST):
                assert page.press(address=f"new.{name}@example.com").status == 302
            assert not EmailSettings.of(user).is_connected

    def test_saving_a_new_password_where_a_connection_was_left_and_activities_move(self) -> None:
        for name, user in self.people.items():
            make_settings(user, method="exchange_online")
            connect(user)
            make_activity(user)
            page = self.page(user).press("unlock:exchange_password")
            with self.subTest(name), self.at_most(SAVING_AT_MOST, leaving_out=TRANSACTIONS):
                assert page.press(exchange_password="new", address=f"new.{name}@example.com").status == 302
            stored = EmailSettings.of(user)
            assert stored.exchange_secret.reveal() == "new"
            assert stored.connection_row is not None
            assert not stored.connection_row.is_made

    def test_saving_for_the_first_time(self) -> None:
        for name, user in self.people.items():
            page = self.page(user)
            with self.subTest(name), self.at_most(SAVING_AT_MOST):
                assert page.press(method="smtp", address=f"{name}@example.com").status == 302
            assert EmailSettings.of(user).version == 1
