"""The states of pages about activities that go into a calendar on a server: see ``states.py``."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from playwright.sync_api import Page

from tests.browser import states
from tests.browser.session import sign_in
from tests.browser.states import LONG
from tests.browser.steps import open_page
from tests.factories import checked, configure, make_activity, make_staff
from users.exports import fingerprint
from users.models import Activity, ActivityExport, EmailSettings, ExportQueue, User

PROBLEM = "mail.a-quite-long-name-of-a-server.example.com does not let this account write into your calendar."
ADVICE = (
    "Check that your e-mail address and your account belong together. If so, an administrator has to see whether the "
    "account, or in Microsoft 365 the app registration, may write into calendars."
)


def _alice(page: Page) -> User:
    """Alice, whose calendar on Exchange is open."""
    user = states.alice(page, method="exchange", export_activities=True)
    checked(EmailSettings.of(user))
    return user


def exported(user: User, state: str, *, subject: str = "Call the buyer", **fields: Any) -> Activity:
    """An activity whose export is in this state, with nothing more to do."""
    activity = make_activity(user, subject=subject)
    ActivityExport.objects.filter(activity=activity).update(state=state, **{"try_at": None} | fields)
    return activity


def pause(user: User, *, is_paused: bool = True) -> None:
    settings = EmailSettings.of(user)
    told = {"problem": PROBLEM, "advice": ADVICE, "attempts": 1}
    paused = {"paused_at": timezone.now(), "paused_with": fingerprint(settings)} if is_paused else {}
    ExportQueue.objects.update_or_create(owner=user, defaults=told | paused)


def open_exported(page: Page, state: str, **fields: Any) -> None:
    open_page(page, exported(_alice(page), state, **fields).get_absolute_url())


def export_waiting(page: Page) -> None:
    open_exported(page, "waiting", try_at=timezone.now())


def export_waiting_for_the_server(page: Page) -> None:
    user = _alice(page)
    activity = exported(user, "waiting", try_at=timezone.now(), problem=PROBLEM, advice=ADVICE)
    pause(user, is_paused=False)
    open_page(page, activity.get_absolute_url())


def export_written(page: Page) -> None:
    open_exported(page, "written", subject=LONG)


def export_changed_since(page: Page) -> None:
    """Written once, and something newer is on its way."""
    open_exported(page, "written", try_at=timezone.now())


def export_gone(page: Page) -> None:
    open_exported(page, "gone")


def export_with_another_time(page: Page) -> None:
    open_exported(page, "changed")


def export_failed(page: Page) -> None:
    open_exported(page, "failed", problem=PROBLEM, advice=ADVICE)


def exports_of_all_kinds(page: Page) -> None:
    user = _alice(page)
    for state in ActivityExport.State.values:
        exported(user, state, subject=f"{state} {LONG}")
    open_page(page, "/activities/")


def calendar_paused(page: Page) -> None:
    user = _alice(page)
    exported(user, "waiting", try_at=timezone.now())
    pause(user)
    open_page(page, "/activities/")


def calendar_paused_for_staff(page: Page) -> None:
    user = _alice(page)
    exported(user, "waiting", try_at=timezone.now())
    pause(user)
    sign_in(page, make_staff(), f"/users/{user.uid}/activities/")


def calendar_paused_on_the_settings_page(page: Page) -> None:
    pause(_alice(page))
    open_page(page, "/profile/")


def calendar_paused_in_the_list_of_users(page: Page) -> None:
    pause(_alice(page))
    sign_in(page, make_staff(), "/users/")


def calendar_closed(page: Page) -> None:
    configure(exchange_url="")
    states.alice(page, "/activities/add/", method="exchange", exchange_username="", exchange_password="", address="")
