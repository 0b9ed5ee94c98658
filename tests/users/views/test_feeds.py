"""The subscription: switched on by an administrator, made and ended by its owner, read with its secret address."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import time_machine
from django.core.cache import cache
from django.test import Client, TestCase
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream

from tests.factories import configure, make_activity, make_settings, make_user
from tests.users.views.browser import Browser
from users.feeds import MOST_GUESSES
from users.models import CalendarFeed, User
from users.models.calendar_feed import MOST_READS, PERIOD
from users.reports import RedactingFilter

MAKE, END = "/activities/subscription/", "/activities/subscription/end/"


class FeedCase(TestCase):
    def setUp(self) -> None:
        configure(calendar_feeds=True)
        self.alice = make_user("alice")
        make_settings(self.alice)
        self.browser = Browser(self.alice)

    def made(self) -> str:
        """The path of a new subscription of Alice."""
        (address,) = self.browser.post(MAKE, {}).tree.xpath("//*[@id='feed-address']/text()")
        assert address.startswith("http://testserver/calendar/")
        return str(address).removeprefix("http://testserver")

    def read(self, path: str, **headers: str) -> Any:
        return Client(headers=headers).get(path)

    def subjects(self, path: str) -> list[str]:
        events = IcsCalendarStream.calendar_from_ics(self.read(path).content.decode()).events
        return [event.summary or "" for event in events]


class MakingTests(FeedCase):
    def test_the_address_is_shown_once(self) -> None:
        assert "Make an address" in self.browser.open("/activities/").text
        path = self.made()
        page = self.browser.open("/activities/")
        assert "There is an address" in page.text
        assert path not in page.source

    def test_a_new_one_lets_the_old_one_stop_working(self) -> None:
        old, new = self.made(), self.made()
        assert self.read(old).status_code == 404
        assert self.read(new).status_code == 200

    def test_it_can_be_ended(self) -> None:
        path = self.made()
        assert "is ended" in self.browser.post(END, {}).follow().text
        assert self.read(path).status_code == 404
        assert self.browser.post(END, {}).status == 302

    def test_nobody_makes_one_while_they_are_switched_off(self) -> None:
        configure(calendar_feeds=False)
        assert "Subscribe" not in self.browser.open("/activities/").text
        assert self.browser.post(MAKE, {}).status == 403
        assert not CalendarFeed.objects.exists()

    def test_nobody_makes_one_whose_calendar_is_on_a_server(self) -> None:
        make_settings(self.alice, method="exchange")
        assert "Subscribe" not in self.browser.open("/activities/").text
        assert self.browser.post(MAKE, {}).status == 403


class ReadingTests(FeedCase):
    def test_has_the_own_activities_of_the_window(self) -> None:
        now = timezone.now()
        for days in (-40, -20, 300, 400):
            start = now + timedelta(days=days)
            make_activity(self.alice, subject=str(days), starts_at=start, ends_at=start + timedelta(hours=1))
        make_activity(make_user("bob"), subject="of Bob")
        assert self.subjects(self.made()) == ["-20", "300"]

    def test_what_is_deleted_is_cancelled_there(self) -> None:
        make_activity(self.alice).cancel()
        assert b"STATUS:CANCELLED" in self.read(self.made()).content

    def test_an_unchanged_calendar_is_not_sent_again(self) -> None:
        make_activity(self.alice)
        path = self.made()
        etag = self.read(path)["ETag"]
        answer = self.read(path, **{"If-None-Match": etag})
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
        make_activity(self.alice, subject="New")
        assert self.read(path, **{"If-None-Match": etag}).status_code == 200

    def test_its_headers(self) -> None:
        answer = self.read(self.made())
        assert answer["Content-Type"] == "text/calendar; charset=utf-8"
        assert answer["Cache-Control"] == "private, max-age=300"
        assert answer["Referrer-Policy"] == "no-referrer"
        assert not answer.cookies

    def test_takes_few_queries_however_many_activities(self) -> None:
        path = self.made()
        for _number in range(20):
            make_activity(self.alice)
        with self.assertNumQueries(6):
            self.read(path)


class LimitTests(FeedCase):
    def setUp(self) -> None:
        super().setUp()
        cache.clear()
        self.addCleanup(cache.clear)

    def test_one_address_is_read_so_often_and_then_has_to_wait(self) -> None:
        path = self.made()
        answers = [self.read(path) for _time in range(MOST_READS + 1)]
        assert [answer.status_code for answer in answers] == [200] * MOST_READS + [429]
        assert 290 < int(answers[-1]["Retry-After"]) <= 300
        assert "asked for too often" in answers[-1].text
        with time_machine.travel(timezone.now() + PERIOD):
            assert self.read(path).status_code == 200

    def test_others_do_not_wait(self) -> None:
        path = self.made()
        CalendarFeed.objects.update(reads=MOST_READS)
        assert self.read(path).status_code == 429
        bob = make_user("bob")
        make_settings(bob)
        assert self.read(f"/calendar/{CalendarFeed.renew(bob)}.ics").status_code == 200
        assert self.read(self.made()).status_code == 200

    def test_whoever_guesses_is_soon_told_to_stop(self) -> None:
        path = self.made()
        wrong = [self.read(f"/calendar/{number}.ics").status_code for number in range(MOST_GUESSES + 1)]
        assert wrong == [404] * MOST_GUESSES + [429]
        assert self.read(path).status_code == 200, "Behind a proxy everybody comes from one address."
        with time_machine.travel(timezone.now() + PERIOD):
            assert self.read("/calendar/x.ics").status_code == 404


class SameAnswerTests(FeedCase):
    """Whoever has no valid address learns nothing from the answer."""

    def assert_the_same(self, path: str) -> None:
        wrong = self.read("/calendar/wrong.ics")
        answer = self.read(path)
        assert (answer.status_code, answer.content) == (404, wrong.content)
        dropped = {"Content-Security-Policy", "Expires"}
        assert {k: v for k, v in answer.items() if k not in dropped} == {
            k: v for k, v in wrong.items() if k not in dropped
        }

    def test_after_it_was_ended(self) -> None:
        path = self.made()
        CalendarFeed.objects.all().delete()
        self.assert_the_same(path)

    def test_after_they_were_switched_off(self) -> None:
        path = self.made()
        configure(calendar_feeds=False)
        self.assert_the_same(path)

    def test_for_somebody_who_may_no_longer_sign_in(self) -> None:
        path = self.made()
        User.objects.update(is_active=False)
        self.assert_the_same(path)

    def test_for_somebody_whose_calendar_is_now_on_a_server(self) -> None:
        path = self.made()
        make_settings(self.alice, method="exchange")
        self.assert_the_same(path)


class LogTests(FeedCase):
    def lines(self, path: str) -> str:
        with self.assertLogs("django.request", "WARNING") as caught:
            self.read(path)
        for record in caught.records:
            RedactingFilter().filter(record)
        return "\n".join(logging.Formatter("%(message)s").format(record) for record in caught.records)

    def test_an_address_that_does_not_work_is_in_no_log(self) -> None:
        path = self.made()
        CalendarFeed.objects.all().delete()
        assert self.lines(path) == "Not Found: /calendar/***.ics"

    def test_the_server_that_comes_with_django_writes_none(self) -> None:
        path = self.made()
        record = logging.makeLogRecord({"msg": '"%s" %s %s', "args": (f"GET {path} HTTP/1.1", "200", "17")})
        RedactingFilter().filter(record)
        assert record.getMessage() == '"GET /calendar/***.ics HTTP/1.1" 200 17'
