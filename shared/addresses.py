"""Which addresses are public, so that nobody from outside makes us call what only we can reach (SSRF).

Whoever calls out resolves the name once, judges every address it has, and connects to a judged address.
"""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

Address = IPv4Address | IPv6Address


def networks(*texts: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(text) for text in texts)


SPECIAL = {
    "loopback": networks("127.0.0.0/8", "::1/128"),
    "metadata": networks(
        "169.254.169.254/32", "168.63.129.16/32", "100.100.100.200/32", "192.0.0.192/32", "fd00:ec2::254/128"
    ),
    "private": networks("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    "link-local": networks("169.254.0.0/16", "fe80::/10"),
    "carrier-grade-nat": networks("100.64.0.0/10"),
    "multicast": networks("224.0.0.0/4", "ff00::/8"),
    "unspecified": networks("0.0.0.0/8", "::/128"),
    "ipv4-in-ipv6": networks("::ffff:0:0/96", "::ffff:0:0:0/96", "::/96"),
    "nat64": networks("64:ff9b::/96", "64:ff9b:1::/48"),
    "6to4": networks("2002::/16", "192.88.99.0/24"),
    "teredo": networks("2001::/32"),
    "documentation": networks("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32", "3fff::/20"),
    "segment-routing": networks("5f00::/16"),
    "reserved": networks(
        "192.0.0.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "240.0.0.0/4",
        "100::/64",
        "2001::/23",
        "2620:4f:8000::/48",
    ),
}
"""What IANA keeps for special purposes (RFC 6890) and what clouds answer on; the first that holds one tells."""
GLOBAL_UNICAST = IPv6Network("2000::/3")
"""All that IANA gives out of IPv6; the rest of its space is reserved."""


def special_kind(address: Address) -> str | None:
    """What an address is instead of public; None when it is public."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "link-local"
    for kind, held in SPECIAL.items():
        if any(address in network for network in held):
            return kind
    if isinstance(address, IPv6Address) and address not in GLOBAL_UNICAST:
        return "reserved"
    return None
