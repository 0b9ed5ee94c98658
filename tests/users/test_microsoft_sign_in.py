"""The way to Microsoft and back, with everything that can come back instead of the right answer."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlencode, urlsplit

import requests
import time_machine
from django.test import TestCase
from django.utils import timezone

from tests.factories import configure, make_activity, make_settings, make_user, register
from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import PERSONAL_TENANT, Account
from tests.users.views.browser import Browser, Page
from users.entra import errors, identity
from users.entra.client import SignedIn
from users.models import EmailSettings, ExportQueue, MicrosoftConnection, User
from users.vault import Secret

CONNECT, CALLBACK, DISCONNECT = "/entra/connect/", "/entra/callback/", "/entra/disconnect/"
REDIRECT = f"http://testserver{CALLBACK}"
ALICE = Account("alice@example.com")
MALLORY = Account("mallory@example.com")


class SignInCase(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(
            EntraServer(accounts={each.username: each for each in (ALICE, MALLORY)}, redirect_addresses=[REDIRECT])
        )
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
        make_settings(self.alice, method="exchange_online", connected=False)
        self.browser = Browser(self.alice)

    # --- What people do -------------------------------------------------------------------------------------------

    def go(self, browser: Browser | None = None) -> str:
        """Press *Connect*; returns the address at Microsoft."""
        page = (browser or self.browser).post(CONNECT, {})
        assert page.status == 302, page.source
        return str(page.response["Location"])

    def answer(self, address: str, **pressed: str) -> str:
        """Press a button on Microsoft's page; returns the address to which the browser is sent back."""
        with requests.Session() as session:
            session.trust_env = False
            posted = pressed or {"account": ALICE.username}
            response = session.post(address, data=posted, verify=str(self.server.ca_file), allow_redirects=False)
        location = urlsplit(response.headers["Location"])
        assert location.path == CALLBACK
        return f"{location.path}?{location.query}"

    def come_back(self, address: str, browser: Browser | None = None) -> Page:
        """Open the address, and the page that it leads to."""
        page = (browser or self.browser).open(address)
        assert page.response["Location"] == "/profile/"
        assert page.response["Referrer-Policy"] == "no-referrer"
        return page.follow()

    def connect(self, **pressed: str) -> Page:
        return self.come_back(self.answer(self.go(), **pressed))

    def is_connected(self, user: User | None = None) -> bool:
        return EmailSettings.of(user or self.alice).is_connected

    def nothing_is_stored(self) -> bool:
        return not MicrosoftConnection.objects.exclude(token_cache="").exists()


