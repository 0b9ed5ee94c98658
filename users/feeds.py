"""What a subscription gives to a calendar program: the activities around today."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from django.core.cache import cache
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables

from users.calendars import ics
from users.models import CalendarFeed, EmailSettings, User
from users.models.calendar_feed import PERIOD

BACK, AHEAD = timedelta(days=30), timedelta(days=365)
MOST_GUESSES = 100
"""So many wrong tokens from one address within five minutes are answered as any page that is not there."""
MOST = 2_000
"""So many activities go into one file, the earliest first: a calendar with more is of no use to anybody."""


def may_subscribe(settings: EmailSettings) -> bool:
    """Whether an administrator has switched subscriptions on, and the user's calendar is not reached otherwise."""
    return settings.installation.system.calendar_feeds and settings.traits.has_calendar_file


@sensitive_variables("token")
def feed_with(token: str) -> CalendarFeed | None:
    """The subscription that may be read with this token now."""
    feed = CalendarFeed.find(token)
    return feed if feed is not None and may_subscribe(EmailSettings.of(feed.user)) else None


def has_guessed_often(address: str) -> bool:
    """Count a wrong token from a network address, and say whether there were too many lately.

    Nobody guesses 256 bits; but whoever tries is not to keep the site busy. Each process counts by itself, and right
    tokens do not care, because behind a proxy everybody comes from one address.
    """
    key = f"feed:{sha256(address.encode()).hexdigest()}"
    cache.add(key, 0, timeout=PERIOD.total_seconds())
    try:
        return cache.incr(key) > MOST_GUESSES
    except ValueError:
        # Its time was over at this very moment.
        return False


def feed_of(user: User) -> bytes:
    """The file: what lies in the window, and what was deleted out of it lately."""
    now = timezone.now()
    rows = user.activities.filter(ends_at__gt=now - BACK, starts_at__lt=now + AHEAD)[:MOST]
    name = _("Activities of %(name)s") % {"name": user.display_name}
    return ics.calendar_feed([activity.as_appointment() for activity in rows], name=name)
