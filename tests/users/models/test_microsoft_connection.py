"""Users' connections to Microsoft 365: whom they serve, when they go, and that nobody renews one twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from threading import Barrier, Thread
from typing import Any
from unittest import mock

from django.db import connection
from django.test import TestCase, TransactionTestCase

from tests.factories import configure, connect, make_settings, make_user, register
from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import Account
from users.entra import client
from users.mail.transports.errors import TransportError
from users.models import EmailSettings, MicrosoftConnection
from users.vault import Secret, UnreadableSecret, new_key

ALICE = Account("alice@example.com")


class ServesTests(TestCase):
    def setUp(self) -> None:
        configure()
        register(flow="sign_in")
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange_online")

    def settings_of_alice(self) -> EmailSettings:
        return EmailSettings.of(self.alice)

    def row(self) -> MicrosoftConnection:
        return MicrosoftConnection.objects.get(pk=self.alice.pk)

    def test_one_for_these_settings_serves(self) -> None:
        assert self.settings_of_alice().is_connected
        assert self.settings_of_alice().connection == self.row()

    def test_one_that_has_ended_is_there_and_does_not_serve(self) -> None:
        MicrosoftConnection.objects.update(has_ended=True)
        assert self.settings_of_alice().connection
        assert not self.settings_of_alice().is_connected

    def test_one_whose_key_is_missing_does_not_serve(self) -> None:
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            assert not self.settings_of_alice().is_connected

    def test_one_whose_settings_were_changed_past_all_forms_does_not_serve(self) -> None:
        EmailSettings.objects.update(address="other@example.com")
        assert self.settings_of_alice().connection is None
        with self.assertRaises(TransportError) as caught:
            self.settings_of_alice().kept_connection.cache()
        assert caught.exception.code == "connection_missing"

    def test_one_of_somebody_else_does_not_open(self) -> None:
        make_settings(bob := make_user("bob"), method="exchange_online")
        token = self.row().token_cache
        MicrosoftConnection.objects.filter(pk=bob.pk).update(token_cache=token)
        with self.assertRaises(UnreadableSecret):
            MicrosoftConnection.objects.get(pk=bob.pk).open_secret("token_cache")
        assert not EmailSettings.of(bob).is_connected

    def test_one_for_another_registration_or_account_does_not_open(self) -> None:
        for column, text in (("registration", "https://evil.example\ntenant\nclient"), ("account_id", "mallory")):
            with self.subTest(column):
                row = self.row()
                setattr(row, column, text)
                with self.assertRaises(UnreadableSecret):
                    row.open_secret("token_cache")


class RemovalTests(TestCase):
    """What no longer belongs goes, and nothing else does."""

    def setUp(self) -> None:
        configure()
        register(flow="sign_in")
        self.alice = make_user("alice")
        make_settings(self.alice, method="exchange_online")

    def is_kept(self) -> bool:
        return bool(MicrosoftConnection.objects.get(pk=self.alice.pk).token_cache)

    def change(self, **fields: Any) -> None:
        row = EmailSettings.of(self.alice)
        for name, value in fields.items():
            setattr(row, name, value)
        row.full_clean()
        row.save_unless_changed()

    def test_another_address_removes_it(self) -> None:
        self.change(address="other@example.com")
        assert not self.is_kept()

    def test_another_method_removes_it(self) -> None:
        self.change(method="smtp")
        assert not self.is_kept()

    def test_other_changes_keep_it(self) -> None:
        self.change(copy_mode="cc", signature_html="<p>Alice</p>")
        assert self.is_kept()

    def test_those_of_others_stay(self) -> None:
        make_settings(bob := make_user("bob"), method="exchange_online")
        self.change(method="smtp")
        assert EmailSettings.of(bob).is_connected

    def test_another_tenant_client_or_authority_removes_all(self) -> None:
        for changes in (
            {"tenant_id": "other.example.com"},
            {"client_id": "2" * 8 + "-93b8-4d0f-8f0e-5b6f7a2d9c33"},
            {"cloud": "china"},
            {"flow": "application"},
        ):
            with self.subTest(**changes):
                register(tenant_id="example.com", cloud="global", flow="sign_in")
                connect(self.alice)
                assert self.is_kept()
                register(**changes)
                assert not self.is_kept()

    def test_another_secret_keeps_all(self) -> None:
        register(client_secret="another")
        assert self.is_kept()

    def test_a_deleted_user_takes_it_along(self) -> None:
        self.alice.delete()
        assert not MicrosoftConnection.objects.exists()

    def test_disconnecting_leaves_nothing_of_it(self) -> None:
        assert MicrosoftConnection.disconnect(MicrosoftConnection.objects.all()) == 1
        row = MicrosoftConnection.objects.get()
        kept = (row.address, row.account, row.account_id, row.registration, row.token_cache, row.connected_at)
        assert kept == ("", "", "", "", "", None)
        assert MicrosoftConnection.disconnect(MicrosoftConnection.objects.all()) == 0

    def test_every_connection_and_disconnection_counts(self) -> None:
        generations = [MicrosoftConnection.objects.get().generation]
        for act in (MicrosoftConnection.objects.all().delete, lambda: connect(self.alice), self.disconnect):
            act()
            generations += MicrosoftConnection.objects.values_list("generation", flat=True)
        assert generations == sorted(set(generations))

    @staticmethod
    def disconnect() -> None:
        MicrosoftConnection.disconnect(MicrosoftConnection.objects.all())


class Connected:
    """Alice is connected to a stand-in for Entra that takes every refresh token once."""

    def connect_alice(self: Any, *, seconds: int = 3600) -> None:
        self.server = self.enterContext(EntraServer(accounts={ALICE.username: ALICE}, is_public=True, seconds=seconds))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure()
        register(
            flow="sign_in",
            cloud="custom",
            custom_authority=self.server.authority,
            custom_graph=self.server.graph,
            client_secret=self.server.client_secret,
        )
        self.alice = make_user("alice")
        settings = make_settings(self.alice, method="exchange_online", connected=False)
        account, cache = self.what_msal_keeps(settings)
        MicrosoftConnection.connect(settings, account=ALICE.username, account_id=account, cache=cache)

    @staticmethod
    def what_msal_keeps(settings: EmailSettings) -> tuple[str, Secret]:
        """As after a sign-in: here by the password, which gives the same."""
        import msal

        application = settings.installation.application
        cache = msal.SerializableTokenCache()
        scopes = application.scopes(settings.installation.registration.traits.permissions)
        with client.client_for(application, cache) as entra:
            entra.client.obtain_token_by_username_password(ALICE.username, ALICE.password, scope=scopes)
            return entra.get_accounts()[0]["home_account_id"], Secret(cache.serialize())

    def token(self: Any) -> Secret:
        secret: Secret = EmailSettings.of(self.alice).graph_access.token()
        return secret

    def is_good(self: Any, token: Secret) -> bool:
        return token.reveal() in self.server.grants.access_tokens


class RenewalTests(Connected, TestCase):
    def row(self) -> MicrosoftConnection:
        return MicrosoftConnection.objects.get()

    def test_a_valid_token_is_used_without_asking_anybody_and_nothing_is_written(self) -> None:
        self.connect_alice()
        before, seen = self.row(), len(self.server.seen)
        assert self.is_good(self.token())
        assert len(self.server.seen) == seen
        assert self.row().token_cache == before.token_cache

    def test_one_that_ends_soon_is_renewed_and_kept(self) -> None:
        self.connect_alice(seconds=200)
        before = self.row()
        self.server.seconds = 3600
        first = self.token()
        assert self.is_good(first)
        assert self.row().token_cache != before.token_cache
        assert self.row().connected_at == before.connected_at
        assert self.token() == first

    def test_it_can_be_renewed_again_and_again(self) -> None:
        self.connect_alice(seconds=200)
        tokens = [self.token().reveal() for _time in range(3)]
        assert len(set(tokens)) == 3
        assert not self.row().has_ended

    def test_what_has_ended_at_microsoft_has_ended_here_and_is_not_asked_for_again(self) -> None:
        self.connect_alice(seconds=200)
        self.server.grants.end_all()
        codes = []
        seen = []
        for _time in range(2):
            with self.assertRaises(TransportError) as caught:
                self.token()
            codes.append(caught.exception.code)
            seen.append(self.server.count("token"))
        assert codes == ["connection_ended", "connection_ended"]
        assert seen[0] == seen[1]
        assert self.row().has_ended
        assert not EmailSettings.of(self.alice).is_connected

    def test_a_rule_that_wants_the_user_ends_it(self) -> None:
        self.connect_alice(seconds=200)
        grants = self.server.grants.refresh_tokens
        grants.update({token: (replace(ALICE, trouble=50076), grant) for token, (_a, grant) in grants.items()})
        with self.assertRaises(TransportError) as caught:
            self.token()
        assert caught.exception.code == "sign_in_blocked"
        assert self.row().has_ended

    def test_trouble_that_passes_does_not_end_it(self) -> None:
        self.connect_alice(seconds=200)
        for change in ({"status": 503}, {"drop": True}, {"error": ("temporarily_unavailable", 90033)}):
            with self.subTest(**change), mock.patch.multiple(self.server, **change):
                with self.assertRaises(TransportError):
                    self.token()
                assert not self.row().has_ended
        assert self.is_good(self.token())

    def test_what_graph_refuses_has_ended_until_its_owner_connects_again(self) -> None:
        self.connect_alice()
        access = EmailSettings.of(self.alice).graph_access
        access.refused()
        assert not self.row().has_ended  # nothing was used yet
        access.token()
        access.refused()
        assert self.row().has_ended
        assert not EmailSettings.of(self.alice).is_connected

    def test_a_late_refusal_does_not_end_a_new_connection(self) -> None:
        self.connect_alice()
        access = EmailSettings.of(self.alice).graph_access
        access.token()
        connect(self.alice)
        access.refused()
        assert not self.row().has_ended

    def test_a_wrong_client_secret_does_not_end_it(self) -> None:
        self.connect_alice(seconds=200)
        self.server.client_secret = "renewed"
        with self.assertRaises(TransportError) as caught:
            self.token()
        assert caught.exception.code == "registration_refused"
        assert not self.row().has_ended

    def test_a_disconnection_is_not_undone_by_a_late_write(self) -> None:
        self.connect_alice(seconds=200)
        self.meanwhile(lambda: MicrosoftConnection.disconnect(MicrosoftConnection.objects.all()))
        assert self.row().token_cache == ""
        assert self.row().token_cache_set_at is None

    def test_a_new_connection_is_not_overwritten_by_a_late_write(self) -> None:
        self.connect_alice(seconds=200)
        self.meanwhile(lambda: connect(self.alice, cache='{"new": {}}'))
        assert self.row().open_secret("token_cache").reveal() == '{"new": {}}'

    def test_a_late_end_does_not_end_a_new_connection(self) -> None:
        self.connect_alice(seconds=200)
        self.server.grants.end_all()
        with self.assertRaises(TransportError):
            self.meanwhile(lambda: connect(self.alice))
        assert not self.row().has_ended

    def meanwhile(self, act: Callable[[], Any]) -> None:
        """Somebody acts past the lock, between Microsoft's answer and what is written."""
        renew = client.Renewal.renew

        def late(*arguments: Any) -> Any:
            try:
                return renew(*arguments)
            finally:
                act()

        with mock.patch.object(client.Renewal, "renew", late):
            self.token()


