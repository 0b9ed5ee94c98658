"""msal, set up so that nothing outlives a request, nothing of the environment counts, and no server is waited for long.

The library remembers refusals for a minute within one object, and asks a server in the internet about addresses that it
does not know: so each request has an object of its own, and that question is switched off.
"""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import msal
import requests
from django.views.decorators.debug import sensitive_variables
from msal.exceptions import MsalServiceError

from users.entra import errors
from users.entra.application import Application, ClientCertificate
from users.entra.certificates import is_rsa
from users.entra.tokens import SPARE_SECONDS, Token
from users.mail.https import VerifyingAdapter, https_session
from users.mail.limits import Clock
from users.mail.transports.errors import TimedOut, TransportError
from users.mail.transports.https_errors import causes_of, one_line
from users.mail.transports.network_errors import NETWORK_ERRORS, kind_of
from users.vault import Secret

# At DEBUG it tells whom it found; at ERROR the whole answer of a server that does not speak JSON.
logging.getLogger("msal").setLevel(logging.CRITICAL)

READ_SECONDS = 10
REQUEST_SECONDS = 15
"""Less than SQLite lets others wait for the transaction in which a connection is renewed."""
BROKEN_ANSWERS = (ValueError, LookupError, TypeError, AttributeError, RuntimeError, MsalServiceError)
"""What msal makes of a server that is not Entra, or of one that has trouble; it checks no answer's form."""


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who has signed in, and what msal keeps of it, as JSON text."""

    claims: Mapping[str, Any]
    tenant: str
    """The directory that was asked, by its id: the registration may name it by its domain."""
    account: str
    cache: Secret
    token: Secret


def session_for(application: Application) -> requests.Session:
    clock = Clock(wait=READ_SECONDS, whole=REQUEST_SECONDS)
    session = https_session(VerifyingAdapter(application.ca_file, clock, trusted_networks=application.trusted_networks))
    # A redirect could lead a secret to another server.
    session.max_redirects = 0
    return session


@contextmanager
@sensitive_variables()
def client_for(application: Application, cache: msal.TokenCache | None = None) -> Iterator[msal.ClientApplication]:
    """msal's object for one request; making it asks the directory for its addresses. Raises TransportError."""
    kind = msal.PublicClientApplication if application.credential is None else msal.ConfidentialClientApplication
    with translated(application.server), session_for(application) as session:
        yield kind(
            application.client_id,
            client_credential=_credential(application),
            authority=application.directory,
            token_cache=cache,
            http_client=session,
            instance_discovery=False,
        )


def directory_id(application: Application) -> str:
    """The id of the directory, which shows that it exists. Raises TransportError."""
    with client_for(application) as client:
        return str(client.authority.tenant)


@sensitive_variables()
def token_of_application(application: Application) -> Token:
    """A token for the application itself (RFC 6749 section 4.4)."""
    if application.credential is None:
        raise errors.CredentialMissing(server=application.server)
    with client_for(application) as client:
        answer = client.acquire_token_for_client(application.everything_granted)
        return _token(answer, application, errors.WITHOUT_USERS)


@sensitive_variables()
def token_by_password(application: Application, username: str, password: Secret, permissions: list[str]) -> Token:
    """A token for a user name and a password (RFC 6749 section 4.3)."""
    with client_for(application) as client:
        # msal's own method first asks who looks after the account, and would hand the password to whomever is named.
        answer = client.client.obtain_token_by_username_password(
            username, password.reveal(), scope=application.scopes(permissions)
        )
        return _token(answer, application, errors.WITH_PASSWORDS)


# --- Microsoft sign-in ----------------------------------------------------------------------------------------------


@sensitive_variables()
def start(application: Application, permissions: list[str], *, redirect_address: str, address: str) -> dict[str, Any]:
    """What has to be kept until the user comes back (secret), with the address to go to in ``auth_uri``."""
    with client_for(application) as client, warnings.catch_warnings():
        # The other mode posts from Microsoft's site, so that the cookie of the session would not come along.
        warnings.filterwarnings("ignore", message="response_mode", category=UserWarning)
        flow: dict[str, Any] = client.initiate_auth_code_flow(
            application.scopes(permissions),
            redirect_uri=redirect_address,
            response_mode="query",
            prompt="select_account",
            login_hint=address,
        )
        return flow


