"""The ledger as it stood, and what changed between two moments."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.events import governance
from shared.ids import uuid7
from tests.integration.ledger.conftest import EFFECTIVE, TIMES, Joint, Told, erase, proposed, raised


def things(state: dict[str, Any]) -> dict[str, Any]:
    return {thing["stream"]: thing for group in state["groups"] for thing in group["things"]}


def test_the_state_is_each_things_latest_fields_by_kind(told: Told) -> None:
    joint = told.joint
    state = joint.get("/state")
    assert state["counts"] == [{"kind": "alliance", "things": 1}, {"kind": "decision", "things": 1}]
    assert [group["kind"] for group in state["groups"]] == ["alliance", "decision"]
    assert (state["id"], state["kind"], state["size"]) == (str(joint.id), "alliance", 5)
    assert [party["name"] for party in state["parties"]] == ["Lufthansa", "United"]
    decision = things(state)[told.decision]
    assert (decision["version"], decision["last_seq"]) == (3, 4)
    assert decision["fields"]["subject"] == "Fares for the summer"
    assert decision["fields"]["route"]["title"] == "Joint pricing"
    assert "choice" not in decision["fields"], "a vote is no field of the decision"
    assert "side" not in decision["fields"]


def test_the_state_as_of_any_moment(told: Told) -> None:
    joint = told.joint
    before = joint.get("/state", as_of="2013-01-07T11:59:59.999999Z")
    assert (before["size"], before["counts"], before["groups"]) == (0, [], [])
    assert things(joint.get("/state", as_of=TIMES[1])).keys() == {told.alliance}
    raised = things(joint.get("/state", as_of="2"))[told.decision]
    assert (raised["version"], raised["fields"]["type"]) == (1, "pricing")
    rejected = things(joint.get("/state", as_of=TIMES[3]))[told.decision]
    assert rejected["version"] == 2
    now = joint.get("/state")
    joint.record(told.decision, 3, governance.InformationGiven(side=uuid7(), answer="42"), by=joint.world.ana)
    assert joint.get("/state", as_of=TIMES[4])["size"] == 6, "the clock stood still, so this counts too"
    assert joint.get("/state", as_of="4") == now


def test_the_state_comes_in_pages(joint: Joint) -> None:
    ana, ben = joint.world.ana, joint.world.ben
    for _ in range(5):
        joint.record(f"decision/{uuid7()}", 0, governance.CourtPassed(sides=(), since=EFFECTIVE), by=ana)
    joint.record(f"alliance/{joint.id}", 0, proposed(ana, ben), by=ana)
    seen: list[str] = []
    cursor: dict[str, Any] = {}
    pages = 0
    while True:
        page = joint.get("/state", limit=2, **cursor)
        assert page["counts"] == [{"kind": "alliance", "things": 1}, {"kind": "decision", "things": 5}]
        seen += things(page)
        pages += 1
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert (pages, len(seen), len(set(seen))) == (3, 6, 6)
    assert things(joint.get("/state", kind="alliance")).keys() == {f"alliance/{joint.id}"}
    assert joint.get("/state", kind="all_iance")["groups"] == []


def test_what_was_erased_is_marked(told: Told) -> None:
    joint, ana, ben = told.joint, told.joint.world.ana, told.joint.world.ben
    joint.record(told.decision, 3, replace(raised(ana, ben), subject="Fares for the winter"), by=ana)
    with joint.world.api.runtime.engine.begin() as connection:
        erase(connection, joint.id, 5)
    decision = things(joint.get("/state"))[told.decision]
    assert (decision["fields"]["subject"], decision["erased"]) == (None, ["options", "subject"])
    [subject] = [c for c in diff(joint, "4")[told.decision]["changes"] if c["field"] == "subject"]
    assert (subject["before"], subject["after"], subject["erased"]) == ("Fares for the summer", None, True)


def diff(joint: Joint, since: str, until: str | None = None, **query: Any) -> dict[str, Any]:
    asked: dict[str, Any] = query if until is None else {"to": until, **query}
    found = joint.get("/diff", from_=since, **asked)
    return {thing["stream"]: thing for thing in found["things"]}


def test_the_difference_between_two_moments(told: Told) -> None:
    joint = told.joint
    found = diff(joint, TIMES[3])
    assert found.keys() == {told.decision}
    decision = found[told.decision]
    assert (decision["from_version"], decision["to_version"], decision["event_count"]) == (2, 3, 1)
    assert decision["changes"] == []
    assert [(e["seq"], e["words"]) for e in decision["events"]] == [
        (4, "Owner of Lufthansa of Lufthansa voted approve on the decision “Fares for the summer”.")
    ]
    assert decision["title"] == "Fares for the summer"


def test_a_thing_that_was_not_there_yet_is_added(told: Told) -> None:
    found = diff(told.joint, TIMES[1], "2")
    assert found.keys() == {told.decision}
    changes = {c["field"]: c for c in found[told.decision]["changes"]}
    assert found[told.decision]["from_version"] == 0
    assert {c["kind"] for c in changes.values()} == {"added"}
    assert changes["route.title"]["after"] == "Joint pricing"
    assert changes["options"]["after"] == ["raise", "keep"]


def test_things_that_did_not_change_are_not_there(told: Told) -> None:
    assert diff(told.joint, "4") == diff(told.joint, "99") == diff(told.joint, TIMES[4]) == {}
    assert told.joint.get("/diff", from_="1", to="3")["from_size"] == 2
    assert told.joint.get("/diff", from_="1", to="3")["to_size"] == 4
    assert diff(told.joint, "1", "3", limit=1).keys() == {told.decision}
    assert diff(told.joint, "0", as_of="1").keys() == {told.alliance}


def test_only_the_latest_events_of_a_thing_are_listed(joint: Joint) -> None:
    passed = [governance.CourtPassed(sides=(), since=EFFECTIVE) for _ in range(30)]
    joint.record(f"decision/{joint.id}", 0, *passed, by=joint.world.ana)
    [thing] = diff(joint, "0").values()
    assert (thing["event_count"], len(thing["events"]), thing["events"][-1]["seq"]) == (29, 20, 29)


@pytest.mark.parametrize(
    "query", [{}, {"from": "3", "to": "1"}, {"from": "yesterday"}, {"from": "1", "to": "2013-13-01T00:00:00Z"}]
)
def test_moments_that_make_no_difference(told: Told, query: dict[str, str]) -> None:
    world = told.joint.world
    response = world.api.client.get(f"{told.joint.path}/diff", params=query, headers=world.ana.headers())
    assert response.status_code == 422
    assert response.json()["errors"][0]["pointer"].startswith("query/")
