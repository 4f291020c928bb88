"""What an operator forges with right hashes, in a ledger whose party signs its own acts, an export gives away."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from services.ledger import verification
from services.ledger.domain import own_signatures
from services.ledger.partner.comparing import compare_checkpoints
from services.ledger.verification import NOT_SOUND, SOUND, UNREADABLE, verify_export
from shared.events import governance, governance_signatures
from shared.events.governance_terms import Choice
from shared.events.values import Signature
from shared.ids import uuid7
from shared.testing.api import Api
from tests.integration.governance.own_keys import VOTE, public, register, signed, signed_vote, statement
from tests.integration.governance.road import MONDAY, Side, governed, vote
from tests.integration.governance.road import raised as raised_by_http
from tests.integration.ledger.conftest import TIMES, Joint, World, raised

ANAS, OPERATORS = 1, 9
Run = Callable[..., tuple[int, dict[str, Any]]]


@dataclass
class Story:
    """A decision of a joint ledger whose first side has a key and votes with it, and what the operator adds."""

    joint: Joint
    decision: str
    version: int = 1
    key: str = ""
    """The stream of the last key."""

    @property
    def side(self) -> str:
        return self.joint.world.ana.org

    def signature(self, number: int, version: int | None = None, choice: str = "approve") -> Signature:
        on = self.version if version is None else version
        message = statement(str(self.joint.id), self.decision, on, VOTE, choice=choice, side=self.side)
        return Signature(**signed(number, message))

    def vote(self, signature: Signature | None, choice: Choice = Choice.APPROVE) -> int:
        """As the log takes it from anybody who can write to it; its seq."""
        cast = governance.VoteCast(side=UUID(self.side), choice=choice, reason="It fits", signature=signature)
        seq = self.joint.record(self.decision, self.version, cast, by=self.joint.world.ana)
        self.version += 1
        return seq

    def register(self, number: int) -> int:
        self.key = f"signing-key/{uuid7()}"
        made = governance_signatures.SigningKeyRegistered(side=UUID(self.side), key=public(number))
        return self.joint.record(self.key, 0, made, by=self.joint.world.ana)

    def withdraw(self) -> None:
        gone = governance_signatures.SigningKeyWithdrawn(side=UUID(self.side))
        self.joint.record(self.key, 1, gone, by=self.joint.world.ana)

    def export(self, folder: Path) -> Path:
        self.joint.sign()
        path = folder / "export.zip"
        path.write_bytes(self.joint.bytes_of("/export"))
        return path


@pytest.fixture
def story(world: World) -> Story:
    world.api.set_clock(TIMES[0])
    joint = world.joint_ledger()
    decision = f"decision/{uuid7()}"
    joint.record(decision, 0, raised(world.ana, world.ben), by=world.ana)
    told = Story(joint, decision)
    told.register(ANAS)
    told.vote(told.signature(ANAS))
    return told


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    def checked(path: Path, *party_keys: str) -> tuple[int, dict[str, Any]]:
        code = verify_export(path, [], as_json=True, party_keys=party_keys)
        return code, json.loads(capsys.readouterr().out)

    return checked


def found(document: dict[str, Any]) -> list[tuple[int | None, str]]:
    return [(one["seq"], one["code"]) for one in document["findings"]]


def test_a_ledger_whose_party_signs_is_sound_and_says_with_which_key(
    story: Story, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = story.export(tmp_path)
    code, document = run(path)
    assert (code, found(document)) == (SOUND, [])
    figures = document["figures"]
    assert (figures["acts_signed"], figures["acts"]) == (1, 1)
    assert figures["party_keys"] == [
        {"side": story.side, "key": public(ANAS), "person_id": None, "from_seq": 1, "to_seq": None}
    ]
    assert verify_export(path, [], as_json=False) == SOUND
    said = capsys.readouterr().out
    assert "1 of 1 acts that bind are signed by their parties' own keys. Confirm with each party" in said
    assert f"- {public(ANAS)} of {story.side}, from entry 1 on" in said


@pytest.mark.parametrize(
    ("forge", "code"),
    [
        (lambda _: None, "signature-missing"),
        (lambda story: story.signature(OPERATORS), "signature-of-unknown-key"),
        (lambda story: story.signature(ANAS, version=1), "signature-wrong"),
        (lambda story: story.signature(ANAS, choice="reject"), "signature-wrong"),
        (lambda story: Signature(public(ANAS), story.signature(OPERATORS).value), "signature-wrong"),
    ],
    ids=["unsigned", "the operator's own key", "replayed", "of another choice", "under the party's name"],
)
def test_a_vote_that_the_operator_adds_is_found_by_both_ways_of_checking(
    story: Story,
    run: Run,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    forge: Callable[[Story], Signature | None],
    code: str,
) -> None:
    seq = story.vote(forge(story))
    path = story.export(tmp_path)
    by_one = run(path)
    assert (by_one[0], found(by_one[1])) == (NOT_SOUND, [(seq, code)])
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path / "folder")
    assert found(run(tmp_path / "folder")[1]) == found(by_one[1])
    monkeypatch.setattr(verification, "LARGE_BYTES_MIN", 0)
    assert run(path) == by_one


def test_a_key_that_the_operator_registers_is_found_by_who_knows_the_partys_keys(
    story: Story, run: Run, tmp_path: Path
) -> None:
    seq = story.register(OPERATORS)
    story.vote(story.signature(OPERATORS))
    path = story.export(tmp_path)
    code, document = run(path)
    assert (code, len(document["figures"]["party_keys"])) == (SOUND, 2)
    code, document = run(path, f"{story.side}={public(ANAS)}")
    assert (code, found(document)) == (NOT_SOUND, [(seq, "key-not-its-partys")])
    both = f"{story.side}={public(ANAS)}", f"{story.side}={public(OPERATORS)}"
    assert run(path, *both)[0] == SOUND


def test_a_withdrawal_that_the_operator_adds_is_found_by_who_gives_the_partys_keys_once_something_is_unsigned(
    story: Story, run: Run, tmp_path: Path
) -> None:
    story.withdraw()
    path = story.export(tmp_path)
    assert run(path, f"{story.side}={public(ANAS)}")[0] == SOUND
    seq = story.vote(None)
    path = story.export(tmp_path)
    assert run(path)[0] == SOUND
    code, document = run(path, f"{story.side}={public(ANAS)}")
    assert (code, found(document)) == (NOT_SOUND, [(seq, "signature-missing")])


def test_a_key_registered_again_in_its_own_stream_or_after_its_withdrawal_is_found(
    story: Story, run: Run, tmp_path: Path
) -> None:
    made = governance_signatures.SigningKeyRegistered(side=UUID(story.side), key=public(ANAS))
    over = story.joint.record(story.key, 1, made, by=story.joint.world.ana)
    gone = governance_signatures.SigningKeyWithdrawn(side=UUID(story.side))
    story.joint.record(story.key, 2, gone, by=story.joint.world.ana)
    again = story.register(ANAS)
    code, document = run(story.export(tmp_path))
    assert (code, found(document)) == (
        NOT_SOUND,
        [(over, "key-registered-again"), (again, "key-registered-again")],
    )
    spans = [(one["from_seq"], one["to_seq"]) for one in document["figures"]["party_keys"]]
    assert spans == [(1, over), (over, over + 1), (again, None)]


def test_of_very_many_keys_those_of_the_parties_given_are_told_and_the_others_counted(
    story: Story, run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_signatures, "KEYS_TOLD_MAX", 0)
    path = story.export(tmp_path)
    _, document = run(path)
    assert (document["figures"]["party_keys"], document["figures"]["party_keys_untold"]) == ([], 1)
    _, document = run(path, f"{story.side}={public(ANAS)}")
    assert [one["key"] for one in document["figures"]["party_keys"]] == [public(ANAS)]


def test_a_signed_ledger_is_compared_without_a_policy_too(story: Story, tmp_path: Path) -> None:
    story.joint.sign()
    (tmp_path / "mine").write_bytes(story.joint.bytes_of("/checkpoint"))
    story.vote(story.signature(ANAS))
    path = story.export(tmp_path)
    (tmp_path / "theirs").write_bytes(story.joint.bytes_of("/checkpoint"))
    assert compare_checkpoints(tmp_path / "mine", tmp_path / "theirs", path, None, as_json=False) == 0


def test_after_the_erasure_of_who_voted_the_vote_is_still_signed(world: World, run: Run, tmp_path: Path) -> None:
    """All of it by HTTP: an alliance, a key, a signed vote with its reason, the erasure, the export."""
    api = world.api
    api.set_clock(MONDAY)
    united, hansa = side(api, "Signing"), side(api, "Trusting")
    alliance_id = governed(united, hansa)
    register(united.sponsor, alliance_id, ANAS)
    decision = raised_by_http(united, alliance_id)
    vote(united.manager, decision, reason="It fits", signature=signed_vote(ANAS, united.manager, decision))
    vote(hansa.manager, decision)
    person = f"/directory/v1/people/{united.manager.person}"
    united.sponsor.change(f"{person}/deactivate", {}, united.sponsor.get(person)["version"])
    united.sponsor.change(f"{person}/erasure", {"ground": "person_asked"}, united.sponsor.get(person)["version"])
    shown = united.sponsor.get(f"/governance/v1/decisions/{decision['id']}")
    assert [(one["reason"], one["signature"] is not None) for one in shown["votes"]] == [(None, True), (None, False)]
    path = tmp_path / "export.zip"
    path.write_bytes(Joint(world, UUID(alliance_id)).bytes_of("/export", by=united.sponsor))
    code, document = run(path, f"{united.org}={public(ANAS)}")
    assert (code, found(document)) == (SOUND, [])
    figures = document["figures"]
    # Both sides have signed the governance model, before there was a key, and voted.
    assert (figures["acts_signed"], figures["acts"], figures["erased"] > 0) == (1, 4, True)


def side(api: Api, name: str) -> Side:
    sponsor = api.organisation(name)
    return Side(sponsor, api.colleague(sponsor, f"Manager of {name}"), api.colleague(sponsor, f"Worker of {name}"))


@pytest.mark.parametrize("given", ["nobody", "not-an-id=AAAA", f"{UUID(int=1)}=AAAA", f"{UUID(int=1)}"])
def test_a_party_key_that_is_none_is_said(story: Story, run: Run, tmp_path: Path, given: str) -> None:
    assert run(story.export(tmp_path), given)[0] == UNREADABLE
