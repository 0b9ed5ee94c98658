"""Error reports and log lines never hold a secret."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.test import RequestFactory, SimpleTestCase, override_settings
from django.utils.module_loading import import_string
from django.views.debug import ExceptionReporter
from django.views.decorators.debug import sensitive_variables
from hypothesis import given
from hypothesis import strategies as st

from users import vault
from users.reports import RedactingFilter, SecretFilter, redact

CANARY = "canary-5ecret"
TOKEN = "v1.0a1b2c3d.AAECAwQFBgcICQoLDA0ODw_-"


class RedactTests(SimpleTestCase):
    def test_takes_secrets_out(self) -> None:
        for text in (
            f"password={CANARY}",
            f"password: {CANARY}",
            f'"exchange_password": "{CANARY}"',
            f"{{'smtp_password': '{CANARY} two words'}}",
            f'password="two {CANARY} words"',
            f"PASSWORD = {CANARY}",
            f"passwd={CANARY}&x=1",
            f"pwd={CANARY};Server=x",
            f"client_secret={CANARY}&scope=x",
            f"access_token={CANARY}",
            f"refresh_token: '{CANARY}'",
            f"client_assertion={CANARY}",
            f"Authorization: Basic {CANARY}",
            f"Authorization: Bearer {CANARY}",
            f"authorization: NTLM {CANARY}",
            f"{{'Authorization': 'Bearer {CANARY}'}}",
            f"HTTP_AUTHORIZATION=Basic {CANARY}",
            f"Proxy-Authorization: Negotiate {CANARY}",
            f"Authorization: {CANARY}",
            f"AUTH PLAIN {CANARY}",
            f"send: 'AUTH LOGIN {CANARY}\\r\\n'",
            f"GET /entra/callback/?code={CANARY}&state=1 HTTP/1.1",
            f"GET /entra/callback/?session_state=1&state={CANARY}",
            f"postgres://someone:{CANARY}@db.example.com/x",
            f"Cookie: sessionid={CANARY}; csrftoken={CANARY}",
            f"Set-Cookie: __Host-sessionid={CANARY}; Secure",
        ):
            with self.subTest(text):
                assert CANARY not in redact(text)
                assert "***" in redact(text)

    def test_takes_sealed_values_and_tokens_out(self) -> None:
        assert (
            redact(f"DETAIL: Failing row contains (1, {TOKEN}, x).") == "DETAIL: Failing row contains (1, v1.***, x)."
        )
        key = "-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----"
        assert redact(f"key: {key}, end") == "key: ***, end"
        assert redact(key[:40]) == "***"
        assert redact("got eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.c2ln!") == "got ***!"

    def test_leaves_everything_else_as_it_is(self) -> None:
        for text in (
            "",
            "GET /profile/ HTTP/1.1 200",
            "The password was changed.",
            "Set the password: it is missing",
            "GET /users/?q=anna&method=smtp&page=2",
            "https://mail.example.com/EWS/Exchange.asmx",
            "secretary of the board",
        ):
            with self.subTest(text):
                assert redact(text).startswith(text.split(":")[0])

    @given(st.text())
    def test_takes_any_text_and_comes_to_rest(self, text: str) -> None:
        assert redact(redact(text)) == redact(text)


class LogTests(SimpleTestCase):
    def setUp(self) -> None:
        self.lines = io.StringIO()
        handler = logging.StreamHandler(self.lines)
        handler.addFilter(RedactingFilter())
        self.log = logging.Logger("test")  # noqa: LOG001
        self.log.addHandler(handler)

    def test_redacts_the_message_with_its_arguments(self) -> None:
        self.log.info("Sign-in with password=%s for %s", CANARY, "anna")
        assert self.lines.getvalue() == "Sign-in with password=*** for anna\n"

    def test_one_record_stays_one_line(self) -> None:
        self.log.info("user %s", "anna\r\n2026-01-01 ERROR forged\x1b[31m\u2028x")
        line = self.lines.getvalue()
        assert line.count("\n") == 1
        assert line.strip().isprintable()

    def test_redacts_the_traceback(self) -> None:
        error = ValueError(f"password={CANARY} {TOKEN}")
        self.log.error("It failed", exc_info=error)
        assert "ValueError" in self.lines.getvalue()
        assert CANARY not in self.lines.getvalue()
        assert TOKEN not in self.lines.getvalue()

    def test_redacts_the_stack(self) -> None:
        self.log.info("It failed", stack_info=True)
        assert "password=secret" not in self.lines.getvalue()  # the line above would show in the stack

    def test_a_message_that_does_not_fit_its_arguments_is_written_all_the_same(self) -> None:
        for message, args in (("%s and %s", ("one",)), ("%d", ("x",)), ("100 %", ("x",))):
            with self.subTest(message):
                self.log.info(message, *args)
                assert str(args[0]) in self.lines.getvalue()

    def test_a_message_that_is_no_text_is_written_as_one(self) -> None:
        self.log.info(ValueError(f"password={CANARY}"))
        assert self.lines.getvalue() == "password=***\n"

    def test_every_handler_of_the_site_redacts(self) -> None:
        handlers: Any = settings.LOGGING["handlers"]
        for name, handler in handlers.items():
            with self.subTest(name):
                assert "redact" in handler["filters"]


@override_settings(DEBUG=False)
class ErrorReportTests(SimpleTestCase):
    def report(self, request: HttpRequest | None = None) -> str:
        def fail() -> None:
            password = CANARY
            int(f"{len(password)} characters")

        reporter = self.reporter(fail, request)
        return reporter.get_traceback_text() + reporter.get_traceback_html()

    def reporter(self, function: Callable[[], None], request: HttpRequest | None = None) -> ExceptionReporter:
        with pytest.raises(ValueError) as caught:  # noqa: PT011
            function()
        return ExceptionReporter(request, caught.type, caught.value, caught.tb)

    def test_the_site_uses_the_filter(self) -> None:
        assert import_string(settings.DEFAULT_EXCEPTION_REPORTER_FILTER) is SecretFilter

    def test_hides_what_was_posted_in_fields_with_telling_names(self) -> None:
        names = ("password", "exchange_password", "confirm-password", "client_secret", "private_key", "code", "state")
        request = RequestFactory().post("/", dict.fromkeys(names, CANARY) | {"address": "anna@example.com"})
        report = self.report(request)
        assert "anna@example.com" in report
        assert CANARY not in report

    def test_hides_what_was_posted_among_the_variables_too(self) -> None:
        def fail() -> None:
            posted = QueryDict(f"smtp_password={CANARY}&host=smtp.example.com")
            int(posted["host"])

        frames = self.reporter(fail).get_traceback_frames()
        assert "smtp.example.com" in repr(frames)
        assert CANARY not in repr([frame["vars"] for frame in frames])

    def test_hides_headers_and_cookies(self) -> None:
        request = RequestFactory().get("/", headers={"Authorization": f"Basic {CANARY}", "Cookie": f"x={CANARY}"})
        request.COOKIES = {settings.SESSION_COOKIE_NAME: CANARY, "csrftoken": CANARY}
        assert CANARY not in self.report(request)

    def test_hides_variables_with_telling_names_in_every_frame(self) -> None:
        assert CANARY not in self.report()

    def test_hides_keys_and_addresses_with_passwords_among_the_settings(self) -> None:
        key = vault.new_key()
        database = f"postgres://someone:{CANARY}@db/x"
        with self.settings(MAILSETTINGS_KEYS=key, SECRET_KEY=CANARY, DATABASE_URL=database):
            report = self.report()
        assert key not in report
        assert CANARY not in report

    def test_hides_marked_variables_even_while_debugging(self) -> None:
        @sensitive_variables()
        def fail() -> None:
            harmless = CANARY
            int(f"{len(harmless)} characters")

        with self.settings(DEBUG=True):
            frames = self.reporter(fail).get_traceback_frames()
        (variables,) = [dict(frame["vars"]) for frame in frames if frame["function"] == "fail"]
        assert CANARY not in variables["harmless"]
