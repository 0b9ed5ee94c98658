"""What the stand-in for Entra gives out and takes back: codes, tokens, and its own words when it says no."""

from __future__ import annotations

import json
import threading
import time
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

if TYPE_CHECKING:
    from tests.servers.entra import EntraServer

PERSONAL_TENANT = "9188040d-6c67-4c5b-b112-36a304b66dad"
CORRELATION = "5b1d7a4e-2f33-4c0e-9a51-000000000001"
TEXTS = {
    50126: "Error validating credentials due to invalid username or password.",
    54005: "OAuth2 Authorization code was already redeemed, please retry with a new valid code.",
    65004: "User declined to consent to access the app.",
    700016: "Application with identifier was not found in the directory.",
    70008: "The provided authorization code or refresh token has expired due to inactivity.",
    7000215: "Invalid client secret provided. Ensure the secret being sent in the request is the client secret value.",
    90002: "Tenant not found. Check to make sure you have the correct tenant ID.",
}


class Refusal(Exception):
    """Entra says no, in its own words."""

    def __init__(self, status: int, error: str, code: int) -> None:
        super().__init__(error)
        self.status = status
        self.body = described(error, code)


def described(error: str, code: int) -> dict[str, Any]:
    """An error as the token endpoint tells it."""
    text = TEXTS.get(code, "It is so.")
    trace = "0f5c9e2e-6d3b-4f56-8f0e-000000000002"
    stamp = "2026-11-25 12:00:00Z"
    return {
        "error": error,
        "error_description": (
            f"AADSTS{code}: {text} Trace ID: {trace} Correlation ID: {CORRELATION} Timestamp: {stamp}"
        ),
        "error_codes": [code],
        "timestamp": stamp,
        "trace_id": trace,
        "correlation_id": CORRELATION,
        "error_uri": f"https://login.microsoftonline.com/error?code={code}",
    }


@dataclass(frozen=True)
class Account:
    """Somebody's account. `trouble` is the AADSTS code with which it is turned away."""

    username: str
    password: str = "Pässwörd ключ 5"
    mail: str = ""
    proxy_addresses: list[str] = field(default_factory=list)
    tenant: str = ""
    trouble: int = 0

    @property
    def oid(self) -> str:
        return str(uuid5(NAMESPACE_DNS, self.username))


@dataclass(frozen=True)
class Code:
    """An authorization code that was not redeemed yet."""

    account: Account
    redirect_address: str
    challenge: str
    nonce: str


@dataclass
class Grants:
    """Everything that was given out."""

    mark: str = ""
    """What every code and token begins with, so that a test can search for them."""
    codes: dict[str, Code] = field(default_factory=dict)
    access_tokens: dict[str, Account | None] = field(default_factory=dict)
    refresh_tokens: dict[str, tuple[Account, str]] = field(default_factory=dict)
    """Those that were not used yet, with the grant that they belong to."""
    used: dict[str, str] = field(default_factory=dict)
    ended: set[str] = field(default_factory=set)
    assertions: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def new_code(self, account: Account, query: dict[str, str]) -> str:
        assert query["response_type"] == "code"
        assert query["code_challenge_method"] == "S256"
        code = f"{self.mark}code-{uuid4()}"
        self.codes[code] = Code(account, query["redirect_uri"], query["code_challenge"], query.get("nonce", ""))
        return code

    def give_to_application(self, seconds: int) -> dict[str, Any]:
        return {"token_type": "Bearer", "expires_in": seconds, "access_token": self._new_access_token(None)}

    def give(
        self, account: Account, posted: dict[str, str], server: EntraServer, *, nonce: str, grant: str = ""
    ) -> dict[str, Any]:
        refresh_token = f"{self.mark}refresh-{uuid4()}"
        self.refresh_tokens[refresh_token] = account, grant or str(uuid4())
        tenant = account.tenant or server.tenant
        info = {"uid": account.oid, "utid": tenant}
        return {
            "token_type": "Bearer",
            # Entra names the permissions without those of OpenID Connect.
            "scope": " ".join(scope for scope in posted["scope"].split() if scope.startswith("https://")),
            "expires_in": server.seconds,
            "ext_expires_in": server.seconds,
            "access_token": self._new_access_token(account),
            "refresh_token": refresh_token,
            "id_token": _id_token(account, server, tenant, nonce),
            "client_info": urlsafe_b64encode(json.dumps(info).encode()).decode().rstrip("="),
        }

    def renew(self, posted: dict[str, str], server: EntraServer) -> dict[str, Any]:
        """Give new tokens for a refresh token, which serves once."""
        token = posted["refresh_token"]
        with self._lock:
            if token in self.used:
                self.ended.add(self.used[token])
            account, grant = self.refresh_tokens.pop(token, (None, ""))
            if account is None or grant in self.ended:
                raise Refusal(400, "invalid_grant", 70008)
            if account.trouble:
                self.refresh_tokens[token] = account, grant
                raise Refusal(400, "invalid_grant", account.trouble)
            self.used[token] = grant
        return self.give(account, posted, server, nonce="", grant=grant)

    def end_all(self) -> None:
        """As if every password had been changed."""
        self.ended |= {grant for _account, grant in self.refresh_tokens.values()}
        self.access_tokens.clear()

    def _new_access_token(self, account: Account | None) -> str:
        token = f"{self.mark}access-{uuid4()}"
        self.access_tokens[token] = account
        return token


def proves_itself(server: EntraServer, posted: dict[str, str]) -> None:
    """Check the client secret or the signed assertion (RFC 7521, RFC 7523). Raises Refusal."""
    if "client_assertion" in posted:
        _check_assertion(server, posted["client_assertion"])
    elif "client_secret" in posted:
        if posted["client_secret"] != server.client_secret:
            raise Refusal(401, "invalid_client", 7000215)
    elif not server.is_public:
        raise Refusal(401, "invalid_client", 7000218)


def verifier_fits(verifier: str, challenge: str) -> bool:
    """RFC 7636 section 4.6."""
    return urlsafe_b64encode(sha256(verifier.encode()).digest()).decode().rstrip("=") == challenge


def _check_assertion(server: EntraServer, assertion: str) -> None:
    if not server.certificate_pem:
        raise Refusal(401, "invalid_client", 700027)
    certificate = x509.load_pem_x509_certificate(server.certificate_pem.encode())
    key = certificate.public_key()
    assert isinstance(key, RSAPublicKey)
    thumbprint = urlsafe_b64encode(certificate.fingerprint(hashes.SHA256())).decode().rstrip("=")
    try:
        claims = jwt.decode(assertion, key, algorithms=["PS256"], audience=server.token_address)
    except jwt.InvalidTokenError as error:
        raise Refusal(401, "invalid_client", 700027) from error
    is_named = jwt.get_unverified_header(assertion).get("x5t#S256", "").rstrip("=") == thumbprint
    is_new = claims["jti"] not in server.grants.assertions
    server.grants.assertions.add(claims["jti"])
    if not (is_named and is_new and claims["iss"] == claims["sub"] == server.client_id):
        raise Refusal(401, "invalid_client", 700027)


def _id_token(account: Account, server: EntraServer, tenant: str, nonce: str) -> str:
    now = int(time.time())
    claims = {
        "iss": f"{server.url}/{tenant}/v2.0",
        "aud": server.client_id,
        "iat": now,
        "exp": now + 3600,
        "oid": account.oid,
        "sub": account.oid,
        "tid": tenant,
        "preferred_username": account.username,
        "ver": "2.0",
    }
    return jwt.encode(claims | ({"nonce": nonce} if nonce else {}), "k" * 64, algorithm="HS256")
