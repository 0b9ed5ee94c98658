"""What a subscription gives to a calendar program: the activities around today."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from users.calendars import ics
from users.models import CalendarFeed, EmailSettings, User

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
MOST = 2_000
"""So many activities go into one file, the earliest first: a calendar with more is of no use to anybody."""


def may_subscribe(settings: EmailSettings) -> bool:
    """Whether an administrator has switched subscriptions on, and the user's calendar is not reached otherwise."""
    return settings.installation.system.calendar_feeds and settings.traits.has_calendar_file


def owner_of(token: str) -> User | None:
    """Whose activities may be read with this token now."""
    feed = CalendarFeed.find(token)
    return feed.user if feed is not None and may_subscribe(EmailSettings.of(feed.user)) else None


def feed_of(user: User) -> bytes:
    """The file: what lies in the window, and what was deleted out of it lately."""
    now = timezone.now()
    rows = user.activities.filter(ends_at__gt=now - BACK, starts_at__lt=now + AHEAD)[:MOST]
    name = _("Activities of %(name)s") % {"name": user.display_name}
    return ics.calendar_feed([activity.as_appointment() for activity in rows], name=name)
