"""The own settings page."""

from __future__ import annotations

from collections.abc import Iterator

from django.test import TestCase

from tests.factories import (
    EXCHANGE_PASSWORD,
    configure,
    make_settings,
    make_staff,
    make_superuser,
    make_template,
    make_user,
    register,
)
from tests.users.views.browser import Browser, Page
from tests.users.views.races import right_after_checking
from users.models import EmailSettings, User


class ProfileCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        self.browser = Browser(self.alice)

    def page(self) -> Page:
        return self.browser.open("/profile/")

    def stored(self) -> EmailSettings:
        return EmailSettings.of(self.alice)


class WhatIsLeftTests(ProfileCase):
    """Whose turn each thing is, and where it is done."""

    def left(self, path: str, by: User | None = None) -> dict[str, list[str]]:
        """What is missing, by its text, with where its links lead; those within the page lead somewhere."""
        page = Browser(by or self.alice).open(path)
        missing = page.tree.xpath("//section[@data-status='readiness']//li[contains(@class, 'is-missing')]")
        links = {str(each.text_content()): each.xpath(".//a/@href") for each in missing}
        ids = set(page.tree.xpath("//@id"))
        assert all(link[1:] in ids for found in links.values() for link in found if link.startswith("#")), links
        return {" ".join(text.split()): found for text, found in links.items()}

    def test_each_leads_to_its_place(self) -> None:
        register(flow="password")
        for method, places in (
            ("smtp", ["address", "check"]),
            ("exchange", ["address", "exchange_username", "exchange_password", "check"]),
            ("exchange_online", ["address", "exchange_username", "exchange_password", "check"]),
        ):
            EmailSettings.objects.update_or_create(user=self.alice, defaults={"method": method})
            anchors = [["#check" if place == "check" else f"#div_id_{place}"] for place in places]
            with self.subTest(method):
                left = self.left("/profile/")
                assert list(left.values()) == anchors
                assert all("your turn" in text for text in left)

    def test_a_connection_is_made_at_its_place(self) -> None:
        register(flow="sign_in")
        EmailSettings.objects.create(user=self.alice, method="exchange_online", address="alice@example.com")
        assert list(self.left("/profile/").values()) == [["#div_id_connection"], ["#check"]]

    def test_what_is_an_administrators_turn_is_a_link_for_administrators(self) -> None:
        configure(smtp_host="")
        root = make_superuser()
        for by, path, links in ((self.alice, "/profile/", []), (root, self.alice.get_absolute_url(), ["/system/"])):
            (text, found), *_rest = self.left(path, by).items()
            with self.subTest(path):
                assert "an administrator’s turn" in text
                assert found == links

    def test_beside_a_message_they_lead_to_the_settings(self) -> None:
        path = self.browser.open("/messages/new/").response.headers.get("Location", "/messages/new/")
        assert list(self.left(path).values()) == [["/profile/#div_id_address"], ["/profile/#check"]]

    def test_staff_read_whose_turn_it_is(self) -> None:
        assert all("the user’s turn" in text for text in self.left(self.alice.get_absolute_url(), make_staff()))


