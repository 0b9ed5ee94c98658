"""Pictures from the web, fetched once by the site, so that nobody who reads a message is seen through them.

The address is typed by whoever made the signature, so that nothing inside the organisation may be reached by it: every
address that the name stands for has to be public, and the connection goes to the one that was judged.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Collection, Iterable
from contextlib import closing
from http.client import HTTPConnection, HTTPException, HTTPResponse
from threading import Thread
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

from django.utils.translation import gettext as _

from users.networks import is_public
from users.signatures.errors import SignatureRefused
from users.signatures.pictures import MAX_BYTES, Picture, read_picture

SECONDS = 5
"""For all pictures of one paste together."""
MAX_REDIRECTS = 2
"""To the same server; others are not followed."""
HEADERS = {
    "Accept": "image/png, image/jpeg, image/gif",
    "Accept-Encoding": "identity",
    "Connection": "close",
    "User-Agent": "MailSettings",
}
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


Resolve = Callable[[str, int], Iterable[Any]]


def _look_up(host: str, port: int) -> Iterable[Any]:
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


class Fetcher:
    """Gives the pictures at https addresses, for one paste.

    `resolve` gives what :func:`socket.getaddrinfo` does, and `may_connect` judges each address in it. Raises
    SignatureRefused, with the same words whatever is wrong with the server: they tell nothing of the network that the
    site is in.
    """

    def __init__(
        self,
        *,
        seconds: float = SECONDS,
        resolve: Resolve = _look_up,
        may_connect: Callable[[str], bool] = is_public,
        ports: Collection[int] = (443,),
        context: ssl.SSLContext | None = None,
    ) -> None:
        self._end = monotonic() + seconds
        self._resolve = resolve
        self._may_connect = may_connect
        self._ports = ports
        self._context = context

    def __call__(self, url: str) -> Picture:
        """The picture, fetched now."""
        try:
            return read_picture(self._content(url))
        except (OSError, HTTPException, ValueError) as error:
            if isinstance(error, SignatureRefused):
                raise
            raise _not_fetched() from error

    def _content(self, url: str) -> bytes:
        for _redirect in range(MAX_REDIRECTS + 1):
            parts = self._checked(url)
            with self._connection(parts) as sock, closing(_answer(sock, parts)) as response:
                if response.status not in _REDIRECTS:
                    return _body(response)
                url = urljoin(url, response.headers["Location"] or "")
            if urlsplit(url)[:2] != parts[:2]:
                break
        raise _not_fetched()

    def _checked(self, url: str) -> SplitResult:
        parts = urlsplit(url)
        is_plain = url.isprintable() and url.isascii() and "@" not in parts.netloc and not set(url) & set(' \\"<>')
        if parts.scheme != "https" or not parts.hostname or not is_plain or (parts.port or 443) not in self._ports:
            raise _not_fetched()
        return parts

    def _connection(self, parts: SplitResult) -> ssl.SSLSocket:
        host, port = str(parts.hostname), parts.port or 443
        addresses = _in_time(lambda: self._resolve(host, port), self._left())
        if not addresses or not all(self._may_connect(str(address[-1][0]).partition("%")[0]) for address in addresses):
            raise _not_fetched()
        # Made when it is needed: it reads all certificate authorities, and most pastes have no picture from the web.
        self._context = self._context or ssl.create_default_context()
        self._context.sslsocket_class = _timed_sockets(self._left)
        return self._context.wrap_socket(self._socket(addresses), server_hostname=host)

    def _socket(self, addresses: list[Any]) -> socket.socket:
        """Connected to the first of these addresses that answers."""
        failure = OSError("no address")
        for family, kind, protocol, _name, address in addresses:
            sock = socket.socket(family, kind, protocol)
            try:
                sock.settimeout(self._left())
                sock.connect(address)
            except OSError as error:
                sock.close()
                failure = error
            else:
                return sock
        raise failure

    def _left(self) -> float:
        """Seconds. Raises TimeoutError when there are none."""
        left = self._end - monotonic()
        if left <= 0:
            raise TimeoutError
        return left


def _timed_sockets(left: Callable[[], float]) -> type[ssl.SSLSocket]:
    """Sockets that wait for the server as long as there is time for all, not as long for each piece."""

    class TimedSocket(ssl.SSLSocket):
        def recv_into(self, *args: Any, **kwargs: Any) -> int:
            self.settimeout(left())
            return super().recv_into(*args, **kwargs)

    return TimedSocket


def _in_time(resolve: Callable[[], Iterable[Any]], seconds: float) -> list[Any]:
    """What resolving a name gives, or nothing. It knows no time limit of its own."""
    found: list[Any] = []

    def run() -> None:
        try:
            found.extend(resolve())
        except (OSError, UnicodeError):
            found.clear()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    return [] if thread.is_alive() else found


def _answer(sock: ssl.SSLSocket, parts: SplitResult) -> HTTPResponse:
    connection = HTTPConnection(str(parts.hostname))
    connection.sock = sock
    target = parts._replace(scheme="", netloc="", fragment="").geturl() or "/"
    connection.request("GET", target, headers=HEADERS | {"Host": parts.netloc})
    return connection.getresponse()


def _body(response: HTTPResponse) -> bytes:
    content = response.read(MAX_BYTES + 1) if response.status == 200 else b""
    if not content:
        raise _not_fetched()
    return content


def _not_fetched() -> SignatureRefused:
    return SignatureRefused(_("The picture could not be fetched from the web."))
