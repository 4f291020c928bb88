"""A decision's clock by HTTP: warned, breached, escalated, paused, decided late; and what it says of itself."""

from __future__ import annotations

import pytest

from services.governance.time_worker import turn
from shared.testing.api import Api
from tests.integration.governance.road import DUE, MONDAY, Side, clock, do, governed, led, raised, shown, vote

STEERING_DUE = "2026-03-31T22:00:00Z"
"""Ten business days after DUE, which is at Chicago's close and so counts from the Tuesday."""


@pytest.fixture(scope="module")
def alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return governed(united, hansa)


def at(api: Api, now: str) -> None:
    """Let it be that moment, and the worker have its turn."""
    api.set_clock(now)
    turn(api.runtime)


def test_it_warns_each_side_in_its_own_hours(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    ahead = clock(united.worker, made)["steps_ahead"]
    assert [(s["kind"], s["share"], s["side"]) for s in ahead] == [
        ("warning", 75, hansa.org),
        ("warning", 75, united.org),
        ("warning", 90, hansa.org),
        ("warning", 90, united.org),
        ("breach", None, None),
    ]
    assert ahead[-1]["at"] == DUE
    at(api, ahead[1]["at"])
    warned = clock(hansa.worker, made)
    assert [(w["share"], w["side"], w["scheduled_at"]) for w in warned["warnings"]] == [
        (75, hansa.org, ahead[0]["at"]),
        (75, united.org, ahead[1]["at"]),
    ]
    assert warned["steps_ahead"] == ahead[2:]


def test_after_ten_business_days_it_is_breached_and_goes_to_steering(
    api: Api, united: Side, hansa: Side, alliance_id: str
) -> None:
    made = raised(united, alliance_id)
    at(api, "2026-03-16T21:59:59Z")
    assert (shown(united.worker, made)["breached"], clock(united.worker, made)["breaches"]) == (False, [])
    at(api, DUE)
    seen = shown(hansa.worker, made)
    assert (seen["status"], seen["breached"], seen["rung"], seen["forum"]) == ("open", True, 1, "steering")
    assert (seen["due_at"], seen["original_due_at"]) == (STEERING_DUE, DUE)
    told = clock(hansa.worker, made)
    assert told["breaches"] == [{"cycle": 1, "rung": 0, "due_at": DUE, "detected_at": DUE, "last": False}]
    assert [(e["forum"], e["rung"], e["told"]) for e in told["escalations"]] == [
        ("steering", 1, [united.sponsor.person, hansa.sponsor.person])
    ]
    assert (told["started_at"], told["due_at"], told["forum"]) == (DUE, STEERING_DUE, "steering")
    version = seen["version"]
    at(api, DUE)
    assert shown(hansa.worker, made)["version"] == version


def test_decided_after_its_breach_it_is_late(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    vote(united.manager, made)
    at(api, DUE)
    api.set_clock("2026-03-17T15:00:00Z")
    done = vote(hansa.sponsor, made)
    assert (done["status"], done["late"], done["breached"]) == ("approved", True, True)
    assert clock(united.worker, done)["steps_ahead"] == []
    at(api, "2026-06-01T15:00:00Z")
    assert shown(united.worker, made) == done


def test_decided_after_the_due_time_before_anybody_noticed_it_is_breached_too(
    api: Api, united: Side, hansa: Side, alliance_id: str
) -> None:
    made = raised(united, alliance_id)
    vote(united.manager, made)
    late = "2026-03-17T15:00:00Z"
    api.set_clock(late)
    assert vote(hansa.manager, made)["late"] is True
    breaches = [(b["due_at"], b["detected_at"]) for b in clock(united.worker, made)["breaches"]]
    assert breaches == [(DUE, late)]
    turn(api.runtime)
    assert len(clock(united.worker, made)["breaches"]) == 1


def test_the_last_rung_has_no_further_one(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    at(api, DUE)
    at(api, STEERING_DUE)
    told = clock(united.worker, made)
    assert [(b["rung"], b["due_at"], b["last"]) for b in told["breaches"]] == [
        (0, DUE, False),
        (1, STEERING_DUE, True),
    ]
    assert (told["status"], told["steps_ahead"]) == ("open", [])


def test_acknowledging_stops_the_ladder(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    thing = f"decisions/{made['id']}"
    assert do(united.sponsor, thing, "acknowledge", expect=409)["refusal"] == "nothing-escalated"
    at(api, DUE)
    assert do(hansa.sponsor, thing, "acknowledge")["acknowledged"] is True


def test_forums_without_members_are_passed_over(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa, content=empty_council(united, hansa))
    made = raised(united, alliance_id)
    at(api, DUE)
    escalated = clock(united.worker, made)["escalations"]
    assert [(e["forum"], e["rung"], e["skipped"]) for e in escalated] == [("steering", 2, ["working_team"])]


def empty_council(united: Side, hansa: Side) -> object:
    made = united.manager.post(
        f"/governance/v1/alliances/{led(united, hansa)}/governance-model-drafts", {"starter": True}
    )
    content = made["content"]
    forums = [{**f, "members": []} if f["key"] == "working_team" else f for f in content["forums"]]
    ladder = [{"forum": "working_team"}, {"forum": "steering"}]
    rights = [{**r, "escalates_to": ladder} for r in content["decision_rights"]]
    return {**content, "forums": forums, "decision_rights": rights}


def test_who_held_it_for_how_long(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    """Both from 09:00 in Chicago to Frankfurt's 17:00 and on to Chicago's; then Hansa alone for a day of its own."""
    made = raised(united, alliance_id)
    api.set_clock("2026-03-02T23:00:00Z")
    vote(united.manager, made)
    api.set_clock("2026-03-03T23:00:00Z")
    told = clock(united.worker, made)
    assert [(p["sides"], p["since"], p["until"]) for p in told["phases"]] == [
        ([united.org, hansa.org], MONDAY, "2026-03-02T23:00:00Z"),
        ([hansa.org], "2026-03-02T23:00:00Z", None),
    ]
    assert [(h["sides"], h["worked_minutes"]) for h in told["held"]] == [
        ([united.org, hansa.org], 8 * 60),
        ([hansa.org], 8 * 60),
    ]


def test_a_pause_takes_consent_and_ends_with_the_answer(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    thing = f"decisions/{made['id']}"
    vote(hansa.manager, made, "ask_for_information")
    body = {"waiting_for": united.org, "until": "2026-03-20T17:00:00Z", "reason": "The audit is not out yet."}
    do(hansa.manager, thing, "pause-request", body)
    asked = clock(united.worker, made)
    assert [(r["side"], r["waiting_for"], r["reason"]) for r in asked["pause_requests"]] == [
        (hansa.org, united.org, "The audit is not out yet.")
    ]
    assert do(hansa.manager, thing, "pause-consent", expect=409)["refusal"] == "no-pause-requested"
    assert do(united.manager, thing, "pause-consent")["due_at"] is None
    paused = clock(united.worker, made)
    assert (paused["paused"], paused["due_at"], paused["original_due_at"]) == (True, None, DUE)
    assert paused["projected_due_at"] > DUE
    assert [(s["kind"], s["side"]) for s in paused["steps_ahead"]] == [("resumption", united.org)]
    api.set_clock("2026-03-04T15:00:00Z")  # two working days on
    assert do(united.manager, thing, "information", {"answer": "It is out."})["due_at"] == "2026-03-18T22:00:00Z"
    assert clock(united.worker, made)["paused"] is False


def test_a_pause_ends_by_itself_at_its_cap(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    thing = f"decisions/{made['id']}"
    vote(hansa.manager, made, "ask_for_information")
    body = {"waiting_for": united.org, "until": "2026-03-04T15:00:00Z", "reason": "The audit is not out yet."}
    do(hansa.manager, thing, "pause-request", body)
    do(united.manager, thing, "pause-consent")
    at(api, "2026-03-10T15:00:00Z")
    assert shown(united.worker, made)["due_at"] == "2026-03-18T22:00:00Z"
    assert do(united.manager, thing, "resume", {"waiting_for": united.org}, expect=409)["refusal"] == "not-paused"


def test_either_side_ends_a_pause(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    made = raised(united, alliance_id)
    thing = f"decisions/{made['id']}"
    vote(hansa.manager, made, "ask_for_information")
    body = {"waiting_for": united.org, "until": "2026-03-20T15:00:00Z", "reason": "The audit is not out yet."}
    do(hansa.manager, thing, "pause-request", body)
    do(united.manager, thing, "pause-consent")
    api.set_clock("2026-03-03T15:00:00Z")
    assert do(hansa.worker, thing, "resume", {"waiting_for": united.org})["due_at"] == "2026-03-17T22:00:00Z"


def test_the_clock_of_a_decision_without_an_sla_has_no_times(united: Side, alliance_id: str) -> None:
    told = clock(united.worker, raised(united, alliance_id, "office_party"))
    assert (told["sla"], told["due_at"], told["projected_due_at"], told["steps_ahead"]) == (None, None, None, [])
    assert told["phases"][0]["since"] == MONDAY


def test_as_it_was_before_and_after(api: Api, united: Side, hansa: Side) -> None:
    made = raised(united, governed(united, hansa))
    before = clock(united.worker, made)
    at(api, DUE)
    api.set_clock("2026-03-18T15:00:00Z")
    vote(united.sponsor, made, "reject")
    assert clock(hansa.worker, made, as_of=MONDAY) == before
    assert shown(hansa.worker, made, as_of=MONDAY) == made
    then = clock(hansa.worker, made, as_of="2026-03-17T15:00:00Z")
    assert (then["status"], then["rung"], len(then["breaches"])) == ("open", 1, 1)
    assert shown(hansa.worker, made, as_of="2026-03-17T15:00:00Z")["breached"] is True
    now = clock(hansa.worker, made, as_of="2026-03-18T15:00:00Z")
    assert now == clock(hansa.worker, made)
    assert now["status"] == "rejected"
