"""Two people who edit one row: the later one is told, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import TestCase, TransactionTestCase

from tests.factories import configure, make_settings, make_template, make_user, register
from users.forms.versions import save_unless_changed
from users.models import (
    Conflict,
    EmailSettings,
    EntraAppRegistration,
    SignatureTemplate,
    SystemSettings,
    Versioned,
)

ROWS: dict[str, tuple[Callable[[], Versioned], str, object, object]] = {
    "user": (lambda: make_user("alice"), "job_title", "first", "second"),
    "settings": (lambda: make_settings(make_user("bob")), "signature_text", "first", "second"),
    "system": (configure, "allowed_domains", "first.com", "second.com"),
    "registration": (register, "tenant_id", "first.com", "second.com"),
    "template": (make_template, "html", "first", "second"),
}


def again(row: Versioned) -> Versioned:
    return type(row)._default_manager.get(pk=row.pk)


class ConflictTests(TestCase):
    def test_the_later_of_two_savings_is_refused_and_nothing_is_lost(self) -> None:
        for name, (make, field, mine, theirs) in ROWS.items():
            first = again(make())
            second = again(first)
            setattr(first, field, mine)
            setattr(second, field, theirs)
            first.save_unless_changed()
            with self.subTest(name), pytest.raises(Conflict) as caught, transaction.atomic():
                second.save_unless_changed()
            assert getattr(caught.value.stored, field) == getattr(again(first), field) == mine

    def test_saving_counts_on(self) -> None:
        for name, (make, *_rest) in ROWS.items():
            row = again(make())
            before = row.version
            row.save_unless_changed()
            row.save_unless_changed()
            with self.subTest(name):
                assert again(row).version == row.version == before + 2

    def test_after_reading_again_saving_is_possible(self) -> None:
        first, second = configure(), SystemSettings.load()
        first.save_unless_changed()
        with pytest.raises(Conflict), transaction.atomic():
            second.save_unless_changed()
        SystemSettings.load().save_unless_changed()

    def test_a_row_that_is_gone_is_a_conflict(self) -> None:
        row = make_template()
        SignatureTemplate.objects.all().delete()
        with pytest.raises(Conflict) as caught, transaction.atomic():
            row.save_unless_changed()
        assert caught.value.stored is None
        assert not SignatureTemplate.objects.exists()


class FirstInsertTests(TestCase):
    def test_the_first_version_is_one(self) -> None:
        for row in (SystemSettings(), EntraAppRegistration(), EmailSettings(user=make_user("alice"))):
            row.save_unless_changed()
            with self.subTest(str(row)):
                assert again(row).version == 1

    def test_the_later_of_two_first_savings_is_refused(self) -> None:
        alice = make_user("alice")
        for first, second in (
            (SystemSettings(smtp_host="first"), SystemSettings(smtp_host="second")),
            (EntraAppRegistration(flow="password"), EntraAppRegistration(flow="application")),
            (EmailSettings(user=alice, method="smtp"), EmailSettings(user=alice, method="outlook")),
        ):
            first.save_unless_changed()
            with self.subTest(str(first)), pytest.raises(Conflict) as caught, transaction.atomic():
                second.save_unless_changed()
            assert caught.value.stored == again(first)
            assert again(first).version == 1

    def test_another_breach_of_a_constraint_is_no_conflict(self) -> None:
        make_settings(make_user("alice"), address="taken@example.com")
        with pytest.raises(IntegrityError), transaction.atomic():
            EmailSettings(user=make_user("bob"), address="TAKEN@example.com").save_unless_changed()


class WithoutTransactionTests(TransactionTestCase):
    """A single row is saved by one statement, which needs no transaction: what fails leaves nothing behind."""

    def test_saving_takes_one_statement(self) -> None:
        for name, (make, *_rest) in ROWS.items():
            row = again(make())
            with self.subTest(name), self.assertNumQueries(1):
                row.save_unless_changed()
        first = EmailSettings(user=make_user("charlie"))
        with self.assertNumQueries(1):
            first.save_unless_changed()

    def test_the_later_of_two_first_savings_is_refused(self) -> None:
        alice = make_user("alice")
        EmailSettings(user=alice, method="smtp").save_unless_changed()
        with pytest.raises(Conflict):
            EmailSettings(user=alice, method="outlook").save_unless_changed()
        assert EmailSettings.of(alice).method == "smtp"

    def test_a_breach_of_a_constraint_changes_nothing(self) -> None:
        make_settings(make_user("alice"), address="taken@example.com")
        row = make_settings(make_user("bob"))
        row.address = "TAKEN@example.com"
        with pytest.raises(ValidationError, match="Another user already has this address"):
            save_unless_changed(row)
        assert (row.version, again(row).version) == (1, 1)
