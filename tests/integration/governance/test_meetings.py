"""The rhythm of an alliance by HTTP: meetings of the cadence, held or missed, their agenda, actions, the inbox."""

from __future__ import annotations

from typing import Any

import pytest

from services.governance.app import GOVERNANCE
from services.governance.time_worker import turn
from shared.events.governance_meetings import ActionOverdue, MeetingMissed
from shared.log.rebuild import verify
from shared.testing.api import Api, Member
from tests.integration.governance.road import MONDAY, ROOM, Side, do, drafted, events, governed, led, raised, sign


@pytest.fixture(scope="module")
def alliance_id(api: Api, united: Side, hansa: Side) -> str:
    api.set_clock(MONDAY)
    return governed(united, hansa)


def meetings(member: Member, alliance_id: str, **query: Any) -> list[Any]:
    found: list[Any] = member.get(f"{ROOM}/alliances/{alliance_id}/meetings", limit=200, **query)["items"]
    return found


def work(api: Api) -> int:
    fired = 0
    while made := turn(api.runtime):
        fired += made
    return fired


def here(*members: Member) -> list[dict[str, str]]:
    return [{"side": member.org, "person_id": member.person} for member in members]


def test_the_cadence_of_each_forum_makes_its_meetings(united: Side, hansa: Side) -> None:
    """Weekly, monthly and, until the alliance operates, monthly; when Chicago and Frankfurt are both at work."""
    alliance_id = governed(united, hansa)
    found = meetings(hansa.worker, alliance_id)
    times = {key: [m["starts_at"] for m in found if m["forum"] == key] for key in {m["forum"] for m in found}}
    assert times == {
        "working_team": [
            "2026-03-09T14:00:00Z",
            "2026-03-16T14:00:00Z",
            "2026-03-23T14:00:00Z",
            "2026-03-30T14:00:00Z",
            "2026-04-07T14:00:00Z",
            "2026-04-13T14:00:00Z",
        ],
        "operational_council": ["2026-04-02T14:00:00Z"],
        "steering": ["2026-04-02T14:00:00Z"],
    }
    assert found[0]["members"] == here(united.manager, hansa.manager)
    forums = united.worker.get(f"{ROOM}/alliances/{alliance_id}/forums")["items"]
    assert {f["key"]: f["next_meeting"]["starts_at"] for f in forums} == {key: at[0] for key, at in times.items()}