class ConnectTests(SignInCase):
    def test_the_right_account_is_connected_and_shown(self) -> None:
        page = self.connect()
        assert "You are connected to Microsoft 365 as alice@example.com." in page.text
        assert "Connected as alice@example.com since" in page.text
        assert self.is_connected()
        token = EmailSettings.of(self.alice).graph_access.token()
        assert self.server.grants.access_tokens[token.reveal()] == ALICE

    def test_a_calendar_that_waits_goes_on(self) -> None:
        make_activity(self.alice, in_calendar=True)
        ExportQueue.objects.create(owner=self.alice, not_before=timezone.now() + timedelta(hours=1))
        self.connect(account=MALLORY.username)
        assert ExportQueue.objects.get().not_before
        self.connect()
        assert ExportQueue.objects.get().not_before is None

    def test_an_alias_of_the_own_mailbox_is_the_right_account_too(self) -> None:
        for account in (
            Account("a.archer@example.onmicrosoft.com", mail="Alice@Example.com"),
            Account(
                "a.archer@example.onmicrosoft.com", proxy_addresses=["SMTP:a@example.com", "smtp:ALICE@example.com"]
            ),
        ):
            self.server.accounts = {account.username: account}
            with self.subTest(account.mail):
                self.connect(account=account.username)
                assert self.is_connected()
                self.browser.post(DISCONNECT, {})

    def test_another_account_is_named_and_nothing_is_stored(self) -> None:
        page = self.connect(account=MALLORY.username)
        assert "You signed in to Microsoft as mallory@example.com" in page.text
        assert "your e-mail address here is alice@example.com" in page.text
        assert self.nothing_is_stored()

    def test_an_address_of_another_kind_is_not_taken_for_a_mailbox(self) -> None:
        self.server.accounts = {MALLORY.username: replace(MALLORY, proxy_addresses=["SIP:alice@example.com"])}
        self.connect(account=MALLORY.username)
        assert self.nothing_is_stored()

    def test_an_account_of_another_directory_is_named_even_with_the_same_address(self) -> None:
        self.server.accounts = {ALICE.username: replace(ALICE, tenant=PERSONAL_TENANT)}
        page = self.connect()
        assert "as alice@example.com, which is not of your organisation" in page.text
        assert self.nothing_is_stored()

    def test_a_name_with_markup_is_only_text(self) -> None:
        odd = Account("<b>%(server)s</b>@example.com")
        self.server.accounts = {odd.username: odd}
        page = self.connect(account=odd.username)
        assert odd.username in page.text

    def test_declining_and_cancelling_are_told_in_plain_words(self) -> None:
        for button, sentence in (("decline", "You did not allow the access"), ("cancel", "was cancelled")):
            with self.subTest(button):
                page = self.connect(answer=button)
                assert sentence in page.text
                assert self.nothing_is_stored()

    def test_the_code_and_the_correlation_id_stand_in_the_details(self) -> None:
        page = self.connect(answer="decline")
        (details,) = page.tree.xpath("//main//details[contains(@class, 'told-detail')]")
        assert "AADSTS65004" in details.text_content()
        assert "correlation id" in details.text_content()

    def test_connecting_again_takes_the_place_of_the_old_connection(self) -> None:
        self.connect()
        before = MicrosoftConnection.objects.get()
        self.connect()
        assert MicrosoftConnection.objects.get().generation > before.generation
        assert self.is_connected()

    def test_a_failed_second_sign_in_leaves_the_connection_as_it_is(self) -> None:
        self.connect()
        self.connect(account=MALLORY.username)
        assert self.is_connected()

    def test_a_server_that_does_not_answer_is_told_before_anybody_leaves(self) -> None:
        for change, sentence in (
            ({"status": 503}, "is not available at the moment"),
            ({"drop": True}, "can't be reached"),
            ({"status": 200}, "is not Microsoft's sign-in server"),
        ):
            with self.subTest(**change), mock.patch.multiple(self.server, **change):
                assert sentence in self.browser.post(CONNECT, {}).follow().text

    def test_a_server_that_fails_on_the_way_back_is_told_and_can_be_tried_again(self) -> None:
        for place in ("token", "graph"):
            account = Account("other@example.onmicrosoft.com", mail="alice@example.com")
            self.server.accounts = {account.username: account}
            back = self.answer(self.go(), account=account.username)
            with self.subTest(place), mock.patch.multiple(self.server, status=503, faulty=frozenset({place})):
                assert "Try again in a few minutes" in self.come_back(back).text
                assert self.nothing_is_stored()

    def test_without_a_key_nothing_is_started(self) -> None:
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            page = self.browser.post(CONNECT, {}).follow()
        assert self.nothing_is_stored()
        assert "connect" in page.text.lower()


class WhoMayConnectTests(SignInCase):
    def refused(self) -> str:
        page = self.browser.post(CONNECT, {})
        assert page.response["Location"] == "/profile/"
        assert self.server.seen == []
        return page.follow().text

    def test_with_another_method_there_is_nothing_to_connect(self) -> None:
        make_settings(self.alice, method="smtp", version=9)
        assert "need no connection to Microsoft 365" in self.refused()

    def test_with_another_flow_neither(self) -> None:
        register(flow="application")
        assert "need no connection to Microsoft 365" in self.refused()

    def test_with_an_incomplete_registration_neither(self) -> None:
        register(client_secret="")
        assert "need no connection to Microsoft 365" in self.refused()

    def test_the_address_comes_first(self) -> None:
        EmailSettings.objects.update(address="")
        assert "Your e-mail address is missing" in self.refused()
        assert "First enter your e-mail address" in self.browser.open("/profile/").text

    def test_the_panel_is_there_only_where_it_is_needed(self) -> None:
        assert "Connect to Microsoft 365" in self.browser.open("/profile/").text
        register(flow="application")
        assert "Connect to Microsoft 365" not in self.browser.open("/profile/").text

    def test_the_page_may_lead_to_the_authority_and_to_nobody_else(self) -> None:
        policy = self.browser.open("/profile/").response["Content-Security-Policy"]
        assert f"form-action 'self' {self.server.authority};" in policy + ";"
        register(flow="application")
        assert "form-action 'self';" in self.browser.open("/profile/").response["Content-Security-Policy"] + ";"


