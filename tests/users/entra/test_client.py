"""msal as it is, against a stand-in for Entra: every flow, every refusal, and servers that misbehave."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import Any
from unittest import mock
from urllib.parse import parse_qsl, urlsplit

import requests
import trustme
from django.test import SimpleTestCase

from mailsettings.env import THIS_MACHINE
from tests.factories import certificate_and_key
from tests.servers.certificates import Certificate
from tests.servers.entra import SECRET, EntraServer
from tests.servers.entra_tokens import Account
from users.entra import client
from users.entra.application import Application, ClientCertificate
from users.mail.transports.errors import TransportError
from users.vault import Secret

ALICE = Account("alice@example.com")
PERMISSIONS = ["User.Read", "Mail.Send"]
REDIRECT = "https://mail.example.com/entra/callback/"


class EntraCase(SimpleTestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(self.make_server())
        self.application = Application(
            authority=self.server.authority,
            tenant=self.server.tenant,
            client_id=self.server.client_id,
            graph=self.server.graph,
            credential=Secret(SECRET),
            ca_file=self.server.ca_file,
            trusted_networks=tuple(THIS_MACHINE),
        )

    def make_server(self) -> EntraServer:
        return EntraServer(accounts={ALICE.username: ALICE}, redirect_addresses=[REDIRECT])

    def refused(self, **changes: Any) -> TransportError:
        with self.assertRaises(TransportError) as caught:
            client.token_of_application(replace(self.application, **changes))
        return caught.exception


class ApplicationTests(EntraCase):
    def test_a_client_secret_is_exchanged_for_a_token(self) -> None:
        token = client.token_of_application(self.application)
        assert token.secret.reveal() in self.server.grants.access_tokens
        assert token.seconds == 3600

    def test_a_certificate_signs_for_the_application(self) -> None:
        certificate, key = certificate_and_key(key_type=trustme.KeyType.RSA)
        self.server.certificate_pem = certificate
        credential = ClientCertificate(certificate, Secret(key))
        for _time in range(2):  # a second request must not repeat the first one's signature
            token = client.token_of_application(replace(self.application, credential=credential))
            assert token.secret.reveal() in self.server.grants.access_tokens

    def test_a_certificate_that_is_not_registered_is_refused(self) -> None:
        certificate, key = certificate_and_key(key_type=trustme.KeyType.RSA)
        error = self.refused(credential=ClientCertificate(certificate, Secret(key)))
        assert error.detail.startswith("AADSTS700027")

    def test_a_key_of_a_kind_that_entra_does_not_take_is_told(self) -> None:
        certificate, key = certificate_and_key()  # an elliptic curve
        error = self.refused(credential=ClientCertificate(certificate, Secret(key)))
        assert error.code == "key_unusable"
        assert self.server.count("token") == 0

    def test_what_is_wrong_with_the_registration_is_told_to_the_administrator(self) -> None:
        for changes, code, word in (
            ({"credential": Secret("wrong")}, "AADSTS7000215", "not its Secret ID"),
            ({"client_id": "0" * 8}, "AADSTS700016", "Application (client) ID"),
            ({"tenant": "nobody.example"}, "AADSTS90002", "Directory (tenant) ID"),
            ({"graph": "https://graph.elsewhere.example"}, "AADSTS70011", "cloud"),
        ):
            with self.subTest(code):
                error = self.refused(**changes)
                assert error.code == "registration_refused"
                assert code in error.detail
                assert "correlation id" in error.detail
                assert word in str(error.for_administrator)  # type: ignore[attr-defined]

    def test_the_directory_may_be_named_by_its_domain(self) -> None:
        application = replace(self.application, tenant=self.server.domain)
        assert client.directory_id(application) == self.server.tenant

    def test_a_refusal_is_not_remembered(self) -> None:
        self.server.error = ("unauthorized_client", 700016)
        self.refused()
        self.server.error = None
        assert client.token_of_application(self.application).secret


class PasswordTests(EntraCase):
    def make_server(self) -> EntraServer:
        return EntraServer(accounts={ALICE.username: ALICE}, is_public=True)

    def token(self, username: str = ALICE.username, password: str = ALICE.password) -> Any:
        application = replace(self.application, credential=None)
        return client.token_by_password(application, username, Secret(password), PERMISSIONS)

    def test_user_name_and_password_are_exchanged_for_a_token(self) -> None:
        assert self.server.grants.access_tokens[self.token().secret.reveal()] == ALICE
        (posted,) = [posted for place, posted in self.server.seen if place == "token"]
        assert posted["username"] == ALICE.username
        assert f"{self.server.graph}/Mail.Send" in posted["scope"].split()
        assert "client_secret" not in posted

    def test_nobody_but_the_directory_gets_the_password(self) -> None:
        self.token()
        assert [place for place, _posted in self.server.seen] == ["discovery", "token"]

    def test_every_refusal_is_told_and_nothing_is_tried_twice(self) -> None:
        for number, (trouble, code) in enumerate(
            (
                (0, "entra_account_refused"),
                (50053, "entra_account_locked"),
                (50057, "entra_account_refused"),
                (50076, "sign_in_blocked"),
                (53003, "sign_in_blocked"),
                (65001, "consent_missing"),
                (90033, "entra_unavailable"),
                (999999, "entra_account_refused"),
            ),
            start=1,
        ):
            self.server.accounts = {ALICE.username: replace(ALICE, trouble=trouble)}
            with self.subTest(trouble), self.assertRaises(TransportError) as caught:
                self.token(password="wrong")
            assert caught.exception.code == code
            assert self.server.count("token") == number

    def test_an_unknown_user_and_a_wrong_password_read_the_same(self) -> None:
        told = []
        for username, password in (("nobody@example.com", "x"), (ALICE.username, "x")):
            with self.assertRaises(TransportError) as caught:
                self.token(username, password)
            told.append((str(caught.exception), caught.exception.hint, caught.exception.detail))
        assert told[0] == told[1]
        assert "does not accept your user name and password" in told[0][0]

    def test_an_application_that_is_not_public_is_told(self) -> None:
        self.server.is_public = False
        with self.assertRaises(TransportError) as caught:
            self.token()
        assert "Allow public client flows" in str(caught.exception.for_administrator)  # type: ignore[attr-defined]


class SignInTests(EntraCase):
    def start(self) -> dict[str, Any]:
        return client.start(self.application, PERMISSIONS, redirect_address=REDIRECT, address=ALICE.username)

    def answer(self, flow: dict[str, Any], **posted: str) -> dict[str, str]:
        """What the browser brings back after pressing this button."""
        chosen = posted or {"account": ALICE.username}
        with requests.Session() as session:
            session.trust_env = False
            response = session.post(
                flow["auth_uri"], data=chosen, verify=str(self.server.ca_file), allow_redirects=False
            )
        return dict(parse_qsl(urlsplit(response.headers["Location"]).query))

    def test_the_way_there_is_as_it_has_to_be(self) -> None:
        address = urlsplit(self.start()["auth_uri"])
        query = dict(parse_qsl(address.query))
        assert f"https://{address.netloc}" == self.server.authority
        assert query["response_mode"] == "query"
        assert query["prompt"] == "select_account"
        assert query["code_challenge_method"] == "S256"
        assert query["redirect_uri"] == REDIRECT
        assert query["login_hint"] == ALICE.username
        assert {"offline_access", f"{self.server.graph}/Mail.Send"} <= set(query["scope"].split())

    def test_coming_back_gives_tokens_and_says_who_it_was(self) -> None:
        flow = self.start()
        signed_in = client.finish(self.application, flow, self.answer(flow))
        assert signed_in.claims["preferred_username"] == ALICE.username
        assert signed_in.claims["tid"] == signed_in.tenant == self.server.tenant
        assert signed_in.token == client.token_in(signed_in.cache)
        assert "access-" not in repr(signed_in)

    def test_declining_and_cancelling_are_told_apart(self) -> None:
        for button, code in (("decline", "consent_missing"), ("cancel", "sign_in_cancelled")):
            flow = self.start()
            with self.subTest(button), self.assertRaises(TransportError) as caught:
                client.finish(self.application, flow, self.answer(flow, answer=button))
            assert caught.exception.code == code

    def test_a_code_serves_once(self) -> None:
        flow = self.start()
        answer = self.answer(flow)
        client.finish(self.application, dict(flow), answer)
        with self.assertRaises(TransportError) as caught:
            client.finish(self.application, flow, answer)
        assert caught.exception.code == "sign_in_astray"

    def test_a_code_of_another_sign_in_is_refused(self) -> None:
        mine, other = self.start(), self.start()
        answer = self.answer(other) | {"state": mine["state"]}
        with self.assertRaises(TransportError) as caught:
            client.finish(self.application, mine, answer)
        assert caught.exception.code == "sign_in_astray"

    def test_a_token_of_another_sign_in_is_refused(self) -> None:
        flow = self.start()
        answer = self.answer(flow)
        with self.assertRaises(TransportError) as caught:
            client.finish(self.application, flow | {"nonce": "another"}, answer)
        assert caught.exception.code == "sign_in_astray"

    def test_a_renewal_brings_a_new_token_and_what_to_keep(self) -> None:
        flow = self.start()
        signed_in = client.finish(self.application, flow, self.answer(flow))
        with client.Renewal.prepared(self.application, PERMISSIONS) as renewal:
            requests_before = len(self.server.seen)
            token, kept = renewal.renew(signed_in.cache, signed_in.account)
        assert len(self.server.seen) == requests_before + 1
        assert self.server.grants.access_tokens[token.reveal()] == ALICE
        assert kept is not None
        assert client.token_in(kept) == token

    def test_a_grant_that_was_ended_needs_its_owner(self) -> None:
        flow = self.start()
        signed_in = client.finish(self.application, flow, self.answer(flow))
        self.server.grants.end_all()
        with client.Renewal.prepared(self.application, PERMISSIONS) as renewal, self.assertRaises(TransportError) as e:
            renewal.renew(signed_in.cache, signed_in.account)
        assert (e.exception.code, e.exception.needs_the_user) == ("connection_ended", True)  # type: ignore[attr-defined]

    def test_nothing_kept_is_a_connection_that_has_ended(self) -> None:
        with client.Renewal.prepared(self.application, PERMISSIONS) as renewal, self.assertRaises(TransportError) as e:
            renewal.renew(Secret("{}"), "nobody")
        assert e.exception.code == "connection_ended"


class MisbehavingServerTests(EntraCase):
    def test_every_fault_becomes_a_plain_sentence(self) -> None:
        for fault, code in (
            ({"status": 503}, "entra_unavailable"),
            ({"status": 500, "body": "{}"}, "entra_unavailable"),
            ({"status": 200}, "not_entra"),
            ({"status": 200, "body": "[]"}, "not_entra"),
            ({"status": 200, "body": '"x"'}, "not_entra"),
            ({"status": 404}, "not_entra"),
            ({"status": 302}, "not_entra"),
            ({"drop": True}, "entra_unreachable"),
        ):
            for place in ("discovery", "token"):
                with self.subTest(place, **fault):
                    self.check_fault(place, fault, code)

    def check_fault(self, place: str, fault: dict[str, Any], code: str) -> None:
        changes = {"faulty": frozenset({place})} | fault
        with mock.patch.multiple(self.server, **changes):
            error = self.refused()
        assert error.code == code
        assert "localhost" in str(error) or code == "entra_unavailable"
        assert SECRET not in f"{error} {error.hint} {error.detail}"

    def test_a_slow_server_is_not_waited_for_long(self) -> None:
        self.server.delay = 1
        with mock.patch.object(client, "READ_SECONDS", 0.2):
            assert self.refused().code == "entra_slow"

    def test_a_server_that_is_not_there_is_told(self) -> None:
        assert self.refused(authority="https://localhost:1").code == "entra_unreachable"
        assert self.refused(authority="https://login.invalid").code == "entra_unreachable"

    def test_a_redirect_takes_no_secret_elsewhere(self) -> None:
        with EntraServer() as elsewhere:
            self.server.location = elsewhere.token_address
            self.server.status, self.server.faulty = 307, frozenset({"token"})
            assert self.refused().code == "entra_unavailable"
            assert elsewhere.seen == []

    def test_the_environment_does_not_matter(self) -> None:
        variables = {
            "HTTPS_PROXY": "http://127.0.0.1:9",
            "REQUESTS_CA_BUNDLE": "/nowhere.pem",
            "CURL_CA_BUNDLE": "/nowhere.pem",
        }
        with mock.patch.dict(os.environ, variables):
            assert client.token_of_application(self.application).secret

    def test_nothing_secret_is_logged(self) -> None:
        with self.assertLogs(level=logging.DEBUG) as logs:
            logging.getLogger(__name__).debug("the log works")
            token = client.token_of_application(self.application).secret.reveal()
            with mock.patch.multiple(self.server, status=200, body=f"{{ {SECRET}", faulty=frozenset({"token"})):
                self.refused()
        text = "\n".join(logs.output)
        assert SECRET not in text
        assert token not in text


class CertificateTests(SimpleTestCase):
    def test_a_server_that_proves_nothing_gets_no_secret(self) -> None:
        for kind, code in (
            (Certificate.UNTRUSTED, "certificate_untrusted"),
            (Certificate.EXPIRED, "certificate_expired"),
            (Certificate.WRONG_NAME, "certificate_name"),
        ):
            with self.subTest(kind), EntraServer(certificate=kind) as server:
                application = Application(
                    authority=server.authority,
                    tenant=server.tenant,
                    client_id=server.client_id,
                    graph=server.graph,
                    credential=Secret(SECRET),
                    ca_file=server.ca_file,
                    trusted_networks=tuple(THIS_MACHINE),
                )
                with self.assertRaises(TransportError) as caught:
                    client.token_of_application(application)
                assert caught.exception.code == code
                assert server.seen == []
