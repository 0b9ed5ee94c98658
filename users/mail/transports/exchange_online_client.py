"""Requests to Microsoft Graph for one mailbox: never redirected, limited in time, and answered in little JSON."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http import HTTPStatus
from pathlib import Path
from typing import Any

import requests
from django.views.decorators.debug import sensitive_variables

from users.addresses import host_of
from users.mail.https import VerifyingAdapter, https_session
from users.mail.limits import Clock
from users.mail.transports.exchange_online_errors import Answer, lost, refusal
from users.mail.transports.https_errors import one_line
from users.mail.transports.mailbox_errors import NotTheService
from users.networks import Network
from users.vault import Secret

VERSION = "v1.0"
JSON = "application/json"
MAX_ANSWER = 8 * 1024 * 1024
"""Bytes: an answer repeats the text of a message at most."""
PIECE = 64 * 1024


class GraphClient:
    """One mailbox as Graph's addresses name it: ``me``, whose owner has signed in, or ``users/anna@example.com``.

    Every method raises :class:`errors.TransportError` unless the answer says that it is done: where something is sent,
    with exactly the documented status, since messages were seen lost with another one; else with any of success.
    """

    @sensitive_variables()
    def __init__(
        self,
        *,
        root: str,
        mailbox: str,
        token: Secret,
        ca_file: Path | None,
        clock: Clock,
        trusted_networks: Iterable[Network] = (),
    ) -> None:
        self.server = host_of(root) or root
        self.clock = clock
        self._base = f"{root}/{VERSION}/{mailbox}"
        self._token = token
        self._adapter = VerifyingAdapter(ca_file, clock, trusted_networks=trusted_networks)
        self._session = https_session(self._adapter)

    def close(self) -> None:
        self._session.close()

    @sensitive_variables("own")
    def ask(  # noqa: PLR0913  (each says another thing about one request)
        self,
        verb: str,
        path: str,
        expected: HTTPStatus,
        *,
        body: bytes = b"",
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        sends: bool = False,
        may_be_gone: bool = False,
    ) -> Answer:
        """Ask the service about the mailbox, with JSON as `body` if any.

        `sends` says that the request changes something for good: when no answer comes back, nobody knows whether it
        did. With `may_be_gone`, it is an answer that the item is no longer there.
        """
        own = self._headers() | ({"Content-Type": JSON} if body else {}) | dict(headers or {})
        address = f"{self._base}/{path}".rstrip("/")
        answer = self._exchange(verb, address, self.server, sends=sends, params=query, data=body, headers=own)
        if may_be_gone and answer.is_gone:
            return answer
        return self._checked(answer, expected, sends=sends)

    @sensitive_variables("headers")
    def send_mime(self, content: bytes) -> None:
        """Send a message in the form of RFC 5322, in base64."""
        headers = self._headers() | {"Content-Type": "text/plain"}
        address = f"{self._base}/sendMail"
        answer = self._exchange("POST", address, self.server, sends=True, data=content, headers=headers)
        self._checked(answer, HTTPStatus.ACCEPTED, sends=True)

    def put_range(self, address: str, piece: bytes, *, start: int, total: int) -> None:
        """Upload a piece of a file to an address that the service gave: it needs no token, and must not get one."""
        end = start + len(piece)
        headers = {"Content-Type": "application/octet-stream", "Content-Range": f"bytes {start}-{end - 1}/{total}"}
        server = host_of(address)
        answer = self._exchange("PUT", address, server, sends=False, data=piece, headers=headers)
        self._checked(answer, HTTPStatus.CREATED if end == total else HTTPStatus.OK, sends=False)
        if end == total and answer.fields.get("nextExpectedRanges"):
            raise self.not_the_service(answer)

    def not_the_service(self, answer: Answer) -> NotTheService:
        """The error for an answer that lacks what Graph would have said."""
        return NotTheService(self._detail(answer), server=self.server)

    @sensitive_variables()
    def _headers(self) -> dict[str, str]:
        return {"Accept": JSON, "Authorization": f"Bearer {self._token.reveal()}"}

    @sensitive_variables()
    def _exchange(self, verb: str, address: str, server: str, *, sends: bool, **request: Any) -> Answer:
        try:
            response = self._session.request(verb, address, allow_redirects=False, stream=True, **request)
            return Answer(response.status_code, response.headers, _read(response))
        except requests.RequestException as error:
            raise lost(error, server=server, may_have_sent=sends and self._adapter.has_sent) from error

    def _checked(self, answer: Answer, expected: HTTPStatus, *, sends: bool) -> Answer:
        is_done = answer.status == expected if sends else answer.status // 100 == 2
        if not is_done:
            raise refusal(answer, server=self.server, detail=self._detail(answer), sends=sends)
        return answer

    @sensitive_variables()
    def _detail(self, answer: Answer) -> str:
        return one_line(str(answer), self._token.reveal())


def _read(response: requests.Response) -> bytes:
    content = bytearray()
    for piece in response.iter_content(PIECE):
        content += piece
        if len(content) > MAX_ANSWER:
            response.close()
            break
    return bytes(content)
