"""The health page, and the site's own plain pages for errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import DatabaseError, Error, InterfaceError, OperationalError, connection
from django.test import Client, TestCase, override_settings

from tests.factories import make_superuser, make_user


def _failing(error: type[Exception]) -> Callable[..., Any]:
    def fail(*_arguments: Any) -> Any:
        raise error("canary")

    return fail


class HealthTests(TestCase):
    def test_says_that_the_database_answers(self) -> None:
        response = self.client.get("/healthz")
        assert (response.status_code, response.content) == (200, b"ok\n")
        assert not response.cookies

    def test_says_when_it_does_not(self) -> None:
        for error in (OperationalError, InterfaceError, DatabaseError, Error):
            with self.subTest(error.__name__), connection.execute_wrapper(_failing(error)):
                response = self.client.get("/healthz")
                assert response.status_code == 503
                assert response.content == b"the database does not answer\n"


@override_settings(DEBUG=False)
class ErrorPagesTests(TestCase):
    """The site's own plain pages, for signed-in people and for others."""

    def assert_plain(self, response: Any, status: int, title: str) -> None:
        text = response.content.decode()
        assert response.status_code == status
        assert title in text
        assert 'href="/"' in text
        assert "Traceback" not in text

    def test_not_found(self) -> None:
        for user in (None, make_superuser()):
            with self.subTest(user=user):
                client = Client()
                if user:
                    client.force_login(user)
                self.assert_plain(client.get("/nothing/"), 404, "There is no such page")

    def test_forbidden(self) -> None:
        self.client.force_login(make_user())
        self.assert_plain(self.client.get("/system/"), 403, "You may not open this page")

    def test_unreadable(self) -> None:
        self.client.force_login(make_user())
        too_much = {"method": "x" * 3_000_000}
        response = self.client.post("/profile/", too_much)
        self.assert_plain(response, 400, "This request can’t be read")

    def test_too_many_fields(self) -> None:
        self.client.force_login(make_user())
        response = self.client.post("/profile/", {f"f{number}": "" for number in range(1_001)})
        self.assert_plain(response, 400, "This request can’t be read")

    def test_our_own_fault(self) -> None:
        client = Client(raise_request_exception=False)
        client.force_login(make_user())
        with connection.execute_wrapper(_failing(OperationalError)):
            self.assert_plain(client.get("/profile/"), 500, "Something went wrong on our side")
