"""Assessments over HTTP: who sees what, and when."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import UUID

import pytest

from shared.events.scoring import HELD_BACK
from shared.log.envelope import Recorded
from shared.log.log import Log
from shared.testing.api import Api, Member
from tests.integration.scoring.road import (
    NOBODY,
    ROOM,
    brief,
    candidate,
    opened,
    position,
    rating,
    status,
    submit,
    system,
)

EVIDENCE = {"text": "Their plan says so.", "links": ["https://example.com/plan"], "files": []}
BLOCKER = [{"key": "overlap", "severity": "blocker"}]
Open = Callable[..., dict[str, Any]]


@pytest.fixture
def begin(ana: Member) -> Open:
    def begin(*assessors: Member, template: str = "landscape") -> dict[str, Any]:
        return opened(ana, candidate(ana, brief(ana)["id"])["id"], *assessors, template=template)

    return begin


def seen(member: Member, assessment_id: str, **query: Any) -> Any:
    return member.get(f"{ROOM}/assessments/{assessment_id}", **query)


def again(member: Member, assessment: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = seen(member, assessment["id"])
    return found


def test_an_assessor_sees_the_others_only_after_submitting(ana: Member, ben: Member, eve: Member, begin: Open) -> None:
    round_ = begin(ana, ben, eve)
    assert (round_["round"], round_["complete"], round_["ratings"], round_["result"]) == (1, False, [], None)
    mine = submit(ana, round_, [rating("strategic_fit", 5, evidence=EVIDENCE)])
    assert mine["ratings"][0]["assessor"] == ana.person
    assert mine["ratings"][0]["ratings"][0]["evidence"] == EVIDENCE
    for other in (ben, eve):
        shown = again(other, round_)
        assert (shown["ratings"], shown["result"], shown["submitted"]) == ([], None, [ana.person])
        assert "plan" not in str(shown)
    submit(ben, again(ben, round_), [rating("strategic_fit", 1)])
    assert [each["assessor"] for each in again(ana, round_)["ratings"]] == [ana.person, ben.person]
    assert again(ana, round_)["result"] is None
    assert again(eve, round_)["ratings"] == []


def test_who_does_not_rate_sees_nothing_before_it_is_complete(
    ana: Member, ben: Member, eve: Member, begin: Open
) -> None:
    round_ = begin(ben, eve)
    reader = system(ana, "scoring:read")
    submit(ben, round_, [rating("strategic_fit", 5)])
    assert again(ana, round_)["ratings"] == again(reader, round_)["ratings"] == []
    submit(eve, again(eve, round_), [rating("strategic_fit", 4)])
    for viewer in (ana, ben, eve, reader):
        shown = again(viewer, round_)
        assert [each["assessor"] for each in shown["ratings"]] == [ben.person, eve.person]
        assert shown["complete"]


def test_the_ledger_shows_nobody_what_is_submitted_before_it_is_complete(
    api: Api, ana: Member, ben: Member, begin: Open
) -> None:
    round_ = begin(ana, ben)
    submit(ana, round_, [rating("strategic_fit", 5, evidence=EVIDENCE)])
    with api.runtime.engine.connect() as connection:
        body = connection.exec_driver_sql(
            "SELECT body FROM log.events WHERE ledger_id = %s AND stream = %s AND version = 2",
            (UUID(ana.org), f"assessment/{round_['id']}"),
        ).scalar_one()
        names = [e.name for e in history(connection, ana.org, round_["id"])]
    entry = json.loads(body)
    assert entry["data"] == {"assessor": ana.person}
    assert len(entry["_sd"]) == 1
    assert not set(HELD_BACK.values()) & set(names)
    assert set(HELD_BACK) & set(names)


def test_the_event_that_lifts_the_veil_stands_last(api: Api, ana: Member, ben: Member, begin: Open) -> None:
    round_ = begin(ana, ben)
    submit(ana, round_, [rating("strategic_fit", 5)])
    submit(ben, again(ben, round_), [rating("strategic_fit", 5)])
    with api.runtime.engine.connect() as connection:
        names = [e.name for e in history(connection, ana.org, round_["id"])]
    held_back, until = next(iter(HELD_BACK.items()))
    assert names == ["scoring.assessment-opened.v1", held_back, held_back, until]


def history(connection: Any, org: str, assessment_id: str) -> list[Recorded[Any]]:
    connection.exec_driver_sql("SELECT set_config('concord.org', 'system', true)")
    return [e for e in Log(connection).read_all(UUID(org)) if e.stream == f"assessment/{assessment_id}"]


def test_the_result_is_an_interval_where_nobody_rated(ana: Member, ben: Member, begin: Open) -> None:
    round_ = begin(ana, ben)
    submit(ana, round_, [rating("strategic_fit", 5), rating("risk_profile", 3)])
    done = submit(ben, again(ben, round_), [rating("strategic_fit", 4), rating("risk_profile", 3, confidence="low")])
    result = done["result"]
    assert (result["low"], result["high"], result["not_recommended"]) == ("3.0000", "4.2000", False)
    assert result["criteria"] == [
        {"criterion": "strategic_fit", "low": "4.5000", "high": "4.5000", "spread": 1, "confidence": "high"},
        {
            "criterion": "operational_compatibility",
            "low": "1.0000",
            "high": "5.0000",
            "spread": None,
            "confidence": None,
        },
        {"criterion": "risk_profile", "low": "3.0000", "high": "3.0000", "spread": 0, "confidence": "low"},
    ]


def test_is_listed_and_shown_as_it_was(api: Api, ana: Member, ben: Member, begin: Open) -> None:
    round_ = begin(ana, ben)
    start = position(api, ana.org) - 1
    submit(ana, round_, [rating("strategic_fit", 5)])
    submit(ben, again(ben, round_), [rating("strategic_fit", 4)])
    path = f"{ROOM}/candidates/{round_['candidate_id']}/assessments"
    (listed,) = ana.get(path)["items"]
    assert (listed["complete"], listed["low"], listed["not_recommended"]) == (True, "2.4000", False)
    (was,) = ana.get(path, as_of=start)["items"]
    assert (was["complete"], was["low"], was["submitted"], was["not_recommended"]) == (False, None, [], None)
    assert seen(ana, round_["id"], as_of=start) == round_
    assert seen(ana, round_["id"], as_of=start + 1)["result"] is None
    assert seen(ben, round_["id"], as_of=start + 1)["ratings"] == []
    assert status(ana, f"{ROOM}/assessments/{round_['id']}", as_of=start - 1) == 404
    assert ana.get(path, as_of=start - 1)["items"] == []
    assert status(ana, path, as_of=start - 2) == 404


def test_a_change_is_a_new_round(ana: Member, begin: Open) -> None:
    round_ = begin(ana)
    done = submit(ana, round_, [rating("strategic_fit", 5)])
    assert submit(ana, done, [rating("strategic_fit", 1)], expect=409)["refusal"] == "ratings-submitted"
    assert opened(ana, round_["candidate_id"], ana)["round"] == 2
    assert opened(ana, round_["candidate_id"], ana, template="star")["round"] == 1


def test_no_two_rounds_get_one_number(ana: Member) -> None:
    candidate_id = candidate(ana, brief(ana)["id"])["id"]
    with ThreadPoolExecutor(6) as several:
        rounds = list(several.map(lambda _: opened(ana, candidate_id, ana)["round"], range(6)))
    assert sorted(rounds) == [1, 2, 3, 4, 5, 6]


def test_only_assessors_rate_and_only_people(ana: Member, ben: Member, begin: Open) -> None:
    round_ = begin(ben)
    assert submit(ana, round_, [rating("strategic_fit", 5)], expect=409)["refusal"] == "not-an-assessor"
    submit(system(ana, "scoring:write"), round_, [rating("strategic_fit", 5)], expect=403)


@pytest.mark.parametrize(
    ("ratings", "pointer"),
    [
        ([], "/ratings"),
        ([rating("luck", 3)], "/ratings/0/criterion"),
        ([rating("strategic_fit", 6)], "/ratings/0/score"),
        ([rating("strategic_fit", 3)] * 2, "/ratings"),
        ([rating("strategic_fit", 3, red_flags=BLOCKER)], "/ratings/0/red_flags/0/key"),
        (
            [rating("strategic_fit", 3, evidence={"text": "x", "links": ["javascript:x"]})],
            "/ratings/0/evidence/links/0",
        ),
    ],
)
def test_ratings_that_cannot_be_are_invalid(ana: Member, begin: Open, ratings: Any, pointer: str) -> None:
    found = submit(ana, begin(ana), ratings, expect=422)
    assert [error["pointer"] for error in found["errors"]] == [pointer]


def test_assessors_are_colleagues_who_may_act(api: Api, ana: Member, stranger: Member) -> None:
    path = f"{ROOM}/candidates/{candidate(ana, brief(ana)['id'])['id']}/assessments"
    auditor = {"name": "Dan", "email": "dan@example.com", "level": "working", "roles": ["auditor"]}
    auditor_id = ana.post("/directory/v1/people", auditor)["id"]
    for nobody in (stranger.person, str(NOBODY), auditor_id):
        found = ana.post(path, {"template": "star", "assessors": [ana.person, nobody]}, expect=422)
        assert found["errors"][0]["pointer"] == "/assessors/1"
    found = ana.post(path, {"template": "moon", "assessors": [ana.person]}, expect=422)
    assert found["errors"][0]["code"] == "unknown-template"
    found = ana.post(path, {"template": "star", "template_version": 2, "assessors": [ana.person]}, expect=422)
    assert found["errors"][0]["code"] == "unknown-version"
    ana.post(f"{ROOM}/candidates/{NOBODY}/assessments", {"template": "star", "assessors": [ana.person]}, expect=404)


def test_one_who_cannot_rate_is_excused(ana: Member, ben: Member, eve: Member, begin: Open) -> None:
    round_ = begin(ana, ben)
    mine = submit(ana, round_, [rating("strategic_fit", 5)])
    path = f"{ROOM}/assessments/{round_['id']}/excuse"
    leave = {"assessor": ben.person, "reason": "On leave."}
    assert ana.change(path, leave, mine["version"], expect=409)["refusal"] == "rates-here"
    done = eve.change(path, leave, mine["version"])
    assert (done["assessors"], done["complete"]) == ([ana.person], True)
    assert eve.change(path, {"assessor": ana.person}, done["version"], expect=409)["refusal"] == "ratings-submitted"


def test_a_concern_stands_until_an_admin_waives_it(
    api: Api, ana: Member, ben: Member, eve: Member, begin: Open
) -> None:
    round_ = begin(ben, template="star")
    done = submit(ben, round_, [rating("asset_complementarity", 4, red_flags=BLOCKER)])
    concern = {"criterion": "asset_complementarity", "kind": "blocker"}
    assert done["result"]["not_recommended"]
    assert done["result"]["concerns"] == [{**concern, "waived_by": None}]
    path, why = f"{ROOM}/assessments/{round_['id']}/waive", {**concern, "reason": "They sold it."}
    system(ana, "scoring:write").change(path, why, done["version"], expect=403)
    for member in (ben, eve):
        member.change(path, why, done["version"], expect=403)
    other = {**why, "criterion": "strategic_fit"}
    assert ana.change(path, other, done["version"], expect=409)["refusal"] == "no-such-concern"
    waived = ana.change(path, why, done["version"])
    assert waived["result"]["concerns"] == [{**concern, "waived_by": ana.person}]
    assert not waived["result"]["not_recommended"]
    listed = ana.get(f"{ROOM}/candidates/{round_['candidate_id']}/assessments")["items"]
    assert [each["not_recommended"] for each in listed] == [False]
    before = position(api, ana.org) - 2
    assert seen(ana, round_["id"], as_of=before)["result"]["not_recommended"]


def test_an_admin_who_rated_waives_nothing_in_the_same_round(ana: Member, begin: Open) -> None:
    round_ = begin(ana, template="star")
    done = submit(ana, round_, [rating("asset_complementarity", 4, red_flags=BLOCKER)])
    why = {"criterion": "asset_complementarity", "kind": "blocker", "reason": "They sold it."}
    refused = ana.change(f"{ROOM}/assessments/{round_['id']}/waive", why, done["version"], expect=409)
    assert refused["refusal"] == "rated-here"
