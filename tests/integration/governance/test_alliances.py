"""An alliance by HTTP: proposed, accepted or declined, owned on every side, led through its gates."""

from __future__ import annotations

from typing import Any

from shared.testing.api import Api, Member
from tests.integration.governance.road import (
    NOBODY,
    ROOM,
    Side,
    do,
    drafted,
    formed,
    governed,
    led,
    papers_signed,
    proposed,
    sign,
)

PROPOSAL: dict[str, Any] = {"name": "X", "intent": "co_innovation", "type": "t", "structure": "s"}


def test_both_parties_see_a_proposal_and_nobody_else(united: Side, hansa: Side, stranger: Member) -> None:
    alliance_id = proposed(united, hansa)
    seen = hansa.worker.get(f"{ROOM}/alliances/{alliance_id}")
    assert seen == united.worker.get(f"{ROOM}/alliances/{alliance_id}")
    assert (seen["status"], seen["stage"]) == ("proposed", None)
    assert seen["parties"] == [united.org, hansa.org]
    assert seen["scope"]["inside"] == ["Chicago to Frankfurt"]
    assert alliance_id in [a["id"] for a in hansa.worker.get(f"{ROOM}/alliances", limit=200)["items"]]
    assert stranger.get(f"{ROOM}/alliances")["items"] == []


def test_alliances_are_listed_page_by_page(api: Api, hansa: Side) -> None:
    sponsor = api.organisation("Pages")
    side = Side(sponsor, sponsor, sponsor)
    made = [proposed(side, hansa) for _ in range(5)]
    found, cursor = [], None
    while True:
        page = sponsor.get(f"{ROOM}/alliances", limit=2, **({"cursor": cursor} if cursor else {}))
        found += [alliance["id"] for alliance in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert found == made


def test_a_proposal_names_organisations_that_exist_each_once(united: Side, hansa: Side) -> None:
    for parties, pointer, code in (
        ([hansa.org, str(NOBODY)], "/parties/1", "unknown-organisation"),
        ([united.org], "/parties", "party-twice"),
        ([hansa.org, hansa.org], "/parties", "party-twice"),
    ):
        answer = united.manager.post(f"{ROOM}/alliances", {**PROPOSAL, "parties": parties}, expect=422)
        assert [(e["pointer"], e["code"]) for e in answer["errors"]] == [(pointer, code)]
    blank = united.manager.post(f"{ROOM}/alliances", {**PROPOSAL, "name": " ", "parties": [hansa.org]}, expect=422)
    assert blank["errors"][0]["pointer"] == "/name"


def test_the_last_acceptance_begins_the_forming(api: Api, united: Side, hansa: Side) -> None:
    third = api.organisation("Third")
    side = Side(third, third, third)
    alliance_id = proposed(united, hansa, side)
    thing = f"alliances/{alliance_id}"
    assert do(united.manager, thing, "accept", expect=409)["refusal"] == "accepted-already"
    assert do(hansa.manager, thing, "accept")["status"] == "proposed"
    done = do(third, thing, "accept")
    assert (done["status"], done["stage"]) == ("accepted", "forming")
    assert done["accepted_by"] == [united.org, hansa.org, third.org]


def test_declining_ends_the_proposal(united: Side, hansa: Side) -> None:
    thing = f"alliances/{proposed(united, hansa)}"
    declined = do(hansa.manager, thing, "decline", {"reason": "Not this year."})
    assert (declined["status"], declined["declined_by"], declined["reason"]) == (
        "declined",
        hansa.org,
        "Not this year.",
    )
    assert do(hansa.manager, thing, "accept", expect=409)["refusal"] == "alliance-answered"


def test_a_side_names_its_own_people_as_owners(united: Side, hansa: Side) -> None:
    thing = f"alliances/{formed(united, hansa)}"
    other = {"role": "alliance_manager", "person_id": hansa.manager.person}
    refused = do(united.manager, thing, "owners", other, expect=422)
    assert (refused["errors"][0]["pointer"], refused["errors"][0]["code"]) == ("/person_id", "no-colleague")
    do(united.manager, thing, "owners", {"role": "alliance_manager", "person_id": united.worker.person})
    named = do(united.manager, thing, "owners", {"role": "alliance_manager", "person_id": united.manager.person})
    assert named["owners"] == [{"side": united.org, "role": "alliance_manager", "person_id": united.manager.person}]
    again = do(united.manager, thing, "owners", {"role": "alliance_manager", "person_id": united.manager.person})
    assert again["version"] == named["version"]


def test_a_gate_lists_everything_that_is_missing_by_name(united: Side, hansa: Side) -> None:
    thing = f"alliances/{formed(united, hansa)}"
    shut = do(united.manager, thing, "advance", {}, expect=409)
    assert shut["refusal"] == "gate-shut"
    for missing in ("alliance manager of United", "executive sponsor of Hansa"):
        assert missing in shut["detail"]


def test_from_stage_to_stage(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    thing = f"alliances/{alliance_id}"
    assert do(united.manager, thing, "advance", {})["stage"] == "designing"
    skipped = do(united.manager, thing, "advance", {"stage": "operating"}, expect=409)
    assert skipped["refusal"] == "not-the-next-stage"
    assert "governance model" in do(united.manager, thing, "advance", {}, expect=409)["detail"]
    model = drafted(united, alliance_id)
    for side in (united, hansa):
        sign(side, model)
    gates = {gate["stage"]: gate for gate in hansa.manager.get(f"{ROOM}/{thing}/gates")["gates"]}
    codes = [one["code"] for one in gates["launching"]["missing"]]
    assert codes == ["no-value-thesis", "no-value-exchange", "no-term-sheet"]
    assert (gates["designing"]["opens"], gates["launching"]["opens"]) == (True, False)
    papers_signed(alliance_id, united, hansa)
    assert do(hansa.manager, thing, "advance", {"stage": "launching"})["stage"] == "launching"
    assert "agreed KPIs" in do(hansa.manager, thing, "advance", {}, expect=409)["detail"]


def test_every_side_waives_a_gate_with_its_reason(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    papers_signed(alliance_id, united, hansa)
    thing = f"alliances/{alliance_id}"
    for stage in ("designing", "launching"):
        do(united.manager, thing, "advance", {"stage": stage})
    waiver = {"stage": "operating", "reason": "Agreed with the first figures."}
    do(united.manager, thing, "waive", waiver)
    assert do(united.manager, thing, "waive", waiver, expect=409)["refusal"] == "waived-already"
    do(united.manager, thing, "advance", {}, expect=409)
    waived = do(hansa.manager, thing, "waive", waiver)
    assert [w["side"] for w in waived["waivers"]] == [united.org, hansa.org]
    assert do(hansa.manager, thing, "advance", {})["stage"] == "operating"


def test_a_change_names_the_version_it_was_decided_on(united: Side, hansa: Side) -> None:
    path = f"{ROOM}/alliances/{proposed(united, hansa)}"
    client, headers = hansa.manager.api.client, hansa.manager.headers()
    assert client.post(f"{path}/accept", headers=headers).status_code == 428
    stale = client.post(f"{path}/accept", headers={**headers, "If-Match": '"7"'})
    assert (stale.status_code, stale.headers["etag"]) == (412, '"1"')
    done = client.post(f"{path}/accept", headers={**headers, "If-Match": '"1"'})
    assert (done.status_code, done.headers["etag"], done.json()["version"]) == (200, '"3"', 3)
