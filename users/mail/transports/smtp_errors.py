"""Errors of the system, of TLS and of the SMTP library, and what they become: nothing of theirs gets past here."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from users.mail.transports import errors, smtp_replies
from users.mail.transports.smtp_replies import Reply

CERTIFICATE_FAULTS = {
    9: errors.CertificateExpired,  # not valid yet
    10: errors.CertificateExpired,
    62: errors.CertificateNameMismatch,
    64: errors.CertificateNameMismatch,  # the name is an IP address
}
"""OpenSSL's ``X509_V_ERR_...``; everything else means that the authority is not trusted."""

FOREIGN_ERRORS: tuple[tuple[type[Exception], type[errors.TransportError]], ...] = (
    (ssl.SSLEOFError, errors.ConnectionLost),
    (ssl.SSLError, errors.EncryptionFailed),
    (socket.gaierror, errors.HostUnknown),
    (UnicodeError, errors.HostUnknown),
    (TimeoutError, errors.TimedOut),
    (ConnectionRefusedError, errors.ConnectionRefused),
    (ConnectionError, errors.ConnectionLost),
    (smtplib.SMTPServerDisconnected, errors.ConnectionLost),
    (smtplib.SMTPException, errors.NotMailServer),
    (OSError, errors.NotReachable),
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
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_FAULTS.get(error.verify_code, errors.CertificateUntrusted)
    if isinstance(error.__context__, TimeoutError):
        # The library reports a reply that did not come in time as a lost connection.
        return errors.TimedOut
    return next(kind for foreign, kind in FOREIGN_ERRORS if isinstance(error, foreign))


def _text(answer: bytes | str) -> str:
    return answer.decode("utf-8", "replace") if isinstance(answer, bytes) else answer