class ShowTests(ProfileCase):
    def test_every_value_in_force_stands_with_its_source(self) -> None:
        make_settings(self.alice, method="", copy_mode="cc", signature_html="<p>Alice</p>")
        shown = [(row.label, row.value, str(row.source)) for row in self.page().response.context["in_force"]]
        assert shown == [
            ("E-mail method", "Server based, via SMTP", "from the system settings"),
            ("E-mail address", "alice@example.com", "own setting"),
            ("Mail server", "smtp.example.com:587", "from the system settings"),
            ("Copy to own address", "Copy (CC)", "own setting"),
            ("E-mail signature", "Set", "own setting"),
        ]

    def test_the_own_method_is_named_as_the_own(self) -> None:
        make_settings(self.alice, method="outlook")
        text = self.page().text
        assert "Client based, via Microsoft Outlook own setting" in text
        assert "Outlook adds its own kept in Outlook" in text

    def test_a_mandatory_signature_is_named(self) -> None:
        make_template(name="Company", use="mandatory")
        assert "Company company signature" in self.page().text

    def test_the_signature_is_shown_as_it_goes_out(self) -> None:
        make_settings(self.alice, method="smtp", signature_html="<p>Alice</p>")
        for browser, page, signature in (
            (self.browser, "/profile/", "/profile/signature/"),
            (Browser(make_superuser()), self.alice.get_absolute_url(), f"{self.alice.get_absolute_url()}signature/"),
        ):
            with self.subTest(page):
                shown = browser.open(page)
                (panel,) = shown.tree.xpath("//section[@aria-labelledby='signature-title']")
                assert "frame-src 'self'" in shown.response["Content-Security-Policy"]
                assert panel.xpath(".//iframe/@src") == [f"{signature}preview/"]
                assert panel.xpath(".//a/@href") == [signature]
                assert browser.client.get(f"{signature}preview/").status_code == 200

    def test_without_a_signature_that_goes_out_the_page_says_so(self) -> None:
        for method, sentence in (("smtp", "messages go out without one"), ("outlook", "Outlook adds its own")):
            EmailSettings.objects.all().delete()
            make_settings(self.alice, method=method, signature_html="" if method == "smtp" else "<p>Alice</p>")
            (panel,) = self.browser.open("/profile/").tree.xpath("//section[@aria-labelledby='signature-title']")
            with self.subTest(method):
                assert sentence in panel.text_content()
                assert not panel.xpath(".//iframe")

    def test_the_first_choice_says_what_is_inherited_now(self) -> None:
        for method, label in (("smtp", "Server based, via SMTP"), ("outlook", "Client based, via Microsoft Outlook")):
            with self.subTest(method):
                configure(sending_method=method)
                assert f"As the system setting (now: {label})" in self.page().text

    def test_each_choice_names_the_parts_it_uses(self) -> None:
        uses = dict(self.page().tree.xpath("//input[@name='method']") and self._uses())
        assert uses[""] == uses["smtp"] == "copy signature"
        assert "account" in uses["exchange"].split()
        assert uses["outlook"] == ""

    def _uses(self) -> Iterator[tuple[str, str]]:
        for choice in self.page().tree.xpath("//input[@name='method']"):
            yield choice.get("value"), choice.get("data-uses")

    def test_only_what_the_chosen_method_uses_can_be_filled_in(self) -> None:
        for method, fields in (
            ("", {"copy_mode"}),
            ("outlook", set()),
            ("smtp", {"copy_mode"}),
            ("exchange", {"copy_mode", "exchange_username"}),
        ):
            with self.subTest(method):
                shown = self.page().press("refresh", method=method).values
                assert {"copy_mode", "exchange_username"} & shown.keys() == fields

    def test_what_is_missing_is_listed_with_whose_turn_it_is(self) -> None:
        configure(smtp_host="")
        text = self.page().text
        assert "An administrator has to complete the mail server in the system settings." in text
        assert "Enter the e-mail address that messages are sent from." in text

    def test_a_test_message_is_offered_once_all_is_in_place(self) -> None:
        assert "/profile/test-message/" not in self.page().source
        make_settings(self.alice)
        assert "/profile/test-message/" in self.page().source

    def test_the_start_leads_here(self) -> None:
        assert self.browser.open("/").response["Location"] == "/profile/"


