"""Absence through HTTP: a delegate has the seat of who is away for as long as it was lent, and the history says so."""

from __future__ import annotations

from typing import Any

import pytest

from shared.testing.api import Api, Member
from tests.integration.governance.road import MONDAY, Side, governed, raised, vote

ALLIANCE = {"intent": "capability_extension", "type": "codeshare", "structure": "contractual"}


@pytest.fixture
def ana(api: Api) -> Member:
    api.set_clock("2026-03-02T12:00:00Z")
    return api.organisation("Away")


def alliance(by: Member, other: Member) -> str:
    made = by.post("/governance/v1/alliances", {**ALLIANCE, "name": "Away days", "parties": [other.org]})
    return str(made["id"])


def assign(by: Member, alliance_id: str, person: str, role: str, **dates: str) -> Any:
    body = {"person_id": person, "role": role, "starts_on": "2026-01-01", **dates}
    return by.post(f"/directory/v1/alliances/{alliance_id}/roles", body)


def seats(of: Member) -> list[Any]:
    return [(seat["person_id"], *seat["roles"], seat["lent"]) for seat in of.get("/directory/v1/me")["seats"]]


def test_a_delegate_has_the_seat_for_as_long_as_it_was_lent(api: Api, ana: Member) -> None:
    lee, partner = api.colleague(ana, "Lee"), api.organisation("Present")
    one, two = alliance(ana, partner), alliance(ana, partner)
    for alliance_id in (one, two):
        assign(ana, alliance_id, ana.person, "alliance_manager")
    away = {"delegate_id": lee.person, "starts_on": "2026-03-03", "until": "2026-03-10"}
    covered = ana.post(f"/directory/v1/people/{ana.person}/absences", away)["delegations"]
    assert {d["alliance_id"] for d in covered} == {one, two}
    assert seats(lee) == []
    api.set_clock("2026-03-03T00:00:00Z")
    assert seats(lee) == [(ana.person, "alliance_manager", True)] * 2
    first = next(d for d in covered if d["alliance_id"] == one)
    ending = f"/directory/v1/alliances/{one}/delegations/{first['id']}/end"
    assert lee.post(ending, {"until": "2026-03-05"}, expect=403)["title"] == "Not allowed"
    assert ana.post(ending, {"until": "2026-03-05"}, expect=200)["until"] == "2026-03-05"
    api.set_clock("2026-03-05T00:00:00Z")
    assert seats(lee) == [(ana.person, "alliance_manager", True)]
    api.set_clock("2026-03-10T00:00:00Z")
    assert seats(lee) == []
    theirs = partner.get(f"/directory/v1/alliances/{one}/delegations")["items"]
    assert [d["id"] for d in theirs] == [first["id"]]
    before = ana.get(f"/directory/v1/alliances/{one}/delegations", as_of="2026-03-02T18:00:00Z")["items"]
    assert before[0]["until"] == "2026-03-10"


def test_a_seat_is_lent_by_who_is_here_to_a_colleague_and_not_lent_on(api: Api, ana: Member) -> None:
    lee, kim, partner = api.colleague(ana, "Lee"), api.colleague(ana, "Kim"), api.organisation("Others")
    one = alliance(ana, partner)
    path = f"/directory/v1/alliances/{one}/delegations"
    role = assign(ana, one, lee.person, "legal")
    today = {"starts_on": "2026-03-02", "until": "2026-03-05"}
    stranger = ana.post(path, {"delegate_id": partner.person, **today}, expect=422)
    assert stranger["errors"][0]["code"] == "no-colleague"
    assert lee.post(path, {"person_id": kim.person, "delegate_id": ana.person, **today}, expect=403)
    lee.post(path, {"delegate_id": kim.person, **today})
    kim.post(path, {"delegate_id": ana.person, **today})
    assert seats(kim) == [(lee.person, "legal", True)]
    assert [seat for seat in seats(ana) if seat[0] == lee.person] == []
    ended = ana.post(f"/directory/v1/alliances/{one}/roles/{role['id']}/end", {"until": "2026-03-02"}, expect=200)
    assert ended["until"] == "2026-03-02"
    assert seats(kim) == [(lee.person, True)]
    nobody = ana.post(f"/directory/v1/people/{kim.person}/absences", {"delegate_id": lee.person, **today}, expect=409)
    assert nobody["refusal"] == "no-role-to-delegate"
    gone = ana.get(f"/directory/v1/people/{lee.person}")
    ana.change(f"/directory/v1/people/{lee.person}/deactivate", {}, gone["version"])
    assert seats(kim) == []


def test_what_a_delegate_does_shows_both_names(api: Api) -> None:
    """Even one who only observes the alliance decides in a seat that was lent, for as long as it was."""
    api.set_clock(MONDAY)
    united, hansa = side(api, "Lending"), side(api, "Reading")
    lee = united.worker
    alliance_id = governed(united, hansa)
    assign(united.manager, alliance_id, lee.person, "observer")
    decision = raised(united, alliance_id)
    assert "refusal" not in vote(lee, decision, expect=403)
    away = {"delegate_id": lee.person, "starts_on": "2026-03-02", "until": "2026-03-03"}
    united.manager.post(f"/directory/v1/alliances/{alliance_id}/delegations", away)
    vote(lee, decision)
    told = hansa.manager.get(f"/ledger/v1/ledgers/{alliance_id}/events", type="governance.vote-cast.v1")["items"][-1]
    assert told["words"].startswith("Worker of Lending of Lending, for Owner of Lending, voted approve")
    assert (told["actor"]["sub"], told["actor"]["on_behalf_of"]) == (lee.person, united.manager.person)
    api.set_clock("2026-03-03T00:00:00Z")
    vote(lee, raised(united, alliance_id), expect=403)


def side(api: Api, name: str) -> Side:
    owner = api.organisation(name)
    return Side(
        api.colleague(owner, f"Sponsor of {name}", "executive"), owner, api.colleague(owner, f"Worker of {name}")
    )