@sensitive_variables()
def finish(application: Application, flow: dict[str, Any], answer: dict[str, str]) -> SignedIn:
    """Exchange what the browser brought back for tokens. Raises TransportError."""
    if not answer.keys() & {"code", "error"}:
        raise errors.SignInAstray(server=application.server)
    cache = msal.SerializableTokenCache()
    with client_for(application, cache) as client:
        try:
            result = client.acquire_token_by_auth_code_flow(flow, answer)
        except RuntimeError as error:  # the nonce is another one than that of this sign-in
            raise errors.SignInAstray(server=application.server) from error
        token = _token(result, application)
        account = client.get_accounts()[0]["home_account_id"]
        claims = result["id_token_claims"]
        return SignedIn(claims, str(client.authority.tenant), account, Secret(cache.serialize()), token.secret)


@sensitive_variables()
def token_in(cache: Secret) -> Secret | None:
    """The access token in what msal has kept, if it is valid for some minutes more."""
    kept = msal.SerializableTokenCache()
    kept.deserialize(cache.reveal())
    until = time.time() + SPARE_SECONDS
    tokens = [each for each in kept.search(kept.CredentialType.ACCESS_TOKEN) if int(each["expires_on"]) > until]
    return Secret(max(tokens, key=lambda each: int(each["expires_on"]))["secret"]) if tokens else None


@dataclass(slots=True)
class Renewal:
    """Renews what msal keeps of one user, in two parts: :meth:`renew` makes exactly one request."""

    application: Application
    permissions: list[str]
    client: msal.ClientApplication
    cache: msal.SerializableTokenCache

    @classmethod
    @contextmanager
    def prepared(cls, application: Application, permissions: list[str]) -> Iterator[Renewal]:
        """Ask the directory for its addresses, so that this need not be done while a row is locked."""
        cache = msal.SerializableTokenCache()
        with client_for(application, cache) as client:
            yield cls(application, permissions, client, cache)

    @sensitive_variables()
    def renew(self, kept: Secret, account: str) -> tuple[Secret, Secret | None]:
        """A token, and what has to be kept now if that has changed. Raises TransportError."""
        self.cache.deserialize(kept.reveal())
        with translated(self.application.server):
            accounts = [each for each in self.client.get_accounts() if each["home_account_id"] == account]
            answer = accounts and self.client.acquire_token_silent_with_error(
                self.application.scopes(self.permissions), accounts[0], force_refresh=True
            )
            if not answer:
                raise errors.ConnectionEnded(server=self.application.server)
            token = _token(answer, self.application)
            return token.secret, Secret(self.cache.serialize()) if self.cache.has_state_changed else None


# --- Answers --------------------------------------------------------------------------------------------------------


@sensitive_variables()
def _token(
    answer: Mapping[str, Any],
    application: Application,
    kinds: Mapping[str, type[errors.EntraError]] = errors.OAUTH_KINDS,
) -> Token:
    if "access_token" not in answer:
        raise errors.error_of(answer, server=application.server, kinds=kinds)
    return Token(Secret(answer["access_token"]), int(answer.get("expires_in", 0)))


@sensitive_variables()
def _credential(application: Application) -> Any:
    credential = application.credential
    if isinstance(credential, ClientCertificate):
        if not is_rsa(credential.private_key):
            raise errors.KeyUnusable(server=application.server)
        return {"private_key": credential.private_key.reveal(), "public_certificate": credential.certificate}
    return credential.reveal() if credential else None


@contextmanager
def translated(server: str) -> Iterator[None]:
    """Turn foreign errors into a :class:`TransportError`; what Entra itself said is told by its code."""
    try:
        yield
    except (requests.RequestException, *BROKEN_ANSWERS) as error:
        raise _told(error, server) from error


def _told(error: BaseException, server: str) -> TransportError:
    causes = list(causes_of(error))
    told = next((text for text in map(str, causes) if errors.CODE.search(text)), "")
    if told:
        return errors.error_of({"error_description": told}, server=server)
    for cause in reversed(causes):
        if isinstance(cause, tuple(foreign for foreign, _kind in NETWORK_ERRORS)):
            return _network_error(kind_of(cause, NETWORK_ERRORS), cause, server)
    if isinstance(error, requests.Timeout):
        return _network_error(TimedOut, error, server)
    if isinstance(error, requests.RequestException | MsalServiceError):
        return errors.EntraUnavailable(_detail(error), server=server)
    return errors.NotEntra(_detail(error), server=server)


def _network_error(kind: type[TransportError], cause: BaseException, server: str) -> TransportError:
    return errors.NETWORK.get(kind, kind)(_detail(cause), server=server)


def _detail(cause: BaseException) -> str:
    """The kind of the error alone where it could quote what was sent or answered."""
    name = type(cause).__name__
    if not isinstance(cause, OSError | MsalServiceError) or isinstance(cause, requests.RequestException):
        return name
    return one_line(f"{name}: {cause}")
