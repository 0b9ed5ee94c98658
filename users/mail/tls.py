"""Whom the site trusts when it connects to a mail server."""

from __future__ import annotations

import ssl
from pathlib import Path

from users.mail.transports.errors import AuthoritiesUnreadable


def client_context(ca_file: Path | None) -> ssl.SSLContext:
    """A context that always verifies certificate and name, with the system's authorities and those in `ca_file`.

    A `ca_file` that does not exist adds nothing, so that a default place may stay empty; one that cannot be read raises
    :class:`AuthoritiesUnreadable`.
    """
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        if ca_file is not None and ca_file.exists():
            context.load_verify_locations(cafile=ca_file)
    except OSError as error:
        raise AuthoritiesUnreadable(f"{ca_file}: {error}") from error
    return context
