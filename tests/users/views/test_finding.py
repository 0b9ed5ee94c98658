"""*Find my settings* on the pages, without scripts and as a script asks."""

from __future__ import annotations

from typing import Any

from tests.factories import configure, make_staff, make_superuser, make_user, register
from tests.users.test_suggestion import SuggestionCase
from tests.users.views.browser import Browser, Page
from users.models import EmailSettings

PROGRESSIVE = {"X-Progressive": "1"}


class FindingTests(SuggestionCase):
    def setUp(self) -> None:
        super().setUp()
        self.browser = Browser(self.alice)

    def find(self, browser: Browser | None = None, address: str = "/profile/", **changes: Any) -> Page:
        return (browser or self.browser).open(address).press("find", changes)

    def chosen(self, page: Page) -> str:
        return str(page.values["method"])

    def test_what_fits_is_shown_and_nothing_is_chosen(self) -> None:
        register()
        page = self.find(copy_mode="cc")
        assert "Microsoft 365 (example-com.mail.protection.outlook.com)" in page.text
        assert "choose:exchange_online" in page.buttons
        assert (self.chosen(page), page.values["copy_mode"]) == ("smtp", "cc")

    def test_choosing_selects_it_in_the_form_and_saves_nothing(self) -> None:
        register()
        page = self.find().press("choose:exchange_online", copy_mode="cc")
        assert (self.chosen(page), page.values["copy_mode"]) == ("exchange_online", "cc")
        assert EmailSettings.of(self.alice).method == "smtp"
        assert self.chosen(page.press("choose:pigeon")) == "exchange_online"

    def test_the_address_on_the_screen_counts(self) -> None:
        page = self.browser.open("/profile/").press("find", {"address": "a@example.net"})
        assert "The mail of example.net is received by a server of its own (mx.example.net)." in page.text
        assert page.values["address"] == "a@example.net"

    def test_a_script_gets_a_piece(self) -> None:
        posted = self.browser.open("/profile/").values | {"action": "find"}
        response = self.browser.client.post("/profile/", posted, headers=PROGRESSIVE)
        self.assertContains(response, "so its mailboxes are likely there.")
        assert b"<html" not in response.content

    def test_bad_addresses_are_told_and_no_error(self) -> None:
        for typed in ("", "alice", "alice@", "a@b@c.example", "<b>@example.com", "a@exa\0mple.com", "x" * 5000):
            page = self.browser.open("/profile/").press("find", {"address": typed})
            with self.subTest(typed[:20]):
                assert page.status == 200
                assert page.tree.xpath("//*[@id='find']//*[contains(@class, 'is-failed')]")

    def test_a_typed_password_stays_in_the_browser(self) -> None:
        configure(sending_method="exchange")
        EmailSettings.objects.update(method="exchange")
        page = self.browser.open("/profile/").press("unlock:exchange_password")
        for button in ("find", "choose:smtp"):
            assert "canary" not in page.press(button, exchange_password="canary").source

    def test_where_the_administrator_chooses_nothing_is_offered(self) -> None:
        configure(users_may_choose_method=False)
        page = self.browser.open("/profile/")
        assert not page.tree.xpath("//*[@id='find']")
        assert "protection.outlook.com" not in self.find().text
        assert self.server.questions == []

    def test_a_locked_address_is_the_stored_one(self) -> None:
        configure(users_may_edit_address=False)
        page = self.browser.open("/profile/").press("find", {"address": "a@example.net"})
        assert "The mail of example.com" in page.text

    def test_staff_look_for_a_user_and_count_as_themselves(self) -> None:
        staff = make_staff()
        page = self.find(Browser(staff), self.alice.get_absolute_url())
        assert "The mail of example.com" in page.text
        assert not hasattr(self.alice, "domain_look_ups")
        assert staff.domain_look_ups.times

    def test_superusers_get_to_what_stands_in_the_way(self) -> None:
        assert not self.find().tree.xpath("//*[@id='find']//a")
        page = self.find(Browser(make_superuser()), self.alice.get_absolute_url())
        assert page.tree.xpath("//*[@id='find']//a/@href") == ["/system/entra/"]

    def test_nobody_else_may(self) -> None:
        for user in (make_user("bob"), make_staff("sam", "view_emailsettings")):
            posted = {"action": "find", "address": "a@example.com", "version": "1"}
            assert Browser(user).post(self.alice.get_absolute_url(), posted).status == 403
        assert self.server.questions == []

    def test_names_from_the_dns_are_text(self) -> None:
        self.server.records = {"example.com": {"MX": [r"1 <script>alert\(1\)</script>.example.com."]}}
        assert "alert(" not in self.find().source