class StateTests(SignInCase):
    """An answer serves once, for ten minutes, and only in the session that asked."""

    UNKNOWN = "was used already, is older than ten minutes, or is not for you"

    def test_an_answer_that_is_sent_again_changes_nothing(self) -> None:
        back = self.answer(self.go())
        self.come_back(back)
        row = MicrosoftConnection.objects.get()
        seen = len(self.server.seen)
        assert self.UNKNOWN in self.come_back(back).text
        assert MicrosoftConnection.objects.get().token_cache == row.token_cache
        assert len(self.server.seen) == seen
        assert self.is_connected()

    def test_an_answer_that_failed_is_not_taken_a_second_time(self) -> None:
        back = self.answer(self.go(), account=MALLORY.username)
        self.come_back(back)
        assert self.UNKNOWN in self.come_back(back).text

    def test_an_answer_for_somebody_else_is_refused(self) -> None:
        bob = make_user("bob")
        make_settings(bob, method="exchange_online", connected=False)
        back = self.answer(self.go())
        other = Browser(bob)
        self.go(other)
        assert self.UNKNOWN in self.come_back(back, other).text
        assert self.nothing_is_stored()

    def test_an_answer_in_the_session_of_somebody_else_does_not_open(self) -> None:
        """Even where a session was taken over by another user, what is kept in it is for the first one."""
        back = self.answer(self.go())
        bob = make_user("bob")
        make_settings(bob, method="exchange_online", connected=False)
        other = Browser(bob)
        session = other.client.session
        session["microsoft_sign_ins"] = dict(self.browser.client.session["microsoft_sign_ins"])
        session.save()
        assert self.UNKNOWN in self.come_back(back, other).text
        assert self.nothing_is_stored()

    def test_an_answer_after_ten_minutes_is_refused(self) -> None:
        with time_machine.travel("2026-11-25 12:00:00+00:00", tick=False) as clock:
            register(secret_expires_on="2027-11-25")
            self.browser = Browser(self.alice)
            back = self.answer(self.go())
            clock.shift(600)
            assert self.UNKNOWN in self.come_back(back).text
        assert self.nothing_is_stored()

    def test_made_up_answers_are_refused(self) -> None:
        self.go()
        for query in (
            "",
            "state=",
            "code=x",
            "state=x&code=y",
            "error=access_denied",
            "state=%00&code=%ff",
            "state=x&state=y",
        ):
            with self.subTest(query):
                assert self.UNKNOWN in self.come_back(f"{CALLBACK}?{query}").text

    def test_an_answer_without_a_code_is_no_sign_in(self) -> None:
        state = dict(parse_qsl(urlsplit(self.go()).query))["state"]
        page = self.come_back(f"{CALLBACK}?{urlencode({'state': state})}")
        assert "start the sign-in again" in page.text
        assert self.nothing_is_stored()

    def test_a_code_of_somebody_else_is_refused(self) -> None:
        """Somebody slips a victim the code of the own account."""
        bob = make_user("bob")
        make_settings(bob, method="exchange_online", connected=False)
        other = Browser(bob)
        code = dict(parse_qsl(urlsplit(self.answer(self.go(other), account=MALLORY.username)).query))["code"]
        state = dict(parse_qsl(urlsplit(self.go()).query))["state"]
        self.come_back(f"{CALLBACK}?{urlencode({'state': state, 'code': code})}")
        assert self.nothing_is_stored()

    def test_with_another_registration_meanwhile_an_answer_is_refused(self) -> None:
        back = self.answer(self.go())
        register(client_id="3f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33")
        assert self.UNKNOWN in self.come_back(back).text

    def test_with_another_address_meanwhile_it_is_the_wrong_account(self) -> None:
        back = self.answer(self.go())
        EmailSettings.objects.update(address="other@example.com")
        assert "your e-mail address here is other@example.com" in self.come_back(back).text
        assert self.nothing_is_stored()

    def test_several_windows_do_not_disturb_each_other_and_do_not_pile_up(self) -> None:
        addresses = [self.go() for _window in range(7)]
        assert len(self.browser.client.session["microsoft_sign_ins"]) == 5
        assert self.UNKNOWN in self.come_back(self.answer(addresses[0])).text
        self.come_back(self.answer(addresses[-2]))
        assert self.is_connected()

    def test_whoever_was_signed_out_meanwhile_signs_in_without_the_code_in_any_page(self) -> None:
        back = self.answer(self.go())
        self.browser.client.logout()
        response = self.browser.client.get(back)
        assert response["Location"] == "/accounts/login/?next=/profile/"
        assert "code-" not in self.browser.open(response["Location"]).source

    def test_only_get_is_taken(self) -> None:
        for method in ("HEAD", "POST", "PUT", "DELETE"):
            with self.subTest(method):
                assert self.browser.client.generic(method, CALLBACK).status_code == 405
        for address in (CONNECT, DISCONNECT):
            assert self.browser.open(address).status == 405


