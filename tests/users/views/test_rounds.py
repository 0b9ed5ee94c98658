"""Checking all users of a list, on the pages: what is said before, how far it is, and who may do it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.factories import configure, make_settings, make_staff, make_superuser, make_user
from tests.users.rounds import make_people, results, start
from tests.users.views.browser import Browser, Page
from users import rounds
from users.models import CheckRound, RoundMember, User

PROGRESSIVE = {"X-Progressive": "1"}


class RoundCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice, self.bob, self.charlie = make_people()
        self.root = make_superuser()
        self.browser = Browser(self.root)

    def press_start(self, address: str = "/users/check/?q=example.com", browser: Browser | None = None) -> Page:
        return (browser or self.browser).post(address, {})

    def page_of(self, started: CheckRound, query: str = "", browser: Browser | None = None) -> Page:
        return (browser or self.browser).open(started.get_absolute_url() + query)


class ButtonTests(RoundCase):
    def button(self, address: str, browser: Browser | None = None) -> Any:
        return (browser or self.browser).open(address).tree.xpath("//a[starts-with(@href, '/users/check/')]")

    def test_it_is_named_by_what_is_listed(self) -> None:
        for address, text, query in (
            ("/users/", "Check all 4 users", ""),
            ("/users/?q=alice&page=3&sort=-name", "Check this user", "?q=alice"),
            ("/users/?method=smtp&ready=no", "Check these 4 users", "?method=smtp&ready=no"),
        ):
            (link,) = self.button(address)
            with self.subTest(address):
                assert " ".join(link.text_content().split()) == text
                assert link.get("href") == f"/users/check/{query}"

    def test_large_numbers_are_easy_to_read(self) -> None:
        User.objects.bulk_create(User(username=f"user{number}") for number in range(1_230))
        (link,) = self.button("/users/")
        assert link.text_content().strip() == "Check all 1,234 users"

    def test_without_users_or_permission_there_is_none(self) -> None:
        assert not self.button("/users/?q=nobody")
        assert not self.button("/users/", Browser(make_staff("sam", "view_emailsettings")))


class QuestionTests(RoundCase):
    def test_it_says_what_will_happen(self) -> None:
        make_settings(self.bob, method="outlook")
        text = self.browser.open("/users/check/").text
        for part in (
            "Check 4 users?",
            "All users",
            "No message is sent to anyone.",
            "3 Server based, via SMTP",
            "1 Client based, via Microsoft Outlook nothing to check: skipped",
            "At most 8 users are checked at a time at each server.",
        ):
            assert part in text

    def test_it_says_whom_a_search_has_found(self) -> None:
        text = self.browser.open("/users/check/?q=%3Cb%3Ealice&method=smtp&ready=no").text
        assert "There is nobody to check" in text
        text = self.browser.open("/users/check/?q=alice&method=smtp&ready=no").text
        assert "Users: found by “alice”, Server based, via SMTP, Not ready" in text
        assert "Check 1 user?" in text

    def test_opening_it_starts_nothing(self) -> None:
        self.browser.open("/users/check/")
        assert not CheckRound.objects.exists()

    def test_nobody_to_check_is_told(self) -> None:
        make_settings(self.bob, method="outlook")
        for query in ("?q=nobody", "?method=outlook"):
            page = self.browser.open(f"/users/check/{query}")
            with self.subTest(query):
                assert "There is nobody to check" in page.text
                assert not page.tree.xpath("//main//form")
                assert (
                    "There is nothing to check for these users."
                    in self.press_start(f"/users/check/{query}").follow().text
                )
        assert not CheckRound.objects.exists()

    def test_strange_filters_are_no_error(self) -> None:
        for query in (
            "?q=%00",
            "?method=pigeon&ready=maybe&sort=password&page=x",
            f"?q={'x' * 9000}",
            "?q=' OR 1=1 --",
        ):
            with self.subTest(query[:30]):
                assert self.browser.open(f"/users/check/{query}").status == 200

    def test_recent_ones_can_be_found_again(self) -> None:
        started = start(q="alice")
        page = self.browser.open("/users/check/")
        assert page.tree.xpath(f"//a[@href='{started.get_absolute_url()}']")
        assert "1 user, found by “alice” · under way" in page.text


class StartTests(RoundCase):
    def test_it_begins_and_leads_to_its_page(self) -> None:
        page = self.press_start().follow()
        assert "Check of 3 users" in page.text
        assert "0 of 3 users · 0 %" in page.text
        assert CheckRound.objects.get().started_by == self.root

    def test_a_second_click_leads_to_the_one_that_goes_on(self) -> None:
        first = self.press_start().response["Location"]
        second = self.press_start()
        assert second.response["Location"] == first
        assert "These users are being checked already" in second.follow().text
        assert CheckRound.objects.count() == 1

    def test_staff_do_not_check_superusers(self) -> None:
        make_settings(self.root)
        self.press_start("/users/check/", Browser(make_staff()))
        assert "root" not in results(CheckRound.objects.get())

    def test_both_permissions_are_needed(self) -> None:
        started = start()
        for permission in ("view_emailsettings", "change_emailsettings"):
            browser = Browser(make_staff(permission, permission))
            with self.subTest(permission):
                assert self.press_start(browser=browser).status == 403
                assert browser.post(f"{started.get_absolute_url()}stop/", {}).status == 403
                assert self.page_of(started, browser=browser).status == 403
        assert CheckRound.objects.get().stopped_at is None


class PageTests(RoundCase):
    def setUp(self) -> None:
        super().setUp()
        self.started = start()

    def set(self, name: str, **fields: str) -> None:
        self.started.members.filter(user__username=name).update(**fields)

    def finish(self) -> None:
        self.set("alice", state="passed")
        self.set("bob", state="failed", problem="account_refused", sentence="It says no.", whose_turn="user")
        self.set("charlie", state="skipped", problem="missing_address", sentence="Missing: E-mail address.")
        rounds.finish_done()

    def test_a_failed_user_is_linked_with_the_reason(self) -> None:
        self.finish()
        page = self.page_of(self.started)
        (row,) = page.tree.xpath("//tbody/tr")
        assert row.xpath(".//a/@href") == [self.bob.get_absolute_url()]
        assert " ".join(row.text_content().split()) == "Bob Baker bob It says no. the user"

    def test_what_came_out_is_summed_up(self) -> None:
        self.finish()
        page = self.page_of(self.started)
        tabs = [" ".join(tab.text_content().split()) for tab in page.tree.xpath("//ul[@class='list-counts']/li")]
        assert tabs == ["Failed 1", "Skipped 1", "Passed 1"]
        assert "Finished" in page.text
        assert not page.tree.xpath("//form[contains(@action, 'stop')] | //*[@data-poll]")

    def test_the_same_users_can_be_checked_again_when_it_is_done(self) -> None:
        for q in ("alice", "a&b=c", "<>\"'"):
            CheckRound.objects.all().delete()
            started = start(q=q)
            rounds.stop(started)
            (link,) = self.page_of(started).tree.xpath("//a[text()='Check them again']/@href")
            with self.subTest(q):
                assert parse_qs(urlsplit(link).query) == {"q": [q]}

    def test_others_can_be_listed_too(self) -> None:
        self.finish()
        text = self.page_of(self.started, "?show=skipped").text
        assert "1 Missing: E-mail address." in text
        assert "Charlie" in text
        assert "Bob" not in text

    def test_strange_choices_are_no_error(self) -> None:
        self.finish()
        for query in ("?show=pigeon", "?show=waiting", "?page=99", "?page=x&show=%00"):
            with self.subTest(query):
                assert self.page_of(self.started, query).status == 200

    def test_superusers_are_not_linked_for_staff(self) -> None:
        make_settings(self.root)
        RoundMember.objects.filter(user=self.bob).update(user=self.root, state="failed")
        page = self.page_of(self.started, browser=Browser(make_staff()))
        assert not page.tree.xpath("//tbody//a")
        assert self.page_of(self.started).tree.xpath("//tbody//a")

    def test_a_server_that_is_out_is_told_once(self) -> None:
        failure = {"sentence": "Nobody answers.", "advice": "Look at it."}
        self.started.servers.update(state="out", failure=failure)
        rounds.finish_done()
        text = self.page_of(self.started).text
        assert text.count("The SMTP server does not work") == 1
        assert "Nobody answers. Look at it." in text

    def test_a_server_that_is_busy_is_told_with_when_it_goes_on(self) -> None:
        until = timezone.now() + timedelta(minutes=5)
        self.started.servers.update(not_before=until)
        assert (
            f"the server is too busy. It is left alone, and asked again at {until:%H:%M} UTC."
            in self.page_of(self.started).text
        )

    def test_a_script_gets_a_piece(self) -> None:
        page = Page(self.browser, self.browser.client.get(self.started.get_absolute_url(), headers=PROGRESSIVE))
        assert "<html" not in page.source
        assert page.tree.xpath("//*[@data-poll]/@data-poll") == [self.started.get_absolute_url()]
        assert page.tree.xpath("//progress/@value") == ["0"]

    def test_what_servers_say_is_text(self) -> None:
        self.set("bob", state="failed", problem="x", sentence="<script>alert(1)</script>")
        User.objects.filter(pk=self.bob.pk).update(last_name="<b>x")
        source = self.page_of(self.started).source
        assert "<script>alert" not in source
        assert "<b>x" not in source

    def test_it_tells_that_there_is_no_worker(self) -> None:
        assert "manage.py db_worker" not in self.page_of(self.started).text
        CheckRound.objects.update(started_at=timezone.now() - rounds.TAKEN_UP_AFTER)
        assert "manage.py db_worker" in self.page_of(self.started).text

    def test_without_scripts_it_can_be_asked_for_again(self) -> None:
        assert self.page_of(self.started).tree.xpath("//noscript//a/@href") == [self.started.get_absolute_url()]

    def test_many_users_take_no_more_queries_and_several_pages(self) -> None:
        numbers, page = [], self.page_of(self.started)
        for _time in range(2):
            RoundMember.objects.update(state="failed", problem="x")
            with CaptureQueriesContext(connection) as queries:
                page = self.page_of(self.started)
            numbers.append(len(queries))
            people = [make_user(f"user{len(numbers)}{number}") for number in range(60)]
            members = [RoundMember(round=self.started, user=each, method="smtp", state="failed") for each in people]
            RoundMember.objects.bulk_create(members)
        assert numbers[0] == numbers[1] <= 8
        assert "Page 1 of 2" in page.text

    def test_nobody_finds_one_that_is_not_there(self) -> None:
        CheckRound.objects.all().delete()
        assert self.page_of(self.started).status == 404


class StopTests(RoundCase):
    def test_it_stops(self) -> None:
        started = start()
        page = self.browser.post(f"{started.get_absolute_url()}stop/", {}).follow()
        assert "Stopped" in page.text
        assert "Not checked 3" in page.text
        assert not page.tree.xpath("//form[contains(@action, 'stop')]")

    def test_those_under_way_are_waited_for(self) -> None:
        started = start()
        RoundMember.objects.filter(user=self.bob).update(claim=started.uid, claimed_until=timezone.now())
        page = self.browser.post(f"{started.get_absolute_url()}stop/", {}).follow()
        assert "Stopping: those who are being checked are finished" in page.text
