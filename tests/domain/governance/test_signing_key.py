"""A side's own keys: registered, withdrawn, and what an act that binds the side then needs."""

from __future__ import annotations

from uuid import UUID

import pytest

from services.governance.domain.signing_key import (
    KEYS_IN_FORCE_MAX,
    SIGNING_KEY,
    KeyInForce,
    RegisterSigningKey,
    WithdrawSigningKey,
    check_signed,
    register_signing_key,
    withdraw_signing_key,
)
from shared.domain import Refused
from shared.events.governance_signatures import (
    ACTS_THAT_BIND,
    SigningKeyRegistered,
    SigningKeyWithdrawn,
    statement,
)
from shared.events.values import Signature
from shared.testing.scenario import scenario
from tests.domain.governance.given import ANA, BEN, A, B, utc

AT = utc("2026-03-02 10:00")
COMPANY, ANAS = KeyInForce("company"), KeyInForce("anas", ANA)
REGISTERED = SigningKeyRegistered(side=A, key="company")
NEW = RegisterSigningKey(AT, A, "company")


def test_a_side_registers_a_key_for_all_or_for_one_person() -> None:
    scenario(SIGNING_KEY).when(register_signing_key, NEW).then(REGISTERED)
    command = RegisterSigningKey(AT, A, "anas", ANA, in_force=(COMPANY,))
    scenario(SIGNING_KEY).when(register_signing_key, command).then(
        SigningKeyRegistered(side=A, key="anas", person_id=ANA)
    )


def test_a_key_is_in_force_once_a_side_and_there_are_not_too_many() -> None:
    twice = RegisterSigningKey(AT, A, "company", ANA, in_force=(COMPANY,))
    scenario(SIGNING_KEY).when(register_signing_key, twice).then_refused("key-in-force")
    many = tuple(KeyInForce(str(number)) for number in range(KEYS_IN_FORCE_MAX))
    one_more = RegisterSigningKey(AT, A, "company", in_force=many)
    scenario(SIGNING_KEY).when(register_signing_key, one_more).then_refused("too-many-keys")
    gone = RegisterSigningKey(AT, A, "company", withdrawn=frozenset({"company"}))
    scenario(SIGNING_KEY).when(register_signing_key, gone).then_refused("key-withdrawn")
    last = RegisterSigningKey(AT, A, "company", in_force=many[1:])
    scenario(SIGNING_KEY).when(register_signing_key, last).then(REGISTERED)
    scenario(SIGNING_KEY).given(REGISTERED).when(register_signing_key, NEW).then_refused("registered-already")


def test_its_side_withdraws_it_once() -> None:
    known = scenario(SIGNING_KEY).given(REGISTERED)
    withdrawn = SigningKeyWithdrawn(side=A, reason="Lost")
    known.when(withdraw_signing_key, WithdrawSigningKey(AT, A, "Lost")).then(withdrawn)
    known.when(withdraw_signing_key, WithdrawSigningKey(AT, B)).then_refused("not-your-key")
    again = known.given(withdrawn)
    again.when(withdraw_signing_key, WithdrawSigningKey(AT, A)).then_refused("withdrawn-already")


@pytest.mark.parametrize(
    ("key", "person", "in_force", "code"),
    [
        (None, ANA, (), None),
        ("company", ANA, (), "signature-of-unknown-key"),
        (None, ANA, (COMPANY,), "signature-required"),
        ("company", ANA, (COMPANY,), None),
        ("another", ANA, (COMPANY,), "signature-of-unknown-key"),
        ("anas", ANA, (ANAS,), None),
        ("anas", BEN, (ANAS,), "signature-of-unknown-key"),
        (None, BEN, (ANAS,), "signature-required"),
        ("company", BEN, (ANAS, COMPANY), None),
    ],
)
def test_what_an_act_needs(key: str | None, person: UUID, in_force: tuple[KeyInForce, ...], code: str | None) -> None:
    signature = None if key is None else Signature(key, "value")
    if code is None:
        check_signed(signature, person, in_force)
        return
    with pytest.raises(Refused) as refused:
        check_signed(signature, person, in_force)
    assert refused.value.code == code


def test_the_statement_says_which_act_of_which_version_of_which_thing_of_which_ledger() -> None:
    data = {"choice": "approve", "side": str(A), "signature": {"key": "company", "value": "value"}}
    assert statement(UUID(int=7), "decision/1", 3, "governance.vote-cast.v1", data) == {
        "context": "concord/act/v1",
        "ledger": "00000000-0000-0000-0000-000000000007",
        "stream": "decision/1",
        "version": 3,
        "type": "governance.vote-cast.v1",
        "data": {"choice": "approve", "side": str(A)},
    }


def test_the_acts_that_bind_are_these() -> None:
    assert sorted(ACTS_THAT_BIND) == [
        "governance.agreement-signed.v1",
        "governance.agreement-termination-asked.v1",
        "governance.model-reaffirmed.v1",
        "governance.model-signed.v1",
        "governance.vote-cast.v1",
    ]
