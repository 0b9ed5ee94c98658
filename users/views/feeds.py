"""The subscription: made and ended by its owner, and read without a sign-in by whoever has its secret address."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from math import ceil

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST, require_safe

from users.calendars import ics
from users.feeds import feed_of, feed_with, has_guessed_often, may_subscribe
from users.models import CalendarFeed, EmailSettings
from users.models.calendar_feed import PERIOD
from users.views.access import AuthenticatedRequest


@require_POST
@sensitive_variables("token", "address")
def make_feed(request: AuthenticatedRequest) -> HttpResponse:
    """Make a new secret address, and show it this one time."""
    if not may_subscribe(EmailSettings.of(request.user)):
        raise PermissionDenied
    token = CalendarFeed.renew(request.user)
    address = request.build_absolute_uri(reverse("users:feed", args=[token]))
    return render(request, "activities/feed.html", {"address": address})


@require_POST
def end_feed(request: AuthenticatedRequest) -> HttpResponse:
    """Let the address stop working."""
    CalendarFeed.objects.filter(user=request.user).delete()
    messages.success(request, _("The subscription is ended: its address gives nothing any more."))
    return redirect("users:activities")


@login_not_required
@require_safe
@sensitive_variables("token", "subscription")
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """The activities as a calendar. A wrong, an old and a switched-off address give the same answer."""
    subscription = feed_with(token)
    if subscription is None:
        if has_guessed_often(request.META.get("REMOTE_ADDR", "")):
            return _too_often(PERIOD)
        raise Http404
    if wait := subscription.count_read():
        return _too_often(wait)
    content = feed_of(subscription.user)
    etag = quote_etag(sha256(content).hexdigest())
    response = get_conditional_response(request, etag=etag) or HttpResponse(content, content_type=ics.MEDIA_TYPE)
    response.headers["ETag"] = etag
    response.headers["Cache-Control"] = "private, max-age=300"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _too_often(wait: timedelta) -> HttpResponse:
    """Programs read the header, and people the text."""
    text = _("This calendar was asked for too often. Ask again in a few minutes.")
    headers = {"Retry-After": str(max(1, ceil(wait.total_seconds()))), "Cache-Control": "no-store"}
    return HttpResponse(text, status=429, content_type="text/plain; charset=utf-8", headers=headers)
