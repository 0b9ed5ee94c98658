"""Which network addresses this site may connect to.

Public addresses always; private ones and this machine only as ``MAILSETTINGS_TRUSTED_NETWORKS`` says; and some never,
because nothing that anybody may name a server after lives there: the metadata services of clouds among them, which
hand out credentials to whoever asks from inside.
"""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

NEVER: tuple[Network, ...] = tuple(
    ip_network(network)
    for network in (
        "0.0.0.0/8",  # unspecified: RFC 1122 section 3.2.1.3
        "169.254.0.0/16",  # link-local, and the metadata of most clouds
        "100.100.100.200/32",  # metadata of Alibaba Cloud
        "168.63.129.16/32",  # metadata of Azure
        "192.0.0.0/24",  # IETF protocol assignments, and the metadata of Oracle Cloud
        "192.88.99.0/24",  # relays that are no more: RFC 7526
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
        "::/128",  # unspecified
        "64:ff9b:1::/48",  # IPv4 addresses of inner networks: RFC 8215
        "fd00:ec2::254/128",  # metadata of Amazon
        "fd20:ce::254/128",  # metadata of Google
        "fe80::/10",  # link-local
        "fec0::/10",  # site-local, no more in use: RFC 3879
        "ff00::/8",  # multicast
    )
)
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that is given out to anybody (RFC 3587 section 3)."""
NAT64 = IPv6Network("64:ff9b::/96")
"""RFC 6052 section 2.1."""
TRANSLATED = IPv6Network("::ffff:0:0:0/96")
"""RFC 2765 section 2.1."""
COMPATIBLE = IPv6Network("::/96")
"""RFC 4291 section 2.5.5.1; the two addresses in it that are none are ``::`` and ``::1``."""


def is_public(address: str | Address) -> bool:
    """Whether everybody can reach this address, so that connecting to it tells nothing of inner networks."""
    inner = _innermost(address)
    return _is_global(inner) and not _is_in(inner, NEVER)


def may_connect(address: str | Address, trusted: Iterable[Network] = ()) -> bool:
    """Whether this site may connect to the address: it is public, or in a network that is trusted."""
    inner = _innermost(address)
    return not _is_in(inner, NEVER) and (_is_global(inner) or _is_in(inner, trusted))


def _is_global(address: Address) -> bool:
    return address.is_global and (isinstance(address, IPv4Address) or address in GLOBAL_UNICAST)


def _is_in(address: Address, networks: Iterable[Network]) -> bool:
    return any(address in network for network in networks)


def _innermost(address: str | Address) -> Address:
    """The IPv4 address that an IPv6 address stands for, or else the address itself."""
    outer = ip_address(address)
    if isinstance(outer, IPv4Address):
        return outer
    if outer.ipv4_mapped:
        return outer.ipv4_mapped
    if outer.sixtofour:
        return outer.sixtofour
    if outer.teredo:
        return outer.teredo[1]
    if outer in NAT64 or outer in TRANSLATED or (outer in COMPATIBLE and int(outer) > 1):
        return IPv4Address(int(outer) & 0xFFFFFFFF)
    return outer
