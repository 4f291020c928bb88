"""What the sides' figures differ in and nobody settles in time becomes a decision, by events of metrics'."""

from __future__ import annotations

from typing import Any

import pytest

from services.governance.app import GOVERNANCE
from services.governance.differences import DIFFERENCES_FOLLOWER
from shared.log.followers import Following
from shared.log.rebuild import verify
from shared.testing.api import Api
from tests.integration.governance.road import ROOM, Side, drafted, formed, led, meeting_as_needed, sign
from tests.integration.metrics.road import Joint, everything, row, settle

LATER, LATER_STILL = "2026-03-13T15:00:00Z", "2026-04-13T15:00:00Z"
ROW = {
    "type": "figures_apart",
    "title": "Figures that differ",
    "owner": {"forum": "operational_council"},
    "joint": "yes",
    "forum": "operational_council",
    "sla": {"value": 5, "unit": "business_days"},
}


def follow(api: Api) -> None:
    settle(api)
    following = Following(api.runtime.engine, DIFFERENCES_FOLLOWER)
    while following.turn():
        pass


def overdue(joint: Joint, *days: str) -> list[dict[str, Any]]:
    """Cases of these days, which nobody settled in time; oldest first."""
    joint.push(joint.united, [row(day, "flights", day, "100") for day in days])
    joint.push(joint.express, [row(day, "flights", day, "50") for day in days])
    settle(joint.api)
    joint.api.set_clock(LATER)
    follow(joint.api)
    return everything(joint.united, joint.path("cases"))


def settled(joint: Joint, case: dict[str, Any]) -> None:
    path = joint.path(f"cases/{case['id']}")
    proposed = joint.united.change(f"{path}/propose", {"method": "mean"}, case["version"])
    joint.express.change(f"{path}/accept", None, proposed["version"])
    follow(joint.api)


def decisions_of(joint: Joint) -> list[dict[str, Any]]:
    return everything(joint.united, f"{ROOM}/alliances/{joint.id}/decisions")


@pytest.fixture
def joint(api: Api, united: Side, hansa: Side) -> Joint:
    """An alliance without a governance model."""
    return Joint(api, formed(united, hansa), united.manager, hansa.manager)


def test_one_decision_takes_in_all_that_is_overdue_until_nothing_is(joint: Joint) -> None:
    joint.agree(joint.terms("flights"))
    first, second = overdue(joint, "2026-02-01", "2026-02-02")
    [decision] = decisions_of(joint)
    assert (decision["type"], decision["status"], decision["due_at"]) == ("figures_apart", "open", None)
    assert (decision["outside_matrix"], decision["model_id"]) == (True, None)
    assert first["period"] in decision["subject"]
    assert first["id"] in decision["context"]
    settled(joint, first)
    assert [one["status"] for one in decisions_of(joint)] == ["open"]
    settled(joint, second)
    assert [one["status"] for one in decisions_of(joint)] == ["withdrawn"]
    again = row("again", "flights", "2026-02-01", "200", supersedes="2026-02-01", reason="Recounted.")
    joint.push(joint.united, [again])
    settle(joint.api)
    joint.api.set_clock(LATER_STILL)
    follow(joint.api)
    assert [one["status"] for one in decisions_of(joint)] == ["withdrawn", "open"]
    assert list(verify(joint.api.runtime.engine, GOVERNANCE.own)) == []


def test_what_is_settled_in_time_is_nobodys_decision(joint: Joint) -> None:
    joint.agree(joint.terms("flights"))
    joint.push(joint.united, [row("1", "flights", "2026-02-01", "100")])
    joint.push(joint.express, [row("1", "flights", "2026-02-01", "50")])
    settle(joint.api)
    [case] = everything(joint.united, joint.path("cases"))
    settled(joint, case)
    joint.api.set_clock(LATER)
    follow(joint.api)
    assert decisions_of(joint) == []


def test_a_row_of_the_matrix_says_who_decides_and_by_when(api: Api, united: Side, hansa: Side) -> None:
    alliance = led(united, hansa)
    content = meeting_as_needed(united, alliance)
    content["decision_rights"] = [*content["decision_rights"], ROW]
    model = drafted(united, alliance, content)
    for side in (united, hansa):
        sign(side, model)
    joint = Joint(api, alliance, united.manager, hansa.manager)
    joint.agree(joint.terms("flights"))
    overdue(joint, "2026-02-01")
    [decision] = decisions_of(joint)
    assert (decision["title"], decision["outside_matrix"]) == ("Figures that differ", False)
    assert decision["due_at"] is not None
