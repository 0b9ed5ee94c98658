"""Which addresses the site may connect to: twenty-odd that look public and are not, among others."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_network

import pytest
from hypothesis import given
from hypothesis.strategies import ip_addresses

from users.networks import is_public, may_connect

TRUSTED = [ip_network(network) for network in ("10.0.0.0/8", "127.0.0.0/8", "fc00::/7", "::1/128")]
PUBLIC = "93.184.216.34 8.8.8.8 2606:2800:220:1::1 ::ffff:8.8.8.8 64:ff9b::808:808 2002:808:808:: 192.0.1.1".split()
INNER = "192.168.1.1 172.16.0.1 100.64.0.1 ::ffff:192.168.1.1 64:ff9b::c0a8:101 2002:c0a8:101:: ::192.168.1.1".split()
INNER += "::ffff:0:c0a8:101 5f00::1 4000::1".split()
OWN = "10.1.2.3 127.0.0.1 ::1 fc00::1 ::ffff:10.1.2.3 64:ff9b::a01:203 2002:a01:203:: ::127.0.0.1".split()
NEVER = """0.0.0.0 169.254.169.254 100.100.100.200 168.63.129.16 192.0.0.192 192.88.99.1 224.0.0.1 240.0.0.1
255.255.255.255 :: fd00:ec2::254 fd20:ce::254 fe80::1 fec0::1 ff02::1 ::ffff:169.254.169.254 64:ff9b::a9fe:a9fe
64:ff9b:1::a9fe:a9fe 2002:a9fe:a9fe:: 2001:0:4136:e378:8000:63bf:5601:5601 ::169.254.169.254
::ffff:0:a9fe:a9fe""".split()


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_for_everybody(address: str) -> None:
    assert is_public(address)
    assert may_connect(address)


@pytest.mark.parametrize("address", [*INNER, *OWN])
def test_inner_addresses_need_trust_however_they_are_written(address: str) -> None:
    assert not is_public(address)
    assert not may_connect(address)
    assert may_connect(address, TRUSTED) == (address in OWN)


@pytest.mark.parametrize("address", NEVER)
def test_some_addresses_are_never_connected_to(address: str) -> None:
    assert not is_public(address)
    assert not may_connect(address, [ip_network("0.0.0.0/0"), ip_network("::/0")])


@given(ip_addresses(v=4))
def test_an_ipv4_address_within_an_ipv6_address_is_judged_as_itself(address: IPv4Address) -> None:
    number = int(address)
    disguises = [
        IPv6Address(0xFFFF << 32 | number),  # mapped
        IPv6Address(0x64FF9B << 96 | number),  # NAT64
        IPv6Address(0xFFFF << 48 | number),  # translated
        IPv6Address(0x2002 << 112 | number << 80),  # 6to4
        IPv6Address(0x20010000 << 96 | number ^ 0xFFFFFFFF),  # Teredo
    ]
    for disguise in disguises:
        assert is_public(disguise) == is_public(address)
        assert may_connect(disguise, TRUSTED) == may_connect(address, TRUSTED)


@given(ip_addresses())
def test_trust_allows_more_and_never_less(address: IPv4Address | IPv6Address) -> None:
    assert may_connect(address) == is_public(address)
    assert may_connect(address, TRUSTED) >= may_connect(address)
