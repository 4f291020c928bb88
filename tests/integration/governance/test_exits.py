"""Exits behind real HTTP: rehearsed, triggered, cured, unwound to the last receipt; and one of three leaves."""

from __future__ import annotations

from typing import Any

import pytest

from examples.airline_codeshare import papers
from services.governance.app import GOVERNANCE
from services.governance.time_worker import turn
from shared.log.rebuild import verify
from shared.testing.api import Api, Member
from tests.integration.governance.road import (
    ROOM,
    Side,
    agreed,
    clock,
    do,
    drafted_paper,
    formed,
    governed,
    papers_signed,
    raised,
    status,
    vote,
)


@pytest.fixture
def alliance(united: Side, hansa: Side) -> str:
    made = governed(united, hansa)
    papers_signed(made, united, hansa)
    return made


def at(api: Api, moment: str) -> None:
    api.set_clock(moment)
    turn(api.runtime)


def trigger(side: Side, alliance: str, ground: str, *, expect: int = 201, **more: Any) -> Any:
    return side.manager.post(f"{ROOM}/alliances/{alliance}/exits", {"ground": ground, **more}, expect=expect)


def test_a_rehearsal_shows_all_and_records_nothing(united: Side, hansa: Side, api: Api, alliance: str) -> None:
    raised(united, alliance)
    before = united.manager.get(f"/ledger/v1/ledgers/{alliance}")["size"]
    path = f"{ROOM}/alliances/{alliance}/exit-rehearsal"
    shown = hansa.manager.post(path, {"ground": "no_fault"}, expect=200)
    assert shown["dates"]["effective_at"] == "2026-05-02T05:00:00Z"
    assert (shown["dates"]["unwound_by"], shown["dates"]["alliance_ends"]) == ("2026-06-15", True)
    assert [duty["code"] for duty in shown["duties"]] == ["give-notice", "sign-unwind-plan", "decision"]
    assert len(shown["areas_open"]) == 6
    end = hansa.manager.post(path, {"ground": "end_of_term"}, expect=200)
    assert end["dates"]["effective_at"] == "2029-03-01T06:00:00Z"
    breach = hansa.manager.post(path, {"ground": "material_breach", "reason": "Unpaid."}, expect=200)
    assert breach["dates"]["cure_ends_at"] == "2026-04-02T05:00:00Z"
    unmet = hansa.manager.post(path, {"ground": "kpi_condition", "condition": "unpunctual"}, expect=200)
    assert (unmet["refusal"], unmet["dates"]) == ("condition-not-met", None)
    assert united.manager.get(f"/ledger/v1/ledgers/{alliance}")["size"] == before


def test_a_breach_that_is_mended_ends_the_exit(united: Side, hansa: Side, api: Api, alliance: str) -> None:
    trigger(united, alliance, "material_breach", expect=422)
    begun = trigger(united, alliance, "material_breach", reason="Two unpaid invoices.")
    assert begun["status"] == "curing"
    assert trigger(hansa, alliance, "no_fault", expect=409)["refusal"] == "exit-runs"
    thing = f"exits/{begun['id']}"
    assert do(hansa.manager, thing, "cure", expect=409)["refusal"] == "not-your-trigger"
    assert do(united.manager, f"alliances/{alliance}", "advance", {"stage": "exiting"}, expect=409)
    assert do(united.manager, thing, "cure")["status"] == "cured"
    at(api, "2026-04-03T15:00:00Z")
    assert united.manager.get(f"{ROOM}/{thing}")["status"] == "cured"
    assert do(united.manager, thing, "withdraw", {}, expect=409)["refusal"] == "too-late-to-withdraw"


def test_from_notice_to_the_last_receipt(united: Side, hansa: Side, api: Api, alliance: str) -> None:
    early = drafted_paper(united, alliance, papers.unwind_plan("2026-05-20"))
    assert do(united.manager, f"agreement-drafts/{early['id']}", "propose", expect=409)["refusal"] == "no-exit"
    exit_ = trigger(hansa, alliance, "no_fault", reason="Another city.")
    thing = f"exits/{exit_['id']}"
    assert do(united.manager, thing, "receipts", {"key": "data"}, expect=409)["refusal"] == "nothing-to-receipt"
    decision = raised(united, alliance)
    until_after_the_end = paused(united, hansa, raised(united, alliance), "2026-05-30T15:00:00Z")
    plan = agreed(alliance, papers.unwind_plan("2026-05-20"), united, hansa)
    do(united.manager, f"alliances/{alliance}", "advance", {"stage": "exiting"})
    at(api, "2026-05-02T15:00:00Z")
    assert united.manager.get(f"{ROOM}/{thing}")["status"] == "effective"
    at(api, "2026-05-21T15:00:00Z")
    shown = united.manager.get(f"{ROOM}/{thing}")
    assert all(one["overdue"] for one in shown["dispositions"])
    keys = [one["key"] for one in plan["content"]["dispositions"]]
    for side in (united, hansa):
        assert do(united.manager, f"alliances/{alliance}", "advance", {}, expect=409)["refusal"] == "gate-shut"
        for key in keys:
            shown = do(side.manager, thing, "receipts", {"key": key})
    assert shown["status"] == "completed"
    assert do(hansa.manager, f"alliances/{alliance}", "advance", {})["stage"] == "ended"
    for one in (decision, until_after_the_end):
        assert united.manager.get(f"{ROOM}/decisions/{one['id']}")["status"] == "lapsed"
    agreements = united.manager.get(f"{ROOM}/alliances/{alliance}/agreements")["items"]
    assert {one["kind"]: one["status"] for one in agreements} == {
        "value_thesis": "lapsed",
        "value_exchange": "lapsed",
        "term_sheet": "lapsed",
        "unwind_plan": "in_force",
    }
    reviews = united.manager.get(f"{ROOM}/alliances/{alliance}/reviews")["items"]
    assert {one["status"] for one in reviews} == {"cancelled"}
    size = united.manager.get(f"/ledger/v1/ledgers/{alliance}")["size"]
    at(api, "2030-01-01T15:00:00Z")
    assert united.manager.get(f"/ledger/v1/ledgers/{alliance}")["size"] == size
    last = clock(united.manager, until_after_the_end)["phases"][-1]
    assert (last["paused"], last["until"]) == (True, "2026-05-21T15:00:00Z")
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def paused(united: Side, hansa: Side, decision: Any, until: str) -> Any:
    thing = f"decisions/{decision['id']}"
    vote(hansa.manager, decision, "ask_for_information")
    do(hansa.manager, thing, "pause-request", {"waiting_for": united.org, "until": until, "reason": "The audit."})
    return do(united.manager, thing, "pause-consent")


