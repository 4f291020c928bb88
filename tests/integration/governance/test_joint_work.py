"""Reviews, milestones, tracks, pilots, commitments, risks, relationships and announcements behind real HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from examples.airline_codeshare import papers
from services.governance.app import GOVERNANCE
from services.governance.time_worker import turn
from shared.log.rebuild import verify
from shared.testing.api import Api
from tests.integration.governance.road import (
    MONDAY,
    ROOM,
    Side,
    agreed,
    do,
    events,
    governed,
    papers_signed,
    plan_signed,
)


@pytest.fixture(scope="module", autouse=True)
def _all_of_it_is_what_the_events_say(api: Api) -> Iterator[None]:
    """Whatever the tests have made, in whichever order, the tables are as a replay makes them."""
    yield
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def launched(united: Side, hansa: Side) -> str:
    """On 2 March 2026, with a signed plan."""
    made = governed(united, hansa)
    papers_signed(made, united, hansa)
    for stage in ("designing", "launching"):
        do(united.manager, f"alliances/{made}", "advance", {"stage": stage})
    plan_signed(made, united, hansa)
    return made


@pytest.fixture(scope="module")
def shared(united: Side, hansa: Side, api: Api) -> str:
    """The path of an alliance for tests that look only at what they made themselves."""
    api.set_clock(MONDAY)
    return f"{ROOM}/alliances/{launched(united, hansa)}"


@pytest.fixture
def alliance(united: Side, hansa: Side, monday: None) -> str:
    """A test's own, whose reviews and milestones time has not touched."""
    return launched(united, hansa)


@pytest.fixture
def path(alliance: str) -> str:
    return f"{ROOM}/alliances/{alliance}"


@pytest.fixture
def owners(united: Side, hansa: Side) -> papers.Owners:
    return tuple({"side": side.org, "person_id": side.manager.person} for side in (united, hansa))


def at(api: Api, moment: str) -> None:
    api.set_clock(moment)
    turn(api.runtime)


def by_kind(side: Side, path: str) -> dict[tuple[str, int], Any]:
    return {(one["kind"], one["number"]): one for one in side.manager.get(f"{path}/reviews")["items"]}


def test_a_launch_schedules_the_reviews(united: Side, path: str) -> None:
    due = {key: review["due_at"] for key, review in by_kind(united, path).items()}
    assert {key: moment[:10] for key, moment in due.items()} == {
        ("deal_logic", 1): "2026-06-01",
        ("quarterly_business", 1): "2026-06-03",
        ("checkpoint", 1): "2026-09-03",
        ("checkpoint", 2): "2027-03-03",
        ("yearly_strategic", 1): "2027-03-03",
        ("renewal", 1): "2028-12-31",
    }


def test_time_opens_a_review_every_side_concludes_it_and_what_repeats_comes_again(
    united: Side, hansa: Side, api: Api, path: str
) -> None:
    review = by_kind(united, path)["quarterly_business", 1]
    thing = f"reviews/{review['id']}"
    early = do(united.manager, thing, "outcome", {"outcome": "continue"}, expect=409)
    assert early["refusal"] == "review-not-open"
    at(api, "2026-05-25T15:00:00Z")
    first = do(united.manager, thing, "outcome", {"outcome": "expand", "findings": "More routes."})
    assert (first["status"], first["outcome"]) == ("open", None)
    assert do(hansa.manager, thing, "outcome", {"outcome": "continue"})["status"] == "open"
    done = do(united.manager, thing, "outcome", {"outcome": "continue"})
    assert (done["status"], done["outcome"], done["missed"]) == ("concluded", "continue", False)
    again = by_kind(united, path)["quarterly_business", 2]
    assert (again["status"], again["due_at"][:10]) == ("scheduled", "2026-09-03")


