"""What holds for every page: headers, and the time zone in which it shows times."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers

from users.local_times import is_zone

PERMISSIONS = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"

ZONE_COOKIE = "zone"


class OwnClockMiddleware:
    """Times read as on the clock of whoever sits there: `own-clock.js` leaves the browser's time zone in a cookie."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        zone = request.COOKIES.get(ZONE_COOKIE, "")
        with timezone.override(zone if is_zone(zone) else None):
            return self.get_response(request)


class PrivatePagesMiddleware:
    """No page is stored by a browser or a proxy unless it says so itself, and none may use a camera or the like."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            add_never_cache_headers(response)
        response.headers.setdefault("Permissions-Policy", PERMISSIONS)
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        return response
