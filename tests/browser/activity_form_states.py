"""The states of the pages about activities, wherever these go: see ``states.py``."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.states import LONG, alice
from tests.browser.steps import field, open_page, press
from tests.factories import configure, in_days, make_activity
from users.models import CalendarFeed


def activities_of_many_kinds(page: Page) -> None:
    configure(calendar_feeds=True)
    user = alice(page, method="smtp")
    CalendarFeed.renew(user)
    make_activity(user, subject=LONG, place=LONG, is_done=True)
    make_activity(user, first_day=in_days(3), last_day=in_days(9), time_zone="America/Argentina/ComodRivadavia")
    for _number in range(30):
        make_activity(user)
    open_page(page, "/activities/")


def activities_deleted(page: Page) -> None:
    make_activity(alice(page)).cancel()
    open_page(page, "/activities/?show=deleted")


def activities_of_a_period_without_any(page: Page) -> None:
    alice(page, "/activities/?since=2020-01-01&until=2020-01-02&show=done")


def activity_with_errors(page: Page) -> None:
    alice(page, "/activities/add/")
    field(page, "Time zone").select_option("Europe/Berlin")
    for label, day, clock in (("Start", "2027-03-28", "02:30"), ("End", "2026-10-25", "02:30")):
        page.get_by_label(label, exact=True).fill(day)
        page.get_by_label(f"{label} time").fill(clock)
    field(page, "Link").fill("ftp:nowhere")
    press(page, "Save")


def activity_of_whole_days(page: Page) -> None:
    activity = make_activity(alice(page), subject=LONG, first_day=in_days(3), last_day=in_days(9))
    open_page(page, activity.get_absolute_url())


def activity_brought_back(page: Page) -> None:
    activity = make_activity(alice(page))
    activity.cancel()
    open_page(page, activity.get_absolute_url())


def subscription_address(page: Page) -> None:
    configure(calendar_feeds=True)
    alice(page, "/activities/", method="smtp")
    press(page, "Make an address")
