"""The check of the app registration, against Entra and Graph side by side."""

from __future__ import annotations

from typing import Any
from unittest import mock

from django.test import TestCase

from tests.factories import configure, make_settings, make_staff, make_superuser, make_user, register
from tests.servers.entra_tokens import Account
from tests.servers.graph import Fault
from tests.servers.microsoft import Microsoft365
from tests.users.views.browser import Browser, Page
from users import verification
from users.choices import StepState
from users.entra.access import MEMORY
from users.models import CheckRun, EntraAppRegistration, Installation, User
from users.registration_check import RegistrationCheck

ALICE = Account("alice@example.com")
OTHER = "3f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33"
CODES = ["directory", "application", "mail", "calendar"]


class CheckCase(TestCase):
    flow = "application"

    def setUp(self) -> None:
        MEMORY.forget()
        self.addCleanup(MEMORY.forget)
        self.cloud = self.enterContext(Microsoft365(ALICE, Account("root@example.com")))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.cloud.ca_file))
        configure()
        register(flow=self.flow, **self.cloud.registration)
        self.root = make_superuser()

    def results(self, by: User | None = None) -> list[verification.StepResult]:
        return list(RegistrationCheck.of(Installation.load(), by=by or self.root).results())

    def states(self) -> dict[str, str]:
        return {result.code: result.state.value for result in self.results()}

    def failure(self) -> verification.StepResult:
        (failed,) = [result for result in self.results() if result.state == StepState.FAILED]
        return failed


class ApplicationTests(CheckCase):
    def setUp(self) -> None:
        super().setUp()
        make_settings(make_user("alice"), method="exchange_online")

    def test_the_system_settings_have_it_as_well(self) -> None:
        browser = Browser(self.root)
        page = browser.open("/system/").press("check:exchange_online")
        assert [step.get("data-step") for step in page.tree.xpath("//li[@data-step]")] == CODES
        assert "The check passed." in page.text
        register(flow="application", **self.cloud.registration | {"client_secret": "wrong"})
        page = browser.open("/system/").press("check:exchange_online")
        (link,) = page.tree.xpath("//li[@data-step]//a")
        assert link.get("href") == "/system/entra/#div_id_client_secret"

    def test_everything_is_tried_with_somebody_s_mailbox(self) -> None:
        assert self.states() == dict.fromkeys(CODES, "passed")
        assert "alice@example.com" in self.results()[2].sentence

    def test_the_own_mailbox_is_preferred(self) -> None:
        make_settings(self.root, method="exchange_online")
        assert "root@example.com" in self.results()[2].sentence

    def test_without_any_mailbox_the_permissions_are_not_tried(self) -> None:
        self.root.delete()
        User.objects.all().delete()
        assert list(self.states_of(make_superuser("other")).values()) == ["passed", "passed", "skipped", "skipped"]

    def states_of(self, user: User) -> dict[str, str]:
        return {result.code: result.state.value for result in self.results(user)}

    def test_every_failure_is_told_to_the_administrator_and_ends_the_check(self) -> None:
        for change, step, word in (
            ({"tenant_id": ""}, "directory", "Enter the Directory (tenant) ID."),
            ({"client_id": "", "client_secret": "x"}, "application", "Enter the Application (client) ID."),
            ({"tenant_id": "nobody.example"}, "directory", "Check the Directory (tenant) ID"),
            ({"custom_authority": "https://login.invalid"}, "directory", "and the cloud"),
            ({"client_id": OTHER, "client_secret": "x"}, "application", "Application (client) ID"),
            ({"client_secret": ""}, "application", "Enter a client secret"),
            ({"client_secret": "wrong"}, "application", "not its Secret ID"),
        ):
            register(**self.cloud.registration)
            register(**change)
            failure = self.failure()
            with self.subTest(step, **change):
                assert failure.code == step
                assert word in failure.advice
                assert set(list(self.states().values())[CODES.index(step) + 1 :]) <= {"skipped"}

    def test_the_code_of_microsoft_stands_in_the_detail(self) -> None:
        register(client_secret="wrong")
        assert "AADSTS7000215" in self.failure().detail

    def test_permissions_that_are_missing_show_by_calling(self) -> None:
        for step, place in (("mail", "sentitems"), ("calendar", "calendar")):
            self.cloud.graph.faults = {place: Fault(status=403, code="ErrorAccessDenied")}
            with self.subTest(step):
                assert self.failure().code == step
                assert "permission" in self.failure().advice

    def test_a_token_from_before_does_not_hide_that_the_secret_is_wrong_now(self) -> None:
        assert set(self.states().values()) == {"passed"}
        self.cloud.entra.client_secret = "renewed"
        assert self.failure().code == "application"

    def test_nothing_is_sent_or_changed(self) -> None:
        self.results()
        assert self.cloud.graph.sent == []


