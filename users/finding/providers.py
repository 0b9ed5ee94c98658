"""Whose servers receive mail, by their names, and what that says of where mailboxes lie: one table.

Microsoft's names stand in "External Domain Name System records for Office 365", and in the same pages for GCC High, DoD
and 21Vianet; those of the others in their own instructions for the MX record. Names change: a server that is not here
is simply not known.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from users.choices import Cloud


class Kind(Enum):
    """What it says that one of these receives the mail."""

    MICROSOFT_365 = auto()
    """The mailboxes of an organisation are there."""
    PERSONAL = auto()
    """Personal mailboxes at Microsoft, which belong to no organisation."""
    FILTER = auto()
    """Mail passes through here on its way to mailboxes elsewhere."""
    OTHER = auto()
    """Mailboxes are there, and none of the methods knows them."""


@dataclass(frozen=True, slots=True)
class Provider:
    """One row: servers are recognised by the ends of their names."""

    name: str
    kind: Kind
    domains: tuple[str, ...]
    clouds: tuple[Cloud, ...] = ()
    """The clouds of Microsoft that it may be."""

    def has(self, host: str) -> bool:
        return any(host == domain or host.endswith(f".{domain}") for domain in self.domains)


def _microsoft(name: str, *domains: str, clouds: tuple[Cloud, ...]) -> Provider:
    return Provider(name, Kind.MICROSOFT_365, domains, clouds)


PROVIDERS = (
    Provider("Outlook.com", Kind.PERSONAL, ("olc.protection.outlook.com",)),
    _microsoft(
        "Microsoft 365",
        "mail.protection.outlook.com",
        "mx.microsoft",
        "mail.eo.outlook.com",
        "autodiscover.outlook.com",
        "autodiscover-s.outlook.com",
        "outlook.office365.com",
        clouds=(Cloud.GLOBAL,),
    ),
    _microsoft("Microsoft 365 US Government", "office365.us", clouds=(Cloud.US_GOV_L4, Cloud.US_GOV_L5)),
    _microsoft("Microsoft 365 (21Vianet)", "partner.outlook.cn", clouds=(Cloud.CHINA,)),
    Provider("Google", Kind.OTHER, ("google.com", "googlemail.com")),
    Provider("Apple iCloud", Kind.OTHER, ("icloud.com",)),
    Provider("Yahoo", Kind.OTHER, ("yahoodns.net",)),
    Provider("Zoho Mail", Kind.OTHER, ("zoho.com", "zoho.eu", "zoho.in", "zohomail.com")),
    Provider("Proton Mail", Kind.OTHER, ("protonmail.ch",)),
    Provider("Fastmail", Kind.OTHER, ("messagingengine.com",)),
    Provider("IONOS", Kind.OTHER, ("kundenserver.de", "ionos.de", "ionos.com", "ionos.co.uk", "1and1.com")),
    Provider("Strato", Kind.OTHER, ("rzone.de",)),
    Provider("GMX", Kind.OTHER, ("gmx.net",)),
    Provider("WEB.DE", Kind.OTHER, ("web.de",)),
    Provider("OVHcloud", Kind.OTHER, ("ovh.net",)),
    Provider("Gandi", Kind.OTHER, ("gandi.net",)),
    Provider("GoDaddy", Kind.OTHER, ("secureserver.net",)),
    Provider("Yandex", Kind.OTHER, ("yandex.net", "yandex.ru")),
    Provider("Proofpoint", Kind.FILTER, ("pphosted.com", "ppe-hosted.com")),
    Provider("Mimecast", Kind.FILTER, ("mimecast.com", "mimecast.co.za", "mimecast-offshore.com")),
    Provider("Barracuda", Kind.FILTER, ("barracudanetworks.com",)),
    Provider("Cisco Secure Email", Kind.FILTER, ("iphmx.com",)),
    Provider("Symantec Email Security.cloud", Kind.FILTER, ("messagelabs.com",)),
    Provider("Trend Micro", Kind.FILTER, ("tmes.trendmicro.com", "tmes.trendmicro.eu")),
    Provider("Sophos", Kind.FILTER, ("hydra.sophos.com", "reflexion.net")),
    Provider("Hornetsecurity", Kind.FILTER, ("hornetsecurity.com", "antispameurope.com")),
    Provider("Forcepoint", Kind.FILTER, ("mailcontrol.com",)),
    Provider("Retarus", Kind.FILTER, ("retarus.com", "retarus.de")),
    Provider("NoSpamProxy", Kind.FILTER, ("nospamproxy.com",)),
    Provider("N-able Mail Assure", Kind.FILTER, ("antispamcloud.com", "spamexperts.com")),
    Provider("Cloudflare", Kind.FILTER, ("mx.cloudflare.net", "mxrecord.io", "mxrecord.mx")),
    Provider("SEPPmail", Kind.FILTER, ("seppmail.cloud",)),
    Provider("FortiMail", Kind.FILTER, ("fortimailcloud.com", "fortimail.com")),
    Provider("Vade", Kind.FILTER, ("vadesecure.com",)),
    Provider("Zix", Kind.FILTER, ("zixmail.net", "arsmtp.com")),
    Provider("MXGuarddog", Kind.FILTER, ("mxguarddog.com",)),
)


def provider_of(host: str) -> Provider | None:
    """Whose server it is; None when it is not known."""
    return next((provider for provider in PROVIDERS if provider.has(host)), None)
