"""The headers of every page, and its time zone."""

from __future__ import annotations

from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory, SimpleTestCase, TestCase
from django.utils import timezone

from tests.factories import make_superuser
from users.middleware import OwnClockMiddleware, PrivatePagesMiddleware


class PrivatePagesTests(SimpleTestCase):
    def answer(self, **headers: str) -> HttpResponse:
        def page(_request: HttpRequest) -> HttpResponse:
            return HttpResponse("x", headers=headers)

        return PrivatePagesMiddleware(page)(RequestFactory().get("/"))

    def test_no_page_is_stored(self) -> None:
        words = {word.strip() for word in self.answer()["Cache-Control"].split(",")}
        assert {"no-store", "private"} <= words

    def test_no_page_may_use_a_camera_or_the_like(self) -> None:
        policy = self.answer()["Permissions-Policy"]
        for name in ("camera", "microphone", "geolocation", "payment", "usb"):
            assert f"{name}=()" in policy

    def test_other_sites_load_nothing(self) -> None:
        assert self.answer()["Cross-Origin-Resource-Policy"] == "same-origin"

    def test_a_page_may_say_otherwise(self) -> None:
        own = {"Permissions-Policy": "camera=(self)", "Cross-Origin-Resource-Policy": "cross-origin"}
        answer = self.answer(**own)
        assert {name: answer[name] for name in own} == own


class OwnClockTests(SimpleTestCase):
    def shown(self, zone: str) -> str:
        def page(_request: HttpRequest) -> HttpResponse:
            return HttpResponse(f"{timezone.localtime(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)):%d %H:%M}")

        request = RequestFactory().get("/")
        request.COOKIES["zone"] = zone
        return OwnClockMiddleware(page)(request).content.decode()

    def test_times_are_those_of_the_browsers_zone(self) -> None:
        for zone, time in (("Europe/Berlin", "02 00:30"), ("Asia/Calcutta", "02 04:00"), ("UTC", "01 22:30")):
            with self.subTest(zone):
                assert self.shown(zone) == time

    def test_what_is_no_zone_changes_nothing(self) -> None:
        for zone in ("", "Europe", "Mars/Base", "../etc/passwd", "/etc/passwd", "posixrules", "a\0", "x" * 9_000, "٣"):
            with self.subTest(ascii(zone[:20])):
                assert self.shown(zone) == "01 22:30"

    def test_it_holds_for_one_page_alone(self) -> None:
        self.shown("Asia/Tokyo")
        assert timezone.get_current_timezone_name() == "UTC"


class EveryPageTests(TestCase):
    def test_pages_redirects_and_errors_carry_them(self) -> None:
        client = self.client
        client.raise_request_exception = False
        anonymous = [client.get("/profile/"), client.get("/accounts/login/"), client.get("/healthz")]
        client.force_login(make_superuser())
        signed_in = [client.get(path) for path in ("/", "/profile/", "/system/", "/admin/", "/nothing/")]
        for response in [*anonymous, *signed_in, client.get("/accounts/logout/")]:
            with self.subTest(response.request["PATH_INFO"]):
                assert "no-store" in response["Cache-Control"]
                assert response["X-Content-Type-Options"] == "nosniff"
                assert response["X-Frame-Options"] == "DENY"
                assert response["Referrer-Policy"] == "same-origin"
                assert response["Cross-Origin-Opener-Policy"] == "same-origin"
                assert "Permissions-Policy" in response
                assert "default-src 'none'" in response["Content-Security-Policy"]
