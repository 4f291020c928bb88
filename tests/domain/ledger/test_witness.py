"""A witness is named and withdrawn by its own side, under a key and a name that are its alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID

import pytest

from services.ledger.domain.note import Key, SignatureType
from services.ledger.domain.witness import (
    NAME_CHARACTERS_MAX,
    WITNESS,
    WITNESSES_A_SIDE_MAX,
    InService,
    NameWitness,
    WithdrawWitness,
    name_witness,
    withdraw_witness,
)
from shared.domain import Invalid
from shared.events.ledger import WitnessNamed, WitnessWithdrawn
from shared.testing.scenario import scenario

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
UNITED, HANSA = UUID(int=11), UUID(int=12)
URL = "https://witness.example/w"


def vkey(name: str, public: int = 1, kind: SignatureType = SignatureType.COSIGNATURE) -> str:
    return Key(name, kind, bytes([public]) * 32).vkey


def other(number: int, side: UUID = UNITED) -> InService:
    return InService(side, f"other-{number}", vkey(f"other-{number}", 100 + number))


NAME = NameWitness(at=NOON, side=UNITED, vkey=vkey("w"), url=f"{URL}/")
NAMED = WitnessNamed(side=UNITED, name="w", vkey=vkey("w"), url=URL)
WITHDRAWN = WitnessWithdrawn(side=UNITED, name="w")


def test_a_side_names_its_witness_and_withdraws_it() -> None:
    scenario(WITNESS).when(name_witness, NAME).then(NAMED)
    scenario(WITNESS).given(NAMED).when(withdraw_witness, WithdrawWitness(at=NOON, side=UNITED)).then(WITHDRAWN)
    scenario(WITNESS).when(name_witness, replace(NAME, url="https://w.example:65535")).then_includes(WitnessNamed)
    local = replace(NAME, url="http://127.0.0.1:8100", development=True)
    scenario(WITNESS).when(name_witness, local).then_includes(WitnessNamed)


@pytest.mark.parametrize(
    ("code", "others"),
    [
        ("witness-taken", [InService(HANSA, "w", vkey("w", 9))]),
        ("witness-taken", [InService(HANSA, "another name", vkey("another-name"))]),
        ("too-many-witnesses", [other(number) for number in range(WITNESSES_A_SIDE_MAX)]),
    ],
)
def test_names_and_keys_are_one_witness_each_and_sides_have_few(code: str, others: list[InService]) -> None:
    scenario(WITNESS).when(name_witness, replace(NAME, others=tuple(others))).then_refused(code)


def test_the_other_sides_witnesses_take_no_room() -> None:
    others = tuple(other(number, HANSA) for number in range(WITNESSES_A_SIDE_MAX))
    scenario(WITNESS).when(name_witness, replace(NAME, others=others)).then(NAMED)


def test_what_was_named_or_withdrawn_is_not_again_and_nobody_elses_is() -> None:
    withdraw = WithdrawWitness(at=NOON, side=UNITED)
    scenario(WITNESS).given(NAMED).when(name_witness, NAME).then_refused("witness-named")
    scenario(WITNESS).given(NAMED, WITHDRAWN).when(withdraw_witness, withdraw).then_refused("witness-not-in-service")
    scenario(WITNESS).given(NAMED).when(withdraw_witness, replace(withdraw, side=HANSA)).then_refused(
        "not-your-witness"
    )


@pytest.mark.parametrize(
    ("code", "command"),
    [
        ("not-https", replace(NAME, url="http://witness.example")),
        ("not-https", replace(NAME, url="https://user@witness.example")),
        *(("not-https", replace(NAME, url=f"https://witness.example:{port}")) for port in ("0", "65536", "99999", "")),
        ("not-a-key", replace(NAME, vkey=vkey("w")[:-2])),
        ("not-a-witness-key", replace(NAME, vkey=vkey("w", kind=SignatureType.LOG))),
        ("not-a-name", replace(NAME, vkey=vkey("zero\u200bwidth"))),
        ("not-a-name", replace(NAME, vkey=vkey("n" * (NAME_CHARACTERS_MAX + 1)))),
    ],
)
def test_what_no_witness_can_be_named_by(code: str, command: NameWitness) -> None:
    with pytest.raises(Invalid) as refused:
        name_witness(command, WITNESS.empty)
    assert refused.value.code == code
