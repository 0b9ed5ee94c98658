"""Whom the site trusts when it connects to a mail server."""

from __future__ import annotations

import ssl
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from time import monotonic
from typing import Any

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from users.mail.steps import Finding
from users.mail.transports.errors import AuthoritiesUnreadable

CONTEXT_SECONDS = 300
ENDS_SOON = timedelta(days=14)


def client_context(ca_file: Path | None, *, socket_class: type[ssl.SSLSocket] = ssl.SSLSocket) -> ssl.SSLContext:
    """A context that always verifies certificate and name, with the system's authorities and those in `ca_file`.

    A `ca_file` that does not exist adds nothing, so that a default place may stay empty; one that cannot be read raises
    :class:`AuthoritiesUnreadable`. All connections of some minutes share one context, unless the file has changed: to
    read the authorities takes longer than most requests.
    """
    changed = ca_file.stat().st_mtime_ns if ca_file is not None and ca_file.exists() else 0
    period = int(monotonic() // CONTEXT_SECONDS)
    return _context(ca_file, changed, period, socket_class)  # type: ignore[arg-type] # Classes can be hashed.


@lru_cache(maxsize=8)
def _context(ca_file: Path | None, _changed: int, _period: int, socket_class: type[ssl.SSLSocket]) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.sslsocket_class = socket_class
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # From Python 3.13 on, certificates have to keep every rule of RFC 5280. Those that organisations make by themselves
    # often lack an extension, such as all of "openssl req -x509". Chain, name and dates are verified all the same.
    context.verify_flags &= ~ssl.VERIFY_X509_STRICT
    try:
        if ca_file is not None and ca_file.exists():
            context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        raise AuthoritiesUnreadable(f"{ca_file}: {error}") from error
    return context


def describe_certificate(connection: Any) -> Finding:
    """Whom the certificate of an encrypted connection is made out to, and until when it is valid."""
    certificate = connection.getpeercert()
    ends = datetime.fromtimestamp(ssl.cert_time_to_seconds(certificate["notAfter"]), UTC)
    names = [name for _kind, name in certificate.get("subjectAltName", ())]
    # The one that was asked for, or the first, such as *.example.com. Old ones have none of this kind.
    own = [name for name in names if name == connection.server_hostname] or names or [connection.server_hostname]
    sentence = _("The connection is encrypted. The certificate, made out to %(name)s, is valid until %(end)s.")
    advice = _("The certificate ends soon: remind whoever runs the server to renew it.")
    return Finding(
        sentence % {"name": own[0], "end": date_format(ends, "j F Y")},
        detail=f"{connection.version()}; {', '.join(names)}; {ends:%Y-%m-%d %H:%M} UTC",
        advice=advice if ends - datetime.now(UTC) < ENDS_SOON else "",
    )
