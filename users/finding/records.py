"""What the domain name system says of a mail domain: which servers receive its mail, and where its Autodiscover leads.

Name servers are asked, and nobody else: nothing connects to what an answer names, and no credential goes anywhere.
Answers come from whoever owns the domain, so only host names are taken in, and few of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from time import monotonic
from typing import TYPE_CHECKING, Any

from users.addresses import HOST_NAME

if TYPE_CHECKING:
    from dns.name import Name
    from dns.resolver import Answer, Resolver

SECONDS = 4.0
"""For all questions together."""
SECONDS_EACH = 2.0
MOST_SERVERS = 10
AUTODISCOVER = "autodiscover"
SERVICE = "_autodiscover._tcp"
NameServer = tuple[str, int]
"""The address and the port of a name server."""


class Standing(Enum):
    """Whether there was an answer at all."""

    KNOWN = auto()
    NO_DOMAIN = auto()
    SILENT = auto()
    """The name servers did not answer in time, or had trouble."""


@dataclass(frozen=True, slots=True)
class Records:
    """The answers for one domain."""

    standing: Standing = Standing.KNOWN
    takes_no_mail: bool = False
    """The domain says so itself (a null MX: RFC 7505)."""
    receivers: tuple[str, ...] = ()
    """The servers that its mail is brought to first: those with the lowest preference (RFC 5321 section 5.1)."""
    others: tuple[str, ...] = ()
    """Those that get it when these do not answer."""
    autodiscover: tuple[str, ...] = ()
    """Where mail programs find their settings: the hosts behind the domain's names for it."""


def records_of(domain: str, servers: Sequence[NameServer] = ()) -> Records:
    """Ask the name servers of this machine, or those given, about a domain. Takes :data:`SECONDS` at most."""
    return _Questions(servers).ask(domain)


class _NotAnswered(Exception):
    """There is no answer, which is no answer of *no* either."""


class _Questions:
    """The questions about one domain, which share their time."""

    def __init__(self, servers: Sequence[NameServer]) -> None:
        self.servers = servers
        self.end = monotonic() + SECONDS

    def ask(self, domain: str) -> Records:
        from dns.resolver import NXDOMAIN

        try:
            found: Iterable[Any] = self._resolve(domain, "MX").rrset or ()
        except NXDOMAIN:
            return Records(Standing.NO_DOMAIN)
        except _NotAnswered:
            return Records(Standing.SILENT)
        mail = sorted((record.preference, record.exchange) for record in found)
        if [str(name) for _preference, name in mail] == ["."]:
            return Records(takes_no_mail=True)
        return Records(
            receivers=_hosts(name for preference, name in mail if preference == mail[0][0]),
            others=_hosts(name for preference, name in mail if preference != mail[0][0]),
            autodiscover=_hosts([*self._named(domain), *self._as_service(domain)]),
        )

    def _named(self, domain: str) -> list[Name]:
        """The host behind the usual name, if there is one: what aliases lead to."""
        answer = self._resolve_if_any(f"{AUTODISCOVER}.{domain}", "A")
        is_there = answer and (answer.rrset or answer.canonical_name != answer.qname)
        return [answer.canonical_name] if answer and is_there else []

    def _as_service(self, domain: str) -> list[Name]:
        answer = self._resolve_if_any(f"{SERVICE}.{domain}", "SRV")
        return [record.target for record in answer.rrset or []] if answer else []

    def _resolve_if_any(self, name: str, kind: str) -> Answer | None:
        """A name that is missing, or of which nothing can be learnt, is nothing to tell of: many domains have none."""
        from dns.resolver import NXDOMAIN

        try:
            return self._resolve(name, kind)
        except (NXDOMAIN, _NotAnswered):
            return None

    def _resolve(self, name: str, kind: str) -> Answer:
        """The answer, which may be empty. Raises NXDOMAIN and _NotAnswered."""
        from dns.exception import DNSException
        from dns.name import IDNA_2008_UTS_46, from_text
        from dns.resolver import NXDOMAIN

        try:
            return self._resolver().resolve(
                from_text(name, idna_codec=IDNA_2008_UTS_46),
                kind,
                raise_on_no_answer=False,
                lifetime=max(0.0, min(SECONDS_EACH, self.end - monotonic())),
                search=False,
            )
        except NXDOMAIN:
            raise
        except (DNSException, OSError) as error:
            raise _NotAnswered from error

    def _resolver(self) -> Resolver:
        from dns.nameserver import Do53Nameserver
        from dns.resolver import Resolver

        resolver = Resolver(configure=not self.servers)
        if self.servers:
            resolver.nameservers = [Do53Nameserver(address, port) for address, port in self.servers]
        resolver.timeout = SECONDS_EACH / 2
        return resolver


def _hosts(names: Iterable[Name]) -> tuple[str, ...]:
    """As they are written, in lower case, each once; what is no host name is left out."""
    texts = (name.to_text(omit_final_dot=True).lower() for name in names)
    return tuple(dict.fromkeys(text for text in texts if HOST_NAME.fullmatch(text)))[:MOST_SERVERS]
