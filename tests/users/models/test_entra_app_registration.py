"""The app registration: what may be stored, and what makes it complete."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.test import TestCase
from django.utils import timezone

from tests.factories import CLIENT_ID, TENANT_ID, certificate_and_key, in_days, register
from users.choices import Flow
from users.models import EntraAppRegistration
from users.models.secrets import TypedSecret
from users.vault import Secret, new_key

CERTIFICATE, KEY = certificate_and_key("one.example.com")
OTHER_CERTIFICATE, OTHER_KEY = certificate_and_key("other.example.com")


def breaches(registration: EntraAppRegistration) -> dict[str, list[str | None]]:
    with pytest.raises(ValidationError) as caught:
        registration.full_clean()
    for message in caught.value.messages:
        assert message.endswith(".")
    return {field: [error.code for error in errors] for field, errors in caught.value.error_dict.items()}


def typed(registration: EntraAppRegistration, **secrets: str) -> EntraAppRegistration:
    registration.typed_secrets.update({name: TypedSecret(Secret(text), by=None) for name, text in secrets.items()})
    return registration


def changed(**fields: Any) -> EntraAppRegistration:
    registration = EntraAppRegistration.load()
    for name, value in fields.items():
        setattr(registration, name, value)
    return registration


class RuleTests(TestCase):
    def test_it_may_be_stored_while_nothing_is_filled_in(self) -> None:
        EntraAppRegistration().full_clean()

    def test_the_factory_makes_a_complete_one_for_every_flow(self) -> None:
        for flow in Flow.values:
            with self.subTest(flow):
                registration = register(flow=flow)
                registration.full_clean()
                assert registration.is_complete()

    def test_the_tenant_is_an_id_or_a_domain(self) -> None:
        for text in (TENANT_ID, TENANT_ID.upper(), "example.onmicrosoft.com", "Example.COM"):
            registration = EntraAppRegistration(tenant_id=text)
            registration.full_clean()
            with self.subTest(text):
                assert registration.tenant_id == text.lower()
        for text in (
            "x",
            "common",
            TENANT_ID[:-1],
            f"{{{TENANT_ID}}}",
            TENANT_ID.replace("-", ""),
            "a b.com",
            "a..b",
            "https://a.b",
        ):
            with self.subTest(text):
                assert breaches(EntraAppRegistration(tenant_id=text)) == {"tenant_id": ["tenant"]}

    def test_the_client_is_an_id(self) -> None:
        EntraAppRegistration(client_id=CLIENT_ID.upper()).full_clean()
        for text in ("x", "example.com", CLIENT_ID[:-1], CLIENT_ID[:-1] + "g", CLIENT_ID[:-1] + "\u0661"):
            with self.subTest(text):
                assert breaches(EntraAppRegistration(client_id=text)) == {"client_id": ["client"]}

    def test_ids_and_addresses_are_one_line_of_visible_characters(self) -> None:
        for field in ("tenant_id", "client_id", "custom_authority", "custom_graph"):
            for character in "\0\r\n\t\u202e":
                with self.subTest(field, character=ascii(character)):
                    errors = breaches(EntraAppRegistration(**{field: f"https://a.b/{character}"}))
                    assert "invisible_character" in errors[field]

    def test_a_custom_cloud_needs_both_addresses(self) -> None:
        required = {"custom_authority": ["required"], "custom_graph": ["required"]}
        assert breaches(EntraAppRegistration(cloud="custom")) == required
        half = EntraAppRegistration(cloud="custom", custom_graph="https://graph.example.com/")
        assert breaches(half) == {"custom_authority": ["required"]}
        whole = EntraAppRegistration(
            cloud="custom", custom_graph="https://graph.example.com/", custom_authority="https://login.example.com"
        )
        whole.full_clean()
        assert (whole.authority, whole.graph) == ("https://login.example.com", "https://graph.example.com")

    def test_the_tenant_and_the_version_may_stand_in_its_addresses(self) -> None:
        login, graph = "https://login.example.com/org", "https://graph.example.com"
        for end, version in (("", ""), ("/", "/"), (f"/{TENANT_ID}", "/v1.0"), (f"/{TENANT_ID.upper()}/", "/V1.0/")):
            with self.subTest(end):
                registration = EntraAppRegistration(
                    cloud="custom", tenant_id=TENANT_ID, custom_authority=login + end, custom_graph=graph + version
                )
                assert (registration.authority, registration.graph) == (login, graph)

    def test_its_addresses_are_https_addresses(self) -> None:
        for text in (
            "http://a.b",
            "a.b",
            "https://",
            "https://u@a.b",
            "https://a.b?x",
            "https://a.b#x",
            "https://a.b:x",
            "https://[::1",
        ):
            with self.subTest(text):
                registration = EntraAppRegistration(custom_authority=text)
                assert breaches(registration) == {"custom_authority": ["https_address"]}

    def test_a_typed_secret_needs_the_day_on_which_it_ends(self) -> None:
        assert breaches(typed(EntraAppRegistration(), client_secret="x")) == {"secret_expires_on": ["required"]}
        ended = EntraAppRegistration(secret_expires_on=in_days(-1))
        assert breaches(typed(ended, client_secret="x")) == {"secret_expires_on": ["secret_ended"]}
        typed(EntraAppRegistration(secret_expires_on=in_days(0)), client_secret="x").full_clean()

    def test_unknown_values_are_errors_at_their_fields(self) -> None:
        for field in ("cloud", "flow"):
            with self.subTest(field):
                assert breaches(EntraAppRegistration(**{field: "pigeon"}))[field] == ["invalid_choice"]

    def test_without_a_key_a_typed_secret_is_an_error_at_its_field(self) -> None:
        registration = EntraAppRegistration(secret_expires_on=in_days(9))
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            assert breaches(typed(registration, client_secret="x")) == {"client_secret": ["no_key"]}


class CertificateRuleTests(TestCase):
    def test_certificate_and_private_key_belong_together(self) -> None:
        typed(EntraAppRegistration(certificate=CERTIFICATE), private_key=KEY).full_clean()
        registration = typed(EntraAppRegistration(certificate=CERTIFICATE), private_key=OTHER_KEY)
        assert breaches(registration) == {"private_key": ["key_mismatch"]}

    def test_a_private_key_needs_its_certificate(self) -> None:
        assert breaches(typed(EntraAppRegistration(), private_key=KEY)) == {"certificate": ["required"]}

    def test_a_certificate_may_come_first(self) -> None:
        EntraAppRegistration(certificate=CERTIFICATE).full_clean()

    def test_what_is_none_is_refused_at_its_own_field_alone(self) -> None:
        registration = typed(EntraAppRegistration(certificate="nonsense"), private_key=KEY)
        assert breaches(registration) == {"certificate": ["certificate"]}
        registration = typed(EntraAppRegistration(certificate=CERTIFICATE), private_key="nonsense")
        assert breaches(registration) == {"private_key": ["private_key"]}

    def test_a_new_certificate_does_not_go_with_the_stored_key_of_the_old_one(self) -> None:
        register(certificate=CERTIFICATE, private_key=KEY)
        assert breaches(changed(certificate=OTHER_CERTIFICATE)) == {"private_key": ["key_mismatch"]}
        typed(changed(certificate=OTHER_CERTIFICATE), private_key=OTHER_KEY).full_clean()
        changed(certificate="").full_clean()

    def test_one_that_has_ended_is_refused(self) -> None:
        with time_machine.travel(timezone.now() + timedelta(days=366)):
            assert breaches(EntraAppRegistration(certificate=CERTIFICATE)) == {"certificate": ["certificate_ended"]}


class CompletenessTests(TestCase):
    def test_what_is_missing_is_said_in_plain_words(self) -> None:
        missing = EntraAppRegistration(cloud="custom").missing()
        assert len(missing) == 4
        assert all(text.startswith("Enter") and text.endswith(".") for text in missing)

    def test_each_thing_it_needs_makes_it_incomplete(self) -> None:
        register()
        for change in ({"tenant_id": ""}, {"client_id": ""}, {"client_secret": ""}, {"cloud": "custom"}):
            with self.subTest(change):
                assert not changed(**change).is_complete()

    def test_the_password_flow_needs_no_credential(self) -> None:
        assert register(flow="password", client_secret="").is_complete()
        for flow in ("application", "sign_in"):
            with self.subTest(flow):
                assert not register(flow=flow, client_secret="").is_complete()

    def test_a_certificate_with_its_key_does_instead_of_a_secret(self) -> None:
        assert not register(flow="application", client_secret="", certificate=CERTIFICATE).is_complete()
        assert register(private_key=KEY).is_complete()

    def test_a_secret_is_valid_to_the_end_of_its_last_day(self) -> None:
        with time_machine.travel("2027-05-30 12:00"):
            assert register(secret_expires_on=in_days(1)).is_complete()
        for moment, is_complete in (("2027-05-31 23:59", True), ("2027-06-01 00:01", False)):
            with self.subTest(moment), time_machine.travel(moment):
                assert EntraAppRegistration.load().is_complete() == is_complete

    def test_a_certificate_that_has_ended_does_not_count(self) -> None:
        registration = register(flow="application", client_secret="", certificate=CERTIFICATE, private_key=KEY)
        assert registration.is_complete()
        with time_machine.travel(timezone.now() + timedelta(days=366)):
            assert not registration.is_complete()
            assert not registration.has_valid_certificate

    def test_secrets_are_bound_to_cloud_tenant_and_application(self) -> None:
        register(certificate=CERTIFICATE, private_key=KEY)
        for change in ({"cloud": "china"}, {"tenant_id": "other.com"}, {"client_id": str(uuid4())}):
            row = changed(**change)
            with self.subTest(change):
                assert not row.has_usable_secret("client_secret")
                assert not row.has_usable_secret("private_key")
                assert not row.is_complete()

    def test_without_its_key_everything_still_answers(self) -> None:
        register(certificate=CERTIFICATE, private_key=KEY)
        with self.settings(MAILSETTINGS_KEYS=new_key()):
            row = EntraAppRegistration.load()
            assert not row.is_complete()
            assert row.secret_state("client_secret").is_set
            row.full_clean()

    def test_it_tells_about_its_certificate(self) -> None:
        row = EntraAppRegistration(certificate=CERTIFICATE)
        assert len(row.certificate_thumbprint) == 40
        assert row.certificate_ends_on is not None
        none = EntraAppRegistration(certificate="nonsense")
        assert (none.certificate_thumbprint, none.certificate_ends_on) == ("", None)
