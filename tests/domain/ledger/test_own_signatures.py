"""The parties' own signatures: what a verifier says of each act that binds, from the entries alone."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any
from uuid import UUID

import pytest
import rfc8785

from services.ledger.domain.own_signatures import KEYS_TOLD_MAX, REGISTERED, WITHDRAWN, OwnSignatures
from services.ledger.domain.report import Notes, PartyKey
from services.ledger.domain.vouched import Trust
from shared.ed25519 import verify_ed25519
from shared.events.governance_signatures import ACTS_THAT_BIND, statement
from tests.signing import private_key_of

LEDGER = UUID(int=7)
A, B = str(UUID(int=0xA)), str(UUID(int=0xB))
ANA, BEN = str(UUID(int=1)), str(UUID(int=2))
VOTE, SIGNED = "governance.vote-cast.v1", "governance.agreement-signed.v1"
PROPOSED, COUNTERED = "governance.agreement-proposed.v1", "governance.agreement-countered.v1"
MISSING, UNKNOWN, WRONG = "signature-missing", "signature-of-unknown-key", "signature-wrong"


def key(number: int) -> str:
    return b64encode(private_key_of(number).public_key().public_bytes_raw()).decode()


@dataclass
class History:
    """Entries one after the other, and what is found in them."""

    party_keys: dict[str, frozenset[str]] = field(default_factory=dict)
    trusting: bool = True
    notes: Notes = field(default_factory=Notes)
    seq: int = 0
    own: OwnSignatures = field(init=False)

    def __post_init__(self) -> None:
        trust = Trust(verify_ed25519, party_keys=self.party_keys) if self.trusting else None
        self.own = OwnSignatures(LEDGER, rfc8785.dumps, self.notes, trust)

    def entry(self, name: str, data: Any, stream: str = "decision/1", version: int = 4, by: str = ANA) -> None:
        actor = {"org": A, "sub": by}
        body = {"type": name, "stream": stream, "version": version, "actor": actor, "data": data}
        self.own.check(self.seq, body)
        self.seq += 1

    def register(self, number: int, side: str = A, person: str | None = None) -> None:
        data = {"side": side, "key": key(number), "person_id": person}
        self.entry(REGISTERED, data, f"signing-key/{number}{side}", 1)

    def withdraw(self, number: int, side: str = A, by_side: str | None = None) -> None:
        self.entry(WITHDRAWN, {"side": by_side or side}, f"signing-key/{number}{side}", 2)

    def vote(self, number: int | None, *, by: str = ANA, **differs: Any) -> None:
        """A vote of A on version 3 of decision/1; `differs`: what the signature is over instead."""
        data = {"choice": "approve", "side": A}
        said = {**statement(LEDGER, "decision/1", 3, VOTE, data), **differs}
        signature = None
        if number is not None:
            value = b64encode(private_key_of(number).sign(rfc8785.dumps(said))).decode()
            signature = {"key": key(number), "value": value}
        self.entry(VOTE, {**data, "signature": signature}, by=by)

    @property
    def found(self) -> list[tuple[int | None, str]]:
        return [(one.seq, one.code) for one in self.notes.findings]

    @property
    def acts(self) -> tuple[int, int]:
        return self.notes.figures.acts_signed, self.notes.figures.acts


def test_before_a_side_has_a_key_its_acts_are_counted_and_need_no_signature() -> None:
    history = History()
    history.vote(None)
    history.register(1, side=B)
    history.vote(None)
    assert (history.found, history.acts) == ([], (0, 2))


def test_from_its_first_key_to_its_last_each_act_of_a_side_is_signed() -> None:
    history = History()
    history.register(1)
    history.register(2)
    history.vote(1)
    history.vote(2)
    history.withdraw(1)
    history.vote(2)
    history.vote(None)
    history.vote(1)
    history.withdraw(2)
    history.vote(None)
    assert history.found == [(6, MISSING), (7, UNKNOWN)]
    assert history.acts == (3, 6)
    assert history.notes.figures.party_keys == [PartyKey(A, key(1), None, 0, 4), PartyKey(A, key(2), None, 1, 8)]


@pytest.mark.parametrize(
    "differs",
    [
        {"version": 2},
        {"stream": "decision/2"},
        {"ledger": str(UUID(int=8))},
        {"type": SIGNED},
        {"data": {"choice": "reject", "side": A}},
        {"data": {"choice": "approve", "side": B}},
        {"context": "concord/act/v2"},
    ],
    ids=str,
)
def test_a_signature_of_anything_else_is_wrong(differs: dict[str, Any]) -> None:
    history = History()
    history.register(1)
    history.vote(1, **differs)
    assert (history.found, history.acts) == ([(1, WRONG)], (0, 1))


def test_a_persons_key_signs_for_that_person_alone() -> None:
    history = History()
    history.register(1, person=ANA)
    history.vote(1, by=ANA)
    history.vote(1, by=BEN)
    history.vote(None, by=BEN)
    assert history.found == [(2, UNKNOWN), (3, MISSING)]


def test_the_other_sides_key_signs_nothing_and_the_other_side_withdraws_nothing() -> None:
    history = History()
    history.register(1)
    history.register(2, side=B)
    history.vote(2)
    history.withdraw(1, by_side=B)
    history.vote(None)
    assert history.found == [(2, UNKNOWN), (4, MISSING)]


def test_a_key_that_its_party_does_not_know_is_told_at_its_registration() -> None:
    history = History({A: frozenset({key(1)})})
    history.register(1)
    history.register(3)
    history.register(3, side=B)
    history.vote(3)
    assert history.found == [(1, "key-not-its-partys")]


@pytest.mark.parametrize("act", sorted(ACTS_THAT_BIND))
def test_every_act_that_binds_is_asked_for_its_signature(act: str) -> None:
    history = History()
    history.register(1)
    history.entry(act, {"side": A, "signature": None})
    history.entry(act, {"side": A})
    assert history.found == [(1, MISSING), (2, MISSING)]


@pytest.mark.parametrize(
    "signature",
    [[], "yes", {}, {"key": key(1)}, {"key": key(1), "value": 5}, {"key": key(1), "value": "%"}, {"key": [1]}],
    ids=str,
)
def test_nonsense_in_place_of_a_signature_is_a_finding_and_no_failure(signature: Any) -> None:
    history = History()
    history.register(1)
    history.entry(VOTE, {"side": A, "signature": signature})
    assert [code for _, code in history.found] in ([UNKNOWN], [WRONG])


@pytest.mark.parametrize("data", [None, [], {}, {"side": 5}, {"side": [A]}], ids=str)
def test_an_act_for_nobody_is_a_finding(data: Any) -> None:
    history = History()
    for name in (VOTE, REGISTERED, WITHDRAWN):
        history.entry(name, data)
    assert history.found == [(0, MISSING), (1, MISSING), (2, MISSING)]


def test_who_cannot_compute_signatures_finds_none_wrong_and_counts_none() -> None:
    history = History(trusting=False)
    history.register(1)
    history.vote(1)
    history.vote(1, version=2)
    history.vote(2)
    history.vote(None)
    assert (history.found, history.acts) == ([(3, UNKNOWN), (4, MISSING)], (0, 4))


def test_what_is_no_act_is_passed_over() -> None:
    history = History()
    history.entry("governance.decision-raised.v1", {"side": A})
    history.own.check(1, {"type": [VOTE]})
    assert (history.found, history.acts) == ([], (0, 0))


def test_of_very_many_keys_a_report_names_the_first() -> None:
    history = History()
    for number in range(KEYS_TOLD_MAX + 1):
        history.entry(REGISTERED, {"side": A, "key": key(1)}, f"signing-key/{number}", 1)
    assert len(history.notes.figures.party_keys) == KEYS_TOLD_MAX


def test_what_is_signed_is_the_content_that_stands_before_it() -> None:
    history, thing = History(), "agreement/1"
    content, another = {"term": "two years"}, {"term": "ten years"}
    true, other = (sha256(rfc8785.dumps(one)).hexdigest() for one in (content, another))
    history.entry(PROPOSED, {"side": B, "content": content, "content_sha256": true}, thing, 1)
    history.entry(SIGNED, {"side": A, "content_sha256": true, "signature": None}, thing, 2)
    assert history.found == []
    # Shown one text and recorded another, under the hash that the party signed.
    history.entry(COUNTERED, {"side": B, "content": another, "content_sha256": true}, thing, 3)
    history.entry(COUNTERED, {"side": B, "content": another, "content_sha256": other}, thing, 4)
    history.entry(SIGNED, {"side": A, "content_sha256": true, "signature": None}, thing, 5)
    history.entry(SIGNED, {"side": A, "content_sha256": other, "signature": None}, "agreement/2", 1)
    assert history.found == [(2, "content-differs"), (4, "signs-other-content"), (5, "signs-other-content")]
    stranges: list[Any] = [None, 3, [], {"content_sha256": []}, {"content": 1e400, "content_sha256": true}]
    for strange in stranges:
        history.entry(PROPOSED, strange, thing, 6)
    assert [code for _, code in history.found[3:]] == ["content-differs"] * 5
