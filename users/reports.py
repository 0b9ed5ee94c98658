"""Error reports and log lines without secrets."""

from __future__ import annotations

import logging
import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.utils.safestring import SafeString, mark_safe
from django.views.debug import ExceptionReporter, SafeExceptionReporterFilter

HIDDEN = re.compile(
    r"pass|pwd|secret|token|key|code|state|assertion|signature|credential|cookie|authorization|database", re.IGNORECASE
)
SEALED = re.compile(r"\bv1\.[0-9a-f]{8}\.[\w-]+")
FEED = re.compile(r"(/calendar/)[^/\s'\"?]+(?=\.ics)")
"""The secret address of a subscription."""

REDACTED = (
    (re.compile(r"(?i)((?:set-)?cookie['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+"), r"\1***"),
    (
        re.compile(
            r"(?i)(authorization['\"]?\s*[:=]\s*['\"]?(?:(?:basic|bearer|digest|negotiate|ntlm)\s+)?)[^\s'\",]+"
        ),
        r"\1***",
    ),
    (re.compile(r"(?i)\b(AUTH (?:PLAIN|LOGIN))\s+\S+"), r"\1 ***"),
    (
        re.compile(
            r"(?i)((?:passw(?:or)?d|passphrase|pwd|secret|token|assertion)['\"]?\s*[=:]\s*)"
            r"(?:\"[^\"]*\"|'[^']*'|['\"]?[^\s'\",;&]+)"
        ),
        r"\1***",
    ),
    (re.compile(r"([?&](?:code|state|session_state|client_info)=)[^&\s'\"]+"), r"\1***"),
    (FEED, r"\1***"),
    (re.compile(r"(://[^\s:/@]*:)[^\s/@]+@"), r"\1***@"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL), "***"),
    (SEALED, "v1.***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), "***"),
)


class SecretFilter(SafeExceptionReporterFilter):
    """Hides what may hold a secret in error reports, in whatever mode the site runs.

    A telling name hides its value also where neither ``sensitive_variables`` nor ``sensitive_post_parameters`` says so.
    """

    hidden_settings = HIDDEN

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_post_parameters(self, request: HttpRequest | None) -> dict[str, Any]:
        return self._without_secrets(super().get_post_parameters(request))

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        """The names of local variables alone: libraries pass passwords on under names that nobody can foresee."""
        return dict.fromkeys(tb_frame.f_locals, self.cleansed_substitute).items()

    def _without_secrets(self, values: Any) -> dict[str, Any]:
        return {name: self.cleansed_substitute if HIDDEN.search(str(name)) else value for name, value in values.items()}


class SecretReporter(ExceptionReporter):
    """Redacts the whole report as well: PostgreSQL quotes the row that it refuses, with its sealed values.

    The address of the request may be a secret one.
    """

    def get_traceback_data(self) -> dict[str, Any]:
        """Without what stands in the address: Microsoft sends people back with a code in it."""
        data: dict[str, Any] = super().get_traceback_data()
        if self.request is not None:
            substitute = self.filter.cleansed_substitute
            data["request_GET_items"] = [
                (name, substitute if HIDDEN.search(name) else value) for name, value in self.request.GET.items()
            ]
            data["request_insecure_uri"] = redact(data["request_insecure_uri"])
            data["request_meta"] = {name: _without_query(name, value) for name, value in data["request_meta"].items()}
        return data

    def get_traceback_html(self) -> SafeString:
        return mark_safe(FEED.sub(r"\1***", SEALED.sub("v1.***", super().get_traceback_html())))  # noqa: S308  (only shortened)

    def get_traceback_text(self) -> SafeString:
        return mark_safe(redact(super().get_traceback_text()))  # noqa: S308


def _without_query(name: str, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    return redact(f"?{value}")[1:] if name == "QUERY_STRING" else redact(value)


def redact(text: str) -> str:
    """The text without passwords, tokens, keys, sealed values, cookies and sign-in headers."""
    for pattern, replacement in REDACTED:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts every record of a log with its traceback, and keeps the message in one line of visible characters."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = _in_one_line(redact(_message_of(record)))
        record.args = ()
        if record.exc_info:
            record.exc_text = redact(logging.Formatter().formatException(record.exc_info))
        if record.stack_info:
            record.stack_info = redact(record.stack_info)
        return True


def _message_of(record: logging.LogRecord) -> str:
    """The message; one that does not fit its arguments must not become an error where it was only to be noted."""
    try:
        return record.getMessage()
    except (TypeError, ValueError, KeyError):
        return f"{record.msg} {record.args}"


def _in_one_line(text: str) -> str:
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode() for character in text
    )
