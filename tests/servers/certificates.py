"""Certificates for stand-ins: good ones, and those that a careful client refuses."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from enum import Enum
from functools import cache

import trustme

NAMES = ("localhost", "127.0.0.1", "::1")


class Certificate(Enum):
    GOOD = "good"
    WRONG_NAME = "wrong name"
    EXPIRED = "expired"
    ENDS_SOON = "ends soon"
    UNTRUSTED = "untrusted"


@cache
def authority() -> trustme.CA:
    """The one authority that clients of the stand-ins are told to trust."""
    return trustme.CA()


@cache
def server_context(certificate: Certificate) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    _issue(certificate).configure_cert(context)
    return context


def _issue(certificate: Certificate) -> trustme.LeafCert:
    now = datetime.now(UTC)
    match certificate:
        case Certificate.WRONG_NAME:
            return authority().issue_cert("mail.elsewhere.example")
        case Certificate.EXPIRED:
            return authority().issue_cert(*NAMES, not_before=now - timedelta(days=9), not_after=now - timedelta(days=1))
        case Certificate.ENDS_SOON:
            return authority().issue_cert(*NAMES, not_after=now + timedelta(days=3))
        case Certificate.UNTRUSTED:
            return trustme.CA().issue_cert(*NAMES)
        case Certificate.GOOD:
            return authority().issue_cert(*NAMES)