class SaveTests(ProfileCase):
    def test_saves_and_says_so(self) -> None:
        page = self.page().press(method="smtp", address="Alice@Example.COM", copy_mode="bcc").follow()
        assert "Your e-mail settings are saved." in page.text
        stored = self.stored()
        assert (stored.method, stored.address, stored.copy_mode) == ("smtp", "Alice@example.com", "bcc")

    def test_reloading_after_saving_sends_nothing_again(self) -> None:
        answer = self.page().press(method="smtp", address="alice@example.com")
        assert (answer.status, answer.response["Location"]) == (302, "/profile/")

    def test_what_was_typed_stays_beside_the_error(self) -> None:
        page = self.page().press(method="smtp", address="not an address", copy_mode="cc")
        assert page.status == 200
        assert page.error_codes("address") == ["one_address"]
        assert page.values["address"] == "not an address"
        assert page.values["copy_mode"] == "cc"
        assert not EmailSettings.objects.exists()

    def test_bad_values_give_a_message_at_their_field(self) -> None:
        for field, value in (
            ("address", "a" * 300 + "@example.com"),
            ("address", "Alice <alice@example.com>"),
            ("address", "alice@example.com, bob@example.com"),
            ("address", "alice@example.com\r\nBcc: x@example.com"),
            ("address", "alice@exa\u202emple.com"),
            ("address", "\0"),
            ("method", "pigeon"),
            ("copy_mode", "everybody"),
            ("exchange_username", "FIRM\\al\x07ice"),
        ):
            with self.subTest(field, value=value[:40]):
                posted = {"method": "exchange" if field == "exchange_username" else "smtp", "address": "a@example.com"}
                page = self.page().press(changes=posted | {field: value})
                assert page.status == 200
                assert page.error_codes(field)
        assert not EmailSettings.objects.exists()

    def test_a_field_that_the_method_does_not_have_is_an_error_at_that_field(self) -> None:
        for field, posted in (
            ("copy_mode", {"method": "outlook", "copy_mode": "cc"}),
            ("exchange_username", {"method": "smtp", "address": "a@example.com", "exchange_username": "FIRM\\x"}),
        ):
            with self.subTest(field):
                assert self.page().press(changes=posted).error_codes(field)

    def test_fields_of_no_form_are_ignored(self) -> None:
        posted = {"user": "1", "is_superuser": "on", "exchange_password_server": "x", "version_": "1", "id": "7"}
        assert self.page().press(changes=posted, method="outlook").status == 302
        assert not User.objects.get().is_superuser

    def test_an_incomplete_registration_tells_whom_to_ask(self) -> None:
        page = self.page().press(method="exchange_online", address="alice@example.com")
        assert page.error_codes("method") == ["registration_incomplete"]
        assert "Ask your administrator" in page.text
        assert "/system/entra/" not in page.source

    def test_an_incomplete_registration_leads_a_superuser_there(self) -> None:
        browser = Browser(make_superuser())
        page = browser.open("/profile/").press(method="exchange_online", address="root@example.com")
        assert "/system/entra/" in page.source.split("</header>")[-1]

    def test_an_address_that_somebody_takes_meanwhile_is_an_error_at_the_field(self) -> None:
        bob = make_user("bob")
        with right_after_checking(EmailSettings, lambda: make_settings(bob)):
            page = self.page().press(method="smtp", address="BOB@example.com")
        assert page.status == 200
        assert page.error_codes("address") == ["address_taken"]
        assert page.values["address"] == "BOB@example.com"


class LockedByPolicyTests(ProfileCase):
    def setUp(self) -> None:
        super().setUp()
        make_settings(self.alice)

    def test_the_method_stays_whatever_is_posted(self) -> None:
        configure(users_may_choose_method=False)
        page = self.page()
        assert "method" not in page.values
        assert "Your administrator sets this." in page.text
        assert page.press(method="outlook", copy_mode="cc").status == 302
        assert (self.stored().method, self.stored().copy_mode) == ("smtp", "cc")

    def test_the_address_stays_whatever_is_posted(self) -> None:
        configure(users_may_edit_address=False)
        assert self.page().press(address="other@example.com").status == 302
        assert self.stored().address == "alice@example.com"

    def test_administrators_are_not_bound(self) -> None:
        configure(users_may_choose_method=False, users_may_edit_address=False)
        for editor in (make_staff("sam"), make_superuser()):
            with self.subTest(editor.username):
                page = Browser(editor).open("/profile/").press(method="smtp", address=f"{editor.pk}@example.com")
                assert page.status == 302
                assert EmailSettings.of(editor).address == f"{editor.pk}@example.com"

    def test_a_permission_without_being_staff_does_not_unbind(self) -> None:
        configure(users_may_choose_method=False)
        sam = make_staff("sam")
        User.objects.filter(pk=sam.pk).update(is_staff=False)
        Browser(sam).open("/profile/").press(method="outlook")
        assert EmailSettings.of(sam).method == ""


