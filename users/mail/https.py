"""Https as this site speaks it: certificates are verified, the environment does not count, and waiting has an end."""

from __future__ import annotations

import logging
import socket
import ssl
from collections.abc import Iterable, Mapping
from functools import partial
from math import ceil
from pathlib import Path
from time import time
from typing import Any
from urllib.parse import urlsplit

import requests
from django.utils.http import parse_http_date_safe
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPSConnection
from urllib3.connectionpool import HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from users.mail.limits import Clock
from users.mail.route import Route
from users.mail.tls import client_context
from users.mail.transports.errors import HostUnknown
from users.networks import Network

# At DEBUG it writes every address, and one can be all that its finder needs.
logging.getLogger("urllib3").setLevel(logging.INFO)

HANDSHAKE_SECONDS = 5
ANSWER_SECONDS = 20
JOB_SECONDS = 60

HTTPS_PORT = 443
PIECE = 128 * 1024
"""Bytes that are sent in one go: a slow line is no silent server."""

MAX_DIGITS = 10


class VerifyingAdapter(HTTPAdapter):
    """Trusts the system's authorities and those in `ca_file`, whatever the environment says of others.

    It connects to public addresses, and to others only in the `trusted_networks`. The `clock` limits each wait and each
    request as a whole, or, within :meth:`Clock.job`, several together. One adapter serves one thread.
    """

    has_sent = False
    """Whether the last request went out to its end: then the server may have acted on it, answer or not."""

    def __init__(
        self, ca_file: Path | None, clock: Clock | None = None, *, trusted_networks: Iterable[Network] = ()
    ) -> None:
        self._ca_file = ca_file
        self.trusted_networks = tuple(trusted_networks)
        self.clock = clock or Clock(wait=ANSWER_SECONDS, whole=JOB_SECONDS)
        super().__init__(max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, ssl_context=client_context(self._ca_file, socket_class=TimedSocket), **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"https": partial(WatchedPool, adapter=self)}

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Leave the context as it is: the library would add authorities of its own."""
        conn.cert_reqs = "CERT_REQUIRED"

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        """Send within the limits, whatever the caller says of time-outs."""
        self.clock.start()
        self.has_sent = False
        kwargs["timeout"] = (HANDSHAKE_SECONDS, self.clock.wait)
        return super().send(request, *args, **kwargs)


def https_session(adapter: VerifyingAdapter) -> requests.Session:
    """A session for https alone: other schemes have no adapter, and proxies of the environment do not count."""
    session = requests.Session()
    session.trust_env = False
    session.adapters.clear()
    session.mount("https://", adapter)
    return session


def port_of(address: str) -> int:
    """The port in a web address, or that of https."""
    try:
        return urlsplit(address).port or HTTPS_PORT
    except ValueError:
        return HTTPS_PORT


def retry_after(headers: Mapping[str, str]) -> int:
    """For how many seconds the server wants to be left alone (RFC 9110 section 10.2.3); 0 where it says nothing of it.

    It gives their number, or a moment by its own clock, which the answer tells as well.
    """
    text = headers.get("Retry-After", "")
    if text.isascii() and text.isdecimal():
        return int(text) if len(text) < MAX_DIGITS else 0
    moment = parse_http_date_safe(text)
    now = parse_http_date_safe(headers.get("Date", "")) or time()
    return max(0, ceil(moment - now)) if moment else 0


class TimedSocket(ssl.SSLSocket):
    """An encrypted connection that asks its clock before each wait."""

    clock: Clock | None = None

    def recv_into(self, *args: Any, **kwargs: Any) -> int:
        self._set_limit()
        return super().recv_into(*args, **kwargs)

    def send(self, data: Any, flags: int = 0) -> int:
        self._set_limit()
        return super().send(memoryview(data)[:PIECE], flags)

    def _set_limit(self) -> None:
        if self.clock is not None:
            self.settimeout(self.clock.left())


class WatchedConnection(HTTPSConnection):
    """The library limits neither the connecting to several addresses nor an answer that comes in small pieces."""

    def __init__(self, *args: Any, adapter: VerifyingAdapter, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._adapter = adapter

    def connect(self) -> None:
        super().connect()
        # Until here, the limit for connecting held; for the handshake, as a whole.
        if isinstance(self.sock, TimedSocket):
            self.sock.clock = self._adapter.clock

    def request(self, *args: Any, **kwargs: Any) -> None:
        super().request(*args, **kwargs)
        self._adapter.has_sent = True

    def _new_conn(self) -> socket.socket:
        try:
            route = Route(self.host, self.port, trusted_networks=self._adapter.trusted_networks)
            return route.connect(HANDSHAKE_SECONDS)
        except HostUnknown as error:
            raise NameResolutionError(self.host, self, socket.gaierror(str(error))) from error
        except TimeoutError as error:
            raise ConnectTimeoutError(self, str(error)) from error
        except OSError as error:
            raise NewConnectionError(self, str(error)) from error


class WatchedPool(HTTPSConnectionPool):
    ConnectionCls = WatchedConnection
