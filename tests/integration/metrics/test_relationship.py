"""Deals, pulse surveys and signals, through HTTP."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from shared.testing.api import Api, Member
from tests.integration.metrics.road import Joint, everything, settle

ANSWER = {
    "level": "working",
    "trust": 4,
    "communication": 3,
    "fairness": 4,
    "satisfaction": 4,
    "alignment": 5,
    "nps": 9,
}


def deal(joint: Joint, external_id: str, *, account: str | None = None, **terms: Any) -> dict[str, Any]:
    base = {
        "partner": joint.express.org,
        "role": "sourced",
        "amount": {"amount": "100.50", "currency": "USD"},
        "stage": "won",
        "opened_on": "2013-03-01",
        "closed_on": "2013-05-17",
    }
    hashed = account and sha256(f"{joint.id}\n{account.lower()}".encode()).hexdigest()
    return {"external_id": external_id, "account_hash": hashed, "terms": {**base, **terms}}


def test_no_deal_is_counted_twice_and_roles_are_never_added(joint: Joint) -> None:
    path = joint.path("deals")
    made = joint.united.post(path, deal(joint, "u-1", account="Acme"))
    joint.united.post(path, deal(joint, "u-1"), expect=409)
    theirs = deal(joint, "e-1", account="ACME", partner=joint.united.org)
    joint.express.post(path, theirs, expect=409)
    linked = joint.express.change(f"{path}/{made['id']}/link", {"external_id": "e-1"}, made["version"])
    assert linked["external_ids"] == {joint.united.org: "u-1", joint.express.org: "e-1"}
    joint.express.post(path, {**theirs, "external_id": "e-2", "distinct_from": [made["id"]]})
    joint.united.change(f"{path}/{made['id']}/confirm", None, linked["version"], expect=409)
    confirmed = joint.express.change(f"{path}/{made['id']}/confirm", None, linked["version"])
    joint.united.post(path, deal(joint, "u-2", role="influenced"))
    shares = joint.united.get(joint.path("attribution"))["items"]
    told = [(one["role"], one["status"], one["deals"], one["amount"]) for one in shares]
    assert sorted(told) == [
        ("influenced", "claimed", 1, "100.50"),
        ("sourced", "claimed", 1, "100.50"),
        ("sourced", "confirmed", 1, "100.50"),
    ]
    raised = deal(joint, "u-1", amount={"amount": "200", "currency": "USD"})["terms"]
    updated = joint.united.change(f"{path}/{made['id']}", {"terms": raised}, confirmed["version"], method="PUT")
    assert updated["status"] == "claimed"
    contested = joint.express.change(f"{path}/{made['id']}/contest", {"reason": "Too much."}, updated["version"])
    assert contested["contested_because"] == "Too much."
    withdrawn = joint.united.change(f"{path}/{made['id']}/withdraw", {"reason": "Lost."}, contested["version"])
    assert withdrawn["status"] == "withdrawn"


def answer(joint: Joint, pulse: str, who: Member, expect: int = 204, **changed: Any) -> None:
    body = {**ANSWER, **changed}
    path = joint.path(f"pulses/{pulse}/answer")
    response = joint.api.client.put(path, json=body, headers=who.headers())
    assert response.status_code == expect, response.text


def test_a_pulse_tells_nothing_of_fewer_than_three(joint: Joint, api: Api) -> None:
    people = [joint.united, *(api.colleague(joint.united, f"Pat {n}") for n in range(4))]
    pulse = joint.united.post(joint.path("pulses"), {"closes_at": "2013-06-10T15:00:00Z"})
    before = everything(joint.united, f"/ledger/v1/ledgers/{joint.id}/events")
    for one in people:
        answer(joint, pulse["id"], one, trust=2)
    answer(joint, pulse["id"], people[0], expect=409)
    answer(joint, pulse["id"], joint.express)
    answer(joint, pulse["id"], api.colleague(joint.express, "Lou"))
    # Not one event, and no row that is an answer or names who gave it.
    assert everything(joint.united, f"/ledger/v1/ledgers/{joint.id}/events") == before
    with api.runtime.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT * FROM metrics.pulse_ballots").all()
        marks = connection.exec_driver_sql("SELECT mark FROM metrics.pulse_marks").scalars().all()
        keys = connection.exec_driver_sql("SELECT count(*) FROM log.idempotency").scalar_one()
    assert not any(str(one.person) in f"{rows}{marks}" for one in people)
    assert sum(row.people for row in rows if row.question == "nps") == 7
    assert keys == 0
    api.set_clock("2013-06-10T15:00:01Z")
    settle(api)
    told = joint.express.get(joint.path(f"pulses/{pulse['id']}"))
    [united] = told["results"]
    assert (united["side"], united["answers"], united["means"][0]) == (
        joint.united.org,
        5,
        {"question": "trust", "mean": "2.0"},
    )
    assert told["too_few"] == [joint.express.org]
    with api.runtime.engine.connect() as connection:
        for table in ("pulse_ballots", "pulse_marks"):
            assert connection.exec_driver_sql(f"SELECT count(*) FROM metrics.{table}").scalar_one() == 0
    answer(joint, pulse["id"], api.colleague(joint.express, "Mo"), expect=409)
    joint.united.post(joint.path("pulses"), {"closes_at": "2013-06-20T15:00:00Z"}, expect=409)


def test_a_signal_is_raised_for_each_side_by_its_own_thresholds_and_cleared(joint: Joint, api: Api) -> None:
    mute = {"limits": [{"rule": "no_owner_or_sponsor", "limit": "4"}]}
    held = joint.express.get("/metrics/v1/signal-thresholds")
    joint.express.change("/metrics/v1/signal-thresholds", mute, held["version"], method="PUT")
    settle(api)
    path, query = "/metrics/v1/signals", {"alliance": joint.id}
    up = {one["rule"]: one for one in joint.united.get(path, **query)["items"]}
    assert up["no_owner_or_sponsor"]["measured"] == "4.0000"
    assert "no_owner_or_sponsor" not in {one["rule"] for one in joint.express.get(path, **query)["items"]}
    for who in (joint.united, joint.express):
        for role in ("alliance_manager", "executive_sponsor"):
            alliance = f"/governance/v1/alliances/{joint.id}"
            body = {"person_id": who.person, "role": role}
            who.change(f"{alliance}/owners", body, who.get(alliance)["version"])
    api.set_clock("2013-06-03T16:00:00Z")
    settle(api)
    assert "no_owner_or_sponsor" not in {one["rule"] for one in joint.united.get(path, **query)["items"]}
    gone = joint.united.get(path, **query, status="all")["items"]
    assert next(one for one in gone if one["rule"] == "no_owner_or_sponsor")["cleared_at"] is not None
    rules = joint.united.get("/metrics/v1/signal-rules")["items"]
    assert len(rules) == 28