class TwoAtOnceTests(Connected, TransactionTestCase):
    """Two workers renew at the same moment: each ends with a token that works, and so does the connection."""

    WORKERS = 4

    def test_all_get_a_token_and_none_is_lost(self) -> None:
        self.connect_alice(seconds=200)
        self.server.seconds = 3600
        self.server.delay, self.server.faulty = 0.2, frozenset({"token"})
        self.server.status = 0
        before = self.server.count("token")
        tokens = self.at_once(self.token)
        assert len(tokens) == self.WORKERS
        assert all(self.is_good(token) for token in tokens)
        assert self.server.count("token") == before + 1
        assert not self.server.grants.ended
        assert EmailSettings.of(self.alice).is_connected

    def test_even_where_every_one_of_them_has_to_renew(self) -> None:
        self.connect_alice(seconds=200)
        tokens = self.at_once(self.token)
        assert len({token.reveal() for token in tokens}) == self.WORKERS
        assert all(self.is_good(token) for token in tokens)
        assert not self.server.grants.ended

    def test_without_the_lock_the_grant_would_be_lost(self) -> None:
        """Shows that the stand-in would notice."""
        self.connect_alice(seconds=200)
        settings = EmailSettings.of(self.alice)
        kept, account = settings.kept_connection.cache(), settings.connection_row.account_id  # type: ignore[union-attr]
        for _worker in range(2):
            with ExitStack() as stack:
                renewal = stack.enter_context(client.Renewal.prepared(settings.installation.application, ["Mail.Send"]))
                if self.server.grants.used:
                    stack.enter_context(self.assertRaises(TransportError))
                renewal.renew(kept, account)
        assert self.server.grants.ended

    def test_disconnecting_while_it_is_renewed_stays(self) -> None:
        self.connect_alice(seconds=200)
        self.server.delay, self.server.faulty = 0.2, frozenset({"token"})
        rows = MicrosoftConnection.objects.filter(pk=self.alice.pk)
        self.at_once(self.token, lambda: MicrosoftConnection.disconnect(rows))
        assert rows.get().token_cache == ""

    def at_once(self, *acts: Callable[[], Any]) -> list[Any]:
        results: list[Any] = []
        chosen = acts if len(acts) > 1 else acts * self.WORKERS
        barrier = Barrier(len(chosen))

        def work(act: Callable[[], Any]) -> None:
            try:
                barrier.wait(timeout=30)
                results.append(act())
            except TransportError as error:
                results.append(error)
            finally:
                connection.close()

        workers = [Thread(target=work, args=[act]) for act in chosen]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        return results
