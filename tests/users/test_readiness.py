"""What is missing, whose turn it is, and that lists and pages never disagree about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from django.test import SimpleTestCase, TestCase, override_settings

from tests.factories import (
    CLIENT_ID,
    EXCHANGE_URL,
    SMTP_HOST,
    TENANT_ID,
    configure,
    in_days,
    make_settings,
    make_user,
    register,
)
from users.choices import EmailMethod
from users.models import (
    EmailSettings,
    EntraAppRegistration,
    Installation,
    MicrosoftConnection,
    SystemSettings,
    User,
)
from users.readiness import (
    ADMINISTRATOR,
    REQUIREMENTS,
    USER,
    is_complete,
    readiness_of,
    readiness_of_settings,
    uses_method,
)
from users.vault import Secret, new_key

METHODS = ["", *EmailMethod.values]
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


class AgreementTests(TestCase):
    @classmethod
    def setUpTestData(cls) -> None:
        make_every_kind_of_user()
        make_every_kind_of_connection()
        User.objects.create(username="without-a-row")

    def answers(self, installation: Installation) -> set[str]:
        """Whose settings are complete, one by one in Python."""
        complete = set()
        for user in self.users:
            settings = getattr(user, "email_settings", None) or EmailSettings(user=user)
            settings.installation = installation
            settings.connection_row = getattr(user, "microsoft_connection", None)
            if readiness_of_settings(settings).is_complete:
                complete.add(user.username)
        return complete

    def test_python_and_sql_agree_on_every_combination(self) -> None:
        self.users = list(User.objects.select_related("email_settings", "microsoft_connection"))
        seen = set()
        for system, registration in product(systems(), registrations()):
            installation = Installation(system, registration)
            in_python = self.answers(installation)
            in_sql = set(User.objects.filter(is_complete(installation)).values_list("username", flat=True))
            assert in_sql == in_python, (system.__dict__, registration.__dict__)
            seen.add(len(in_python))
        assert len(seen) > 5

    def test_they_agree_without_any_key(self) -> None:
        self.users = list(User.objects.select_related("email_settings", "microsoft_connection"))
        with self.settings(MAILSETTINGS_KEYS="", MAILSETTINGS_KEYS_FILE=None):
            in_sql = set(User.objects.filter(is_complete(complete_installation())).values_list("username", flat=True))
            assert in_sql == self.answers(complete_installation())

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
                assert self.missing(make_settings(make_user(f"user{number}"), method=method)) == []

    def test_each_method_has_its_own_items(self) -> None:
        register(flow="password")
        for method, items in (
            ("outlook", []),
            ("smtp", ["server", "address"]),
            ("exchange", ["server", "address", "exchange_username", "exchange_password"]),
            ("exchange_online", ["registration", "address", "exchange_username", "exchange_password"]),
        ):
            with self.subTest(method):
                assert self.items(EmailSettings(user=self.alice, method=method)) == items

    def test_without_the_password_flow_exchange_online_asks_for_no_account(self) -> None:
        register(flow="sign_in")
        assert self.items(EmailSettings(user=self.alice, method="exchange_online")) == [
            "registration",
            "address",
            "connection",
        ]

    def test_what_is_missing_is_told(self) -> None:
        settings = EmailSettings(user=self.alice, method="exchange")
        assert self.missing(settings) == ["address", "exchange_username", "exchange_password"]

    def test_a_missing_server_is_the_administrators_turn(self) -> None:
        configure(smtp_host="")
        (item,) = readiness_of_settings(make_settings(self.alice)).missing
        assert (item.requirement.code, item.is_users_turn) == ("server", False)

    def test_a_password_that_does_not_open_is_missing(self) -> None:
        settings = make_settings(self.alice, method="exchange")
        EmailSettings.objects.update(exchange_username="FIRM\\other")
        assert self.missing(EmailSettings.of(settings.user)) == ["exchange_password"]

    def test_one_answer_takes_three_queries(self) -> None:
        make_settings(self.alice)
        with self.assertNumQueries(3):
            assert readiness_of(self.alice).is_complete

    def test_a_user_without_a_row_gets_an_answer(self) -> None:
        with self.assertNumQueries(3):
            assert [item.requirement.code for item in readiness_of(self.alice).missing] == ["address"]


class RequirementTests(SimpleTestCase):
    def test_each_says_what_to_do_and_whose_turn_it_is(self) -> None:
        for requirement in REQUIREMENTS:
            with self.subTest(requirement.code):
                assert requirement.whose_turn in {USER, ADMINISTRATOR}
                assert str(requirement.advice).endswith(".")
                assert str(requirement.label)

    def test_codes_are_different(self) -> None:
        assert len({requirement.code for requirement in REQUIREMENTS}) == len(REQUIREMENTS)
