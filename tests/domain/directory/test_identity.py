"""Binding an identity provider: which addresses may be one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from services.directory.domain.identity import SIGN_IN, BindIssuer, bind_issuer
from shared.auth.discovery import allowed
from shared.domain import Invalid
from shared.events.directory_access import IssuerBound
from shared.testing.scenario import scenario

BIND = BindIssuer(at=datetime(2026, 3, 2, tzinfo=UTC), issuer="https://login.united.example", audience="concord")
INSIDE = (
    "127.0.0.1:5432", "127.1", "2130706433", "localhost", "a.localhost.", "[::1]", "[::ffff:10.0.0.1]", "10.0.0.5",
    "192.168.1.1", "169.254.169.254", "[fd00::1]", "224.0.0.1", "0x7f.1",
)  # fmt: skip


@pytest.mark.parametrize("host", INSIDE)
def test_no_issuer_is_inside_concords_own_network(host: str) -> None:
    with pytest.raises(Invalid) as invalid:
        bind_issuer(replace(BIND, issuer=f"https://{host}/idp"), SIGN_IN.empty)
    assert (invalid.value.pointer, invalid.value.code) == ("/issuer", "not-public")
    assert not allowed(f"https://{host}/keys", plain_http=False), "nor does an issuer name its keys there"


@pytest.mark.parametrize(
    "host", ["login.united.example", "login.united.example:8443", "93.184.216.34", "[2606:4700::1]"]
)
def test_an_issuer_is_a_public_address(host: str) -> None:
    issuer = f"https://{host}/idp"
    scenario(SIGN_IN).when(bind_issuer, replace(BIND, issuer=issuer)).then(
        IssuerBound(issuer=issuer, audience="concord")
    )
    assert allowed(issuer, plain_http=False)


def test_in_development_it_may_be_on_this_machine() -> None:
    for issuer in ("http://127.0.0.1:9000", "https://127.0.0.1:9000"):
        scenario(SIGN_IN).when(bind_issuer, replace(BIND, issuer=issuer, plain_http=True)).then(
            IssuerBound(issuer=issuer, audience="concord")
        )
