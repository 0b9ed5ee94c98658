"""The pages about activities: the own ones, and those of others for staff."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.test import TestCase
from django.utils import timezone
from ical.calendar_stream import IcsCalendarStream

from tests.factories import checked, configure, in_days, make_activity, make_settings, make_staff, make_user
from tests.users.views.browser import Browser, Page
from users.exports import fingerprint
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue, User

TIMES = {
    "start_day": "2026-07-01",
    "start_time": "09:00",
    "end_day": "2026-07-01",
    "end_time": "10:30",
    "time_zone": "Europe/Berlin",
}


class ActivityPageCase(TestCase):
    def setUp(self) -> None:
        configure()
        self.alice = make_user("alice")
        make_settings(self.alice)
        self.browser = Browser(self.alice)

    def add(self, **changes: Any) -> Page:
        return self.browser.open("/activities/add/").press(changes=TIMES | {"subject": "Call the buyer"} | changes)

    def change(self, activity: Activity, **changes: Any) -> Page:
        return self.browser.open(activity.get_absolute_url()).press(changes=changes)

    def only(self) -> Activity:
        return Activity.objects.get()


class ListTests(ActivityPageCase):
    def subjects(self, query: str = "") -> list[str]:
        return [str(each) for each in self.browser.open(f"/activities/{query}").tree.xpath("//tbody//th//text()")]

    def at(self, days: int, **fields: Any) -> None:
        start = timezone.now() + timedelta(days=days)
        make_activity(
            self.alice, **{"subject": str(days), "starts_at": start, "ends_at": start + timedelta(hours=1)} | fields
        )

    def test_with_nothing_to_do_it_says_how_to_begin(self) -> None:
        page = self.browser.open("/activities/")
        assert "There is nothing to do from today on." in page.text
        assert page.tree.xpath("//main//a[@href='/activities/add/']")

    def test_begins_today_and_shows_the_earliest_first(self) -> None:
        for days in (3, -2, 1):
            self.at(days)
        assert self.subjects() == ["1", "3"]
        assert self.subjects("?since=") == ["-2", "1", "3"]

    def test_shows_a_period_also_what_lies_only_partly_in_it(self) -> None:
        for first, last in ((1, 1), (2, 5), (6, 6)):
            make_activity(self.alice, subject=f"{first}–{last}", first_day=in_days(first), last_day=in_days(last))
        assert self.subjects(f"?since={in_days(3)}&until={in_days(4)}") == ["2–5"]
        assert self.subjects(f"?since={in_days(5)}&until={in_days(6)}") == ["2–5", "6–6"]

    def test_shows_what_is_open_done_or_deleted(self) -> None:
        self.at(1)
        self.at(2, is_done=True)
        self.at(3, cancelled_at=timezone.now())
        assert self.subjects() == ["1", "2"]
        for kind, days in {"open": "1", "done": "2", "deleted": "3"}.items():
            with self.subTest(kind):
                assert self.subjects(f"?show={kind}") == [days]

    def test_says_when_a_period_has_nothing(self) -> None:
        assert "There is nothing in this period." in self.browser.open("/activities/?show=done").text

    def test_a_period_that_makes_no_sense_is_told_and_counts_as_not_given(self) -> None:
        self.at(1)
        for query in ("?since=soon", "?since=&until=2026-02-30", "?show=x", "?since=9999-12-31&until=9999-12-31"):
            with self.subTest(query):
                page = self.browser.open(f"/activities/{query}")
                assert page.status == 200
                assert page.response.context["form"].errors

    def test_many_take_few_queries_and_several_pages(self) -> None:
        for _number in range(30):
            self.at(1)
        with self.assertNumQueries(8):
            page = self.browser.open("/activities/?page=2")
        assert "Page 2 of 2" in page.text

    def test_those_of_others_are_not_listed(self) -> None:
        make_activity(make_user("bob"))
        assert self.subjects() == []


class AddTests(ActivityPageCase):
    def test_stores_what_was_entered(self) -> None:
        more = {"place": "Hall 3", "text": "a\r\nb", "reference": "Offer 2041", "link": "https://erp.example.com/2041"}
        assert "The activity is added." in self.add(**more).follow().text
        activity = self.only()
        assert activity.owner == self.alice
        assert activity.starts_at == datetime(2026, 7, 1, 7, tzinfo=UTC)
        assert activity.ends_at == datetime(2026, 7, 1, 8, 30, tzinfo=UTC)
        assert {name: getattr(activity, name) for name in more} == more | {"text": "a\nb"}

    def test_an_end_without_a_day_is_on_the_same_day(self) -> None:
        self.add(end_day="")
        assert self.only().when == "1 July 2026, 09:00 – 10:30"

    def test_stores_whole_days(self) -> None:
        self.add(whole_day="on", end_day="2026-07-03", start_time="", end_time="")
        assert (self.only().first_day, self.only().last_day) == (date(2026, 7, 1), date(2026, 7, 3))

    def test_begins_in_the_zone_used_last_or_else_in_that_of_the_computer(self) -> None:
        assert self.browser.open("/activities/add/").tree.xpath("//select[@name='time_zone']/@data-own-zone")
        make_activity(self.alice, time_zone="Asia/Tokyo")
        page = self.browser.open("/activities/add/")
        assert page.values["time_zone"] == "Asia/Tokyo"
        assert not page.tree.xpath("//select[@name='time_zone']/@data-own-zone")

    def test_what_is_missing_is_told_at_its_place(self) -> None:
        page = self.add(subject="", start_day="", end_time="")
        for field in ("subject", "start_day", "end_time"):
            with self.subTest(field):
                assert page.error_codes(field) == ["required"]
        page = self.add(whole_day="on", start_day="")
        assert page.error_codes("start_day") == ["required"]

    def test_an_end_before_the_start_is_told_where_the_end_was_entered(self) -> None:
        assert self.add(end_time="09:00").error_codes("end_time") == ["ends_too_early"]
        assert self.add(whole_day="on", end_day="2026-06-30").error_codes("end_day") == ["ends_too_early"]

    def test_what_was_typed_stays(self) -> None:
        page = self.add(end_time="08:00", place="Hall 3")
        assert (page.values["end_time"], page.values["place"]) == ("08:00", "Hall 3")
        assert page.values["start_day"] == "2026-07-01"

    def test_a_time_that_the_clocks_leave_out_is_told(self) -> None:
        page = self.add(start_day="2027-03-28", start_time="02:30", end_day="2027-03-28", end_time="04:00")
        assert page.error_codes("start_time") == ["no_such_time"]
        assert "There is no 02:30 on 28 March 2027 in Europe/Berlin" in page.text
        assert "Enter 03:30, or another time." in page.text

    def test_a_time_that_comes_twice_is_asked_about(self) -> None:
        twice = {"start_day": "2026-10-25", "start_time": "02:30", "end_day": "2026-10-25", "end_time": "05:00"}
        page = self.add(**twice)
        assert page.error_codes("start_which") == ["comes_twice"]
        assert "The first time (UTC+0200)" in page.text
        assert page.press(changes={"start_which": "second"}).status == 302
        assert self.only().starts_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
        assert self.browser.open(self.only().get_absolute_url()).values["start_which"] == "second"

    def test_there_is_no_choice_between_times_on_other_days(self) -> None:
        assert "start_which" not in self.browser.open("/activities/add/").values

    def test_others_have_no_part_in_it(self) -> None:
        bob = make_user("bob")
        self.add(owner=str(bob.pk), uid="x", sequence="99", cancelled_at="2026-01-01")
        activity = self.only()
        assert (activity.owner, activity.sequence, activity.cancelled_at) == (self.alice, 0, None)


class ChangeTests(ActivityPageCase):
    def test_saves_and_counts_the_change(self) -> None:
        self.change(make_activity(self.alice), subject="Visit the buyer", is_done="on")
        activity = self.only()
        assert (activity.subject, activity.is_done, activity.sequence) == ("Visit the buyer", True, 1)

    def test_saving_without_a_change_leaves_the_time_as_it_is(self) -> None:
        for fields in ({}, {"first_day": date(2026, 7, 1), "last_day": date(2026, 7, 2)}):
            with self.subTest(fields):
                activity = make_activity(self.alice, **fields)
                assert self.change(activity).status == 302
                stored = Activity.objects.get(pk=activity.pk)
                assert (stored.starts_at, stored.ends_at, stored.sequence) == (activity.starts_at, activity.ends_at, 0)

    def test_times_become_whole_days_and_whole_days_times(self) -> None:
        activity = make_activity(self.alice)
        self.change(activity, whole_day="on")
        assert self.only().is_whole_day
        self.change(activity, whole_day=None, start_time="09:00", end_time="10:00")
        assert not self.only().is_whole_day

    def test_a_zone_of_an_old_spelling_stays(self) -> None:
        self.change(make_activity(self.alice, time_zone="Asia/Calcutta"), subject="New")
        assert self.only().time_zone == "Asia/Calcutta"

    def test_those_of_others_are_not_found(self) -> None:
        theirs = make_activity(make_user("bob"))
        for suffix in ("", "delete/", "file/"):
            with self.subTest(suffix):
                assert self.browser.open(theirs.get_absolute_url() + suffix).status == 404


class ConflictTests(ActivityPageCase):
    def setUp(self) -> None:
        super().setUp()
        self.activity = make_activity(
            self.alice,
            starts_at=datetime(2026, 7, 1, 7, tzinfo=UTC),
            ends_at=datetime(2026, 7, 1, 8, tzinfo=UTC),
        )
        self.older = self.browser.open(self.activity.get_absolute_url())

    def test_both_subjects_and_times_are_shown_and_saving_again_decides(self) -> None:
        self.change(self.activity, subject="First", start_time="08:00")
        page = self.older.press(changes={"subject": "Second"})
        assert page.status == 409
        for word in ("First", "Second", "1 July 2026, 08:00 – 10:00", "1 July 2026, 09:00 – 10:00"):
            assert word in page.text
        assert page.press().status == 302
        assert self.only().subject == "Second"

    def test_one_that_was_deleted_meanwhile_is_brought_back_by_saving_again(self) -> None:
        self.only().cancel()
        page = self.older.press(changes={"subject": "Second"})
        assert page.status == 409
        assert "Deleted" in page.text
        page.press()
        assert (self.only().subject, self.only().cancelled_at) == ("Second", None)


class CalendarTests(ActivityPageCase):
    """With a calendar on a server, and settings that are ready or not."""

    def setUp(self) -> None:
        super().setUp()
        checked(make_settings(self.alice, method="exchange", export_activities=True))

    def test_the_choice_begins_as_the_settings_say(self) -> None:
        assert self.browser.open("/activities/add/").values["in_calendar"] == "on"
        self.add()
        assert self.only().in_calendar
        checked(make_settings(self.alice, method="exchange", export_activities=False))
        assert "in_calendar" not in self.browser.open("/activities/add/").values

    def test_it_can_be_chosen_for_each(self) -> None:
        self.add(in_calendar=None)
        assert self.only().in_calendar is False
        assert not ActivityExport.objects.exists()

    def test_it_is_closed_with_the_reasons_until_the_settings_are_ready(self) -> None:
        make_settings(self.alice, method="exchange", exchange_password="")
        page = self.browser.open("/activities/add/")
        assert "in_calendar" not in page.values
        assert "Calendar: closed until ready" in page.text
        assert page.tree.xpath("//main//a[@href='/profile/#div_id_exchange_password']")

    def test_it_says_what_the_check_said(self) -> None:
        checked(EmailSettings.of(self.alice), passed=False)
        for path in ("/activities/", "/profile/"):
            (panel,) = self.browser.open(path).tree.xpath("//section[@data-status='calendar']")
            assert "Do this." in (panel.text_content() or "")

    def test_staff_who_may_not_open_the_settings_get_no_link_there(self) -> None:
        make_settings(self.alice, method="exchange", exchange_password="")
        links = {"change_emailsettings": 2, "view_activity": 0}
        for permission, number in links.items():
            staff = make_staff(permission, "view_activity", permission)
            page = Browser(User.objects.get(pk=staff.pk)).open(f"/users/{self.alice.uid}/activities/")
            assert "Calendar: closed until ready" in page.text
            assert len(page.tree.xpath("//section//a[contains(@href, '#')]")) == number

    def test_it_leads_to_the_check(self) -> None:
        make_settings(self.alice, method="exchange", export_activities=True)
        assert self.browser.open("/activities/").tree.xpath("//main//a[@href='/profile/#check']")
        assert self.browser.open("/profile/").tree.xpath("//*[@id='check']")

    def test_it_is_closed_until_a_check_has_passed(self) -> None:
        settings = make_settings(self.alice, method="exchange", export_activities=True)
        assert "Calendar: closed until ready" in self.browser.open("/activities/").text
        checked(settings, passed=False)
        assert "in_calendar" not in self.browser.open("/activities/add/").values
        checked(settings)
        assert "Calendar: closed until ready" not in self.browser.open("/activities/").text
        assert self.browser.open("/activities/add/").values["in_calendar"] == "on"

    def test_one_that_was_removed_there_offers_to_be_exported_again(self) -> None:
        self.add()
        ActivityExport.objects.update(state="gone")
        page = self.browser.open(self.only().get_absolute_url())
        assert "Removed in the calendar program" in page.text
        assert "Export again" in page.text
        self.browser.post(f"{self.only().get_absolute_url()}export/", {})
        assert ActivityExport.objects.get().state == "waiting"

    def test_the_calendar_is_looked_at_when_somebody_wants_to_know(self) -> None:
        self.add()
        ActivityExport.objects.update(state="written", try_at=None)
        address = self.only().get_absolute_url()
        assert "Look in the calendar" in self.browser.open(address).text
        assert "is looked at" in self.browser.post(f"{address}export/", {}).follow().text
        row = ActivityExport.objects.get()
        assert (row.state, row.try_at is None) == ("written", False)
        assert "Look in the calendar" not in self.browser.open(address).text

    def test_a_pause_is_told_to_the_owner_and_to_staff(self) -> None:
        self.add()
        settings = EmailSettings.of(self.alice)
        paused = {"paused_at": timezone.now(), "paused_with": fingerprint(settings), "problem": "No."}
        ExportQueue.objects.update_or_create(owner=self.alice, defaults=paused)
        of_staff = Browser(make_staff("sam")), f"/users/{self.alice.uid}/activities/"
        for browser, address in ((self.browser, "/activities/"), of_staff):
            text = browser.open(address).text
            assert "Calendar: paused" in text
            assert "1 activity is waiting." in text
        page = of_staff[0].open("/users/?q=alice")
        assert "Calendar: paused" in page.text
        assert "Calendar: paused" not in of_staff[0].open("/users/?q=sam").text
        checked(settings)
        assert "Calendar: paused" not in of_staff[0].open("/users/?q=alice").text


class DeleteTests(ActivityPageCase):
    def setUp(self) -> None:
        super().setUp()
        self.activity = make_activity(self.alice)
        self.address = self.activity.get_absolute_url() + "delete/"

    def test_asks_first(self) -> None:
        page = self.browser.open(self.address)
        assert "Delete “Call the buyer”?" in page.text
        assert self.only().cancelled_at is None

    def test_deletes_also_at_the_second_click(self) -> None:
        for _time in range(2):
            assert "The activity is deleted." in self.browser.post(self.address, {}).follow().text
        assert self.only().cancelled_at is not None
        assert self.only().sequence == 1

    def test_deletes_what_somebody_saves_at_that_moment(self) -> None:
        Activity.objects.update(version=7)
        self.browser.post(self.address, {})
        assert self.only().cancelled_at is not None

    def test_it_can_be_brought_back(self) -> None:
        self.activity.cancel()
        page = self.browser.open(self.activity.get_absolute_url())
        assert "This activity is deleted. Saving it brings it back." in page.text
        page.press()
        assert self.only().cancelled_at is None


class FileTests(ActivityPageCase):
    def test_is_offered_and_can_be_read(self) -> None:
        activity = make_activity(self.alice, subject="Call: Zoë/Ben?")
        address = activity.get_absolute_url() + "file/"
        assert self.browser.open(activity.get_absolute_url()).tree.xpath(f"//a[@href='{address}'][@download]")
        response = self.browser.open(address).response
        assert response["Content-Type"] == "text/calendar; charset=utf-8"
        assert response["Content-Disposition"] == "attachment; filename*=utf-8''Call%20Zo%C3%AB%20Ben.ics"
        (event,) = IcsCalendarStream.calendar_from_ics(response.content.decode()).events
        assert (event.uid, event.dtstart) == (str(activity.uid), activity.starts_at)

    def test_is_not_offered_where_a_server_has_the_calendar(self) -> None:
        make_settings(self.alice, method="exchange")
        page = self.browser.open(make_activity(self.alice).get_absolute_url())
        assert "Calendar file" not in page.text


class StaffTests(ActivityPageCase):
    def setUp(self) -> None:
        super().setUp()
        self.browser = Browser(make_staff("sam"))
        self.address = f"/users/{self.alice.uid}/activities/"

    def test_the_page_of_a_user_leads_to_them(self) -> None:
        page = self.browser.open(f"/users/{self.alice.uid}/")
        assert page.tree.xpath(f"//main//a[@href='{self.address}']")

    def test_sees_and_adds_those_of_others(self) -> None:
        page = self.browser.open(f"{self.address}add/").press(
            changes=TIMES | {"subject": "For Alice", "start_day": str(in_days(1)), "end_day": ""}
        )
        assert self.only().owner == self.alice
        assert "For Alice" in page.follow().text

    def test_changes_and_deletes_those_of_others(self) -> None:
        activity = make_activity(self.alice)
        address = f"{self.address}{activity.uid}/"
        assert self.browser.open(address).press(changes={"subject": "New"}).follow().address == self.address
        assert self.only().subject == "New"
        self.browser.post(f"{address}delete/", {})
        assert self.only().cancelled_at is not None

    def test_an_activity_is_found_with_its_owner_alone(self) -> None:
        theirs = make_activity(make_user("bob"))
        for suffix in ("", "delete/"):
            assert self.browser.open(f"{self.address}{theirs.uid}/{suffix}").status == 404

    def test_only_what_may_be_opened_is_a_link(self) -> None:
        activity = make_activity(self.alice)
        looker = make_staff("looker", "view_activity")
        page = Browser(User.objects.get(pk=looker.pk)).open(self.address)
        assert activity.subject in page.text
        assert not page.tree.xpath("//main//tbody//a | //main//a[contains(@href, 'add')] | //main//a[.='Alice Archer']")
