"""A decision by HTTP: raised under the matrix in force, voted on by those who hold the right, settled once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from shared.testing.api import Api, Member
from tests.integration.governance.road import (
    DUE,
    MONDAY,
    NOBODY,
    ROOM,
    Side,
    do,
    drafted,
    events,
    governed,
    led,
    raised,
    shown,
    vote,
)


@pytest.fixture(scope="module")
def alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return governed(united, hansa)


def test_the_matrix_in_force_routes_it(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id, options=["Move it", "Keep the date"], context="Certification.")
    assert (made["status"], made["outcome"], made["title"], made["joint"]) == ("open", None, "Roadmap change", True)
    assert (made["owner"]["forum"], made["forum"], made["rung"]) == ("operational_council",) * 2 + (0,)
    assert (made["due_at"], made["original_due_at"]) == (DUE, DUE)
    assert made["options"] == ["Move it", "Keep the date"]
    assert sorted(made["waits_for"]) == sorted([united.org, hansa.org])
    assert shown(hansa.worker, made) == made


def test_without_a_governance_model_in_force_nothing_is_raised(united: Side, hansa: Side) -> None:
    path = f"{ROOM}/alliances/{led(united, hansa)}/decisions"
    refused = united.manager.post(path, {"type": "roadmap_change", "subject": "x"}, expect=409)
    assert refused["refusal"] == "no-governance-model"


def test_both_sides_approve_it(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    first = vote(united.manager, made, reason="The date holds.")
    assert (first["status"], first["waits_for"]) == ("open", [hansa.org])
    done = vote(hansa.manager, made)
    assert (done["status"], done["outcome"], done["late"], done["breached"]) == ("approved", "approved", False, False)
    assert done["settled_at"] == MONDAY
    assert done["waits_for"] == []
    assert [(v["side"], v["choice"], v["person_id"], v["reason"]) for v in done["votes"]] == [
        (united.org, "approve", united.manager.person, "The date holds."),
        (hansa.org, "approve", hansa.manager.person, None),
    ]
    assert shown(united.worker, made) == done
    assert vote(united.manager, made, expect=409)["refusal"] == "decision-settled"


def test_one_rejection_rejects_it(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    vote(united.manager, made)
    assert vote(hansa.manager, made, "reject", reason="Too late.")["outcome"] == "rejected"


def test_abstaining_settles_nothing_and_a_vote_can_change(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    vote(united.manager, made)
    assert vote(hansa.manager, made, "abstain")["status"] == "open"
    assert vote(hansa.manager, made)["status"] == "approved"


def test_who_may_vote(united: Side, hansa: Side, stranger: Member, robot: Member) -> None:
    alliance_id = governed(united, hansa)
    made = raised(united, alliance_id, "commercial_terms")
    refused = vote(united.worker, made, expect=409)
    assert refused["refusal"] == "no-right-to-decide"
    assert "commercial lead" in refused["detail"]
    path, body = f"{ROOM}/decisions/{made['id']}/votes", {"choice": "approve"}
    stranger.change(path, body, made["version"], expect=404)
    robot.change(path, body, made["version"], expect=403)
    role = {"person_id": united.worker.person, "role": "commercial_lead", "starts_on": "2026-01-01"}
    united.sponsor.post(f"/directory/v1/alliances/{alliance_id}/roles", role)
    assert vote(united.worker, made)["status"] == "open"
    assert vote(hansa.sponsor, made)["status"] == "approved"  # named as owner of the alliance


def test_a_role_that_has_not_begun_gives_no_right(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    made = raised(united, alliance_id, "data_sharing")
    role = {"person_id": united.worker.person, "role": "legal", "starts_on": "2026-03-03"}
    united.sponsor.post(f"/directory/v1/alliances/{alliance_id}/roles", role)
    assert vote(united.worker, made, expect=409)["refusal"] == "no-right-to-decide"
    united.worker.api.set_clock("2026-03-03T15:00:00Z")
    vote(united.worker, made)


def test_what_is_sometimes_joint_is_raised_with_its_evaluation(united: Side, hansa: Side, alliance_id: str) -> None:
    path = f"{ROOM}/alliances/{alliance_id}/decisions"
    body = {"type": "delivery_trade_off", "subject": "Drop the late flight"}
    missing = united.manager.post(path, body, expect=422)
    assert (missing["errors"][0]["pointer"], missing["errors"][0]["code"]) == (
        "/values/affects_other_side",
        "value-missing",
    )
    alone = united.manager.post(path, {**body, "values": {"affects_other_side": "false"}})
    assert (alone["sides"], alone["evaluated"]) == ([united.org], {"affects_other_side": "false"})
    assert vote(hansa.manager, alone, expect=409)["refusal"] == "no-right-to-decide"
    assert vote(united.manager, alone)["status"] == "approved"
    theirs = united.manager.post(path, {**body, "values": {"affects_other_side": "false"}, "owner_side": hansa.org})
    assert theirs["sides"] == [hansa.org]
    nobodys = united.manager.post(
        path, {**body, "values": {"affects_other_side": "false"}, "owner_side": str(NOBODY)}, expect=422
    )
    assert nobodys["errors"][0]["pointer"] == "/owner_side"


def test_a_type_outside_the_matrix_is_recorded_as_such(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id, "office_party")
    assert (made["outside_matrix"], made["due_at"], made["joint"]) == (True, None, True)
    vote(united.sponsor, made)
    assert vote(hansa.sponsor, made)["status"] == "approved"


def test_asking_for_information_passes_the_ball(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    assert vote(hansa.manager, made, "ask_for_information", reason="How much?")["waits_for"] == [united.org]
    thing = f"decisions/{made['id']}"
    assert do(hansa.manager, thing, "information", {"answer": "?"}, expect=409)["refusal"] == "nothing-asked"
    told = do(united.worker, thing, "information", {"answer": "12 flights."})
    assert [(i["side"], i["answer"]) for i in told["information"]] == [(united.org, "12 flights.")]
    assert (told["votes"], sorted(told["waits_for"])) == ([], sorted([united.org, hansa.org]))


def test_who_answers_keeps_the_question_of_their_own(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    for side in (united, hansa):
        vote(side.manager, made, "ask_for_information")
    told = do(united.worker, f"decisions/{made['id']}", "information", {"answer": "12 flights."})
    assert [(v["side"], v["choice"]) for v in told["votes"]] == [(united.org, "ask_for_information")]
    assert told["waits_for"] == [hansa.org]


def test_withdrawn_by_the_side_that_raised_it_and_resubmitted(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    thing = f"decisions/{made['id']}"
    vote(united.manager, made)
    assert do(hansa.manager, thing, "withdraw", {}, expect=409)["refusal"] == "not-yours"
    assert do(united.worker, thing, "withdraw", {"reason": "Overtaken."})["status"] == "withdrawn"
    united.worker.api.set_clock("2026-03-03T15:00:00Z")
    assert do(hansa.worker, thing, "reopen", {"reason": "It is back."}, expect=409)["refusal"] == "not-settled"
    assert do(hansa.worker, thing, "resubmit", {}, expect=409)["refusal"] == "not-yours"
    again = do(united.worker, thing, "resubmit", {"options": ["May"], "context": "The certificate has come."})
    assert (again["status"], again["cycle"], again["votes"]) == ("open", 2, [])
    assert (again["subject"], again["options"]) == (made["subject"], ["May"])
    assert (again["due_at"], again["raised_at"]) == ("2026-03-17T22:00:00Z", MONDAY)


def test_a_delegate_votes_for_who_is_away_and_the_history_names_both(
    united: Side, hansa: Side, alliance_id: str
) -> None:
    made = raised(united, alliance_id)
    assert vote(united.worker, made, expect=409)["refusal"] == "no-right-to-decide"
    body = {"person_id": united.manager.person, "delegate_id": united.worker.person}
    body |= {"starts_on": "2026-03-02", "until": "2026-03-20"}
    united.manager.post(f"/directory/v1/alliances/{alliance_id}/delegations", body)
    voted = vote(united.worker, made)
    assert voted["votes"][0]["person_id"] == united.worker.person
    last = events(united.worker.api, alliance_id, f"decision/{made['id']}")[-2]
    assert (str(last.actor.sub), str(last.actor.on_behalf_of)) == (united.worker.person, united.manager.person)


def test_a_side_puts_a_person_in_charge_and_the_clock_stays(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    made = raised(united, alliance_id)
    united.worker.api.set_clock("2026-03-05T15:00:00Z")
    thing, body = f"decisions/{made['id']}", {"person_id": united.worker.person}
    assert do(united.worker, thing, "assign", body, expect=409)["refusal"] == "no-right-to-decide"
    assigned = do(united.manager, thing, "assign", body)
    assert assigned["assigned"] == [{"side": united.org, "person_id": united.worker.person}]
    assert assigned["due_at"] == made["due_at"] == DUE
    assert do(united.manager, thing, "assign", {"person_id": hansa.worker.person}, expect=422)
    assert vote(united.worker, made)["votes"][0]["person_id"] == united.worker.person


def test_a_new_matrix_does_not_reach_what_is_open(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    made = raised(united, alliance_id)
    path = f"{ROOM}/alliances/{alliance_id}/governance-models"
    listed = united.manager.get(path)["items"][0]
    content = united.manager.get(f"{ROOM}/governance-models/{listed['id']}")["content"]
    rights = [{**r, "sla": {"value": 2, "unit": "business_days"}} for r in content["decision_rights"]]
    model = drafted(united, alliance_id, {**content, "decision_rights": rights})
    for side in (united, hansa):
        body = {"content_sha256": model["content_sha256"]}
        do(side.sponsor, f"governance-models/{model['id']}", "sign", body)
    assert shown(united.manager, made)["due_at"] == DUE
    later = raised(united, alliance_id)
    assert (later["model_id"], later["due_at"]) == (model["id"], "2026-03-04T23:00:00Z")


def test_decisions_are_listed_by_status_and_page(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    made = [raised(united, alliance_id) for _ in range(3)]
    vote(united.manager, made[1], "reject")
    path = f"{ROOM}/alliances/{alliance_id}/decisions"
    listed = hansa.worker.get(path, status="open")["items"]
    assert [d["id"] for d in listed] == [made[0]["id"], made[2]["id"]]
    assert hansa.worker.get(path, status="rejected")["items"][0]["id"] == made[1]["id"]
    first = hansa.worker.get(path, limit=2)
    rest = hansa.worker.get(path, limit=2, cursor=first["next_cursor"])
    assert [d["id"] for d in first["items"] + rest["items"]] == [d["id"] for d in made]


def test_a_vote_on_what_has_changed_is_not_counted(united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    path = f"{ROOM}/decisions/{made['id']}/votes"
    body = {"choice": "approve"}
    united.manager.change(path, body, made["version"])
    stale = hansa.manager.change(path, body, made["version"], expect=412)
    assert stale["type"] == "/problems/stale"
    assert [v["side"] for v in shown(hansa.manager, made)["votes"]] == [united.org]


def test_a_system_raises_and_a_person_decides(united: Side, alliance_id: str, robot: Member) -> None:
    made = raised(replace(united, manager=robot), alliance_id)
    assert made["raised_by"] == united.org
    vote(united.manager, made, "reject")


def test_holidays_and_weekends_are_nobodys_working_days(api: Api, united: Side, hansa: Side) -> None:
    """The days of both sides count: Independence Day and Easter Monday are none, whatever year it is."""
    alliance_id = governed(united, hansa)
    for now, due in (
        ("2026-07-02T14:00:00Z", "2026-07-10T22:00:00Z"),  # 3 July is observed in Chicago
        ("2026-04-04T15:00:00Z", "2026-04-14T22:00:00Z"),  # the Saturday of Easter: Monday is free in Frankfurt
        ("2026-03-06T23:30:00Z", "2026-03-16T22:00:00Z"),  # Friday evening
        ("2029-07-03T14:00:00Z", "2029-07-11T22:00:00Z"),  # a year that nobody has signed a holiday of
    ):
        api.set_clock(now)
        assert due_of(united, alliance_id) == due, now


def due_of(side: Side, alliance_id: str) -> Any:
    return raised(side, alliance_id, "delivery_trade_off", values={"affects_other_side": "true"})["due_at"]
