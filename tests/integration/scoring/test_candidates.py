"""Candidates and their way through the funnel, over HTTP."""

from __future__ import annotations

from shared.testing.api import Api, Member
from tests.integration.scoring.road import NOBODY, ROOM, brief, candidate, position, status


def move(
    member: Member, candidate_id: str, version: int, stage: str, expect: int = 200, **more: str
) -> dict[str, object]:
    path = f"{ROOM}/candidates/{candidate_id}/move"
    found: dict[str, object] = member.change(path, {"stage": stage, **more}, version, expect=expect)
    return found


def test_begins_on_the_long_list_and_keeps_each_step(api: Api, ana: Member, stranger: Member) -> None:
    api.set_clock("2026-03-02T09:00:00Z")
    brief_id = brief(ana)["id"]
    body = {"name": "Lusitania", "organisation_id": stranger.org, "reason": "Known from the fair."}
    made = ana.post(f"{ROOM}/briefs/{brief_id}/candidates", body)
    assert (made["brief_id"], made["stage"], made["organisation_id"]) == (brief_id, "long_list", stranger.org)
    api.set_clock("2026-03-09T09:00:00Z")
    moved = move(ana, made["id"], 1, "screening", reason="Meets all.")
    assert moved["steps"] == [
        {"stage": "long_list", "at": "2026-03-02T09:00:00Z", "reason": "Known from the fair."},
        {"stage": "screening", "at": "2026-03-09T09:00:00Z", "reason": "Meets all."},
    ]
    assert ana.get(f"{ROOM}/candidates/{made['id']}") == moved
    assert ana.get(f"{ROOM}/briefs/{brief_id}/candidates")["items"] == [moved]
    assert ana.get(f"{ROOM}/briefs/{brief_id}/candidates", stage="screening")["items"] == [moved]
    assert ana.get(f"{ROOM}/briefs/{brief_id}/candidates", stage="outreach")["items"] == []


def test_is_shown_as_it_was(api: Api, ana: Member) -> None:
    api.set_clock("2026-04-06T09:00:00Z")
    brief_id = brief(ana)["id"]
    api.set_clock("2026-04-07T09:00:00Z")
    made = candidate(ana, brief_id)
    api.set_clock("2026-04-08T09:00:00Z")
    move(ana, made["id"], 1, "screening")
    assert ana.get(f"{ROOM}/candidates/{made['id']}", as_of="2026-04-07T12:00:00Z") == made
    assert ana.get(f"{ROOM}/briefs/{brief_id}/candidates", as_of="2026-04-07T12:00:00Z")["items"] == [made]
    assert ana.get(f"{ROOM}/briefs/{brief_id}/candidates", as_of="2026-04-06T12:00:00Z")["items"] == []
    assert status(ana, f"{ROOM}/candidates/{made['id']}", as_of="2026-04-06T12:00:00Z") == 404
    assert status(ana, f"{ROOM}/briefs/{brief_id}/candidates", as_of="2026-04-01T12:00:00Z") == 404


def test_unusual_numbers_are_warned_of_and_never_refused(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    listed = [candidate(ana, brief_id, f"No. {n}") for n in range(15)]
    assert listed[13]["warnings"][0]["detail"] == "15–25 candidates are usual in long list; there are 14."
    assert listed[14]["warnings"] == []
    for each in listed[:6]:
        move(ana, each["id"], 1, "screening")
        last = move(ana, each["id"], 2, "outreach")
    expected = [{"stage": "outreach", "detail": "1–5 candidates are usual in outreach; there are 6."}]
    assert last["warnings"] == expected
    items = ana.get(f"{ROOM}/briefs/{brief_id}/candidates")["items"]
    assert all(item["warnings"] == expected for item in items)


def test_skips_no_stage_and_is_rejected_with_a_reason(ana: Member) -> None:
    made = candidate(ana, brief(ana)["id"])
    assert move(ana, made["id"], 1, "diligence", expect=409)["refusal"] == "stage-not-next"
    found = move(ana, made["id"], 1, "rejected", expect=422)
    assert found["errors"][0]["pointer"] == "/reason"  # type: ignore[index]
    move(ana, made["id"], 1, "rejected", reason="Too small.")
    assert move(ana, made["id"], 2, "screening", expect=409)["refusal"] == "candidate-settled"
    assert move(ana, made["id"], 1, "screening", expect=412)["status"] == 412


def test_is_of_a_brief_and_its_organisation_is_known(ana: Member) -> None:
    ana.post(f"{ROOM}/briefs/{NOBODY}/candidates", {"name": "Acme"}, expect=404)
    path = f"{ROOM}/briefs/{brief(ana)['id']}/candidates"
    found = ana.post(path, {"name": "Acme", "organisation_id": str(NOBODY)}, expect=422)
    assert found["errors"][0]["code"] == "unknown-organisation"


def test_a_candidate_that_uses_concord_learns_nothing(api: Api, ana: Member, stranger: Member) -> None:
    before = position(api, stranger.org)
    brief_id = brief(ana)["id"]
    made = ana.post(f"{ROOM}/briefs/{brief_id}/candidates", {"name": "Lusitania", "organisation_id": stranger.org})
    move(ana, made["id"], 1, "screening")
    assert position(api, stranger.org) == before
    assert status(stranger, f"{ROOM}/candidates/{made['id']}") == 404
    assert stranger.get(f"{ROOM}/briefs")["items"] == []