def test_what_is_not_done_in_time_is_on_record_and_can_still_be_done(
    united: Side, hansa: Side, api: Api, alliance: str, path: str
) -> None:
    at(api, "2026-06-10T15:00:00Z")
    review = by_kind(united, path)["deal_logic", 1]
    assert (review["status"], review["missed"]) == ("missed", True)
    missed = events(api, alliance, f"review/{review['id']}")[-1]
    assert missed.effective_at < missed.event.detected_at
    for side in (united, hansa):
        late = do(side.manager, f"reviews/{review['id']}", "outcome", {"outcome": "restructure"})
    assert (late["status"], late["missed"]) == ("concluded", True)


def test_the_verdict_on_an_assumption_comes_on_its_day(united: Side, api: Api, path: str) -> None:
    at(api, "2026-06-10T15:00:00Z")
    [thesis] = united.manager.get(f"{path}/agreements", kind="value_thesis")["items"]
    [verdict] = thesis["verdicts"]
    assert (verdict["key"], verdict["due_on"], verdict["verdict"]) == ("on_time", "2026-06-01", "no_figures")


def test_a_milestone_is_reached_after_what_it_depends_on(united: Side, hansa: Side, api: Api, path: str) -> None:
    at(api, "2026-06-10T15:00:00Z")
    plan = {one["key"]: one for one in united.manager.get(f"{path}/milestones")["items"]}
    assert all(one["missed"] for one in plan.values())
    thing = f"milestones/{plan['baseline']['id']}"
    refused = do(united.manager, thing, "report", {"status": "reached"}, expect=409)
    assert refused["refusal"] == "depends-on-others"
    feeds = f"milestones/{plan['feeds']['id']}"
    assert do(hansa.manager, feeds, "report", {"status": "reached"}, expect=409)["refusal"] == "not-delivered"
    do(hansa.manager, feeds, "deliverables", {"place": 0})
    reached = do(hansa.manager, feeds, "report", {"status": "reached"})
    assert (reached["status"], reached["late"]) == ("reached", True)
    assert do(united.manager, thing, "report", {"status": "reached"})["status"] == "reached"


def test_a_milestone_moves_by_a_signed_change_of_the_roadmap(
    united: Side, hansa: Side, alliance: str, path: str
) -> None:
    [news] = [m for m in united.manager.get(f"{path}/milestones")["items"] if m["key"] == "news"]
    thing = f"milestones/{news['id']}"
    scope = agreed(alliance, papers.change_request(), united, hansa)
    move = {"due_on": "2026-08-31", "change_request": scope["id"]}
    assert do(united.manager, thing, "move", move, expect=409)["refusal"] == "no-change-request"
    change = {**papers.change_request(), "title": "News later", "change_of": "roadmap"}
    roadmap = agreed(alliance, change, united, hansa)
    assert do(united.manager, thing, "move", {**move, "change_request": roadmap["id"]})["due_on"] == "2026-08-31"


def test_a_milestone_beside_the_plan_has_owners_on_both_sides(united: Side, shared: str, owners: papers.Owners) -> None:
    body = {"key": "crew_app", "title": "One crew app", "area": "integration", "due_on": "2026-12-31"}
    united.manager.post(f"{shared}/milestones", {**body, "owners": list(owners[:1])}, expect=422)
    made = united.manager.post(f"{shared}/milestones", {**body, "owners": list(owners)})
    assert (made["plan"], made["status"]) == (None, "planned")


def test_a_tracks_depth_is_how_far_it_is_in_use(united: Side, hansa: Side, shared: str, owners: papers.Owners) -> None:
    made = united.manager.post(f"{shared}/tracks", papers.track(owners))
    thing = f"tracks/{made['id']}"
    assert made["depth"] == "0.0000"
    used = do(hansa.manager, thing, "deliverables", {"key": "feed", "status": "in_use"})
    assert used["depth"] == "0.5000"
    terms = papers.track(owners)["terms"]
    replanned = do(united.manager, thing, "replan", {"terms": {**terms, "deliverables": terms["deliverables"][:1]}})
    assert (replanned["depth"], replanned["deliverables"][0]["status"]) == ("1.0000", "in_use")
    assert do(hansa.manager, thing, "close", {"reason": "Done."})["closed"]
    closed = do(hansa.manager, thing, "deliverables", {"key": "feed", "status": "planned"}, expect=409)
    assert closed["refusal"] == "track-closed"


