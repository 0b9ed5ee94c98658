"""Sealed columns show nowhere, can't be searched, and come through a dump as they are."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from django import forms
from django.contrib import admin
from django.core import serializers
from django.core.exceptions import FieldError
from django.core.management import call_command
from django.forms import modelform_factory
from django.forms.models import fields_for_model, model_to_dict
from django.test import SimpleTestCase, TestCase

import users.forms
from tests.factories import (
    CLIENT_SECRET,
    EXCHANGE_PASSWORD,
    SMTP_PASSWORD,
    certificate_and_key,
    configure,
    make_settings,
    make_superuser,
    make_user,
    register,
)
from users.forms.padlock import PadlockField
from users.models import EmailSettings, EntraAppRegistration, SystemSettings, sealed_columns
from users.models.fields import SealedField

PLAIN_TEXTS = (EXCHANGE_PASSWORD, SMTP_PASSWORD, CLIENT_SECRET, "PRIVATE KEY")


def form_classes(base: type[Any] = forms.BaseModelForm) -> set[type[Any]]:
    return {base}.union(*(form_classes(each) for each in base.__subclasses__()))


class ColumnTests(SimpleTestCase):
    def test_every_sealed_column_is_known(self) -> None:
        assert {str(column) for column in sealed_columns()} == {
            "users.EmailSettings.exchange_password",
            "users.SystemSettings.smtp_password",
            "users.EntraAppRegistration.client_secret",
            "users.EntraAppRegistration.private_key",
            "users.MicrosoftConnection.token_cache",
        }

    def test_beside_each_stands_when_and_by_whom_it_was_set(self) -> None:
        for column in sealed_columns():
            with self.subTest(str(column)):
                column.model._meta.get_field(f"{column.field}_set_at")
                column.model._meta.get_field(f"{column.field}_set_by")

    def test_only_equality_can_be_looked_up(self) -> None:
        refused = "startswith istartswith contains icontains endswith iendswith regex iregex iexact gt gte lt lte range"
        for column in sealed_columns():
            for lookup in refused.split():
                with self.subTest(str(column), lookup=lookup), pytest.raises(FieldError):
                    column.model._default_manager.filter(**{f"{column.field}__{lookup}": "v"})

    def test_other_models_can_not_look_into_them_either(self) -> None:
        for lookup in ("startswith", "gt", "regex"):
            with self.subTest(lookup), pytest.raises(FieldError):
                users.models.User.objects.filter(**{f"email_settings__exchange_password__{lookup}": "v"})

    def test_a_form_made_from_all_fields_leaves_them_out(self) -> None:
        for column in sealed_columns():
            with self.subTest(str(column)):
                assert column.field not in modelform_factory(column.model, fields="__all__").base_fields
                assert column.field not in fields_for_model(column.model)

    def test_no_form_has_an_input_for_them_but_the_padlock(self) -> None:
        names = {column.field for column in sealed_columns()}
        found = {
            (form_class.__name__, name)
            for form_class in form_classes()
            for name, field in getattr(form_class, "base_fields", {}).items()
            if name in names and not isinstance(field, PadlockField)
        }
        assert found == set()

    def test_no_list_filter_or_search_of_the_admin_reaches_them(self) -> None:
        names = {column.field for column in sealed_columns()}
        for model, options in admin.site._registry.items():
            texts = repr([options.list_display, options.list_filter, options.search_fields, options.ordering])
            with self.subTest(model.__name__):
                assert not any(name in texts for name in names)

    def test_migrations_say_nothing_of_what_goes_without_saying(self) -> None:
        field = SealedField("x")
        _name, _path, args, kwargs = field.deconstruct()
        assert args == []
        assert kwargs == {"verbose_name": "x"}
        assert not SealedField(editable=True).editable


class ShownTests(TestCase):
    def setUp(self) -> None:
        configure(smtp_username="site")
        certificate, key = certificate_and_key()
        register(certificate=certificate, private_key=key)
        make_settings(make_user("alice"), method="exchange")

    def rows(self) -> list[Any]:
        return [EmailSettings.objects.get(), SystemSettings.load(), EntraAppRegistration.load()]

    def tokens(self) -> list[str]:
        return [
            getattr(row, column.field)
            for column in sealed_columns()
            for row in self.rows()
            if isinstance(row, column.model)
        ]

    def test_neither_repr_nor_str_shows_them(self) -> None:
        for row in self.rows():
            shown = f"{row!r} {row} {row.typed_secrets!r} {model_to_dict(row)}"
            with self.subTest(type(row).__name__):
                assert not any(text in shown for text in (*self.tokens(), *PLAIN_TEXTS))

    def test_no_page_of_the_admin_shows_them(self) -> None:
        self.client.force_login(make_superuser())
        for row in self.rows():
            for address in ("changelist", "change"):
                path = f"/admin/users/{row._meta.model_name}/" + (f"{row.pk}/change/" if address == "change" else "")
                page = self.client.get(path, follow=True).content.decode()
                with self.subTest(path):
                    assert not any(text in page for text in (*self.tokens(), *PLAIN_TEXTS))

    def test_a_dump_holds_them_sealed(self) -> None:
        dump = StringIO()
        call_command("dumpdata", "users", stdout=dump)
        assert all(token in dump.getvalue() for token in self.tokens())
        decoded = json.dumps(json.loads(dump.getvalue()), ensure_ascii=False)
        assert not any(text in decoded for text in PLAIN_TEXTS)

    def test_a_dump_comes_back_as_it_was(self) -> None:
        before = [(model_to_dict(row), token) for row, token in zip(self.rows(), self.tokens(), strict=False)]
        with TemporaryDirectory() as folder:
            path = Path(folder) / "dump.json"
            call_command("dumpdata", "users", output=str(path))
            users.models.User.objects.all().delete()
            SystemSettings.objects.all().delete()
            call_command("loaddata", str(path), verbosity=0)
        after = [(model_to_dict(row), token) for row, token in zip(self.rows(), self.tokens(), strict=False)]
        assert after == before
        assert EmailSettings.objects.get().open_secret("exchange_password").reveal() == EXCHANGE_PASSWORD

    def test_every_serialiser_gives_the_sealed_text_alone(self) -> None:
        for kind in ("json", "xml", "python", "jsonl"):
            text = str(serializers.serialize(kind, self.rows()))
            with self.subTest(kind):
                assert not any(plain in text for plain in PLAIN_TEXTS)


class StateTests(TestCase):
    def test_a_stored_secret_tells_when_and_by_whom_and_nothing_else(self) -> None:
        settings = make_settings(make_user("alice"), method="exchange")
        state = settings.secret_state("exchange_password")
        assert (state.is_set, state.is_usable, state.set_by) == (True, True, settings.user)
        assert state.set_at == settings.exchange_password_set_at
        assert EXCHANGE_PASSWORD not in repr(state)
        assert settings.exchange_password not in repr(state)

    def test_a_secret_that_is_not_set_tells_so(self) -> None:
        state = EmailSettings.of(make_user("alice")).secret_state("exchange_password")
        assert (state.is_set, state.is_usable, state.set_by, state.problem) == (False, False, None, None)
