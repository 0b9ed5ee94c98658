"""Errors of the network and of TLS, and what they become."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager

from users.mail.transports import errors

CERTIFICATE_FAULTS = {
    9: errors.CertificateExpired,  # not valid yet
    10: errors.CertificateExpired,
    62: errors.CertificateNameMismatch,
    64: errors.CertificateNameMismatch,  # the name is an IP address
}
"""OpenSSL's ``X509_V_ERR_...``; everything else means that the authority is not trusted."""

ForeignErrors = tuple[tuple[type[Exception], type[errors.TransportError]], ...]

NETWORK_ERRORS: ForeignErrors = (
    (ssl.SSLEOFError, errors.ConnectionLost),
    (ssl.SSLError, errors.EncryptionFailed),
    (socket.gaierror, errors.HostUnknown),
    (UnicodeError, errors.HostUnknown),
    (TimeoutError, errors.TimedOut),
    (ConnectionRefusedError, errors.ConnectionRefused),
    (ConnectionError, errors.ConnectionLost),
)


def kind_of(error: BaseException, table: ForeignErrors) -> type[errors.TransportError]:
    """The first kind in the table that fits, or the one for networks in general."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return CERTIFICATE_FAULTS.get(error.verify_code, errors.CertificateUntrusted)
    return next((kind for foreign, kind in table if isinstance(error, foreign)), errors.NotReachable)


@contextmanager
def connecting(server: str) -> Iterator[None]:
    """Turn errors of the network and of TLS into a :class:`errors.TransportError`."""
    try:
        yield
    except OSError as error:
        raise kind_of(error, NETWORK_ERRORS)(str(error), server=server) from error
