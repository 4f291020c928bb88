"""Candidates and ratings in and out as tables, over HTTP."""

from __future__ import annotations

import csv
import io

from shared.testing.api import Api, Member
from tests.integration.scoring.road import NOBODY, ROOM, assessed, brief, candidate, opened, position

COLUMNS = {"name": "Company", "reason": "Why", "overlap_now_percent": "Now", "overlap_in_three_years_percent": "Later"}
RATED = {"candidate": "Who", "criterion": "What", "score": "Points", "confidence": "Sure", "evidence": "Because"}


def rows_of(member: Member, path: str) -> list[dict[str, str]]:
    answer = member.api.client.get(f"{ROOM}/{path}", headers=member.headers())
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(answer.text)))


def test_candidates_come_in_by_a_mapping_and_go_out(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    text = '\ufeffWhy,Company,Now,Later\r\n"Leads, by far",Acme,10,20.5\r\n,=Bolt,,\r\n\r\n'
    done = ana.post(f"{ROOM}/briefs/{brief_id}/candidates/import", {"csv": text, "columns": COLUMNS})
    assert done["imported"] == 2
    acme = ana.get(f"{ROOM}/candidates/{done['candidate_ids'][0]}")
    assert (acme["name"], acme["stage"], acme["steps"][0]["reason"]) == ("Acme", "long_list", "Leads, by far")
    assert acme["overlap"] == {"now_percent": "10", "in_three_years_percent": "20.5", "basis": None}
    out = rows_of(ana, f"briefs/{brief_id}/candidates.csv")
    assert [(row["name"], row["overlap_now_percent"]) for row in out] == [("Acme", "10"), ("'=Bolt", "")]


def test_faults_come_by_row_all_at_once_and_nothing_is_taken(api: Api, ana: Member) -> None:
    brief_id = brief(ana)["id"]
    candidate(ana, brief_id, "Listed")
    before = position(api, ana.org)
    text = f"Company,Org,Now,Later\nListed,,,\nA,{NOBODY}x,101,\n,{NOBODY},,\nTwo,cells\nB,,,\nB,,,\n"
    columns = {**COLUMNS, "organisation_id": "Org"}
    del columns["reason"]
    body = {"csv": text, "columns": columns}
    found = ana.post(f"{ROOM}/briefs/{brief_id}/candidates/import", body, expect=422)
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [
        ("/csv/1/Company", "listed-already"),
        ("/csv/2/Org", "malformed"),
        ("/csv/2/Now", "out-of-range"),
        ("/csv/3/Company", "missing"),
        ("/csv/3/Org", "unknown-organisation"),
        ("/csv/4", "other-width"),
        ("/csv/6/Company", "listed-already"),
    ]
    nobody = {"csv": f"Company,Org\nA,{NOBODY}\n", "columns": {"name": "Company", "organisation_id": "Org"}}
    found = ana.post(f"{ROOM}/briefs/{brief_id}/candidates/import", nobody, expect=422)
    assert found["errors"][0]["code"] == "unknown-organisation"
    other = {"csv": "Firm\nA\n", "columns": {"name": "Company"}}
    found = ana.post(f"{ROOM}/briefs/{brief_id}/candidates/import", other, expect=422)
    assert found["errors"][0]["code"] == "no-such-column"
    assert position(api, ana.org) == before


def test_ratings_come_in_as_ones_own_and_go_out_when_they_may_be_seen(ana: Member, ben: Member) -> None:
    brief_id = brief(ana)["id"]
    path = f"{ROOM}/briefs/{brief_id}/ratings/import"
    first, second = (candidate(ana, brief_id, name)["id"] for name in ("Acme", "Bolt"))
    rounds = [opened(ana, first, ana, ben)["id"], opened(ana, second, ana)["id"]]
    text = f"Who,What,Points,Sure,Because\nAcme,strategic_fit,4,high,Their plan\n{second},risk_profile,2,,\n"
    body = {"csv": text, "columns": RATED, "template": "landscape"}
    done = ana.post(path, body)
    assert (done["rows"], sorted(done["assessment_ids"])) == (2, sorted(rounds))
    assert ana.get(f"{ROOM}/assessments/{rounds[1]}")["complete"]
    assert rows_of(ben, f"assessments/{rounds[0]}/ratings.csv") == []
    (mine,) = rows_of(ana, f"assessments/{rounds[0]}/ratings.csv")
    assert (mine["assessor"], mine["score"], mine["evidence"]) == (ana.person, "4", "Their plan")
    lines = (
        "Acme,luck,4,,",
        "Acme,risk_profile,6,,",
        "Acme,risk_profile,x,,",
        "Bolt,risk_profile,1,,",
        "Acme,risk_profile,1,often,",
        "Bolt,,7,,",
    )
    wrong = "\n".join(("Who,What,Points,Sure,Because", *lines))
    found = ben.post(path, {**body, "csv": wrong}, expect=422)
    assert [(error["pointer"], error["code"]) for error in found["errors"]] == [
        ("/csv/1/What", "unknown-criterion"),
        ("/csv/2/Points", "out-of-range"),
        ("/csv/3/Points", "malformed"),
        ("/csv/4/Who", "nothing-to-submit"),
        ("/csv/5/Sure", "unknown"),
        ("/csv/6/What", "missing"),
        ("/csv/6/Who", "nothing-to-submit"),
    ]


def test_a_ranking_goes_out(ana: Member) -> None:
    brief_id = brief(ana)["id"]
    first = assessed(ana, brief_id, "Acme", 5, 5, 5)
    assessed(ana, brief_id, "Bolt", 1, 1, 1)
    made = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 7})
    best, other = rows_of(ana, f"rankings/{made['id']}/placings.csv")
    assert (best["name"], best["candidate_id"], best["first_share"], other["dominated_by"]) == (
        "Acme", first, "1.0000", first,
    )  # fmt: skip


def test_a_year_later_it_is_time_to_assess_anew(api: Api, ana: Member) -> None:
    api.set_clock("2026-03-02T09:00:00Z")
    first = assessed(ana, brief(ana)["id"], "Acme", 5, 5, 5)

    def due(day: str) -> list[str]:
        items = ana.get(f"{ROOM}/reassessments", due_by=day, limit=200)["items"]
        return [item["candidate_id"] for item in items]

    assert first in due("2027-03-02")
    assert first not in due("2027-03-01")
    assert due("0001-01-01") == []
