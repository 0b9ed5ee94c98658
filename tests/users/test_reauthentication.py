"""How long a sign-in counts as fresh, and what renews it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import RequestFactory, TestCase

from tests.factories import PASSWORD, make_user
from users.models import User
from users.reauthentication import NotConfirmed, confirm, is_fresh, was_confirmed_recently

START = 1_790_000_000


class ReauthenticationTests(TestCase):
    def setUp(self) -> None:
        self.clock = self.enterContext(time_machine.travel(START, tick=False))

    def request(self, user: User) -> HttpRequest:
        request = RequestFactory().post("/profile/")
        request.session = SessionStore()
        request.user = user
        return request

    def signed_in(self) -> HttpRequest:
        alice = make_user("alice")
        request = self.request(alice)
        login(request, alice, backend="users.authentication.Backend")
        return request

    def test_a_sign_in_counts_for_ten_minutes(self) -> None:
        request = self.signed_in()
        for seconds, is_confirmed in ((0, True), (599, True), (1, False)):
            self.clock.shift(timedelta(seconds=seconds))
            assert was_confirmed_recently(request) == is_confirmed

    def test_a_session_without_a_moment_is_not_fresh(self) -> None:
        assert not was_confirmed_recently(self.request(make_user("alice")))

    def test_a_moment_in_the_future_is_not_fresh(self) -> None:
        assert not is_fresh(START + 1)
        assert is_fresh(START)

    def test_the_own_password_renews_it(self) -> None:
        request = self.signed_in()
        self.clock.shift(timedelta(hours=1))
        confirm(request, PASSWORD)
        assert was_confirmed_recently(request)

    def test_the_session_gets_a_new_key(self) -> None:
        request = self.signed_in()
        request.session.save()
        keys = [request.session.session_key]
        confirm(request, PASSWORD)
        assert request.session.session_key not in keys

    def test_a_wrong_password_renews_nothing(self) -> None:
        request = self.signed_in()
        self.clock.shift(timedelta(hours=1))
        for password in ("", "wrong", PASSWORD + " ", PASSWORD.upper(), "\0", "x" * 10_000):
            with self.subTest(ascii(password[:30])), pytest.raises(NotConfirmed, match="not your sign-in password"):
                confirm(request, password)
        assert not was_confirmed_recently(request)

    def test_the_password_of_somebody_else_does_not_count(self) -> None:
        request = self.signed_in()
        make_user("bob", password="the password of Bob")
        with pytest.raises(NotConfirmed):
            confirm(request, "the password of Bob")

    def test_somebody_who_may_not_sign_in_any_more_can_not_confirm(self) -> None:
        request = self.signed_in()
        User.objects.update(is_active=False)
        with pytest.raises(NotConfirmed):
            confirm(request, PASSWORD)
