"""What is missing, whose turn it is, and that lists and pages never disagree about it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from typing import Any

import pytest
from django.test import SimpleTestCase, TestCase, override_settings
from django.utils import timezone

from tests.factories import (
    CLIENT_ID,
    EXCHANGE_URL,
    SMTP_HOST,
    TENANT_ID,
    checked,
    configure,
    in_days,
    make_settings,
    make_user,
    register,
)
from users.choices import EmailMethod, StepState, Turn
from users.last_check import Standing
from users.models import (
    EmailSettings,
    EntraAppRegistration,
    Installation,
    MicrosoftConnection,
    SystemSettings,
    User,
)
from users.readiness import (
    REQUIREMENTS,
    Item,
    has_failed,
    is_complete,
    is_ready,
    readiness_of,
    readiness_of_settings,
    uses_method,
)
from users.vault import Secret, new_key
from users.verification import StepResult

METHODS = ["", *EmailMethod.values]
FAILURE = StepResult(code="connected", label="Connected", state=StepState.FAILED)
CONNECTIONS = (
    "none",
    "made",
    "ended",
    "disconnected",
    "other address",
    "other registration",
    "unknown key",
    "without settings",
)
PASSWORDS = ("none", "for exchange", "for exchange_online", "unknown key")
CHECKS = ("passed", "never", "passed with another server", "failed", "passed", "changed since", "passed")
"""Of a length that goes through all combinations of the rest."""


# --- Every installation and every kind of settings ------------------------------------------------------------------


def systems() -> Iterator[SystemSettings]:
    for method, url, smtp in product(EmailMethod.values, ("", EXCHANGE_URL), ("none", "open", "sealed", "unknown key")):
        system = SystemSettings(sending_method=method, exchange_url=url, smtp_host="" if smtp == "none" else SMTP_HOST)
        if smtp in {"sealed", "unknown key"}:
            system.smtp_username = "site"
            with sealing_with_unknown_key(smtp):
                system.set_secret("smtp_password", "secret", by=None)
        yield system


def registrations() -> Iterator[EntraAppRegistration]:
    yield EntraAppRegistration()
    for flow, has_secret, cloud in product(("password", "application", "sign_in"), (True, False), ("global", "custom")):
        ends = in_days(1)
        row = EntraAppRegistration(
            flow=flow, cloud=cloud, tenant_id=TENANT_ID, client_id=CLIENT_ID, secret_expires_on=ends
        )
        if has_secret:
            row.set_secret("client_secret", "secret", by=None)
        yield row


def sealing_with_unknown_key(state: str) -> override_settings:
    return override_settings(**{"MAILSETTINGS_KEYS": new_key()} if state == "unknown key" else {})


def complete_installation() -> Installation:
    registration = EntraAppRegistration(flow="password", tenant_id=TENANT_ID, client_id=CLIENT_ID)
    return Installation(SystemSettings(exchange_url=EXCHANGE_URL), registration)


def make_every_kind_of_user() -> None:
    kinds = product(METHODS, ("", "address"), ("", "account"), PASSWORDS)
    for number, (method, address, username, password) in enumerate(kinds):
        settings = EmailSettings(user=User.objects.create(username=f"user{number}"), exchange_username=username)
        settings.installation = complete_installation()
        settings.method = "exchange_online" if password == "for exchange_online" else "exchange"
        if password != "none":
            with sealing_with_unknown_key(password):
                settings.set_secret("exchange_password", "secret", by=None)
        settings.method = method
        settings.address = f"{address}{number}@example.com" if address else ""
        settings.save()
        store_check(settings, CHECKS[number % len(CHECKS)])


def store_check(settings: EmailSettings, check: str) -> None:
    """With the servers of a complete installation, unless said otherwise."""
    if check == "never":
        return
    system = SystemSettings(sending_method="smtp", smtp_host=SMTP_HOST, exchange_url=EXCHANGE_URL)
    if check == "passed with another server":
        system.smtp_host, system.exchange_url = "other.example.com", EXCHANGE_URL.replace("mail", "other")
    settings.installation = Installation(system, EntraAppRegistration())
    checked(settings, passed=check != "failed")
    if check == "changed since":
        EmailSettings.objects.filter(pk=settings.pk).update(exchange_username="another")


def make_every_kind_of_connection() -> None:
    for number, state in enumerate(CONNECTIONS):
        settings = EmailSettings(user=User.objects.create(username=f"connected{number}"), method="exchange_online")
        settings.installation = complete_installation()
        settings.installation.registration.flow = "sign_in"
        settings.address = f"connected{number}@example.com"
        settings.save()
        if state == "other registration":
            settings.installation.registration.client_id = TENANT_ID
        if state != "none":
            with sealing_with_unknown_key(state):
                MicrosoftConnection.connect(settings, account="", account_id="", cache=Secret("{}"))
        rows = MicrosoftConnection.objects.filter(pk=settings.pk)
        rows.update(has_ended=state == "ended")
        if state == "other address":
            EmailSettings.objects.filter(pk=settings.pk).update(address="other@example.com")
        if state == "disconnected":
            MicrosoftConnection.disconnect(rows)
        if state == "without settings":
            EmailSettings.objects.filter(pk=settings.pk).delete()


@pytest.mark.untraced
class AgreementTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        make_every_kind_of_user()
        make_every_kind_of_connection()
        User.objects.create(username="without-a-row")

    def answers(self, installation: Installation) -> tuple[set[str], ...]:
        """Whose settings are complete, who is ready, and whose check failed, one by one in Python."""
        complete, ready, failed = set(), set(), set()
        for user in self.users:
            settings = getattr(user, "email_settings", None) or EmailSettings(user=user)
            settings.installation = installation
            settings.connection_row = getattr(user, "microsoft_connection", None)
            readiness = readiness_of_settings(settings)
            complete.update([user.username] if readiness.is_complete else [])
            ready.update([user.username] if readiness.is_ready else [])
            standings = {item.last_check.standing for item in readiness.missing if item.last_check}
            failed.update([user.username] if readiness.is_complete and Standing.FAILED in standings else [])
        return complete, ready, failed

    def answers_in_sql(self, installation: Installation) -> tuple[set[str], ...]:
        return tuple(
            set(User.objects.filter(condition(installation)).values_list("username", flat=True))
            for condition in (is_complete, is_ready, has_failed)
        )

    def test_python_and_sql_agree_on_every_combination(self) -> None:
        self.users = list(User.objects.select_related("email_settings", "microsoft_connection"))
        seen = set()
        for system, registration in product(systems(), registrations()):
            installation = Installation(system, registration)
            in_python = self.answers(installation)
            assert self.answers_in_sql(installation) == in_python, (system.__dict__, registration.__dict__)
            seen.add(tuple(map(len, in_python)))
        assert len({complete for complete, _ready, _failed in seen}) > 5
        assert len({ready for _complete, ready, _failed in seen}) > 3
        assert any(0 < ready < complete - failed < complete for complete, ready, failed in seen)

    def test_they_agree_without_any_key(self) -> None:
        self.users = list(User.objects.select_related("email_settings", "microsoft_connection"))
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            installation = complete_installation()
            assert self.answers_in_sql(installation) == self.answers(installation)

    def test_every_user_uses_exactly_one_method(self) -> None:
        for method in EmailMethod.values:
            installation = Installation(SystemSettings(sending_method=method), EntraAppRegistration())
            counts = [User.objects.filter(uses_method(each, installation)).count() for each in EmailMethod.values]
            users = [EmailSettings.of(user, installation) for user in User.objects.all()]
            named = [sum(each.effective_method == name for each in users) for name in EmailMethod.values]
            with self.subTest(method):
                assert sum(counts) == User.objects.count()
                assert counts == named


# --- What the items say ---------------------------------------------------------------------------------------------


class ItemTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")

    def missing(self, settings: EmailSettings) -> list[str]:
        return [item.requirement.code for item in readiness_of_settings(settings).missing]

    def items(self, settings: EmailSettings) -> list[str]:
        return [item.requirement.code for item in readiness_of_settings(settings).items]

    def test_complete_settings_lack_nothing(self) -> None:
        register(flow="password")
        for number, method in enumerate(METHODS):
            with self.subTest(method):
                settings = make_settings(make_user(f"user{number}"), method=method)
                assert readiness_of_settings(settings).is_complete
                assert self.missing(checked(settings)) == []

    def test_each_method_has_its_own_items(self) -> None:
        register(flow="password")
        for method, items in (
            ("outlook", []),
            ("smtp", ["server", "address", "check"]),
            ("exchange", ["server", "address", "exchange_username", "exchange_password", "check"]),
            ("exchange_online", ["registration", "address", "exchange_username", "exchange_password", "check"]),
        ):
            with self.subTest(method):
                assert self.items(EmailSettings(user=self.alice, method=method)) == items

    def test_without_the_password_flow_exchange_online_asks_for_no_account(self) -> None:
        register(flow="sign_in")
        assert self.items(EmailSettings(user=self.alice, method="exchange_online")) == [
            "registration",
            "address",
            "connection",
            "check",
        ]

    def test_what_is_missing_is_told(self) -> None:
        settings = EmailSettings(user=self.alice, method="exchange")
        assert self.missing(settings) == ["address", "exchange_username", "exchange_password", "check"]

    def test_a_missing_server_is_the_administrators_turn(self) -> None:
        configure(smtp_host="")
        (item,) = readiness_of_settings(make_settings(self.alice)).missing_settings
        assert (item.requirement.code, item.is_users_turn) == ("server", False)

    def test_who_can_mend_a_failure_has_the_next_turn(self) -> None:
        for whose_turn, is_users in (("administrator", False), ("user", True), ("", True)):
            settings = make_settings(self.alice)
            failure = replace(FAILURE, whose_turn=whose_turn)
            assert settings.store_check(failure)
            (item,) = readiness_of(self.alice).missing
            with self.subTest(whose_turn):
                assert (item.requirement.code, item.is_users_turn) == ("check", is_users)

    def test_a_check_that_is_out_of_date_is_the_users_turn_again(self) -> None:
        settings = make_settings(self.alice)
        settings.store_check(replace(FAILURE, whose_turn="administrator"))
        EmailSettings.objects.update(address="other@example.com")
        (item,) = readiness_of(self.alice).missing
        assert item.is_users_turn

    def test_a_password_that_does_not_open_is_missing(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        EmailSettings.objects.update(exchange_username="FIRM\\other")
        assert self.missing(EmailSettings.of(settings.user)) == ["exchange_password", "check"]

    def test_one_answer_takes_three_queries(self) -> None:
        make_settings(self.alice)
        with self.assertNumQueries(3):
            assert readiness_of(self.alice).is_complete

    def test_a_user_without_a_row_gets_an_answer(self) -> None:
        with self.assertNumQueries(3):
            assert [item.requirement.code for item in readiness_of(self.alice).missing_settings] == ["address"]


class CheckTests(TestCase):
    def setUp(self) -> None:
        configure()
        self.row = make_settings(make_user("alice"), method="exchange")

    def check(self) -> Item:
        (item,) = [item for item in readiness_of(self.row.user).items if item.requirement.is_check]
        return item

    def change(self, **values: Any) -> None:
        EmailSettings.objects.update(**values)

    def test_never_checked_is_not_ready(self) -> None:
        assert not readiness_of(self.row.user).is_ready
        assert "Check now" in self.check().advice

    def test_a_check_that_passed_makes_ready(self) -> None:
        checked(self.row)
        assert readiness_of(self.row.user).is_ready

    def test_a_check_that_failed_says_what_to_do(self) -> None:
        checked(self.row, passed=False)
        assert not readiness_of(self.row.user).is_ready
        assert self.check().advice == "Do this."

    def test_each_change_puts_it_out_of_date_and_is_named(self) -> None:
        for values, name in (
            ({"address": "other@example.com"}, "e-mail address"),
            ({"exchange_username": "FIRM\\other"}, "user name (Exchange)"),
            ({"exchange_password_set_at": timezone.now()}, "password (Exchange)"),
            ({"method": "smtp"}, "e-mail method"),
        ):
            with self.subTest(name):
                before = EmailSettings.objects.values(*values).get()
                checked(self.row)
                self.change(**values)
                assert self.check().advice == f"Changed since: {name}."
                self.change(**before)
                assert readiness_of(self.row.user).is_ready

    def test_each_change_of_the_system_is_named(self) -> None:
        for values, name in (
            ({"exchange_url": "https://other.example.com/EWS/Exchange.asmx"}, "Exchange server"),
            ({"exchange_auth": "basic"}, "sign-in to the Exchange server"),
        ):
            with self.subTest(name):
                checked(EmailSettings.of(self.row.user))
                configure(**values)
                assert self.check().advice == f"Changed since: {name}."

    def test_what_belongs_to_another_method_changes_nothing(self) -> None:
        checked(self.row)
        configure(smtp_host="other.example.com", sending_method="outlook")
        EmailSettings.objects.update(copy_mode="bcc", signature_html="<p>Alice</p>")
        assert self.check().is_done

    def test_saving_an_older_copy_puts_no_older_result_back(self) -> None:
        early = EmailSettings.of(self.row.user)
        checked(self.row)
        early.copy_mode = "cc"
        early.save_unless_changed()
        assert self.check().is_done

    def test_a_result_for_other_settings_is_not_stored(self) -> None:
        early = EmailSettings.of(self.row.user)
        self.change(address="other@example.com")
        assert not early.store_check(None)
        assert EmailSettings.of(self.row.user).last_check.standing == "never"

    def test_keys_may_be_rotated(self) -> None:
        checked(self.row)
        self.change(exchange_password=self.row.exchange_password + "x")
        assert self.check().is_done


class RequirementTests(SimpleTestCase):
    def test_each_says_what_to_do_and_whose_turn_it_is(self) -> None:
        for requirement in REQUIREMENTS:
            with self.subTest(requirement.code):
                assert requirement.whose_turn in Turn
                assert str(requirement.advice).endswith(".")
                assert str(requirement.label)

    def test_codes_are_different(self) -> None:
        assert len({requirement.code for requirement in REQUIREMENTS}) == len(REQUIREMENTS)
