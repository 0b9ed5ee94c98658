"""From the records of a domain to where its mailboxes lie, and to the methods that fit, with the reason.

What can't be known from outside is said to be so, and then no method is named that might be the wrong one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from users.choices import Cloud, EmailMethod
from users.finding.providers import Kind, Provider, provider_of
from users.finding.records import Records, Standing

SHOWN = 3
"""So many servers are named; the others are counted."""
OwnServers = Mapping[str, str]
"""The hosts that the system settings name, with the method that uses each."""


@dataclass(frozen=True, slots=True)
class Home:
    """Where mailboxes lie: `sentences` say what was found and what follows; `methods` fit, the best first."""

    sentences: tuple[str, ...]
    methods: tuple[str, ...] = ()
    clouds: tuple[Cloud, ...] = ()
    """The clouds of Microsoft in which they may lie."""

    @property
    def text(self) -> str:
        return " ".join(self.sentences)


@dataclass(frozen=True, slots=True)
class Clue:
    """Some servers and who runs them; a `provider` of None is not known, or there are several."""

    hosts: tuple[str, ...]
    provider: Provider | None
    is_mixed: bool = False

    @classmethod
    def of(cls, hosts: Sequence[str]) -> Clue:
        providers = {provider_of(host) for host in hosts}
        is_mixed = len(providers) > 1
        return cls(tuple(hosts), None if is_mixed else next(iter(providers), None), is_mixed)

    def is_of(self, kind: Kind) -> bool:
        return self.provider is not None and self.provider.kind == kind

    @property
    def name(self) -> str:
        return self.provider.name if self.provider else ""

    @property
    def clouds(self) -> tuple[Cloud, ...]:
        return self.provider.clouds if self.provider else ()

    def __str__(self) -> str:
        """The servers by name."""
        shown, rest = ", ".join(self.hosts[:SHOWN]), len(self.hosts) - SHOWN
        if rest <= 0:
            return shown
        return ngettext("%(hosts)s and %(number)d more", "%(hosts)s and %(number)d more", rest) % {
            "hosts": shown,
            "number": rest,
        }


def home_of(domain: str, records: Records, own: OwnServers) -> Home:
    """Where the mailboxes of `domain` lie, as far as the records tell."""
    nothing = _nothing_known(domain, records)
    if nothing:
        return nothing
    mail, programs = Clue.of(records.receivers), Clue.of(records.autodiscover)
    return (
        _in_microsoft_365(domain, mail, programs)
        or _on_an_own_server(domain, records, own)
        or _received(domain, mail, programs)
    )


def _nothing_known(domain: str, records: Records) -> Home | None:
    if records.standing == Standing.NO_DOMAIN:
        return _home(_("There is no domain %(domain)s. Check the address."), domain)
    if records.standing == Standing.SILENT:
        return _home(
            _("The name servers said nothing of %(domain)s in time, so nothing is known. Try again in a few minutes."),
            domain,
        )
    if records.takes_no_mail:
        return _home(_("%(domain)s takes no mail at all, as its owner says in the DNS. Check the address."), domain)
    return None


def _in_microsoft_365(domain: str, mail: Clue, programs: Clue) -> Home | None:
    """Autodiscover is the better witness: mail can pass through others before, and through Microsoft on its way."""
    if not programs.is_of(Kind.MICROSOFT_365):
        return None
    sentences = [
        _("Mail programs of %(domain)s are led to %(name)s (%(hosts)s), so its mailboxes are there.")
        % _values(domain, programs)
    ]
    if mail.is_of(Kind.FILTER):
        sentences.append(_("Its mail passes through %(name)s before (%(hosts)s).") % _values(domain, mail))
    return Home(tuple(sentences), (EmailMethod.EXCHANGE_ONLINE,), programs.clouds)


def _on_an_own_server(domain: str, records: Records, own: OwnServers) -> Home | None:
    """A server that the system settings name is known for what it is."""
    texts = (
        (records.autodiscover, _("Mail programs of %(domain)s are led to %(hosts)s, which the system settings name.")),
        (records.receivers, _("The mail of %(domain)s is received by %(hosts)s, which the system settings name.")),
    )
    for hosts, text in texts:
        for host in hosts:
            if host in own:
                return _home(text, domain, Clue((host,), None), methods=(own[host],))
    return None


def _received(domain: str, mail: Clue, programs: Clue) -> Home:
    """What those say that receive the mail."""
    if not mail.hosts:
        return _home(_("No server is named in the DNS that receives the mail of %(domain)s."), domain, ask=True)
    if mail.is_mixed:
        return _home(
            _("The mail of %(domain)s is received by servers of several services (%(hosts)s)."), domain, mail, ask=True
        )
    if mail.provider is None:
        return _by_unknown(domain, mail)
    return _BY_KIND[mail.provider.kind](domain, mail, programs)


def _by_microsoft_365(domain: str, mail: Clue, programs: Clue) -> Home:
    own = [host for host in programs.hosts if _is_below(host, domain)]
    if own:
        text = _(
            "The mail of %(domain)s is received by %(name)s (%(hosts)s), but mail programs are led to a server of its "
            "own (%(server)s): mailboxes can lie in both, and where yours lies can't be seen from outside."
        )
        sentences = (text % {**_values(domain, mail), "server": own[0]}, _ask())
        return Home(sentences, (EmailMethod.EXCHANGE_ONLINE, EmailMethod.EXCHANGE), mail.clouds)
    text = _("The mail of %(domain)s is received by %(name)s (%(hosts)s), so its mailboxes are likely there.")
    return Home((text % _values(domain, mail),), (EmailMethod.EXCHANGE_ONLINE,), mail.clouds)


def _by_personal(domain: str, mail: Clue, _programs: Clue) -> Home:
    text = _(
        "Addresses of %(domain)s are personal ones at %(name)s (%(hosts)s), which belong to no organisation. This site "
        "can't send through them; Outlook on your own computer can."
    )
    return _home(text, domain, mail, methods=(EmailMethod.OUTLOOK,))


def _by_filter(domain: str, mail: Clue, _programs: Clue) -> Home:
    text = _(
        "The mail of %(domain)s passes through %(name)s (%(hosts)s), which filters it and hands it on. Where the "
        "mailboxes lie behind it can't be seen from outside."
    )
    return _home(text, domain, mail, ask=True)


def _by_other(domain: str, mail: Clue, _programs: Clue) -> Home:
    text = _(
        "The mail of %(domain)s is received by %(name)s (%(hosts)s). Messages can go out through the SMTP server of "
        "your organisation if that may send for this domain, or from Outlook on your own computer."
    )
    return _home(text, domain, mail, methods=(EmailMethod.SMTP, EmailMethod.OUTLOOK))


def _by_unknown(domain: str, mail: Clue) -> Home:
    if any(_is_below(host, domain) for host in mail.hosts):
        text = _(
            "The mail of %(domain)s is received by a server of its own (%(hosts)s). Whether that is an Exchange server "
            "can't be seen from outside."
        )
        return _home(text, domain, mail, methods=(EmailMethod.EXCHANGE, EmailMethod.SMTP), ask=True)
    text = _("The mail of %(domain)s is received by %(hosts)s, and what that is, is not known here.")
    return _home(text, domain, mail, ask=True)


_BY_KIND = {
    Kind.MICROSOFT_365: _by_microsoft_365,
    Kind.PERSONAL: _by_personal,
    Kind.FILTER: _by_filter,
    Kind.OTHER: _by_other,
}


def _home(
    text: str, domain: str, clue: Clue | None = None, *, methods: tuple[str, ...] = (), ask: bool = False
) -> Home:
    sentences = [text % _values(domain, clue or Clue((), None))]
    return Home((*sentences, _ask()) if ask else tuple(sentences), methods)


def _ask() -> str:
    return _("Ask your administrator which method is meant for you.")


def _values(domain: str, clue: Clue) -> dict[str, str]:
    return {"domain": domain, "name": clue.name, "hosts": str(clue)}


def _is_below(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")
