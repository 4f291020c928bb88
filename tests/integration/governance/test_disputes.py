"""What goes wrong, by HTTP: the joint log of issues, and disputes by the steps agreed beforehand."""

from __future__ import annotations

import pytest

from services.governance.app import GOVERNANCE
from services.governance.time_worker import turn
from shared.events.governance_disputes import DisputeStepBreached, DisputeStepStarted, IssueBreached
from shared.log.rebuild import verify
from shared.testing.api import Api
from tests.integration.governance.road import (
    MONDAY,
    ROOM,
    Side,
    clock,
    do,
    drafted,
    events,
    led,
    meeting_as_needed,
    quietly_governed,
    raised,
    shown,
    sign,
)


@pytest.fixture(scope="module")
def alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return quietly_governed(united, hansa)


def work(api: Api) -> None:
    while turn(api.runtime):
        pass


def test_a_dispute_takes_its_steps_until_both_accept(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    path = f"{ROOM}/alliances/{alliance_id}/disputes"
    made = united.manager.post(path, {"subject": "Who pays for the crew"})
    assert [step["key"] for step in made["steps"]][:3] == ["working_team", "operational_council", "steering"]
    assert (made["step"], made["due_at"], made["forum"]) == (1, "2026-03-09T22:00:00Z", "working_team")
    thing = f"disputes/{made['id']}"
    stated = do(united.manager, thing, "positions", {"position": "The plan names you.", "evidence": [0, 3]})
    assert [one["seq"] for one in stated["positions"][0]["evidence"]] == [0, 3]
    assert do(hansa.manager, thing, "positions", {"position": "x", "evidence": [10**9]}, expect=422)
    do(united.manager, thing, "advance")
    assert do(united.manager, thing, "advance", expect=409)["refusal"] == "ready-already"
    assert do(hansa.manager, thing, "advance")["forum"] == "operational_council"
    api.set_clock("2026-04-13T14:00:00Z")
    work(api)
    now = united.worker.get(f"{ROOM}/{thing}")
    assert (now["step"], now["forum"], now["breached"]) == (3, "steering", True)
    assert [step["breached"] for step in now["steps"]] == [False, True, False, False, False]
    kinds = [e for e in events(api, alliance_id, thing.replace("disputes", "dispute")) if e.actor.system]
    assert [type(e.event) for e in kinds] == [DisputeStepBreached, DisputeStepStarted]
    assert kinds[0].effective_at == kinds[0].event.due_at < kinds[0].event.detected_at == kinds[1].effective_at
    do(united.manager, thing, "resolutions", {"resolution": "You pay."})
    do(hansa.manager, thing, "resolutions", {"resolution": "Each pays half."})
    assert do(united.manager, thing, "accept", {"number": 1}, expect=409)["refusal"] == "other-resolution"
    settled = do(united.manager, thing, "accept", {"number": 2})
    assert (settled["status"], settled["late"]) == ("resolved", True)
    assert settled["elapsed_minutes"] == (42 * 24 - 1) * 60
    assert do(united.manager, thing, "withdraw", {}, expect=409)["refusal"] == "dispute-settled"


def test_the_last_rungs_breach_opens_a_dispute(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made, acknowledged = raised(united, alliance_id), raised(united, alliance_id)
    api.set_clock("2026-03-17T15:00:00Z")
    work(api)
    assert shown(united.worker, made)["rung"] == 1
    do(hansa.manager, f"decisions/{acknowledged['id']}", "acknowledge")
    api.set_clock("2026-04-20T15:00:00Z")
    work(api)
    assert clock(united.worker, made)["breaches"][-1]["last"] is True
    found = united.worker.get(f"{ROOM}/alliances/{alliance_id}/disputes", limit=200)["items"]
    [dispute] = [one for one in found if one["thing"] == made["id"]]
    assert (dispute["source"], dispute["opened_by"], dispute["status"]) == ("decision", None, "open")
    assert shown(united.worker, made)["status"] == "open"
    assert clock(united.worker, acknowledged)["breaches"][-1]["rung"] == 1
    assert [one for one in found if one["thing"] == acknowledged["id"]] == []
    assert do(united.manager, f"disputes/{dispute['id']}", "withdraw", {}, expect=409)["refusal"] == "not-yours"


def test_an_issue_is_resolved_reopened_and_timed(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    path = f"{ROOM}/alliances/{alliance_id}/issues"
    owner = {"side": hansa.org, "person_id": hansa.worker.person}
    made = united.worker.post(path, {"title": "Bookings fail at night", "severity": "high"})
    assert (made["sla"], made["due_at"]) == ({"value": 3, "unit": "business_days"}, "2026-03-05T23:00:00Z")
    thing = f"issues/{made['id']}"
    assert do(united.worker, thing, "assign", {"owner": owner})["due_at"] == made["due_at"]
    api.set_clock("2026-03-03T15:00:00Z")
    resolved = do(hansa.worker, thing, "resolve", {"resolution": "The job no longer locks."})
    assert (resolved["status"], resolved["late"], resolved["cycle_minutes"]) == ("resolved", False, 24 * 60)
    assert do(hansa.worker, thing, "resolve", {"resolution": "x"}, expect=409)["refusal"] == "issue-resolved"
    again = do(united.worker, thing, "reopen", {"reason": "It is back."})
    assert (again["cycle"], again["status"], again["due_at"]) == (2, "open", "2026-03-06T23:00:00Z")
    united.worker.post(path, {"title": "x", "severity": "low", "unsolved": "decision"}, expect=422)


def test_what_is_not_solved_in_time_becomes_a_dispute_or_a_decision(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = quietly_governed(united, hansa)
    path = f"{ROOM}/alliances/{alliance_id}/issues"
    one = united.worker.post(path, {"title": "One", "severity": "critical"})
    other = {"title": "Two", "severity": "critical", "unsolved": "decision", "decision_type": "delivery_trade_off"}
    two = hansa.worker.post(path, other)
    early = united.worker.post(path, {"title": "Three", "severity": "low"})
    made = do(united.worker, f"issues/{early['id']}", "escalate", {"into": "dispute"})["became"]
    assert united.worker.get(f"{ROOM}/disputes/{made['id']}")["opened_by"] == united.org
    api.set_clock("2026-03-05T15:00:00Z")
    work(api)
    became = [united.worker.get(f"{ROOM}/issues/{made['id']}")["became"] for made in (one, two)]
    assert [one["kind"] for one in became] == ["dispute", "decision"]
    assert united.worker.get(f"{ROOM}/disputes/{became[0]['id']}")["subject"] == "One"
    decision = united.worker.get(f"{ROOM}/decisions/{became[1]['id']}")
    assert (decision["subject"], decision["raised_by"], decision["joint"]) == ("Two", hansa.org, True)
    [breach] = [e for e in events(api, alliance_id, f"issue/{one['id']}") if isinstance(e.event, IssueBreached)]
    assert breach.effective_at == breach.event.due_at
    assert do(united.worker, f"issues/{one['id']}", "resolve", {"resolution": "Done."})["late"] is True
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_without_agreed_steps_a_dispute_has_no_time(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    content = {**meeting_as_needed(united, alliance_id), "dispute_steps": []}
    model = drafted(united, alliance_id, content)
    for side in (united, hansa):
        sign(side, model)
    made = united.manager.post(f"{ROOM}/alliances/{alliance_id}/disputes", {"subject": "Who pays"})
    assert (made["step"], made["due_at"], made["steps"]) == (0, None, [])
    refused = do(united.manager, f"disputes/{made['id']}", "advance", expect=409)
    assert refused["refusal"] == "no-step-left"
    assert do(united.manager, f"disputes/{made['id']}", "withdraw", {"reason": "Cleared."})["status"] == "withdrawn"
