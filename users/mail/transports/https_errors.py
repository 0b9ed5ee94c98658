"""Errors of the https client, and what they become."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import requests
from urllib3.exceptions import NameResolutionError

from users.mail.transports import errors
from users.mail.transports.network_errors import NETWORK_ERRORS, ForeignErrors, kind_of

REQUEST_ERRORS: ForeignErrors = (
    (requests.exceptions.Timeout, errors.TimedOut),
    (NameResolutionError, errors.HostUnknown),
    (requests.exceptions.ConnectionError, errors.ConnectionLost),
    (requests.exceptions.RequestException, errors.NotReachable),
)
MAX_DETAIL = 500


def causes_of(error: BaseException | None) -> Iterator[BaseException]:
    """The error and everything it was made of, the deepest last."""
    while error is not None:
        yield error
        inside = (getattr(error, "reason", None), *error.args)
        error = error.__cause__ or error.__context__ or next((e for e in inside if isinstance(e, BaseException)), None)


def network_kind(causes: Sequence[BaseException]) -> type[errors.TransportError] | None:
    """What lies deepest says most: libraries tell a time-out and an unknown host by the same class."""
    for cause in reversed(causes):
        for table in (NETWORK_ERRORS, REQUEST_ERRORS):
            if any(isinstance(cause, foreign) for foreign, _kind in table):
                return kind_of(cause, table)
    return None


def one_line(text: str, *secrets: str) -> str:
    """Technical text in one line of visible characters, without the secrets."""
    line = " ".join(text.split())
    for secret in filter(None, secrets):
        line = line.replace(secret, "***")
    return "".join(character for character in line if character.isprintable())[:MAX_DETAIL]
