"""Entra and Graph of one organisation, side by side: the tokens that Entra gives out open the mailboxes of Graph."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from tests.servers.entra import EntraServer
from tests.servers.entra_tokens import Account
from tests.servers.graph import GraphServer


class Microsoft365:
    """A context manager. Every account has a mailbox with its name as address, unless `mailboxes` says otherwise."""

    def __init__(
        self,
        *accounts: Account,
        mailboxes: list[str] | None = None,
        graph: type[GraphServer] = GraphServer,
        **entra: Any,
    ) -> None:
        own = {account.username: account for account in accounts}
        self.entra = _Entra(accounts=own, is_public=True, **entra)
        self.graph = graph(mailboxes=[*own] if mailboxes is None else mailboxes, tokens=_Tokens(self.entra))

    @property
    def ca_file(self) -> Path:
        return self.graph.ca_file

    @property
    def registration(self) -> dict[str, str]:
        """The fields of an app registration in this organisation's cloud."""
        return {
            "cloud": "custom",
            "custom_authority": self.entra.authority,
            "custom_graph": self.graph.url,
            "tenant_id": self.entra.tenant,
            "client_id": self.entra.client_id,
            "client_secret": self.entra.client_secret,
        }

    def __enter__(self) -> Self:
        with ExitStack() as started:
            started.enter_context(self.graph)
            started.enter_context(self.entra)
            self.entra.graph_address = self.graph.url
            self._started = started.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._started.close()


class _Entra(EntraServer):
    graph_address = ""

    @property
    def graph(self) -> str:
        return self.graph_address


class _Tokens(Mapping[str, str]):
    """The tokens that were given out, each with the mailbox that it opens."""

    def __init__(self, entra: EntraServer) -> None:
        self._entra = entra

    def __getitem__(self, token: str) -> str:
        account = self._entra.grants.access_tokens[token]
        return "*" if account is None else account.username

    def __iter__(self) -> Iterator[str]:
        return iter(self._entra.grants.access_tokens)

    def __len__(self) -> int:
        return len(self._entra.grants.access_tokens)
