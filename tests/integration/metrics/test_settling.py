"""Differences between the sides, settled or not in time; and uploads that are cut."""

from __future__ import annotations

from typing import Any

import httpx

from shared.testing.api import Api
from tests.integration.metrics.road import CSV, NDJSON, Joint, everything, problem, row, settle

LATER = "2013-06-20T15:00:00Z"


def cases_of(joint: Joint, **query: Any) -> list[dict[str, Any]]:
    return everything(joint.united, joint.path("cases"), **query)


def test_a_difference_is_settled_by_what_the_other_side_accepts(joint: Joint) -> None:
    kpi = joint.agree(joint.terms("flights", tolerance={"kind": "absolute", "amount": "1"}))
    note = {"note": "Counted at the gate."}
    joint.united.change(joint.path(f"kpis/{kpi['id']}/definition-note"), note, kpi["version"], method="PUT")
    joint.push(joint.united, [row("1", "flights", value="100"), row("2", "flights", "2013-03-02", "50")])
    joint.push(joint.express, [row("1", "flights", value="90"), row("2", "flights", "2013-03-02", "51")])
    settle(joint.api)
    [case] = cases_of(joint)
    assert (case["period"], case["difference"], case["status"]) == ("2013-03-01", "10", "open")
    whole = joint.express.get(joint.path(f"cases/{case['id']}"))
    assert [one["value"] for one in whole["history"]] == ["100", "90"]
    assert whole["definition_notes"] == {joint.united.org: "Counted at the gate."}

    path = joint.path(f"cases/{case['id']}")
    case = joint.united.change(f"{path}/propose", {"method": "mean"}, case["version"])
    assert case["proposal"]["figure"]["value"] == "95"
    joint.united.change(f"{path}/accept", None, case["version"], expect=409)
    case = joint.express.change(f"{path}/dispute", {"reason": "Ours are right."}, case["version"])
    reconciliation = joint.path(f"kpis/{kpi['id']}/reconciliation")
    assert joint.united.get(reconciliation)["summary"]["disputed"] == 1
    case = joint.express.change(f"{path}/propose", {"value": "92"}, case["version"])
    case = joint.united.change(f"{path}/accept", None, case["version"])
    assert (case["status"], case["settled"]["value"]) == ("settled", "92")
    agreed = joint.united.get(reconciliation)["items"][0]
    assert (agreed["status"], agreed["settled"]) == ("agreed", "92")

    # A correction ends what was settled on the figures before, and a new case is opened.
    joint.push(joint.united, [row("1b", "flights", value="120", supersedes="1", reason="Recounted.")])
    settle(joint.api)
    assert [one["status"] for one in cases_of(joint)] == ["settled", "open"]
    joint.push(joint.united, [row("1c", "flights", value="90", supersedes="1b", reason="Recounted again.")])
    settle(joint.api)
    assert [one["status"] for one in cases_of(joint)] == ["settled", "resolved"]


def test_a_case_past_its_time_says_so_once(joint: Joint) -> None:
    joint.agree(joint.terms("flights"))
    joint.push(joint.united, [row("1", "flights", value="100")])
    joint.push(joint.express, [row("1", "flights", value="50")])
    settle(joint.api)
    joint.api.set_clock(LATER)
    settle(joint.api)
    settle(joint.api)
    [case] = cases_of(joint)
    assert case["overdue"]
    history = f"/ledger/v1/ledgers/{joint.id}/events"
    told = [one["type"] for one in everything(joint.united, history)]
    assert told.count("metrics.case-overdue.v1") == 1


def send_part(joint: Joint, upload: str, content: bytes, **query: Any) -> httpx.Response:
    headers = joint.united.headers({"Content-Type": "application/octet-stream"})
    return joint.api.client.post(joint.path(f"uploads/{upload}/parts"), content=content, params=query, headers=headers)


def test_an_upload_goes_on_where_a_cut_left_off(joint: Joint) -> None:
    joint.agree(joint.terms("flights"))
    header = b"observation_id,kpi,period,value,note\n"
    lines = [f'r-{n},flights,2013-03-{n % 28 + 1:02},{n},"a note,\nin two lines"\n'.encode() for n in range(200)]
    content, at, cuts = header + b"".join(lines), 0, 0
    upload = joint.united.post(joint.path("uploads"), {"media_type": CSV})["id"]
    while True:
        part = content[at : at + 1_500]
        if cuts < 5 and at:
            with_a_cut = send_part(joint, upload, part[: len(part) // 2], offset=at + 1)
            assert problem(with_a_cut)[2] == "wrong-offset"
            at, cuts = joint.united.get(joint.path(f"uploads/{upload}"))["offset_bytes"], cuts + 1
        answer = send_part(joint, upload, part, offset=at, last=at + len(part) == len(content))
        assert answer.status_code == 200, answer.text
        at = answer.json()["offset_bytes"]
        if answer.json()["status"] == "completed":
            break
    assert (at, answer.json()["rows_taken"], cuts) == (len(content), 200, 5)
    held = everything(joint.united, joint.path("observations"))
    assert sorted(one["observation_id"] for one in held) == sorted(f"r-{n}" for n in range(200))
    assert {one["note"] for one in held} == {"a note,\nin two lines"}
    assert problem(send_part(joint, upload, b"", offset=at, last=True))[2] == "upload-completed"


def test_an_upload_of_lines_needs_no_break_at_its_end(joint: Joint) -> None:
    joint.agree(joint.terms("flights"))
    upload = joint.united.post(joint.path("uploads"), {"media_type": NDJSON})["id"]
    line = b'{"observation_id": "1", "kpi": "flights", "period": "2013-03-01", "value": 7}'
    assert problem(send_part(joint, upload, line, offset=0))[2] == "row-too-long"
    answer = send_part(joint, upload, line, offset=0, last=True).json()
    assert (answer["status"], answer["counts"]["accepted"]) == ("completed", 1)


def test_a_revision_takes_all_parties_and_leaves_the_meaning_alone(joint: Joint, api: Api) -> None:
    kpi = joint.agree(joint.terms("flights"))
    path = joint.path(f"kpis/{kpi['id']}")
    other = joint.terms("flights", due_days=30)
    revised = joint.united.change(f"{path}/revise", {"terms": other}, kpi["version"])
    assert (revised["terms"]["due_days"], revised["revision"]["due_days"]) == (kpi["terms"]["due_days"], 30)
    agreed = joint.express.change(f"{path}/accept", None, revised["version"])
    assert (agreed["terms"]["due_days"], agreed["revision"]) == (30, None)
    weekly = joint.terms("flights", frequency="week")
    joint.united.change(f"{path}/revise", {"terms": weekly}, agreed["version"], expect=409)
    asked = joint.united.change(f"{path}/retire", {}, agreed["version"])
    retired = joint.express.change(f"{path}/retire", {}, asked["version"])
    assert retired["status"] == "retired"
    assert joint.push(joint.united, [row("1", "flights")])["counts"]["rejected"] == 1