class PasswordTests(CheckCase):
    flow = "password"

    def test_the_application_proves_nothing_and_the_own_account_shows_the_permissions(self) -> None:
        make_settings(
            self.root,
            method="exchange_online",
            exchange_username="root@example.com",
            exchange_password=ALICE.password,
        )
        assert list(self.states().values()) == ["passed", "skipped", "passed", "passed"]

    def test_without_an_own_account_nobody_else_s_is_used(self) -> None:
        make_settings(make_user("alice"), method="exchange_online", exchange_password=ALICE.password)
        assert list(self.states().values()) == ["passed", "skipped", "skipped", "skipped"]
        assert self.cloud.entra.count("token") == 0

    def test_the_own_password_is_guarded_as_everywhere(self) -> None:
        make_settings(self.root, method="exchange_online", exchange_username="root@example.com", exchange_password="x")
        problems = [self.failure().problem for _number in range(4)]
        assert problems == ["entra_account_refused"] * 3 + ["too_many_refusals"]
        assert self.cloud.entra.count("token") == 3


class SignInTests(CheckCase):
    flow = "sign_in"

    def test_the_secret_is_tried_and_without_an_own_connection_nothing_else(self) -> None:
        make_settings(make_user("alice"), method="exchange_online")
        assert list(self.states().values()) == ["passed", "passed", "skipped", "skipped"]
        assert "Choose Microsoft Exchange Online in your own settings" in self.results()[2].sentence


class PageTests(CheckCase):
    def setUp(self) -> None:
        super().setUp()
        make_settings(make_user("alice"), method="exchange_online")
        self.browser = Browser(self.root)

    def check(self, **changes: Any) -> Page:
        return self.browser.open("/system/entra/").press("check", changes)

    def steps(self, page: Page) -> list[str]:
        return list(page.tree.xpath("//main//*[@data-step]/@data-step"))

    def test_the_page_shows_every_step(self) -> None:
        page = self.check()
        assert self.steps(page) == CODES
        assert "The check passed." in page.text
        assert CheckRun.objects.get().is_of_saved

    def test_a_failure_leads_to_its_field(self) -> None:
        # The stored secret is for the stored application alone.
        for changes, anchor in (
            ({"tenant_id": "nobody.example"}, "tenant_id"),
            ({"client_id": OTHER}, "client_secret"),
        ):
            with self.subTest(anchor):
                page = self.check(**changes)
                (link,) = page.tree.xpath("//li[@data-step]//a/@href")
                assert link == f"/system/entra/#div_id_{anchor}"
                assert page.tree.xpath(f"//*[@id='div_id_{anchor}']")

    def test_a_script_gets_the_errors_as_a_piece(self) -> None:
        posted = self.browser.open("/system/entra/").values | {"action": "check", "tenant_id": "?"}
        response = self.browser.client.post("/system/entra/", posted, headers={"X-Progressive": "1"})
        self.assertContains(response, 'href="#div_id_tenant_id"', status_code=422)
        assert b"<html" not in response.content

    def test_a_check_that_goes_on_is_for_superusers_alone(self) -> None:
        run = CheckRun.objects.create(subject="system:registration", started_by=self.root, steps=[["x", "X"]])
        assert self.browser.open(f"/checks/{run.uid}/").status == 200
        assert Browser(make_staff()).open(f"/checks/{run.uid}/").status == 404

    def test_the_enter_key_saves(self) -> None:
        buttons = "//*[@type='submit'][@form='settings-form' or ancestor::form[@id='settings-form']]/@value"
        assert self.browser.open("/system/entra/").tree.xpath(buttons)[0] == "save"

    def test_what_is_typed_is_checked_and_not_saved(self) -> None:
        page = self.check(tenant_id="nobody.example")
        assert "it is not saved" in page.text
        assert "There is no such directory in this cloud." in page.text
        assert EntraAppRegistration.load().tenant_id == self.cloud.entra.tenant
        assert page.values["tenant_id"] == "nobody.example"

    def test_what_can_t_be_checked_is_told_at_its_field(self) -> None:
        page = self.check(tenant_id="?")
        assert self.steps(page) == []
        assert page.error_codes("tenant_id") == ["tenant"]

    def test_a_cloud_that_does_not_answer_is_no_server_error(self) -> None:
        with mock.patch.multiple(self.cloud.entra, status=503):
            assert "not available at the moment" in self.check().text

    def test_nothing_secret_is_on_the_page(self) -> None:
        page = self.check()
        assert self.cloud.entra.client_secret not in page.source
        assert not any(token in page.source for token in self.cloud.entra.grants.access_tokens)
