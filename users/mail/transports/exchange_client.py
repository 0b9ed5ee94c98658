"""exchangelib, set up so that nothing of it outlives a job or is shared with other users.

The library keeps connections, with their passwords, for the life of the process and takes its adapter from a global
place. Here each account has a protocol object of its own that no cache knows.
"""

from __future__ import annotations

import logging
from base64 import b64decode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import requests
from django.views.decorators.debug import sensitive_variables
from exchangelib import (
    BASIC,
    DELEGATE,
    NTLM,
    UTC,
    Account,
    Build,
    Configuration,
    Credentials,
    FailFast,
    Mailbox,
    Version,
)
from exchangelib.folders import Root, SentItems
from exchangelib.properties import DistinguishedFolderId
from exchangelib.protocol import Protocol
from exchangelib.transport import DEFAULT_HEADERS
from requests.auth import HTTPBasicAuth

from users.choices import ExchangeAuth
from users.mail.https import VerifyingAdapter, https_session, retry_after
from users.mail.limits import Clock
from users.networks import Network
from users.vault import Secret

# At DEBUG it writes the Authorization header, and at ERROR the whole message.
logging.getLogger("exchangelib").setLevel(logging.CRITICAL)

SCHEMES = {ExchangeAuth.NTLM: ("ntlm", "negotiate"), ExchangeAuth.BASIC: ("basic",)}
"""How a server offers each way to sign in. Where it offers to negotiate, NTLM is tried."""
SIGN_IN = {ExchangeAuth.NTLM: NTLM, ExchangeAuth.BASIC: BASIC}
VERSION = Version(Build(15, 0))
"""Exchange 2013: what every server since then understands. Told, so that the library need not guess it."""

HANDSHAKES = {"NTLM", "Negotiate"}
NTLM_NEGOTIATE = b"NTLMSSP\0\x01"
"""How the first token of a handshake begins ([MS-NLMP] section 2.2.1.1): it signs nobody in."""


class WatchingAdapter(VerifyingAdapter):
    """Knows what the library does not tell."""

    retry_after = 0
    """Seconds for which the last answer asked to be left alone."""
    status = 0
    """The HTTP status of the last answer."""
    media_type = ""
    """Of what the last answer is."""
    _is_signed_in = False
    _acts = False
    _offered = ""

    def __init__(
        self, ca_file: Path | None, clock: Clock, scheme: ExchangeAuth, *, trusted_networks: Iterable[Network] = ()
    ) -> None:
        super().__init__(ca_file, clock, trusted_networks=trusted_networks)
        self._scheme = scheme

    @property
    def offers_sign_in(self) -> bool:
        """Whether the server said that one can sign in by our scheme (RFC 9110 section 11.6.1)."""
        return any(scheme in self._offered for scheme in SCHEMES[self._scheme])

    @property
    def may_have_acted(self) -> bool:
        """Whether the last request may have reached a server that acts on it, which takes a signed-in user."""
        return self.has_sent and self._acts

    def send(self, request: Any, *args: Any, **kwargs: Any) -> requests.Response:
        self._acts = self._is_signed_in or _signs_in(request.headers.get("Authorization", ""))
        response = super().send(request, *args, **kwargs)
        self.status = response.status_code
        self._is_signed_in = self.status != 401
        # Who shakes hands by NTLM relies on this header, whatever the answer is.
        offered = response.headers.setdefault("WWW-Authenticate", "")
        if not self._is_signed_in:
            self._offered = offered.lower()
        self.media_type = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
        self.retry_after = retry_after(response.headers)
        return response


class OwnProtocol(Protocol):  # type: ignore[misc]
    """A connection to one server for one account."""

    def __init__(self, config: Configuration, adapter: WatchingAdapter) -> None:
        super().__init__(config=config)
        self.adapter = adapter

    @sensitive_variables()
    def create_session(self) -> requests.Session:
        session: requests.Session = super().create_session()
        if isinstance(session.auth, HTTPBasicAuth):
            # In UTF-8 (RFC 7617 section 2.1), which has every script; the library would take Latin-1.
            session.auth = HTTPBasicAuth(self.credentials.username.encode(), self.credentials.password.encode())
        return session

    def raw_session(self, *_args: Any, **_kwargs: Any) -> requests.Session:
        session = https_session(self.adapter)
        session.headers.update(DEFAULT_HEADERS)
        return session


@sensitive_variables()
def open_account(  # noqa: PLR0913  (these are the settings of one account)
    *,
    url: str,
    auth: str,
    username: str,
    password: Secret,
    address: str,
    ca_file: Path | None,
    trusted_networks: Iterable[Network],
    clock: Clock,
) -> Account:
    """The mailbox, for its owner. Nothing goes over the network yet."""
    config = Configuration(
        service_endpoint=url,
        credentials=Credentials(username, password.reveal()),
        auth_type=SIGN_IN[ExchangeAuth(auth)],
        version=VERSION,
        retry_policy=FailFast(),
        max_connections=1,
    )
    account = Account(address, config=config, access_type=DELEGATE, autodiscover=False, default_timezone=UTC)
    # The library has put this one into a cache that lives as long as the process.
    del Protocol[config]
    adapter = WatchingAdapter(ca_file, clock, ExchangeAuth(auth), trusted_networks=trusted_networks)
    # Its metaclass would put ours there as well.
    account.protocol = type.__call__(OwnProtocol, config, adapter)
    return account


def sent_items(account: Account) -> SentItems:
    """The folder by its well-known name, which saves looking it up."""
    name = DistinguishedFolderId(id="sentitems", mailbox=Mailbox(email_address=account.primary_smtp_address))
    return SentItems(root=Root(account=account), _distinguished_id=name)


def _signs_in(authorization: str) -> bool:
    scheme, _blank, token = authorization.partition(" ")
    return bool(token) and not (scheme in HANDSHAKES and b64decode(token).startswith(NTLM_NEGOTIATE))
