"""The opportunity matrix over HTTP, by the organisation's own thresholds."""

from __future__ import annotations

from typing import Any

from shared.testing.api import Member
from tests.integration.scoring.road import ROOM, brief, candidate, do


def rated(member: Member, brief_id: str, name: str, importance: int, feasibility: int) -> str:
    made = candidate(member, brief_id, name)
    body = {
        "importance": [{"name": "Market", "score": importance}],
        "feasibility": [{"name": "Access", "score": feasibility}, {"name": "Money", "score": feasibility}],
    }
    do(member, f"candidates/{made['id']}/opportunity", body)
    return str(made["id"])


def quadrants(member: Member, brief_id: str) -> dict[str, str]:
    found = member.get(f"{ROOM}/briefs/{brief_id}/opportunities")
    return {each["name"]: each["quadrant"] for each in found["opportunities"]}


def thresholds(member: Member, importance: str, feasibility: str, **more: Any) -> Any:
    return do(member, "opportunity-thresholds", {"importance": importance, "feasibility": feasibility}, "PUT", **more)


def test_each_candidate_is_in_a_quadrant_and_thresholds_move_it(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    for name, importance, feasibility in (("A", 5, 5), ("B", 5, 1), ("C", 1, 5), ("D", 1, 1)):
        rated(ana, brief_id, name, importance, feasibility)
    gone = rated(ana, brief_id, "Gone", 5, 5)
    do(ana, f"candidates/{gone}/move", {"stage": "rejected", "reason": "Bought by a rival."})
    candidate(ana, brief_id, "Not rated")
    assert quadrants(ana, brief_id) == {"A": "pursue", "B": "build_up", "C": "quick_win", "D": "leave"}
    thresholds(ana, "1", "1")
    assert set(quadrants(ana, brief_id).values()) == {"pursue"}
    (first, *_) = ana.get(f"{ROOM}/briefs/{brief_id}/opportunities")["opportunities"]
    assert first["fired"]["answers"] == {
        "importance": "5.0000",
        "feasibility": "5.0000",
        "importance_threshold": "1",
        "feasibility_threshold": "1",
    }


def test_thresholds_are_changed_by_who_has_read_them(ana: Member) -> None:
    held = ana.get(f"{ROOM}/opportunity-thresholds")
    body = {"importance": "2.5", "feasibility": "3"}
    path = f"{ROOM}/opportunity-thresholds"
    ana.change(path, body, held["version"] + 7, method="PUT", expect=412)
    assert ana.change(path, body, held["version"], method="PUT")["version"] == held["version"] + 1
    assert thresholds(ana, "6", "3", expect=422)["errors"][0]["pointer"] == "/importance"


def test_overlap_is_kept_for_now_and_in_three_years(ana: Member) -> None:
    made = candidate(ana, brief(ana)["id"])
    assert made["overlap"] is None
    body = {"now_percent": "10", "in_three_years_percent": "40.5"}
    shown = do(ana, f"candidates/{made['id']}/overlap", body)
    assert shown["overlap"] == {**body, "basis": None}
    assert do(ana, f"candidates/{made['id']}/overlap", {**body, "now_percent": "101"}, expect=422)["status"] == 422
