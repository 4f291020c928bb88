"""Which hosts are of this machine or its own network, and so nobody's to name from outside."""

from __future__ import annotations

from ipaddress import ip_address

from shared.addresses import special_kind


def of_this_network(host: str) -> bool:
    """Whether a host is an address that the internet does not lead to. What a name stands for is not asked.

    A name that ends in a number is no name: resolvers read `127.1` and `2130706433` as addresses.
    """
    host = host.rstrip(".").lower()
    try:
        address = ip_address(host)
    except ValueError:
        last = host.rpartition(".")[2]
        return last == "localhost" or last[:1].isdigit()
    return special_kind(address) is not None
