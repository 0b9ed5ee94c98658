"""The command that monitoring asks: whose e-mail is ready."""

from __future__ import annotations

import json
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import TestCase

from tests.factories import checked, configure, make_settings, make_user, register
from users.models import User


def run(*options: str) -> str:
    output = StringIO()
    call_command("email_status", *options, stdout=output)
    return output.getvalue()


def run_json(*options: str) -> Any:
    return json.loads(run("--json", *options))


class EmailStatusTests(TestCase):
    def setUp(self) -> None:
        configure()
        checked(make_settings(make_user("alice"), method=""))
        make_settings(make_user("bob"), method="exchange", exchange_password="")
        make_user("charlie")

    def test_everybody_is_in_the_table(self) -> None:
        lines = run().splitlines()
        assert [line.split()[0] for line in lines[1:4]] == ["alice", "bob", "charlie"]
        assert "alice@example.com" in lines[1]
        assert "passed just now" in lines[1]
        assert "exchange_password, check" in lines[2]
        assert lines[4] == "3 users listed, 2 of them not ready"

    def test_json_has_the_same(self) -> None:
        alice, bob, charlie = run_json()
        assert (alice["ready"], alice["method"], alice["missing"]) == (True, "smtp", [])
        assert alice["last_check"]["standing"] == "passed"
        assert (bob["ready"], bob["missing"]) == (False, ["exchange_password", "check"])
        assert charlie["last_check"] == {"standing": "never", "at": None}

    def test_only_those_who_are_not_ready(self) -> None:
        assert [row["username"] for row in run_json("--not-ready")] == ["bob", "charlie"]

    def test_nobody_is_an_empty_list(self) -> None:
        User.objects.exclude(username="alice").delete()
        assert run_json("--not-ready") == []

    def test_it_fails_if_asked_to(self) -> None:
        with pytest.raises(CommandError, match="Not ready: 2 users"):
            run("--fail")

    def test_whoever_has_left_is_not_listed(self) -> None:
        make_user("gone", is_active=False)
        assert "gone" not in run()

    def test_it_reads_everybody_at_once(self) -> None:
        with self.assertNumQueries(3):
            run()

    def test_it_reads_all_connections_at_once(self) -> None:
        register(flow="sign_in")
        for name in ("dora", "emil"):
            make_settings(make_user(name), method="exchange_online")
        with self.assertNumQueries(3):
            listed = run_json()
        assert [row["missing"] for row in listed[3:]] == [["check"], ["check"]]