class SwitchMethodTests(ProfileCase):
    """The stored Exchange account goes with the method that needs it, and the page says so before."""

    WARNING = "its stored user name and password are removed when you save"

    def setUp(self) -> None:
        super().setUp()
        make_settings(self.alice, method="exchange")

    def test_says_first_that_the_account_will_be_removed(self) -> None:
        page = self.page().press("refresh", method="smtp")
        (notice,) = page.tree.xpath(f"//*[@data-unless-part][contains(., '{self.WARNING}')]")
        assert notice.get("hidden") is None
        assert self.stored().exchange_password

    def test_says_nothing_of_it_while_the_account_is_used(self) -> None:
        (notice,) = self.page().tree.xpath(f"//*[@data-unless-part][contains(., '{self.WARNING}')]")
        assert notice.get("hidden") is not None

    def test_says_nothing_of_it_where_nothing_is_stored(self) -> None:
        assert self.WARNING not in Browser(make_user("bob")).open("/profile/").source

    def test_saving_another_method_removes_user_name_and_password(self) -> None:
        for method in ("smtp", "outlook", ""):
            with self.subTest(method):
                EmailSettings.objects.all().delete()
                make_settings(self.alice, method="exchange")
                assert self.page().press(method=method, exchange_username=None).status == 302
                stored = self.stored()
                assert (stored.exchange_username, stored.exchange_password) == ("", "")
                assert stored.exchange_password_set_at is None

    def test_a_changed_user_name_needs_the_password_again(self) -> None:
        page = self.page().press(exchange_username="FIRM\\other")
        assert page.error_codes("exchange_password") == ["password_for_another_account"]
        assert self.stored().exchange_username == "FIRM\\alice"

    def test_the_password_survives_a_save_that_does_not_touch_it(self) -> None:
        assert self.page().press(copy_mode="bcc").status == 302
        assert self.stored().open_secret("exchange_password").reveal() == EXCHANGE_PASSWORD

    def test_where_the_registration_needs_no_password_the_page_says_why(self) -> None:
        register(flow="application")
        make_settings(bob := make_user("bob"), method="exchange_online")
        page = Browser(bob).open("/profile/")
        assert "the app registration uses “Client secret or certificate”" in page.text
        assert "unlock:exchange_password" not in [
            button.get("value") for button in page.tree.xpath("//fieldset[not(@disabled)]//button")
        ]


class ButtonTests(ProfileCase):
    """Buttons that save nothing keep what was typed."""

    def setUp(self) -> None:
        super().setUp()
        make_settings(self.alice, method="exchange")

    def test_keep_what_was_typed_and_save_nothing(self) -> None:
        typed = {"address": "typed, not checked", "exchange_username": "TYPED", "copy_mode": "bcc"}
        for button in ("refresh", "unlock:exchange_password", "remove:exchange_password", "keep:exchange_password"):
            with self.subTest(button):
                page = self.page().press(button, typed)
                assert page.status == 200
                assert {name: page.values[name] for name in typed} == typed
                assert page.form.errors == {}
        assert (self.stored().version, self.stored().address) == (1, "alice@example.com")

    def test_buttons_nobody_made_do_no_harm(self) -> None:
        for button in (
            "",
            "unlock",
            "unlock:",
            "unlock:address",
            "unlock:method",
            "remove:version",
            "x:y:z",
            ":",
            "\0",
        ):
            with self.subTest(button):
                page = self.page().press(button, address="typed@example.com")
                assert page.status == 200
                assert page.secret_inputs == []

    def test_the_enter_key_saves(self) -> None:
        assert self.page().buttons[0] == "save"
        assert self.page().press(changes={"action": None}, copy_mode="cc").status == 302
        assert self.stored().copy_mode == "cc"
