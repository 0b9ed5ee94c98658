"""Checks on the pages, without scripts: what is tested, what is shown, and who may see it."""

from __future__ import annotations

import re
from typing import Any

from django.test import TestCase

from tests.factories import SMTP_PASSWORD, configure, make_settings, make_staff, make_superuser, make_user
from tests.servers.ews import EwsServer
from tests.servers.smtp import SmtpServer
from tests.users.views.browser import Browser
from users.models import CheckRun, EmailSettings

PROGRESSIVE = {"X-Progressive": "1"}


class SmtpCase(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(SmtpServer(username="site", password=SMTP_PASSWORD))
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(smtp_host=self.server.host, smtp_port=self.server.port, smtp_username="site")
        self.alice = make_user("alice")
        make_settings(self.alice)
        self.browser = Browser(self.alice)


class ProfileTests(SmtpCase):
    def test_the_answer_is_the_whole_result(self) -> None:
        page = self.browser.open("/profile/").press("check")
        assert "The check passed." in page.text
        assert "Passed just now." in page.text
        assert "Ready" in page.text
        assert len(page.tree.xpath("//li[@data-step]")) == 6

    def test_each_step_tells_its_time(self) -> None:
        page = self.browser.open("/profile/").press("check")
        times = [each.text_content() or "" for each in page.tree.xpath("//li[@data-step]//*[@class='check-state']")]
        assert len(times) == 6
        for told in times:
            assert re.fullmatch(r"passed · (< 0\.01|\d\.\d\d?) s", told), told
        assert "0.00 s" not in page.tree.xpath("string(//ol[@class='check-steps'])")

    def test_it_tests_what_is_on_the_screen_and_says_so(self) -> None:
        self.server.replies = {"RCPT typo@example.com": "550 5.1.1 Who?"}
        page = self.browser.open("/profile/").press("check", address="typo@example.com")
        assert "The check failed." in page.text
        assert "it is not saved" in page.text
        assert page.values["address"] == "typo@example.com"
        assert EmailSettings.of(self.alice).address == "alice@example.com"
        assert "Never checked." in self.browser.open("/profile/").text

    def test_a_failure_leads_to_its_field(self) -> None:
        self.server.replies = {"RCPT": "550 5.1.1 Who?"}
        page = self.browser.open("/profile/").press("check")
        (link,) = page.tree.xpath("//li[@data-step='recipient']//a")
        assert link.get("href") == "#div_id_address"
        assert "550 5.1.1 Who?" in page.text

    def test_a_system_field_is_linked_for_superusers_alone(self) -> None:
        configure(smtp_port=1)
        page = self.browser.open("/profile/").press("check")
        assert not page.tree.xpath("//li[@data-step='connected']//a")
        page = Browser(make_superuser()).open(self.alice.get_absolute_url()).press("check")
        (link,) = page.tree.xpath("//li[@data-step='connected']//a")
        assert link.get("href") == "/system/#div_id_smtp_host"

    def test_what_can_not_be_saved_can_not_be_checked(self) -> None:
        page = self.browser.open("/profile/").press("check", address="not an address")
        assert page.error_codes("address")
        assert not CheckRun.objects.exists()

    def test_a_script_gets_the_errors_as_a_piece(self) -> None:
        posted = self.browser.open("/profile/").values | {"action": "check", "address": "not an address"}
        response = self.browser.client.post("/profile/", posted, headers=PROGRESSIVE)
        assert response.status_code == 422
        self.assertContains(response, 'href="#div_id_address"', status_code=422)
        assert b"<html" not in response.content

    def test_a_check_that_goes_on_is_shown_to_a_script(self) -> None:
        run = CheckRun.objects.create(
            subject=str(self.alice.uid), started_by=self.alice, steps=[["name", "Server found"], ["x", "Then"]]
        )
        page = Browser(self.alice).client.get(f"/checks/{run.uid}/")
        self.assertContains(page, f'data-poll="/checks/{run.uid}/"')
        self.assertContains(page, "under way", count=1)

    def test_answers_of_servers_are_text(self) -> None:
        self.server.replies = {"RCPT": "550 5.1.1 <script>alert(1)</script>"}
        assert "<script>alert" not in self.browser.open("/profile/").press("check").source


class StaffTests(TestCase):
    def setUp(self) -> None:
        self.server = self.enterContext(EwsServer())
        self.enterContext(self.settings(MAILSETTINGS_CA_FILE=self.server.ca_file))
        configure(exchange_url=self.server.address, exchange_auth="ntlm")
        self.alice = make_user("alice")
        account = {"exchange_username": self.server.username, "exchange_password": self.server.password}
        make_settings(self.alice, method="exchange", **account)
        self.staff = Browser(make_staff())

    def press(self, browser: Browser, address: str, **changes: Any) -> str:
        return browser.open(address).press("check", changes).text

    def test_staff_check_with_the_stored_password(self) -> None:
        assert "The check passed." in self.press(self.staff, self.alice.get_absolute_url())

    def test_never_with_one_typed_for_the_occasion(self) -> None:
        page = self.staff.open(self.alice.get_absolute_url()).press("unlock:exchange_password")
        assert "exchange_password" in page.secret_inputs
        text = page.press("check", exchange_password="guess of the staff").text
        assert "The password on the page was left out" in text
        assert "The check passed." in text

    def test_nor_for_another_account(self) -> None:
        text = self.press(self.staff, self.alice.get_absolute_url(), exchange_username="FIRM\\bob")
        assert self.server.sign_ins == 0
        assert "The check passed." not in text

    def test_the_owner_may_check_a_password_before_saving_it(self) -> None:
        own = Browser(self.alice)
        page = own.open("/profile/").press("unlock:exchange_password")
        assert "The check failed." in page.press("check", exchange_password="wrong").text
        assert "The check passed." in page.press("check", exchange_password=self.server.password).text
        assert EmailSettings.of(self.alice).exchange_secret.reveal() == self.server.password

    def test_the_typed_password_is_nowhere_afterwards(self) -> None:
        own = Browser(self.alice)
        page = own.open("/profile/").press("unlock:exchange_password")
        answer = page.press("check", exchange_password="typed canary")
        assert "canary" not in answer.source
        assert "canary" not in str(list(CheckRun.objects.values()))


class SystemTests(SmtpCase):
    def setUp(self) -> None:
        super().setUp()
        self.root = Browser(make_superuser())

    def test_a_server_is_checked_on_its_own(self) -> None:
        page = self.root.open("/system/").press("check:smtp")
        assert "The check passed." in page.text
        assert [step.get("data-step") for step in page.tree.xpath("//li[@data-step]")][-1] == "signed_in"

    def test_as_it_stands_on_the_screen(self) -> None:
        page = self.root.open("/system/").press("check:smtp", smtp_port="1")
        assert "it is not saved" in page.text
        (link,) = page.tree.xpath("//li[@data-step='connected']//a")
        assert link.get("href") == "#div_id_smtp_host"

    def test_one_that_is_not_named_is_told(self) -> None:
        text = self.root.open("/system/").press("check:smtp", smtp_host="", smtp_username="").text
        assert "There is no complete server in the settings" in text

    def test_an_unknown_one_is_no_error(self) -> None:
        for name in ("pigeon", "", "outlook"):
            assert self.root.open("/system/").press(f"check:{name}").status == 200


class VisibilityTests(TestCase):
    def test_a_check_is_for_the_user_and_those_who_may_edit_the_user(self) -> None:
        alice, root = make_user("alice"), make_superuser()
        people = {"alice": alice, "bob": make_user("bob"), "sam": make_staff(), "root": root}
        for subject, may_see in (
            (str(alice.uid), {"alice", "sam", "root"}),
            (str(root.uid), {"root"}),
            ("system:smtp", {"root"}),
        ):
            run = CheckRun.objects.create(subject=subject, started_by=root)
            codes = {name: Browser(user).client.get(f"/checks/{run.uid}/").status_code for name, user in people.items()}
            with self.subTest(subject):
                assert {name for name, code in codes.items() if code == 200} == may_see
                assert set(codes.values()) <= {200, 404}


class DraftTests(TestCase):
    def test_a_test_draft_is_a_file_for_outlook(self) -> None:
        configure(sending_method="outlook")
        alice = make_user("alice")
        make_settings(alice, method="outlook")
        browser = Browser(alice)
        assert "Download a test draft" in browser.open("/profile/").text
        response = browser.client.get("/profile/test-draft/")
        assert response["Content-Type"] == "message/rfc822"
        assert response.content.startswith(b"X-Unsent: 1")

    def test_without_an_address_there_is_none(self) -> None:
        configure(sending_method="outlook")
        browser = Browser(make_user("bob"))
        assert "Download a test draft" not in browser.open("/profile/").text
        assert browser.client.get("/profile/test-draft/").status_code == 302
