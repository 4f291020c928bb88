"""One answer to which addresses are public, for whatever calls out."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.ledger.checkpointing.outward import is_public
from shared.addresses import special_kind
from shared.auth.hosts import of_this_network
from tests.domain.shared.addresses import PUBLIC, SPECIAL


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SPECIAL.items() for text in texts])
def test_special_addresses_are_told_by_kind_and_no_party_leads_there(kind: str, text: str) -> None:
    assert special_kind(ip_address(text)) == kind
    assert not is_public(text, development=False)
    assert of_this_network(text)


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_and_the_neighbours_of_special_ones_pass(text: str) -> None:
    assert special_kind(ip_address(text)) is None
    assert is_public(text, development=False)
    assert not of_this_network(text)


def test_development_lets_witnesses_be_on_loopback_and_nowhere_else_inside() -> None:
    for kind, texts in SPECIAL.items():
        for text in texts:
            assert is_public(text, development=True) == (kind == "loopback"), text


@given(st.ip_addresses())
def test_what_python_calls_special_is_special(address: IPv4Address | IPv6Address) -> None:
    if not address.is_global:
        assert special_kind(address) is not None