def test_a_side_that_vanishes_does_not_hold_the_other_for_ever(
    united: Side, hansa: Side, api: Api, alliance: str
) -> None:
    thing = f"exits/{trigger(hansa, alliance, 'no_fault')['id']}"
    plan = agreed(alliance, papers.unwind_plan("2026-05-20"), united, hansa)
    do(united.manager, f"alliances/{alliance}", "advance", {"stage": "exiting"})
    keys = [one["key"] for one in plan["content"]["dispositions"]]
    for key in keys:
        do(united.manager, thing, "receipts", {"key": key})
    at(api, "2026-06-10T15:00:00Z")
    assert do(united.manager, thing, "close", {}, expect=409)["refusal"] == "unwinding-not-over"
    at(api, "2026-06-16T15:00:00Z")
    asked = do(united.manager, thing, "close", {"reason": "Nobody answers."})["closing"]
    assert (asked["silent"], asked["stands_at"]) == ([hansa.org], "2026-07-17T05:00:00Z")
    assert do(hansa.manager, thing, "receipts", {"key": keys[0]})["closing"] is None
    at(api, "2026-07-20T15:00:00Z")
    assert united.manager.get(f"{ROOM}/{thing}")["status"] == "effective"
    do(united.manager, thing, "close", {})
    assert do(hansa.manager, thing, "object", {"reason": "The data is not back."})["closing"] is None
    do(united.manager, thing, "close", {})
    at(api, "2026-08-21T15:00:00Z")
    done = hansa.manager.get(f"{ROOM}/{thing}")
    assert (done["status"], done["closed_over_silence"]) == ("completed", True)
    assert [len(one["receipted_by"]) for one in done["dispositions"]] == [2, 1, 1, 1, 1, 1]
    assert do(united.manager, f"alliances/{alliance}", "advance", {})["stage"] == "ended"
    at(api, "2030-01-01T15:00:00Z")
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_without_owners_and_without_a_term_sheet_it_can_still_end(united: Side, hansa: Side, api: Api) -> None:
    alliance = formed(united, hansa)
    exit_ = trigger(united, alliance, "no_fault")
    assert (exit_["term_sheet"], exit_["effective_at"]) == (None, "2026-03-02T15:00:00Z")
    assert do(hansa.manager, f"alliances/{alliance}", "advance", {"stage": "exiting"})["stage"] == "exiting"
    refused = trigger(united, alliance, "end_of_term", expect=409)
    assert refused["refusal"] == "no-term-sheet"


@pytest.fixture
def third(stranger: Member, api: Api) -> Side:
    return Side(stranger, stranger, stranger)


def test_one_of_three_leaves_and_the_others_go_on(united: Side, hansa: Side, third: Side, api: Api) -> None:
    alliance = governed(united, hansa, third)
    decision = raised(united, alliance)
    exit_ = trigger(third, alliance, "no_fault")
    assert exit_["leaving"] == [third.org]
    agreed(alliance, papers.unwind_plan("2026-03-31"), united, hansa, third)
    at(api, "2026-03-03T15:00:00Z")
    for side in (united, hansa, third):
        for area in ("assets", "data", "clients", "ip", "people", "communication"):
            shown = do(side.manager, f"exits/{exit_['id']}", "receipts", {"key": area})
    assert shown["status"] == "completed"
    assert united.manager.get(f"{ROOM}/decisions/{decision['id']}")["status"] == "lapsed"
    left = hansa.manager.get(f"{ROOM}/alliances/{alliance}")
    assert left["parties"] == [united.org, hansa.org]
    assert raised(united, alliance)["status"] == "open"
    then = third.manager.get(f"{ROOM}/alliances/{alliance}/decisions")["items"]
    assert [one["id"] for one in then] == [decision["id"]]
    assert status(third.manager, f"alliances/{alliance}/risks", "POST", papers.RISK) in (403, 409)
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []
