"""Forms that notice that somebody else has saved the row in the meantime."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import QueryDict
from django.test import TestCase, TransactionTestCase

from tests.factories import configure, make_settings, make_superuser, make_template, make_user
from users.forms import AccountForm, EmailSettingsForm, NewAccountForm, SignatureTemplateForm, SystemSettingsForm
from users.models import Conflict, EmailSettings, SignatureTemplate, SystemSettings, User


def settings_form(user: User, **changes: str) -> EmailSettingsForm:
    settings = EmailSettings.of(user)
    posted = {"version": str(settings.version), "method": "smtp", "address": settings.address, "copy_mode": "none"}
    data = QueryDict(mutable=True)
    data.update(posted | changes)
    return EmailSettingsForm(data, instance=settings, editor=user)


def saves(form: Any) -> bool:
    assert form.is_valid(), form.errors
    try:
        form.save_unless_changed()
    except Conflict:
        return False
    return True


class ConflictTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_settings(make_user("alice")).user

    def test_the_version_that_was_shown_saves(self) -> None:
        assert saves(settings_form(self.alice, address="new@example.com"))

    def test_every_other_version_is_a_conflict(self) -> None:
        for version in ("", "0", "2", "-1", "1.0", "1 1", "x", "\0", "9" * 30, "\uff11", "+1", "0x1", "null", "1e0"):
            with self.subTest(version):
                assert not saves(settings_form(self.alice, version=version, address="new@example.com"))
        assert EmailSettings.of(self.alice).address == "alice@example.com"

    def test_a_version_that_is_not_posted_is_a_conflict(self) -> None:
        form = settings_form(self.alice)
        form.data = {name: value for name, value in form.data.items() if name != "version"}
        assert not saves(form)

    def test_somebody_who_saves_between_check_and_saving_is_noticed(self) -> None:
        mine = settings_form(self.alice, address="mine@example.com")
        assert mine.is_valid()
        assert saves(settings_form(self.alice, address="theirs@example.com"))
        assert not saves(mine)
        assert EmailSettings.of(self.alice).address == "theirs@example.com"

    def test_two_first_savings_conflict(self) -> None:
        bob = make_user("bob")
        first, second = (settings_form(bob, address=f"{n}@example.com") for n in "ab")
        assert saves(first)
        assert not saves(second)
        assert EmailSettings.of(bob).address == "a@example.com"

    def test_both_values_are_told_and_saving_again_decides(self) -> None:
        form = settings_form(self.alice, address="mine@example.com", copy_mode="cc", version="0")
        assert not saves(form)
        told = [(each.label, each.stored, each.own) for each in form.show_conflict(form.stored())]
        assert told == [
            ("E-mail address", "alice@example.com", "mine@example.com"),
            ("Send copy to own e-mail address", "No copy", "Copy (CC)"),
        ]
        assert form.data["version"] == "1"

    def test_a_row_that_is_gone_can_be_told_as_well(self) -> None:
        form = settings_form(self.alice, version="0")
        form.is_valid()
        assert form.show_conflict(None)
        assert form.data["version"] == "0"

    def test_all_forms_have_the_version_of_their_row(self) -> None:
        template = make_template()
        forms = (
            AccountForm(instance=self.alice),
            NewAccountForm(instance=User()),
            settings_form(self.alice),
            SignatureTemplateForm(instance=template, editor=self.alice),
            SystemSettingsForm(instance=SystemSettings.load(), editor=self.alice),
        )
        for form in forms:
            with self.subTest(type(form).__name__):
                assert form.initial["version"] == form.instance.version


class TakenMeanwhileTests(TransactionTestCase):
    """Another row took a unique value between the check and the saving."""

    def message(self, form: Any, field: str) -> str:
        with pytest.raises(ValidationError), transaction.atomic():  # as the pages save
            form.save_unless_changed()
        (message,) = form.errors[field]
        return str(message)

    def test_an_address(self) -> None:
        configure()
        for name in ("alice", "bob"):
            make_settings(make_user(name))
        form = settings_form(User.objects.get(username="alice"), address="wanted@example.com")
        assert form.is_valid()
        EmailSettings.objects.filter(user__username="bob").update(address="WANTED@example.com")
        assert "already has this address" in self.message(form, "address")

    def test_an_address_in_a_first_saving(self) -> None:
        configure()
        form = settings_form(make_user("alice"), address="wanted@example.com")
        assert form.is_valid()
        make_settings(make_user("bob"), address="WANTED@example.com")
        assert "already has this address" in self.message(form, "address")

    def test_a_user_name(self) -> None:
        passwords = {"password1": "long enough & odd", "password2": "long enough & odd"}
        form = NewAccountForm({"version": "0", "username": "alice"} | passwords, instance=User())
        assert form.is_valid(), form.errors
        make_user("alice")
        assert "already exists" in self.message(form, "username")

    def test_the_name_and_the_use_of_a_company_signature(self) -> None:
        editor = make_superuser()
        for field, posted in (
            ("name", {"name": "Standard", "use": "offered"}),
            ("__all__", {"name": "x", "use": "mandatory"}),
        ):
            form = SignatureTemplateForm(
                {"version": "0", "html": "x"} | posted, instance=SignatureTemplate(), editor=editor
            )
            assert form.is_valid()
            make_template(use="mandatory")
            with self.subTest(field):
                assert self.message(form, field)
            SignatureTemplate.objects.all().delete()

    def test_the_system_settings_of_a_fresh_site_are_a_conflict(self) -> None:
        posted = {"version": "0", "sending_method": "smtp", "exchange_auth": "ntlm", "smtp_security": "tls"}
        form = SystemSettingsForm(posted, instance=SystemSettings.load(), editor=make_superuser())
        assert form.is_valid()
        configure()
        assert not saves(form)
