"""Https as this site speaks it: certificates always verified, nothing taken from the environment, no redirects."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from users.mail.tls import client_context

CONNECT_SECONDS = 5


class VerifyingAdapter(HTTPAdapter):
    """Trusts the system's authorities and those in `ca_file`, whatever the environment says of others."""

    def __init__(self, ca_file: Path | None) -> None:
        self._ca_file = ca_file
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=client_context(self._ca_file), **kwargs)

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context as it is: the library would add authorities of its own."""
        conn.cert_reqs = "CERT_REQUIRED"


def https_session(adapter: VerifyingAdapter) -> requests.Session:
    """A session for https alone: other schemes have no adapter, and proxies of the environment do not count."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", adapter)
    return session
