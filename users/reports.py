"""Error reports and log lines without secrets."""

from __future__ import annotations

import logging
import re

from django.views.debug import SafeExceptionReporterFilter

HIDDEN = re.compile(
    r"pass|secret|token|key|code|state|assertion|signature|credential|cookie|authorization|keys|database", re.IGNORECASE
)
REDACTED = (
    (re.compile(r"(?i)\b(authorization:?\s*(?:basic|bearer|ntlm|negotiate)?|AUTH (?:PLAIN|LOGIN))\s+\S+"), r"\1 ***"),
    (
        re.compile(r"(?i)\b([\w-]*(?:password|secret|token|assertion))(['\"]?\s*[=:]\s*)(['\"]?)[^\s'\",;&]+"),
        r"\1\2\3***",
    ),
    (re.compile(r"\bv1\.[0-9a-f]{8}\.[\w-]+"), "v1.***"),
    (re.compile(r"\beyJ[\w-]+\.[\w-]+(?:\.[\w-]*)?"), "***"),
)


class SecretFilter(SafeExceptionReporterFilter):
    """Hides what may hold a secret in error reports, in whatever mode the site runs."""

    hidden_settings = HIDDEN

    def is_active(self, request: object) -> bool:
        return True


def redact(text: str) -> str:
    """The text without passwords, tokens, sealed values and sign-in headers."""
    for pattern, replacement in REDACTED:
        text = pattern.sub(replacement, text)
    return text


class RedactingFilter(logging.Filter):
    """Redacts every line of a log, and keeps it one line."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg = redact(record.getMessage()).replace("\r", "\\r").replace("\n", "\\n")
        record.args = ()
        return True
