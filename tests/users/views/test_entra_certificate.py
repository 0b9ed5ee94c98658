"""The page on which a certificate is uploaded or made."""

from __future__ import annotations

from typing import Any

import trustme
from cryptography import x509
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import TestCase

from tests.factories import PASSWORD, certificate_and_key, make_superuser, register
from tests.servers.entra import EntraServer
from tests.users.views.browser import Browser, Page
from users.entra import client
from users.entra.certificates import validate_private_key
from users.models import EntraAppRegistration, Installation

ADDRESS = "/system/entra/certificate/"
PUBLIC = f"{ADDRESS}public/"


class CertificateCase(TestCase):
    def setUp(self) -> None:
        register(flow="application")
        self.browser = Browser(make_superuser())
        self.certificate, self.key = certificate_and_key(key_type=trustme.KeyType.RSA)

    def upload(self, *contents: str | bytes, **posted: Any) -> Page:
        files = [
            SimpleUploadedFile(f"{number}.pem", content.encode() if isinstance(content, str) else content)
            for number, content in enumerate(contents)
        ]
        return self.browser.post(ADDRESS, {"action": "upload", "upload-file": files, **posted})

    def make(self, **posted: Any) -> Page:
        return self.browser.post(ADDRESS, {"action": "make", "make-name": "Mail Settings", "make-days": "365"} | posted)

    def stored(self) -> EntraAppRegistration:
        return EntraAppRegistration.load()

    def let_sign_in_grow_old(self) -> None:
        session = self.browser.client.session
        session["confirmed_at"] = 0
        session.save()


class UploadTests(CertificateCase):
    def test_it_is_stored_sealed_and_shown_by_what_is_public(self) -> None:
        page = self.upload(self.certificate + self.key).follow()
        assert "The certificate is stored." in page.text
        assert self.stored().has_valid_certificate
        assert self.stored().certificate_thumbprint in page.text
        assert self.stored().certificate_subject in page.text
        assert self.key.splitlines()[1] not in page.source
        assert self.stored().private_key.startswith("v1.")
        assert self.stored().private_key_set_by is not None

    def test_what_does_not_fit_is_told_at_its_field_and_nothing_changes(self) -> None:
        for contents, field, words in (
            ([], "file", "Choose the file"),
            ([""], "file", "no private key"),
            ([self.certificate], "file", "no private key"),
            ([self.key], "file", "no certificate"),
            (["x" * 100_001], "file", "100 KB"),
            (["x"] * 6, "file", "five files"),
        ):
            page = self.upload(*contents)
            with self.subTest(words):
                assert page.status == 200
                assert words in str(page.response.context["upload_form"].errors[field])
                assert self.stored().certificate == ""

    def test_a_passphrase_is_not_sent_back(self) -> None:
        page = self.upload("x", **{"upload-passphrase": "canary-5ecret"})
        assert page.status == 200
        assert "canary-5ecret" not in page.source

    def test_odd_input_is_no_server_error(self) -> None:
        for posted in (
            {"action": "upload", "upload-file": "text"},
            {"action": "upload", "upload-passphrase": "\0" * 5000},
            {"action": "explode"},
            {},
            {"action": "make", "make-name": "\u202e", "make-days": "365"},
            {"action": "make", "make-name": "x" * 65, "make-days": "365"},
            {"action": "make", "make-name": "", "make-days": "9999999"},
            {"action": "make", "make-name": "x", "make-days": "x"},
        ):
            with self.subTest(str(posted)[:60]):
                assert self.browser.post(ADDRESS, posted).status == 200
                assert self.stored().certificate == ""

    def test_without_a_key_of_the_vault_it_is_told(self) -> None:
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            page = self.upload(self.certificate + self.key)
        assert "the site's key is missing" in page.text.replace("’", "'").replace("\u2019", "'")
        assert self.stored().certificate == ""


class MakeTests(CertificateCase):
    def test_a_new_one_is_stored_and_its_public_part_can_be_downloaded(self) -> None:
        page = self.make().follow()
        assert "CN=Mail Settings" in page.text
        file = self.browser.client.get(PUBLIC)
        assert 'filename="mail-settings.cer"' in file["Content-Disposition"]
        certificate = x509.load_pem_x509_certificate(file.content)
        validate_private_key(self.stored().open_secret("private_key"), certificate)
        assert b"PRIVATE" not in file.content

    def test_without_one_there_is_nothing_to_download(self) -> None:
        assert self.browser.client.get(PUBLIC).status_code == 404

    def test_entra_takes_it_once_it_was_uploaded_there(self) -> None:
        with EntraServer() as server:
            register(cloud="custom", custom_authority=server.authority, custom_graph=server.graph)
            self.make()
            server.certificate_pem = self.browser.client.get(PUBLIC).content.decode()
            with self.settings(MAILSETTINGS_CA_FILE=server.ca_file):
                assert client.token_of_application(Installation.load().application).secret


class ConfirmationTests(CertificateCase):
    """As for every secret, the own sign-in password is asked for when it was entered long ago."""

    def setUp(self) -> None:
        super().setUp()
        self.let_sign_in_grow_old()

    def test_without_it_nothing_is_stored(self) -> None:
        for posted in ({}, {"confirm-password": "wrong"}):
            for page in (self.upload(self.certificate + self.key, **posted), self.make(**posted)):
                assert page.status == 200
                assert "This is not your sign-in password." in page.text
                assert self.stored().certificate == ""

    def test_with_it_the_certificate_is_stored(self) -> None:
        assert "Your own sign-in password" in self.browser.open(ADDRESS).text
        assert self.make(**{"confirm-password": PASSWORD}).status == 302
        assert self.stored().has_valid_certificate
        assert "Your own sign-in password" not in self.browser.open(ADDRESS).text
