"""The joint history in words: who did what, what it changed, what was erased and what is held back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from services.ledger.domain.merkle import verify_inclusion
from shared.events import governance
from shared.events.governance_terms import Choice, Scope
from shared.events.ledger import ErasureExecuted, ErasureGround
from shared.ids import uuid7
from shared.log.entry import decode_entry, leaf_hash
from tests.integration.ledger.conftest import (
    EFFECTIVE,
    TIMES,
    Joint,
    Told,
    World,
    completed,
    erase,
    proposed,
    raised,
    submitted,
)


def words(page: dict[str, Any]) -> list[str]:
    return [item["words"] for item in page["items"]]


def test_the_history_reads_as_sentences_with_the_names_one_may_know(told: Told) -> None:
    assert words(told.joint.get("/events")) == [
        "Owner of United of United proposed the alliance Star.",
        "Owner of Lufthansa of Lufthansa accepted the alliance.",
        "Owner of United of United raised the decision “Fares for the summer”: pricing.",
        "Owner of Lufthansa of Lufthansa voted reject on the decision “Fares for the summer”.",
        "Owner of Lufthansa of Lufthansa voted approve on the decision “Fares for the summer”.",
    ]
    # A role in the alliance makes a person known to the other side.
    ben = told.joint.world.ben
    role = {"person_id": ben.person, "role": "alliance_manager", "starts_on": "2013-01-01"}
    ben.post(f"/directory/v1/alliances/{told.joint.id}/roles", role)
    assert words(told.joint.get("/events", after=3))[0].startswith("Owner of Lufthansa of Lufthansa voted approve on")


def test_an_event_in_full(told: Told) -> None:
    event = told.joint.get("/events", after=3)["items"][0]
    ben = told.joint.world.ben
    assert event["seq"] == 4
    assert event["recorded_at"] == TIMES[4]
    assert event["effective_at"] == "2013-01-07T09:00:00Z"
    assert (event["type"], event["stream"], event["version"]) == ("governance.vote-cast.v1", told.decision, 3)
    assert event["actor"] == {
        "org": ben.org, "sub": ben.person, "system": None, "name": "Owner of Lufthansa", "organisation": "Lufthansa",
        "on_behalf_of": None, "on_behalf_of_name": None,
    }  # fmt: skip
    assert event["data"] == {"side": ben.org, "choice": "approve", "reason": "Now it fits", "signature": None}
    assert (event["erased"], event["held_back"], event["raw"]) == ([], False, None)
    assert event["changes"] == [], "a vote is added to a decision and changes no field of it"


def test_values_are_compared_by_their_parts(joint: Joint) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    changed = governance.AllianceProposed(
        **{
            name: getattr(proposed(ana, ben), name)
            for name in ("side", "name", "intent", "type", "structure", "parties")
        },
        scope=Scope(inside=("transatlantic",), outside=("cargo",)),
    )
    joint.record("alliance/x", 0, proposed(ana, ben), by=ana)
    joint.record("alliance/x", 1, changed, by=ana)
    event = joint.get("/events/1")["event"]
    assert [c["field"] for c in event["changes"]] == ["scope.outside"]
    assert event["words"].endswith(" (scope outside: nothing → cargo).")


def test_raw_entries_are_what_is_hashed(told: Told) -> None:
    for event in told.joint.get("/events", raw=True)["items"]:
        proven = told.joint.get(f"/events/{event['seq']}", raw=True)
        entry, proof = b64decode(event["raw"]), proven["proof"]
        assert proven["event"] == event
        assert decode_entry(entry).seq == event["seq"]
        assert b64encode(leaf_hash(entry)).decode() == proof["leaf"]
        hashes = [b64decode(one) for one in proof["hashes"]]
        verify_inclusion(leaf_hash(entry), event["seq"], proof["size"], hashes, b64decode(proof["root"]))


@pytest.mark.parametrize(
    ("query", "seqs"),
    [
        ({}, [0, 1, 2, 3, 4]),
        ({"after": 1}, [2, 3, 4]),
        ({"after": 99}, []),
        ({"type": "governance.vote-cast.v1"}, [3, 4]),
        ({"type": "governance.*"}, [0, 1, 2, 3, 4]),
        ({"type": "metrics.*"}, []),
        ({"type": "governance.never-heard.v1"}, []),
        ({"from": TIMES[1], "to": TIMES[2]}, [1, 2]),
        ({"from": "2013-01-07T13:00:00.000001Z"}, [2, 3, 4]),
        ({"from": "3"}, [3, 4]),
        ({"to": "0"}, [0]),
        ({"from": "4", "to": "3"}, []),
        ({"as_of": TIMES[2]}, [0, 1, 2]),
        ({"as_of": "2012-01-01T00:00:00Z"}, []),
        ({"as_of": "1"}, [0, 1]),
        ({"to": "0001-01-01T00:00:00+14:00"}, None),
    ],
)
def test_filters(told: Told, query: dict[str, str], seqs: list[int] | None) -> None:
    world = told.joint.world
    response = world.api.client.get(f"{told.joint.path}/events", params=query, headers=world.ana.headers())
    if seqs is None:
        assert response.status_code == 422
    else:
        assert [item["seq"] for item in response.json()["items"]] == seqs


def test_filters_by_thing_and_by_actor(told: Told) -> None:
    ben = told.joint.world.ben

    def seqs(**query: Any) -> list[int]:
        return [item["seq"] for item in told.joint.get("/events", **query)["items"]]

    assert seqs(stream=told.decision) == [2, 3, 4]
    assert seqs(stream=f"decision/{uuid7()}") == []
    assert seqs(actor=ben.person) == seqs(actor=ben.org) == [1, 3, 4]
    assert seqs(actor=ben.person.upper(), stream=told.alliance) == [1]
    assert seqs(actor="operator") == []


def test_the_operator_is_named(world: World) -> None:
    page = world.ana.get(f"/ledger/v1/ledgers/{world.ana.org}/events", actor="operator")
    assert words(page)[0] == "The operator registered the organisation United."


def test_pages_follow_one_another_while_others_write(told: Told) -> None:
    first = told.joint.get("/events", limit=2)
    told.joint.record(
        f"decision/{uuid7()}", 0, governance.CourtPassed(sides=(), since=EFFECTIVE), by=told.joint.world.ana
    )
    second = told.joint.get("/events", limit=2, cursor=first["next_cursor"])
    third = told.joint.get("/events", limit=2, cursor=second["next_cursor"])
    assert [[item["seq"] for item in page["items"]] for page in (first, second, third)] == [[0, 1], [2, 3], [4, 5]]
    assert third["next_cursor"] is None


def test_what_was_erased_reads_as_erased(told: Told) -> None:
    joint = told.joint
    with joint.world.api.runtime.engine.begin() as connection:
        digests = [*erase(connection, joint.id, 2), *erase(connection, joint.id, 3)]
    joint.record(f"erasure/{uuid7()}", 0, erasure(digests), by=joint.world.ana)
    again = replace(raised(joint.world.ana, joint.world.ben), subject="Fares for the winter")
    joint.record(told.decision, 3, again, by=joint.world.ana)
    _, rejected, _, changed = joint.get("/events", stream=told.decision)["items"]
    assert rejected["data"]["reason"] is None
    assert rejected["erased"] == ["reason"]
    [subject] = [c for c in changed["changes"] if c["field"] == "subject"]
    assert (subject["before"], subject["after"], subject["erased"]) == (None, "Fares for the winter", True)
    assert words(joint.get("/events", type="ledger.*")) == [
        "Owner of United of United erased personal data (person asked)."
    ]


def erasure(digests: list[str]) -> ErasureExecuted:
    return ErasureExecuted(ground=ErasureGround.PERSON_ASKED, digests=tuple(digests))


def test_ratings_are_held_back_from_all_but_their_assessor_until_the_assessment_is_completed(joint: Joint) -> None:
    ben, stream = joint.world.ben, f"assessment/{joint.id}"
    joint.record(stream, 0, submitted(ben), submitted(ben, score=5), by=ben)
    event = joint.get("/events/1", raw=True)["event"]
    assert event["words"] == "Owner of Lufthansa of Lufthansa submitted the ratings."
    assert (event["data"], event["changes"], event["held_back"]) == (None, [], True)
    # The entry itself says nothing: it holds a salted digest.
    assert b'"score"' not in b64decode(event["raw"])
    own = joint.get("/events/1", by=ben)["event"]
    assert own["data"]["ratings"][0]["score"] == 5
    assert own["changes"] == []
    assert joint.get("/state")["groups"][0]["things"][0]["fields"] == {}
    assert joint.get("/diff", from_="0")["things"][0]["changes"] == []
    assert joint.get("/state", by=ben)["groups"][0]["things"][0]["fields"].keys() == {"assessor", "ratings"}

    joint.record(stream, 2, completed(), by=ben)
    assert joint.get("/events/1")["event"]["data"] == joint.get("/events/1", by=ben)["event"]["data"]
    joint.record(stream, 3, submitted(ben), by=ben)
    assert joint.get("/events/3")["event"]["held_back"]
    assert not joint.get("/events/1")["event"]["held_back"]


def test_the_look_back_is_bounded_and_never_says_what_is_not_so(joint: Joint) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    votes = [governance.VoteCast(side=UUID(int=1), choice=Choice.REJECT) for _ in range(60)]
    stream = f"alliance/{joint.id}"
    joint.record(
        stream, 0, proposed(ana, ben, "First"), *votes, proposed(ana, ben, "Second"), proposed(ana, ben, "3rd"), by=ana
    )
    proposals = joint.get("/events", type="governance.alliance-proposed.v1")["items"]
    # "First" lies further back than is looked, so no value is given for it, rather than a wrong one.
    assert "name" not in {c["field"] for c in proposals[1]["changes"]}
    assert [c["field"] for c in joint.get("/events/62")["event"]["changes"]] == ["name"]


def found(joint: Joint, **query: Any) -> list[int]:
    """The seqs that a search finds, over all its pages."""
    seqs, cursor = [], None
    while True:
        page = joint.get("/events", limit=2, **query, **({"cursor": cursor} if cursor else {}))
        seqs += [item["seq"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return seqs


def test_the_history_is_searched_by_text_person_and_thing(told: Told) -> None:
    joint, ben = told.joint, told.joint.world.ben
    assert found(joint, text="VOTED lufthansa") == [3, 4]
    assert found(joint, text="too early") == [3]
    assert found(joint, text="fares for the summer") == [2, 3, 4], "the title of the thing is searched, too"
    assert found(joint, text="nothing says this") == []
    assert found(joint, person=ben.person) == [1, 3, 4]
    assert found(joint, thing=told.decision.partition("/")[2]) == [2, 3, 4]
    assert found(joint, thing=told.decision.partition("/")[2], type="governance.vote-cast.v1", to="3") == [3]
    vote = joint.get("/events", after=3)["items"][0]
    assert vote["thing"] == {
        "kind": "decision", "id": told.decision.partition("/")[2], "title": "Fares for the summer",
    }  # fmt: skip
    with joint.world.api.runtime.engine.begin() as connection:
        erase(connection, joint.id, 2)
    assert found(joint, text="fares for the summer") == []
    assert joint.get("/events", after=3)["items"][0]["thing"]["title"] == "[erased]"
