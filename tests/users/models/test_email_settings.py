"""One user's settings: the row that comes with the first change, the method in force, and the bound password."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.test import TestCase

from tests.factories import configure, make_settings, make_user, register
from users.choices import EmailMethod
from users.models import Conflict, EmailSettings, Installation
from users.signatures import SignatureRefused
from users.vault import Secret, UnreadableSecret, new_key


class RowTests(TestCase):
    def test_a_user_without_a_row_has_the_defaults(self) -> None:
        settings = EmailSettings.of(make_user("alice"))
        assert (settings.method, settings.address, settings.copy_mode, settings.version) == ("", "", "none", 0)
        assert not EmailSettings.objects.exists()

    def test_the_row_comes_with_the_first_change(self) -> None:
        alice = make_user("alice")
        settings = EmailSettings.of(alice)
        settings.address = "alice@example.com"
        settings.save_unless_changed()
        assert EmailSettings.of(alice).address == "alice@example.com"
        assert EmailSettings.of(alice).version == 1

    def test_programs_can_not_store_an_unsafe_signature(self) -> None:
        settings = EmailSettings(user=make_user("alice"), signature_html="<p onclick='x()'>Alice<script>x</script></p>")
        settings.save_unless_changed()
        assert self.stored().signature_html == "<p>Alice</p>"
        for save in (settings.save, settings.save_unless_changed):
            settings.signature_html = "<b onclick='x()'>Alice"
            save()
            assert self.stored().signature_html == settings.signature_html == "<b>Alice</b>"
        settings.signature_html = "<div>" * 2_000
        with pytest.raises(ValidationError) as caught:
            settings.full_clean()
        assert [error.code for error in caught.value.error_dict["signature_html"]] == ["signature_refused"]
        with pytest.raises(SignatureRefused):
            settings.save()

    def test_a_signature_of_older_rules_stops_nobody_from_saving_something_else(self) -> None:
        make_settings(make_user("alice"))
        EmailSettings.objects.update(signature_html="<div>" * 2_000)
        settings = self.stored()
        settings.copy_mode = "cc"
        settings.save_unless_changed()
        assert self.stored().copy_mode == "cc"

    @staticmethod
    def stored() -> EmailSettings:
        return EmailSettings.objects.get()

    def test_it_goes_with_the_user(self) -> None:
        make_settings(make_user("alice")).user.delete()
        assert not EmailSettings.objects.exists()

    def test_who_set_a_password_may_go(self) -> None:
        boss = make_user("bob")
        settings = make_settings(make_user("alice"), method="exchange")
        settings.set_exchange_password("new", by=boss)
        boss.delete()
        assert EmailSettings.of(settings.user).secret_state("exchange_password").set_by is None
        assert EmailSettings.of(settings.user).has_usable_secret("exchange_password")

    def test_one_row_is_read_with_one_query(self) -> None:
        alice = make_settings(make_user("alice"), method="exchange").user
        with self.assertNumQueries(1):
            settings = EmailSettings.of(alice)
            assert settings.exchange_password_set_by == alice
            assert str(settings) == "E-mail settings of Alice Archer"

    def test_the_factory_makes_valid_settings(self) -> None:
        register(flow="password")
        for number, method in enumerate(["", *EmailMethod.values]):
            with self.subTest(method):
                make_settings(make_user(f"user{number}"), method=method).full_clean()


class EffectiveMethodTests(TestCase):
    def test_the_own_method_goes_before_the_systems(self) -> None:
        configure(sending_method="exchange")
        settings = make_settings(make_user("alice"), method="smtp")
        assert (settings.effective_method, settings.inherits_method) == ("smtp", False)

    def test_without_an_own_one_the_systems_is_in_force(self) -> None:
        configure(sending_method="exchange")
        settings = make_settings(make_user("alice"), method="")
        assert (settings.effective_method, settings.inherits_method) == ("exchange", True)
        configure(sending_method="smtp")
        assert EmailSettings.of(settings.user).effective_method == "smtp"

    def test_a_fresh_installation_sends_with_outlook(self) -> None:
        settings = EmailSettings.of(make_user("alice"))
        assert settings.effective_method == "outlook"
        assert not settings.traits.is_server_based

    def test_the_installation_may_be_given(self) -> None:
        alice, installation = make_user("alice"), Installation.load()
        with self.assertNumQueries(1):
            assert EmailSettings.of(alice, installation).effective_method == "outlook"


class PasswordTests(TestCase):
    def setUp(self) -> None:
        configure()
        register(flow="password")
        self.alice, self.bob = make_user("alice"), make_user("bob")

    def reason(self, settings: EmailSettings) -> str:
        assert not settings.has_usable_secret("exchange_password")
        with pytest.raises(UnreadableSecret) as caught:
            settings.open_secret("exchange_password")
        return caught.value.reason

    def test_setting_it_stores_it_at_once(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        settings.set_exchange_password(" new pässword ", by=self.bob)
        again = EmailSettings.of(self.alice)
        assert again.open_secret("exchange_password") == Secret(" new pässword ")
        assert again.secret_state("exchange_password").set_by == self.bob
        assert again.version == settings.version == 2

    def test_setting_it_leaves_other_changes_unsaved(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        settings.address = "unsaved@example.com"
        settings.set_exchange_password("new", by=self.alice)
        assert EmailSettings.of(self.alice).address == "alice@example.com"

    def test_setting_it_in_a_new_row_waits_for_its_saving(self) -> None:
        settings = EmailSettings(user=self.alice, method="exchange", exchange_username="alice")
        settings.set_exchange_password("new", by=self.alice)
        assert not EmailSettings.objects.exists()
        settings.save_unless_changed()
        assert EmailSettings.of(self.alice).open_secret("exchange_password") == Secret("new")

    def test_setting_it_from_an_old_copy_overwrites_nobodys_later_change(self) -> None:
        old = make_settings(self.alice, method="exchange")
        later = EmailSettings.of(self.alice)
        later.address = "later@example.com"
        later.save_unless_changed()
        opened = EmailSettings.of(self.alice)
        old.set_exchange_password("new", by=self.alice)
        assert EmailSettings.of(self.alice).address == "later@example.com"
        for copy in (old, opened):
            with pytest.raises(Conflict), transaction.atomic():
                copy.save_unless_changed()
        assert EmailSettings.of(self.alice).open_secret("exchange_password") == Secret("new")

    def test_setting_it_in_a_row_that_is_gone_is_a_conflict(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        EmailSettings.objects.all().delete()
        with pytest.raises(Conflict):
            settings.set_exchange_password("new", by=self.alice)

    def test_it_opens_for_its_user_name_and_server_alone(self) -> None:
        make_settings(self.alice, method="exchange")
        EmailSettings.objects.update(exchange_username="FIRM\\other")
        assert self.reason(EmailSettings.of(self.alice)) == "not_yours"
        EmailSettings.objects.update(exchange_username="FIRM\\alice")
        assert EmailSettings.of(self.alice).has_usable_secret("exchange_password")
        configure(exchange_url="https://other.example.com/EWS/Exchange.asmx")
        assert self.reason(EmailSettings.of(self.alice)) == "not_yours"

    def test_it_opens_for_its_cloud_tenant_and_application_alone(self) -> None:
        make_settings(self.alice, method="exchange_online")
        for change in ({"tenant_id": "other.onmicrosoft.com"}, {"client_id": str(uuid4())}, {"cloud": "china"}):
            before = {name: getattr(Installation.load().registration, name) for name in change}
            register(**change)
            with self.subTest(change):
                assert self.reason(EmailSettings.of(self.alice)) == "not_yours"
            register(**before)
            assert EmailSettings.of(self.alice).has_usable_secret("exchange_password")

    def test_it_opens_for_its_method_alone(self) -> None:
        make_settings(self.alice, method="exchange")
        EmailSettings.objects.update(method="exchange_online")
        assert self.reason(EmailSettings.of(self.alice)) == "not_yours"

    def test_it_does_not_open_in_the_row_of_somebody_else(self) -> None:
        mine = make_settings(self.alice, method="exchange", exchange_username="shared")
        make_settings(self.bob, method="exchange", exchange_username="shared")
        EmailSettings.objects.filter(user=self.bob).update(exchange_password=mine.exchange_password)
        assert self.reason(EmailSettings.of(self.bob)) == "not_yours"

    def test_it_does_not_open_after_a_change_in_the_database(self) -> None:
        mine = make_settings(self.alice, method="exchange")
        head, _dot, box = mine.exchange_password.rpartition(".")
        for token, reason in ((f"{head}.{box[4:]}", "not_yours"), ("plain text", "damaged")):
            EmailSettings.objects.update(exchange_password=token)
            assert self.reason(EmailSettings.of(self.alice)) == reason

    def test_without_its_key_everything_still_answers(self) -> None:
        make_settings(self.alice, method="exchange")
        for keys in (new_key(), "", "malformed"):
            with self.subTest(keys), self.settings(MAILSETTINGS_KEYS=keys, MAILSETTINGS_KEYS_FILE=None):
                settings = EmailSettings.of(self.alice)
                assert self.reason(settings) == "key_missing"
                state = settings.secret_state("exchange_password")
                assert (state.is_set, state.is_usable, state.set_by) == (True, False, self.alice)
                assert "key" in str(state.problem)
                settings.full_clean()
