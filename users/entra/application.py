"""The registered application as the sign-in code knows it: where it is registered, and what it proves itself with."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from users.networks import Network
from users.vault import Secret


@dataclass(frozen=True, slots=True)
class ClientCertificate:
    """A certificate and its private key, both as PEM text."""

    certificate: str
    private_key: Secret


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """One OAuth 2.0 client in one directory. `authority` and `graph` are https addresses without a slash at the end."""

    authority: str
    tenant: str
    client_id: str
    graph: str
    credential: Secret | ClientCertificate | None = None
    ca_file: Path | None = None
    trusted_networks: tuple[Network, ...] = ()

    @property
    def server(self) -> str:
        """The name of the machine that signs people in."""
        return urlsplit(self.authority).hostname or self.authority

    @property
    def directory(self) -> str:
        """The address of the directory: msal needs the tenant in it, and never ``common``."""
        return f"{self.authority}/{self.tenant}"

    @property
    def everything_granted(self) -> list[str]:
        """The scope that stands for all that the application was granted (client credentials know no other)."""
        return [f"{self.graph}/.default"]

    def scopes(self, permissions: Iterable[str]) -> list[str]:
        """Permissions with the address of their own cloud: how a bare name is read in a national cloud is not told."""
        return [f"{self.graph}/{name}" for name in permissions]