class TokenTests(SignInCase):
    """What comes back is looked at, since msal looks at nothing but the nonce."""

    def test_a_token_for_another_application_or_from_long_ago_is_refused(self) -> None:
        signed_in = SignedIn(
            {"aud": self.server.client_id, "exp": 1, "tid": self.server.tenant, "preferred_username": ALICE.username},
            self.server.tenant,
            "id",
            Secret(""),
            Secret(""),
        )
        application = EmailSettings.of(self.alice).installation.application
        odd: list[dict[str, Any]] = [{}, {"aud": "other", "exp": 9e9}, {"exp": None}, {"exp": "9"}, {"aud": None}]
        for claims in odd:
            with self.subTest(str(claims)), self.assertRaises(errors.SignInAstray):
                identity.check_owner(
                    replace(signed_in, claims={**signed_in.claims, **claims}), application, ALICE.username
                )
        identity.check_owner(replace(signed_in, claims={**signed_in.claims, "exp": 9e9}), application, ALICE.username)

    def test_a_token_without_a_directory_is_of_another(self) -> None:
        claims = {"aud": self.server.client_id, "exp": 9e9, "preferred_username": ALICE.username}
        signed_in = SignedIn(claims, self.server.tenant, "id", Secret(""), Secret(""))
        with self.assertRaises(errors.OtherAccount):
            identity.check_owner(signed_in, EmailSettings.of(self.alice).installation.application, ALICE.username)


class DisconnectTests(SignInCase):
    def test_disconnecting_removes_everything_and_says_what_is_left_at_microsoft(self) -> None:
        self.connect()
        page = self.browser.post(DISCONNECT, {}).follow()
        assert "You are disconnected from Microsoft 365" in page.text
        assert "myapps.microsoft.com" in page.text
        assert self.nothing_is_stored()

    def test_a_second_click_says_nothing(self) -> None:
        assert "You are disconnected" not in self.browser.post(DISCONNECT, {}).follow().text

    def test_nobody_disconnects_somebody_else(self) -> None:
        self.connect()
        Browser(make_user("bob")).post(DISCONNECT, {})
        assert self.is_connected()

    def test_one_that_has_ended_is_shown_and_can_be_connected_again(self) -> None:
        self.connect()
        MicrosoftConnection.objects.update(has_ended=True)
        page = self.browser.open("/profile/")
        assert "Needs to be connected again: the sign-in of alice@example.com has ended." in page.text
        assert "2 things left" in page.text
        self.connect()
        assert self.is_connected()

    def test_the_log_of_the_site_has_no_answer_in_it(self) -> None:
        back = self.answer(self.go())
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger(__name__).debug("the log works")
            self.come_back(back)
        code = dict(parse_qsl(urlsplit(back).query))["code"]
        assert code not in "\n".join(logs.output)
