"""Marked codes, tokens and secrets of Microsoft's sign-in: everything that leaves the site is searched for them."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests
import trustme
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import override_settings

from tests import factories
from tests.factories import make_settings, register
from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import Account
from tests.users.test_no_leaks import MARK, LeakCase, failing_when
from tests.users.views.browser import Page
from users.entra.access import MEMORY
from users.microsoft_sign_in import FIELD, SESSION_KEY
from users.models import EmailSettings, MicrosoftConnection
from users.vault import unseal

PASSWORD, SECRET, PASSPHRASE = (f"{MARK}-{name}-5ecret!" for name in ("entra", "client", "passphrase"))
ROOT, MALLORY = Account("root@example.com", password=PASSWORD), Account("mallory@example.com")
CALLBACK = "/entra/callback/"


class MicrosoftLeakCase(LeakCase):
    def setUp(self) -> None:
        super().setUp()
        MEMORY.forget()
        self.addCleanup(MEMORY.forget)
        self.verifiers: list[str] = []
        accounts = {each.username: each for each in (ROOT, MALLORY)}
        self.server = self.enterContext(
            EntraServer(
                accounts=accounts,
                client_secret=SECRET,
                redirect_addresses=[f"http://testserver{CALLBACK}"],
                seconds=200,
            )
        )
        self.server.grants.mark = f"{MARK}-"
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        self.use_flow("sign_in")
        make_settings(self.root, method="exchange_online", connected=False)

    def use_flow(self, flow: str) -> None:
        register(
            flow=flow,
            cloud="custom",
            custom_authority=self.server.authority,
            custom_graph=self.server.graph,
            client_secret=SECRET,
        )

    def answer(self, **pressed: str) -> str:
        """Go to Microsoft and press a button there; returns the address that the browser is sent back to."""
        page = self.seen(self.browser.post("/entra/connect/", {}))
        address = str(page.response["Location"])
        self.note_verifier(dict(parse_qsl(urlsplit(address).query))["state"])
        with requests.Session() as session:
            session.trust_env = False
            posted = pressed or {"account": ROOT.username}
            response = session.post(address, data=posted, verify=str(self.server.ca_file), allow_redirects=False)
        back = urlsplit(response.headers["Location"])
        return f"{back.path}?{back.query}"

    def note_verifier(self, state: str) -> None:
        settings = EmailSettings.of(self.root)
        sealed, _began = self.browser.client.session[SESSION_KEY][state]
        destination = (*settings.installation.registration.target, state)
        flow = json.loads(unseal(sealed, field=FIELD, owner=self.root.uid, destination=destination).reveal())
        self.verifiers.append(flow["code_verifier"])

    def come_back(self, address: str) -> Page:
        page = self.seen(self.browser.open(address))
        return self.seen(page.follow()) if page.status == 302 else page

    def assert_nothing_left(self) -> None:
        super().assert_nothing_left()
        text = self.everything.text()
        assert self.verifiers
        assert not any(verifier in text for verifier in self.verifiers)


class EverythingTests(MicrosoftLeakCase):
    def test_connecting_renewing_and_disconnecting_leave_nothing(self) -> None:
        back = self.answer()
        self.come_back(back)
        self.come_back(back)
        self.come_back(self.answer(account=MALLORY.username))
        self.come_back(self.answer(answer="decline"))
        self.come_back(f"{self.answer()}&nonsense=1")
        EmailSettings.of(self.root).graph_access.token()
        for address in ("/profile/", f"/users/{self.root.uid}/", "/system/entra/", "/users/"):
            self.open(address)
        self.open(f"/admin/users/microsoftconnection/{self.root.pk}/change/")
        assert MicrosoftConnection.objects.get().token_cache
        assert MARK in MicrosoftConnection.objects.get().open_secret("token_cache").reveal()
        self.seen(self.browser.post("/entra/disconnect/", {}))
        self.assert_nothing_left()

    def test_whoever_is_signed_out_meanwhile_leaves_nothing(self) -> None:
        back = self.answer()
        self.browser.client.logout()
        self.come_back(back)
        self.assert_nothing_left()

    def test_servers_that_fail_leave_nothing(self) -> None:
        for place, change in (
            ("token", {"status": 200, "body": f'{{"access_token": "{MARK}-half'}),
            ("token", {"status": 503, "body": f"{MARK}"}),
            ("graph", {"status": 500, "body": f"{MARK}"}),
            ("token", {"drop": True}),
        ):
            back = self.answer(account=MALLORY.username)
            self.server.faulty = frozenset({place})
            for name, value in change.items():
                setattr(self.server, name, value)
            self.come_back(back)
            self.server.status, self.server.drop = 0, False
        self.assert_nothing_left()

    def test_checking_the_registration_leaves_nothing(self) -> None:
        self.come_back(self.answer())
        for secret in (SECRET, f"{MARK}-wrong"):
            register(client_secret=secret)
            self.press(self.open("/system/entra/"), "check")
        self.assert_nothing_left()

    def test_a_certificate_with_its_passphrase_leaves_nothing(self) -> None:
        self.answer()
        certificate, self.key = factories.certificate_and_key(key_type=trustme.KeyType.RSA)
        for content in ("x", self.key, certificate + self.key):
            posted: dict[str, Any] = {"action": "upload", "upload-passphrase": PASSPHRASE}
            posted["upload-file"] = [SimpleUploadedFile("app.pem", content.encode())]
            self.seen(self.browser.post("/system/entra/certificate/", posted))
        self.open("/system/entra/certificate/")
        self.open("/system/entra/certificate/public/")
        self.assert_nothing_left()

    def test_a_password_for_exchange_online_leaves_nothing(self) -> None:
        self.answer()
        self.use_flow("password")
        self.server.is_public = True
        options = {"method": "exchange_online", "exchange_username": ROOT.username}
        for password in (f"{MARK}-wrong", PASSWORD):
            EmailSettings.objects.all().delete()
            make_settings(self.root, exchange_password=password, **options)
            self.press(self.open("/system/entra/"), "check")
            self.seen(self.seen(self.browser.post("/profile/test-message/", {})).follow())
        self.assert_nothing_left()


class ErrorTests(MicrosoftLeakCase):
    """The database fails at every query of the answer's way, one after the other."""

    def provoke(self) -> int:
        reports = 0
        for number in range(1, 99):
            back = self.answer()
            with failing_when(lambda seen, _sql, wanted=number: seen == wanted) as has_failed:  # type: ignore[misc]
                page = self.seen(self.browser.open(back))
            reports += page.status == 500
            if not has_failed():
                return reports
        raise AssertionError("it never came to an end")

    @pytest.mark.untraced
    def test_nothing_leaves_in_production(self) -> None:
        with override_settings(DEBUG=False):
            assert self.provoke() > 5
        assert any("/entra/callback/" in f"{each.body}" for each in mail.outbox)
        self.assert_nothing_left()

    @pytest.mark.untraced
    def test_nothing_leaves_by_the_technical_page(self) -> None:
        with override_settings(DEBUG=True):
            assert self.provoke() > 5
        assert any("Traceback" in text for text in self.everything.texts)
        self.assert_nothing_left()