def test_it_is_held_by_both_sides_and_keeps_its_agenda_and_minutes(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    decision = raised(united, alliance_id)
    first = next(m for m in meetings(united.worker, alliance_id) if m["forum"] == "operational_council")
    agenda = united.worker.get(f"{ROOM}/meetings/{first['id']}/agenda")
    assert [(i["kind"], i["thing"], i["why"]) for i in agenda["items"]] == [("decision", decision["id"], "open")]
    api.set_clock("2026-04-02T16:00:00Z")
    thing = f"meetings/{first['id']}"
    assert do(united.worker, thing, "minutes", {"minutes": "x"}, expect=409)["refusal"] == "not-held"
    alone = {"held_at": "2026-04-02T14:00:00Z", "attendance": here(united.manager)}
    stranger = {**alone, "attendance": [{"side": hansa.org, "person_id": united.manager.person}]}
    assert do(united.worker, thing, "hold", stranger, expect=422)["errors"][0]["code"] == "unknown-person"
    both = {**alone, "attendance": here(united.manager, hansa.manager, hansa.worker)}
    held = do(united.worker, thing, "hold", both)
    assert (held["status"], held["quorate"], held["agenda"][0]["thing"]) == ("held", True, decision["id"])
    assert do(hansa.worker, thing, "minutes", {"minutes": "We move the launch."})["minutes"] == "We move the launch."
    file = attached(hansa.worker, thing, b"# We move the launch.")["minutes_file"]
    assert (file["bytes"], file["media_type"]) == (21, "text/markdown")
    at = f"/ledger/v1/ledgers/{alliance_id}/events/{file['seq']}/attachments/{file['sha256']}"
    assert api.client.get(at, headers=united.worker.headers()).content == b"# We move the launch."
    assert united.worker.get(f"{ROOM}/{thing}")["minutes"] == "We move the launch."
    assert do(hansa.worker, thing, "cancel", {}, expect=409)["refusal"] == "not-scheduled"
    assert united.worker.get(f"{ROOM}/{thing}", as_of="2026-03-20T00:00:00Z")["status"] == "scheduled"


def attached(member: Member, meeting: str, content: bytes) -> Any:
    headers = member.headers({"If-Match": "*", "Content-Type": "application/octet-stream"})
    path = f"{ROOM}/{meeting}/minutes-file?media_type=text/markdown"
    return member.api.expect(200, member.api.client.post(path, content=content, headers=headers))


def test_without_one_of_each_side_there_is_no_quorum(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    first = meetings(united.worker, alliance_id, status="scheduled")[0]
    api.set_clock("2026-03-09T16:00:00Z")
    body = {"held_at": "2026-03-09T14:00:00Z", "attendance": here(united.manager, united.worker)}
    assert do(united.worker, f"meetings/{first['id']}", "hold", body)["quorate"] is False


def test_what_nobody_reports_was_missed_and_the_rhythm_goes_on(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    first = meetings(united.worker, alliance_id)[0]
    api.set_clock("2026-03-12T14:59:59Z")
    work(api)
    assert united.worker.get(f"{ROOM}/meetings/{first['id']}")["status"] == "scheduled"
    api.set_clock("2026-06-01T15:00:00Z")
    work(api)
    missed = united.worker.get(f"{ROOM}/meetings/{first['id']}")
    assert (missed["status"], missed["missed"]) == ("missed", True)
    [event] = [e for e in events(api, alliance_id, f"meeting/{first['id']}") if isinstance(e.event, MeetingMissed)]
    assert event.effective_at == event.event.missed_at < event.event.detected_at
    ahead = [m["starts_at"] for m in meetings(united.worker, alliance_id, status="scheduled", forum="working_team")]
    assert ahead[0] > "2026-06-01"
    late = {"held_at": "2026-03-09T14:00:00Z", "attendance": here(united.manager, hansa.manager)}
    assert do(united.worker, f"meetings/{first['id']}", "hold", late)["missed"] is True
    assert work(api) == 0
    assert list(verify(api.runtime.engine, GOVERNANCE.own)) == []


def test_a_newer_model_cancels_what_the_older_cadence_had_ahead(united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    path = f"{ROOM}/alliances/{alliance_id}/governance-models"
    model = united.manager.get(f"{ROOM}/governance-models/{united.manager.get(path)['items'][0]['id']}")
    forums = [{**f, "cadence": "FREQ=MONTHLY;BYDAY=1TU", "early_cadence": None} for f in model["content"]["forums"]]
    fixed = [{**f, "meets_at": "17:00", "time_zone": "Europe/Berlin", "minutes": 30} for f in forums]
    newer = drafted(united, alliance_id, {**model["content"], "forums": fixed})
    for side in (united, hansa):
        sign(side, newer)
    assert {m["status"] for m in meetings(united.worker, alliance_id) if m["occurs_on"] == "2026-03-09"} == {
        "cancelled"
    }
    ahead = meetings(united.worker, alliance_id, status="scheduled", forum="steering")
    # Easter Tuesday, the first of April 2026, is a working day; 3 March is tomorrow.
    assert [m["starts_at"] for m in ahead] == ["2026-03-03T16:00:00Z", "2026-04-07T15:00:00Z"]
    assert ahead[0]["ends_at"] == "2026-03-03T16:30:00Z"


def test_a_meeting_is_called_moved_and_cancelled(united: Side, hansa: Side, alliance_id: str) -> None:
    path = f"{ROOM}/alliances/{alliance_id}/meetings"
    body = {"forum": "steering", "starts_at": "2026-03-05T15:00:00Z"}
    made = united.worker.post(path, body)
    assert (made["scheduled_by"], made["ends_at"]) == (united.org, "2026-03-05T16:00:00Z")
    united.worker.post(path, {**body, "forum": "tea_room"}, expect=422)
    united.worker.post(path, {**body, "starts_at": "2026-03-01T15:00:00Z"}, expect=422)
    united.worker.post(path, {**body, "starts_at": "9999-12-31T23:59:59Z"}, expect=422)
    moved = do(hansa.worker, f"meetings/{made['id']}", "reschedule", {"starts_at": "2026-03-06T15:00:00Z"})
    assert moved["ends_at"] == "2026-03-06T16:00:00Z"
    assert do(hansa.worker, f"meetings/{made['id']}", "cancel", {"reason": "Settled."})["status"] == "cancelled"


def test_an_action_is_due_at_the_close_of_its_owners_day(api: Api, united: Side, hansa: Side, alliance_id: str) -> None:
    path = f"{ROOM}/alliances/{alliance_id}/actions"
    owner = here(hansa.worker)[0]
    body = {"title": "Send the report", "owner": owner, "due_on": "2026-03-06"}
    made = united.worker.post(path, body)
    assert (made["due_at"], made["status"]) == ("2026-03-06T16:00:00Z", "open")
    for day in ("2026-02-27", "0001-01-01", "9999-12-31"):
        united.worker.post(path, {**body, "due_on": day}, expect=422)
    united.worker.post(path, {**body, "owner": {**owner, "side": united.org}}, expect=422)
    thing = f"actions/{made['id']}"
    assert do(united.worker, thing, "reassign", {"owner": here(hansa.manager)[0]})["due_at"] == made["due_at"]
    api.set_clock("2026-03-08T12:00:00Z")
    work(api)
    [event] = [e for e in events(api, alliance_id, f"action/{made['id']}") if isinstance(e.event, ActionOverdue)]
    assert event.event.due_at < event.event.detected_at
    later = do(hansa.worker, thing, "postpone", {"due_on": "2026-03-13", "reason": "The auditor is ill."})
    assert (later["overdue"], later["due_at"]) == (True, "2026-03-13T16:00:00Z")
    done = do(hansa.manager, thing, "finish", {"note": "Sent."})
    assert (done["status"], done["late"], done["note"]) == ("done", True, "Sent.")
    assert do(hansa.manager, thing, "drop", {"reason": "x"}, expect=409)["refusal"] == "action-settled"


def test_the_inbox_of_a_person_and_of_the_alliance(api: Api, united: Side, hansa: Side) -> None:
    alliance_id = governed(united, hansa)
    decision = raised(united, alliance_id)
    body = {"title": "Mine", "owner": here(hansa.worker)[0], "due_on": "2026-03-04"}
    action = united.worker.post(f"{ROOM}/alliances/{alliance_id}/actions", body)
    mine = hansa.worker.get(f"{ROOM}/me/inbox")
    assert action["id"] in [i["thing"] for i in mine["fortnight"]]
    assert decision["id"] not in [i["thing"] for i in mine["fortnight"]]
    api.set_clock("2026-03-03T12:00:00Z")
    managers = hansa.manager.get(f"{ROOM}/me/inbox")
    assert hansa.manager.person in [m["person_id"] for m in managers["next_meeting"]["members"]]
    assert decision["id"] in [i["thing"] for i in managers["fortnight"]]
    api.set_clock("2026-03-05T12:00:00Z")
    assert action["id"] in [i["thing"] for i in hansa.worker.get(f"{ROOM}/me/inbox")["overdue"]]
    whole = united.worker.get(f"{ROOM}/alliances/{alliance_id}/inbox")
    assert [i["thing"] for i in whole["overdue"]] == [action["id"]]
    assert [i["kind"] for i in whole["fortnight"]] == ["meeting", "meeting", "decision"]
    then = united.worker.get(f"{ROOM}/alliances/{alliance_id}/inbox", as_of="2026-03-02T15:00:00Z")
    assert then["overdue"] == []


def test_before_a_model_is_signed_nothing_is_planned(united: Side, hansa: Side) -> None:
    alliance_id = led(united, hansa)
    assert meetings(united.worker, alliance_id) == []
    assert united.worker.get(f"{ROOM}/alliances/{alliance_id}/forums")["items"] == []
    assert united.worker.get(f"{ROOM}/alliances/{alliance_id}/inbox")["next_meeting"] is None
