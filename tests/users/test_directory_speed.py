"""What keeps the list of users quick with very many of them; ``tests/benchmarks/user_list.py`` measures it."""

from __future__ import annotations

from itertools import product
from typing import Any
from unittest import mock

import pytest
from django.core.paginator import Page
from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from tests.factories import configure, make_settings, make_staff, make_superuser
from users import directory
from users.choices import EmailMethod
from users.directory import PAGE_SIZE, SORTS, STATES, Directory
from users.models import Installation, User

QUERIES_AT_MOST = 8
NUMBER = 3 * PAGE_SIZE


class PeopleTestCase(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        configure(sending_method="smtp")
        users = User.objects.bulk_create(
            User(username=f"user{number:03}", first_name="Uma", last_name=f"Name{number:03}")
            for number in range(NUMBER)
        )
        for user in users[::2]:
            make_settings(user, method="outlook" if user.pk % 4 else "", address="")
        cls.staff = make_staff("sam")
        cls.root = make_superuser("root")

    staff: User
    root: User


@pytest.mark.untraced
class QueriesTest(PeopleTestCase):
    def test_no_page_takes_more_than_eight(self) -> None:
        for user in (self.staff, self.root):
            self.client.force_login(user)
            for q, method, ready in product(
                ("", "uma", "user001", "no such"), ("", *EmailMethod.values), ("", *STATES)
            ):
                with self.subTest(user=user.username, q=q, method=method, ready=ready):
                    self.assertLessEqual(self._queries(q=q, method=method, ready=ready), QUERIES_AT_MOST)

    def test_the_button_to_check_them_and_the_counts_are_among_that(self) -> None:
        self.client.force_login(self.root)
        with CaptureQueriesContext(connection) as queries:
            response = self.client.get("/users/", {"ready": "settings"})
        self.assertContains(response, "/users/check/?ready=settings")
        self.assertContains(response, '<span class="count">', count=1 + len(STATES))
        self.assertLessEqual(len(queries), QUERIES_AT_MOST)

    def test_no_page_far_away_takes_more_than_eight(self) -> None:
        self.client.force_login(self.staff)
        for page, sort in product(("2", "3", "999", "x"), SORTS):
            with self.subTest(page=page, sort=sort):
                self.assertLessEqual(self._queries(page=page, sort=sort), QUERIES_AT_MOST)

    def test_no_long_column_is_read(self) -> None:
        self.client.force_login(self.staff)
        with CaptureQueriesContext(connection) as queries:
            self.client.get("/users/", {"ready": "no"})
        self.assertNotIn("signature_html", " ".join(query["sql"] for query in queries))

    def _queries(self, **options: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            response = self.client.get("/users/", options)
        self.assertEqual(response.status_code, 200)
        return len(queries)


class PagesTest(PeopleTestCase):
    """The far half of a list is read from its end: nobody may be lost or met twice."""

    def test_pages_follow_on_each_other(self) -> None:
        for sort, method in product(SORTS, ("", "smtp", "outlook")):
            with self.subTest(sort=sort, method=method):
                listed = Directory(Installation.load(), sort=sort, method=method)
                users = [entry.user for page in self._pages(listed) for entry in page]
                self.assertEqual(len({user.pk for user in users}), listed.keys.count())
                names = ("username",) if sort.endswith("username") else ("last_name", "first_name", "pk")
                order = [[getattr(user, name) for name in names] for user in users]
                self.assertEqual(order, sorted(order, reverse=sort.startswith("-")))

    def test_a_search_that_finds_too_many_says_so(self) -> None:
        self.client.force_login(self.staff)
        with mock.patch.object(directory, "SEARCH_LIMIT", 60):
            response = self.client.get("/users/", {"q": "uma", "page": "99"})
        self.assertContains(response, "More than 60 users match, and 60 of them are listed.")
        self.assertContains(response, "Page 2 of 2")

    def test_a_search_that_finds_as_many_as_fit_says_how_many(self) -> None:
        with mock.patch.object(directory, "SEARCH_LIMIT", NUMBER):
            found = Directory(Installation.load(), q="uma")
            self.assertEqual((found.is_cut, found.keys.count()), (False, NUMBER))

    def _pages(self, listed: Directory) -> list[Page[Any]]:
        first = listed.page("1", editor=self.root)
        return [listed.page(str(number), editor=self.root) for number in first.paginator.page_range]
