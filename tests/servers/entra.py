"""A stand-in for Microsoft Entra ID: one directory with one application and some accounts.

Token endpoint, sign-in page and, below ``/graph``, as much of Microsoft Graph as tells who somebody is. ``error`` is
what the token endpoint answers whatever it is asked, as an OAuth error and an AADSTS code; ``status`` an HTTP status in
the place of an answer, with ``body`` and ``location``; ``delay`` the seconds before each answer; ``drop`` ends
connections without one. ``faulty`` narrows these to some places: ``discovery``, ``token``, ``graph``.

It is stricter than Entra: a refresh token serves once, and a second use of it ends the whole grant.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, field
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from tests.servers.entra_pages import account_page, consent_page
from tests.servers.entra_tokens import Account, Code, Grants, Refusal, described, proves_itself, verifier_fits
from tests.servers.https import HttpsServer, Talk

TENANT = "6e4b0b2e-7d3a-4b6e-9f65-0c7a5f2f8a11"
CLIENT = "1f0c4a52-93b8-4d0f-8f0e-5b6f7a2d9c33"
SECRET = "client~secret.value"


class _Talk(Talk):
    """One connection."""

    def do_GET(self) -> None:
        self._answer({})

    def do_POST(self) -> None:
        self._answer(dict(parse_qsl(self.read_body().decode())))

    def _answer(self, posted: dict[str, str]) -> None:
        server: EntraServer = self.server.stand_in
        address = urlsplit(self.path)
        place = server.place_of(address.path)
        server.seen.append((place, posted))
        if place in server.faulty:
            time.sleep(server.delay)
            if server.drop:
                self.hang_up()
                return
            if server.status:
                headers = {"Location": server.location} if server.location else {}
                self.answer(server.status, server.body.encode(), Content_Type="text/html", **headers)
                return
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        try:
            self._send(*server.respond(place, address.path, query, posted, self.headers))
        except Refusal as refusal:
            self._send(refusal.status, refusal.body)

    def _send(self, status: int, body: Any) -> None:
        if status == 302:
            self.answer(302, Location=body)
        elif isinstance(body, str):
            self.answer(status, body.encode(), Content_Type="text/html; charset=utf-8")
        else:
            self.answer(status, json.dumps(body).encode(), Content_Type="application/json")


@dataclass
class EntraServer(HttpsServer):
    """Entra for one organisation. A context manager; ``authority`` and ``graph`` are the addresses of its cloud."""

    talk: ClassVar[type[Talk]] = _Talk

    tenant: str = TENANT
    domain: str = "example.onmicrosoft.com"
    client_id: str = CLIENT
    client_secret: str = SECRET
    certificate_pem: str = ""
    is_public: bool = False
    """Whether the application may ask without proving itself ("Allow public client flows")."""
    redirect_addresses: list[str] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    is_approved: bool = True
    """Whether an administrator consented, so that users are not asked."""
    seconds: int = 3600
    """How long access tokens last."""

    error: tuple[str, int] | None = None
    status: int = 0
    location: str = ""
    body: str = "<html>Service unavailable</html>"
    delay: float = 0
    drop: bool = False
    faulty: frozenset[str] = frozenset({"discovery", "token", "graph"})

    seen: list[tuple[str, dict[str, str]]] = field(default_factory=list, init=False)
    """Every request: its place, and what was posted."""
    grants: Grants = field(default_factory=Grants, init=False)

    @property
    def authority(self) -> str:
        return self.url

    @property
    def graph(self) -> str:
        return f"{self.url}/graph"

    @property
    def token_address(self) -> str:
        return f"{self.url}/{self.tenant}/oauth2/v2.0/token"

    def count(self, place: str) -> int:
        return [each for each, _posted in self.seen].count(place)

    @staticmethod
    def place_of(path: str) -> str:
        endings = {
            "openid-configuration": "discovery",
            "token": "token",
            "authorize": "authorize",
            "consent": "consent",
        }
        return "graph" if path.startswith("/graph/") else endings.get(path.rsplit("/", maxsplit=1)[-1], "")

    def respond(
        self, place: str, path: str, query: dict[str, str], posted: dict[str, str], headers: Any
    ) -> tuple[int, Any]:
        """Status and body (a redirect's target) of an answer. Raises Refusal."""
        if place == "graph":
            return self._serve_graph(path, headers.get("Authorization", ""))
        if path.split("/")[1].lower() not in {self.tenant, self.domain}:
            raise Refusal(400, "invalid_tenant", 90002)
        match place:
            case "discovery":
                return 200, self._configuration()
            case "token":
                return 200, self._give_tokens(posted)
            case "authorize" | "consent":
                return self._sign_in(place, query, posted)
        raise Refusal(404, "invalid_request", 900144)

    def _configuration(self) -> dict[str, str]:
        base = f"{self.url}/{self.tenant}"
        return {
            "issuer": f"{base}/v2.0",
            "token_endpoint": self.token_address,
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
        }

    # --- Tokens ---------------------------------------------------------------------------------------------------

    def _give_tokens(self, posted: dict[str, str]) -> dict[str, Any]:
        if self.error:
            raise Refusal(400, *self.error)
        if posted.get("client_id") != self.client_id:
            raise Refusal(400, "unauthorized_client", 700016)
        proves_itself(self, posted)
        grant = posted.get("grant_type", "")
        match grant:
            case "client_credentials":
                if posted["scope"] != f"{self.graph}/.default":
                    raise Refusal(400, "invalid_scope", 70011)
                return self.grants.give_to_application(self.seconds)
            case "password":
                return self.grants.give(self._by_password(posted), posted, self, nonce="")
            case "authorization_code":
                code = self._by_code(posted)
                return self.grants.give(code.account, posted, self, nonce=code.nonce)
            case "refresh_token":
                return self.grants.renew(posted, self)
        raise Refusal(400, "unsupported_grant_type", 70003)

    def _by_password(self, posted: dict[str, str]) -> Account:
        account = self.accounts.get(posted["username"].lower())
        if account is None:
            raise Refusal(400, "invalid_grant", 50034)
        if account.trouble:
            raise Refusal(400, "invalid_grant", account.trouble)
        if posted["password"] != account.password:
            raise Refusal(400, "invalid_grant", 50126)
        return account

    def _by_code(self, posted: dict[str, str]) -> Code:
        code = self.grants.codes.pop(posted["code"], None)
        if code is None:
            raise Refusal(400, "invalid_grant", 54005)
        if code.redirect_address != posted["redirect_uri"]:
            raise Refusal(400, "invalid_client", 50011)
        if not verifier_fits(posted.get("code_verifier", ""), code.challenge):
            raise Refusal(400, "invalid_grant", 501481)
        return code

    # --- The sign-in page -----------------------------------------------------------------------------------------

    def _sign_in(self, place: str, query: dict[str, str], posted: dict[str, str]) -> tuple[int, Any]:
        """Choose an account, then allow the access unless an administrator has done so, then back to the site."""
        if query.get("client_id") != self.client_id:
            raise Refusal(400, "unauthorized_client", 700016)
        if query.get("redirect_uri") not in self.redirect_addresses:
            raise Refusal(400, "invalid_client", 50011)
        again = urlencode(query)
        answer = posted.get("answer", "")
        if answer == "cancel":
            return self._back(query, error="access_denied", error_subcode="cancel")
        if answer == "decline":
            return self._back(query, **described("access_denied", 65004))
        if not posted:
            return 200, account_page(list(self.accounts), f"authorize?{again}")
        account = self.accounts[posted["account"]]
        if place == "authorize" and not self.is_approved:
            return 200, consent_page(account.username, query["scope"].split(), f"consent?{again}")
        code = self.grants.new_code(account, query)
        return self._back(query, code=code, session_state="00000000-0000-0000-0000-000000000000", client_info="e30")

    @staticmethod
    def _back(query: dict[str, str], **answer: Any) -> tuple[int, str]:
        told = {name: text for name, text in answer.items() if isinstance(text, str)} | {"state": query["state"]}
        return 302, f"{query['redirect_uri']}?{urlencode(told)}"

    # --- Microsoft Graph ------------------------------------------------------------------------------------------

    def _serve_graph(self, path: str, authorization: str) -> tuple[int, Any]:
        account = self.grants.access_tokens.get(authorization.removeprefix("Bearer "), "unknown")
        if not isinstance(account, Account) or path != "/graph/v1.0/me":
            return 401, {"error": {"code": "InvalidAuthenticationToken", "message": "Access token validation failure."}}
        return 200, {
            "userPrincipalName": account.username,
            "mail": account.mail or None,
            "proxyAddresses": account.proxy_addresses,
        }
