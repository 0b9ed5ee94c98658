"""Signing in: wrong passwords are counted, and nobody learns who exists."""

from __future__ import annotations

from typing import Any

from django.test import Client, TestCase, override_settings

from tests.factories import PASSWORD, make_user
from users.models import User


@override_settings(AXES_ENABLED=True)
class ThrottleTests(TestCase):
    def setUp(self) -> None:
        make_user("alice")
        make_user("bob")

    def sign_in(self, username: str, password: str, address: str = "/accounts/login/", **options: Any) -> Any:
        return Client(**options).post(address, {"username": username, "password": password})

    def guess(self, times: int, **options: Any) -> None:
        for _time in range(times):
            self.sign_in("alice", "wrong", **options)

    def test_four_wrong_passwords_stop_nobody(self) -> None:
        self.guess(4)
        assert self.sign_in("alice", PASSWORD).status_code == 302

    def test_five_pause_the_sign_in_with_a_plain_page(self) -> None:
        self.guess(4)
        for password in ("wrong", PASSWORD):
            response = self.sign_in("alice", password)
            assert response.status_code == 429
            assert "Too many wrong passwords" in response.content.decode()

    def test_other_users_and_other_machines_are_not_stopped(self) -> None:
        self.guess(5)
        assert self.sign_in("bob", PASSWORD).status_code == 302
        assert self.sign_in("alice", PASSWORD, REMOTE_ADDR="192.0.2.7").status_code == 302

    def test_no_header_passes_for_another_machine(self) -> None:
        self.guess(5)
        for header in ("X_FORWARDED_FOR", "X_REAL_IP", "FORWARDED", "CLIENT_IP", "X_CLUSTER_CLIENT_IP"):
            with self.subTest(header):
                assert self.sign_in("alice", PASSWORD, **{f"HTTP_{header}": "192.0.2.7"}).status_code == 429

    def test_a_right_password_starts_the_count_anew(self) -> None:
        for _round in range(2):
            self.guess(4)
            assert self.sign_in("alice", PASSWORD).status_code == 302

    def test_the_sign_in_page_of_the_admin_counts_as_well(self) -> None:
        for _time in range(5):
            self.sign_in("alice", "wrong", address="/admin/login/")
        assert self.sign_in("alice", PASSWORD).status_code == 429

    def test_it_does_not_tell_whether_a_user_exists(self) -> None:
        known, unknown = (self.sign_in(name, "wrong").content.decode() for name in ("alice", "nobody"))
        sentence = "Please enter a correct username and password."
        assert (sentence in known, sentence in unknown) == (True, True)

    def test_somebody_who_may_not_sign_in_any_more_is_out_at_once(self) -> None:
        client = Client()
        client.force_login(User.objects.get(username="alice"))
        assert client.get("/profile/").status_code == 200
        User.objects.update(is_active=False)
        assert client.get("/profile/").status_code == 302