def test_a_pilot_has_an_end_and_one_verdict_of_all_sides(united: Side, hansa: Side, api: Api, shared: str) -> None:
    made = united.manager.post(f"{shared}/pilots", papers.pilot("2026-04-30"))
    thing = f"pilots/{made['id']}"
    assert do(united.manager, thing, "accept", expect=409)["refusal"] == "accepted-already"
    assert do(hansa.manager, thing, "accept")["status"] == "running"
    at(api, "2026-05-02T15:00:00Z")
    assert united.manager.get(f"{ROOM}/{thing}")["missed"]
    extend = {"verdict": "extend", "until": "2026-06-30"}
    do(united.manager, thing, "verdict", extend)
    extended = do(hansa.manager, thing, "verdict", extend)
    assert (extended["ends_on"], extended["missed"], extended["said"]) == ("2026-06-30", False, [])
    do(united.manager, thing, "verdict", {"verdict": "commit", "met": ["on_time", "crews"]})
    done = do(hansa.manager, thing, "verdict", {"verdict": "commit", "met": ["on_time"]})
    assert (done["status"], done["verdict"]) == ("concluded", "commit")


def test_a_commitment_is_kept_once_the_other_side_confirms_all_of_it(
    united: Side, hansa: Side, api: Api, shared: str
) -> None:
    made = united.manager.post(f"{shared}/commitments", papers.commitment("2026-06-30"))
    thing = f"commitments/{made['id']}"
    do(united.manager, thing, "deliver", {"amount": "2"})
    assert do(united.manager, thing, "confirm", {"amount": "2"}, expect=409)["refusal"] == "own-promise"
    contested = do(hansa.manager, thing, "contest", {"amount": "1", "reason": "One left in May."})
    assert (contested["confirmed"], contested["found"][0]["contested"]) == ("1", True)
    at(api, "2026-07-02T15:00:00Z")
    assert united.manager.get(f"{ROOM}/{thing}")["missed"]
    kept = do(hansa.manager, thing, "confirm", {"amount": "2"})
    assert (kept["status"], kept["confirmed"]) == ("kept", "2")


def test_the_joint_risk_register(united: Side, hansa: Side, shared: str) -> None:
    made = united.manager.post(f"{shared}/risks", papers.RISK)
    assert made["exposure"] == 12
    thing = f"risks/{made['id']}"
    assert do(hansa.manager, thing, "reassess", {**papers.RISK, "impact": 5})["exposure"] == 15
    assert do(hansa.manager, thing, "close", {"occurred": True})["occurred"]
    assert do(hansa.manager, thing, "reassess", papers.RISK, expect=409)["refusal"] == "risk-closed"


def test_who_holds_the_alliance_together(united: Side, hansa: Side, shared: str, owners: papers.Owners) -> None:
    made = united.manager.post(f"{shared}/counterparts", papers.counterparts(owners))
    graph = hansa.manager.get(f"{shared}/relationships")
    [pair] = graph["pairs"]
    assert pair["id"] == made["id"]
    [manager] = [one for one in graph["people"] if one["person_id"] == united.manager.person]
    assert manager["owner_roles"] == ["alliance_manager"]
    assert "no alliance manager" in manager["breaks"]
    assert "no counterpart for operations (leadership)" in manager["breaks"]
    assert {one["side"]: one["thin"] for one in graph["sides"]} == {united.org: True, hansa.org: True}
    do(hansa.manager, f"counterparts/{made['id']}", "part", {"reason": "A new manager comes."})
    assert united.manager.get(f"{shared}/relationships")["pairs"] == []


def test_an_announcement_waits_for_what_is_missing(united: Side, shared: str) -> None:
    refused = united.manager.post(f"{shared}/announcements", {"on": "2026-07-01"}, expect=409)
    assert (refused["refusal"], refused["detail"]) == (
        "announcement-too-early",
        "Before an announcement this is missing: agreed KPIs.",
    )
    gates = united.manager.get(f"{shared}/gates")
    assert [one["code"] for one in gates["announcement"]] == ["no-kpis"]
