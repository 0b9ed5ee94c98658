"""Errors of the system, of TLS and of the SMTP library, and what they become: nothing of theirs gets past here."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from users.mail.transports import errors, smtp_replies
from users.mail.transports.network_errors import NETWORK_ERRORS, ForeignErrors, kind_of
from users.mail.transports.smtp_replies import Reply

FOREIGN_ERRORS: ForeignErrors = (
    *NETWORK_ERRORS,
    (smtplib.SMTPServerDisconnected, errors.ConnectionLost),
    (smtplib.SMTPException, errors.NotMailServer),
)


@contextmanager
def translated(server: str, detail: Callable[[object], str]) -> Iterator[None]:
    """Turn foreign errors into a :class:`errors.TransportError`; `detail` makes text for everybody's eyes of them."""
    try:
        yield
    except smtplib.SMTPResponseException as error:
        reply = Reply(error.smtp_code, _text(error.smtp_error))
        kind = smtp_replies.error_class(smtp_replies.CONNECTION, reply)
        raise kind(detail(reply), server=server) from error
    except (OSError, UnicodeError) as error:
        raise _kind_of(error)(detail(error), server=server) from error


def _kind_of(error: Exception) -> type[errors.TransportError]:
    if isinstance(error.__context__, TimeoutError) and not isinstance(error, ssl.SSLCertVerificationError):
        # The library reports a reply that did not come in time as a lost connection.
        return errors.TimedOut
    return kind_of(error, FOREIGN_ERRORS)


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
