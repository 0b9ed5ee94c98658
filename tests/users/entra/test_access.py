"""The ways to a token: what is asked once and used again, and what is never mixed up."""

from __future__ import annotations

import time
from dataclasses import replace
from typing import Any

import time_machine

from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import Account
from tests.users.entra.test_client import ALICE, EntraCase
from users.entra.access import MEMORY, ApplicationAccess, PasswordAccess
from users.entra.tokens import MOST, Token, TokenMemory
from users.mail.transports.errors import TransportError
from users.vault import Secret

BOB = Account("bob@example.com", password="another")


class AccessCase(EntraCase):
    def setUp(self) -> None:
        super().setUp()
        MEMORY.forget()
        self.addCleanup(MEMORY.forget)

    def make_server(self) -> EntraServer:
        return EntraServer(accounts={ALICE.username: ALICE, BOB.username: BOB}, is_public=True)


class ApplicationAccessTests(AccessCase):
    def token(self, **changes: Any) -> Secret:
        return ApplicationAccess(application=replace(self.application, **changes)).token()

    def test_one_token_serves_many_messages(self) -> None:
        assert self.token() == self.token()
        assert self.server.count("token") == 1

    def test_another_secret_is_asked_for_itself(self) -> None:
        self.token()
        with self.assertRaises(TransportError):
            self.token(credential=Secret("wrong"))

    def test_a_refusal_is_not_remembered(self) -> None:
        self.server.error = ("unauthorized_client", 700016)
        with self.assertRaises(TransportError):
            self.token()
        self.server.error = None
        assert self.token()

    def test_what_is_granted_later_counts_after_ten_minutes(self) -> None:
        first = self.token()
        with time_machine.travel(time.time() + 601):
            assert self.token() != first

    def test_what_graph_refused_is_not_used_again(self) -> None:
        first = self.token()
        ApplicationAccess(application=self.application).refused()
        assert self.token() != first

    def test_a_check_asks_anew_and_its_token_serves_from_then_on(self) -> None:
        first = self.token()
        fresh = ApplicationAccess(application=self.application).fresh_token()
        assert first != fresh == self.token()


class PasswordAccessTests(AccessCase):
    def token(self, account: Account = ALICE, **changes: Any) -> Secret:
        options: dict[str, Any] = {"username": account.username, "password": Secret(account.password)} | changes
        application = replace(self.application, credential=None)
        return PasswordAccess(application=application, permissions=["Mail.Send"], **options).token()

    def test_one_sign_in_serves_many_messages(self) -> None:
        assert self.token() == self.token()
        assert self.server.count("token") == 1

    def test_nobody_gets_the_token_of_somebody_else(self) -> None:
        tokens = self.server.grants.access_tokens
        assert [tokens[self.token(each).reveal()] for each in (ALICE, BOB, ALICE)] == [ALICE, BOB, ALICE]

    def test_a_wrong_password_does_not_profit_from_a_right_one(self) -> None:
        self.token()
        with self.assertRaises(TransportError):
            self.token(password=Secret("wrong"))

    def test_what_graph_refused_is_not_used_again(self) -> None:
        first, other = self.token(), self.token(BOB)
        application = replace(self.application, credential=None)
        access = PasswordAccess(
            application=application, permissions=[], username=ALICE.username, password=Secret(ALICE.password)
        )
        access.refused()
        assert self.token() != first
        assert self.token(BOB) == other

    def test_neither_user_name_nor_password_can_be_made_of_the_other(self) -> None:
        self.token()
        with self.assertRaises(TransportError):
            self.token(username=ALICE.username + "\0", password=Secret(ALICE.password))


class MemoryTests(AccessCase):
    def test_a_token_that_ends_soon_is_not_kept(self) -> None:
        memory = TokenMemory()
        memory.keep("x", Token(Secret("old"), 299))
        assert memory.get("x", lambda: Token(Secret("new"), 3600)) == Secret("new")

    def test_it_does_not_grow_without_end(self) -> None:
        memory = TokenMemory()
        for number in range(MOST + 1):
            memory.keep(str(number), Token(Secret(str(number)), 3600))
        assert memory.get("1", lambda: Token(Secret("new"), 3600)) == Secret("1")
        assert memory.get("0", lambda: Token(Secret("new"), 3600)) == Secret("new")
