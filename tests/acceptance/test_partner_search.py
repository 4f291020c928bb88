"""A partner is searched for, from a gap to an alliance proposed, over HTTP alone; and the sought learns nothing."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from time import perf_counter
from typing import Any
from uuid import uuid4

import pytest

from services.scoring.api.schemas.gaps import ChooseGapRoute, IdentifyGap
from services.scoring.api.schemas.signing import TakeSigningTests
from shared.testing.api import Api, Member
from tests.integration.scoring.road import (
    BRIEF,
    LANDSCAPE,
    ROOM,
    allied,
    brief,
    candidate,
    do,
    example,
    looked_into,
    opened,
    position,
    rating,
    submit,
)

SECRET_NAME = "Project Nightjar"
"""What the searchers call the organisation they have an eye on."""
OTHERS = [f"Candidate {number}" for number in range(2, 21)]
SCORES = {SECRET_NAME: (5, 5, 4), "Candidate 2": (4, 3, 3)}
REPETITIONS = 40


@dataclass(frozen=True)
class Search:
    """Ana, Ben, Eve and Dan look for a partner; the best of twenty uses Concord itself."""

    team: tuple[Member, ...]
    sought: Member
    gap: str
    brief: str
    candidates: dict[str, str]
    assessments: list[str]
    ranking: Any

    @property
    def secrets(self) -> set[str]:
        ids = {self.gap, self.brief, self.ranking["id"], *self.candidates.values(), *self.assessments}
        return {SECRET_NAME, *ids}


@pytest.fixture(scope="module")
def team(api: Api) -> tuple[Member, ...]:
    ana = api.organisation("Iberia")
    return (ana, *(api.colleague(ana, name) for name in ("Ben", "Eve", "Dan")))


@pytest.fixture(scope="module")
def sought(api: Api) -> Member:
    return api.organisation("Lusitania")


@pytest.fixture(scope="module")
def untold(api: Api, team: tuple[Member, ...], sought: Member) -> dict[str, Any]:
    """All that the sought organisation could fetch before anybody looked at it."""
    listen = {"url": "https://hooks.lusitania.example/all", "event_types": ["*"]}
    sought.post("/webhooks/v1/endpoints", listen)
    return everything(api, sought, {})


@pytest.fixture(scope="module")
def search(team: tuple[Member, ...], sought: Member, untold: dict[str, Any]) -> Search:
    ana = team[0]
    assert untold
    gap = ana.post(f"{ROOM}/gaps", example(IdentifyGap))["id"]
    assert do(ana, f"gaps/{gap}/route", example(ChooseGapRoute))["route"]["chosen"] == "partner"
    brief_id = ana.post(f"{ROOM}/briefs", {**BRIEF, "gaps": [gap]})["id"]
    lines = ["Company,Org", f"{SECRET_NAME},{sought.org}", *(f"{name}," for name in OTHERS)]
    table = {"csv": "\n".join(lines), "columns": {"name": "Company", "organisation_id": "Org"}}
    ids = ana.post(f"{ROOM}/briefs/{brief_id}/candidates/import", table)["candidate_ids"]
    candidates = dict(zip([SECRET_NAME, *OTHERS], ids, strict=True))
    rounds = [opened(ana, candidate_id, *team)["id"] for candidate_id in ids]
    for member in team:
        rows = ["Who,What,Points", *rated(candidates)]
        columns = {"candidate": "Who", "criterion": "What", "score": "Points"}
        body = {"csv": "\n".join(rows), "columns": columns, "template": "landscape"}
        assert member.post(f"{ROOM}/briefs/{brief_id}/ratings/import", body)["rows"] == 60
    ranking = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 7})
    return Search(team, sought, gap, brief_id, candidates, rounds, ranking)


def rated(candidates: dict[str, str]) -> list[str]:
    return [
        f"{name},{criterion},{score}"
        for place, name in enumerate(candidates)
        for criterion, score in zip(LANDSCAPE, SCORES.get(name, (1 + place % 2, 2, 1 + place % 3)), strict=True)
    ]


def everything(api: Api, member: Member, ids: dict[str, str]) -> dict[str, Any]:
    """What each GET of the whole document answers to a member: with their own ids, or with `ids` where these fit."""
    own = {"organisation_id": member.org, "ledger_id": member.org, "person_id": member.person, "seq": "0"}
    known = {**own, "key": "star", "name": "scoring.candidate-listed.v1", "item_key": "finance", **ids}
    found = {}
    for path, item in api.client.get("/openapi.json").json()["paths"].items():
        if "get" not in item or item["get"]["operationId"] == "stream_events":
            continue
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        filled = path
        for name in names:
            filled = filled.replace("{" + name + "}", known.get(name, str(uuid4())))
        answer = api.client.get(filled, headers=member.headers())
        found[path] = (answer.status_code, answer.text, dict(answer.headers))
    return found


def test_twenty_candidates_four_assessors_one_order(search: Search) -> None:
    placings = search.ranking["placings"]
    assert len(placings) == 20
    assert search.ranking["recommended"] == search.ranking["leader"] == search.candidates[SECRET_NAME]
    assert (search.ranking["too_close_to_call"], placings[0]["shares"][0]) == (False, "1.0000")
    assert placings[1]["candidate_id"] == search.candidates["Candidate 2"]
    assert placings[1]["dominated_by"] == search.candidates[SECRET_NAME]
    round_ = search.team[0].get(f"{ROOM}/assessments/{search.assessments[0]}")
    assert (len(round_["ratings"]), round_["complete"]) == (4, True)


@pytest.fixture(scope="module")
def afterwards(api: Api, search: Search, sought: Member) -> dict[str, Any]:
    """All that it could fetch after the search, before an alliance was proposed to it."""
    assert search
    return everything(api, sought, {})


def test_the_sought_learns_nothing_from_all_it_can_fetch(
    api: Api, search: Search, sought: Member, untold: dict[str, Any], afterwards: dict[str, Any]
) -> None:
    ids = {
        "brief_id": search.brief,
        "candidate_id": search.candidates[SECRET_NAME],
        "assessment_id": search.assessments[0],
        "ranking_id": search.ranking["id"],
        "gap_id": search.gap,
        "ledger_id": search.team[0].org,
        "organisation_id": search.team[0].org,
    }
    for asked in ({}, ids, {"ledger_id": search.team[0].org, "seq": "3"}):
        for path, (status, text, headers) in everything(api, sought, asked).items():
            leaked = {secret for secret in search.secrets if secret in text or secret in str(headers)}
            assert leaked - set(asked.values()) == set(), path
            if path.startswith(ROOM) and set(asked) & {part[1:-1] for part in path.split("/")}:
                assert status == 404, path
    counted = {path: answer[1] for path, answer in afterwards.items() if answer[0] == 200 and "/-/" not in path}
    before = {path: answer[1] for path, answer in untold.items() if path in counted}
    assert counted == before


def test_what_is_there_and_what_is_not_are_the_same_404(api: Api, search: Search, sought: Member) -> None:
    for path in (f"briefs/{search.brief}", f"candidates/{search.candidates[SECRET_NAME]}", f"gaps/{search.gap}"):
        there, nowhere = (ask(api, sought, each) for each in (path, f"{path.split('/')[0]}/{uuid4()}"))
        assert there[:2] == nowhere[:2] == (404, there[1])


def ask(api: Api, member: Member, path: str) -> tuple[int, dict[str, Any], float]:
    """Status, the problem without the request's own id, and how long it took, in seconds."""
    began = perf_counter()
    answer = api.client.get(f"{ROOM}/{path}", headers=member.headers())
    took = perf_counter() - began
    return answer.status_code, {**answer.json(), "instance": ""}, took


@pytest.mark.faults
def test_a_404_takes_as_long_whether_the_thing_exists_or_not(api: Api, search: Search, sought: Member) -> None:
    there, nowhere = [], []
    for _ in range(REPETITIONS):
        there.append(ask(api, sought, f"candidates/{search.candidates[SECRET_NAME]}")[2])
        nowhere.append(ask(api, sought, f"candidates/{uuid4()}")[2])
    assert 0.67 < median(there) / median(nowhere) < 1.5


def test_a_primary_a_backup_and_an_alliance_proposed(
    api: Api, search: Search, sought: Member, afterwards: dict[str, Any]
) -> None:
    assert afterwards
    ana, first = search.team[0], search.candidates[SECRET_NAME]
    before = position(api, sought.org)
    for stage in ("screening", "outreach", "diligence"):
        do(ana, f"candidates/{first}/move", {"stage": stage})
    looked = looked_into(ana, first)
    chosen = {"ranking_id": search.ranking["id"], "primary": first, "backup": search.candidates["Candidate 2"]}
    selection = ana.post(f"{ROOM}/briefs/{search.brief}/selection", chosen)
    assert (selection["primary"], selection["ranking_seq"]) == (first, search.ranking["seq"])
    assert ana.get(f"{ROOM}/candidates/{first}")["stage"] == "selected"
    assert position(api, sought.org) == before
    alliance = allied(ana, sought)
    assert sought.get(f"/governance/v1/alliances/{alliance}")["id"] == alliance
    share = {"title": "Why we ally", "candidate_id": first, "include": ["objectives", "recommendations"]}
    ana.post(f"{ROOM}/alliances/{alliance}/summaries", {**share, "risk_ids": [looked["risk_id"]]})
    (seen,) = sought.get(f"{ROOM}/alliances/{alliance}/summaries")["items"]
    assert [risk["title"] for risk in seen["risks"]] == ["Loses its largest client"]
    assert not {secret for secret in search.secrets if secret in str(seen)}


def test_what_if_records_nothing(api: Api, search: Search) -> None:
    ana = search.team[0]
    before = position(api, ana.org)
    path = f"{ROOM}/briefs/{search.brief}/rankings/what-if"
    same = ana.post(path, {"template": "landscape", "seed": 7}, expect=200)
    assert [place["candidate_id"] for place in same["placings"]] == [
        place["candidate_id"] for place in search.ranking["placings"]
    ]
    assert [place["shares"] for place in same["placings"]] == [place["shares"] for place in search.ranking["placings"]]
    worse = [
        {"candidate_id": search.candidates[SECRET_NAME], "criterion": criterion, "score": "1"}
        for criterion in LANDSCAPE
    ]
    tried = ana.post(path, {"template": "landscape", "scores": worse}, expect=200)
    assert tried["leader"] == tried["recommended"] == search.candidates["Candidate 2"]
    assert tried["placings"][0]["place_now"] == 2
    other = [{**worse[0], "score": "6"}]
    found = ana.post(path, {"template": "landscape", "scores": other}, expect=422)
    assert found["errors"][0]["pointer"] == "/scores/0/score"
    assert position(api, ana.org) == before


def assess(team: tuple[Member, ...], brief_id: str, name: str, *scores: tuple[int, ...], **flags: Any) -> str:
    """A candidate rated by as many of the team as there are scores."""
    made = str(candidate(team[0], brief_id, name)["id"])
    held = opened(team[0], made, *team[: len(scores)])
    for member, said in zip(team, scores, strict=False):
        ratings = [rating(key, score, **flags) for key, score in zip(LANDSCAPE, said, strict=False)]
        held = submit(member, held, ratings)
    return made


def test_too_close_to_call_when_the_order_hangs_on_the_weights(team: tuple[Member, ...]) -> None:
    brief_id = brief(team[0])["id"]
    first = assess(team, brief_id, "Fit first", (5, 3, 3), (5, 3, 3), (5, 3, 3), (5, 3, 4))
    assess(team, brief_id, "Safe first", (2, 5, 5))
    made = team[0].post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 7})
    assert (made["leader"], made["too_close_to_call"], made["recommended"]) == (first, True, None)
    assert [place["low"] for place in made["placings"]] == ["3.8750", "3.8000"]
    assert 0.5 < float(made["placings"][0]["shares"][0]) < 0.6


def test_too_close_to_call_when_something_was_not_rated(team: tuple[Member, ...]) -> None:
    brief_id = brief(team[0])["id"]
    first = assess(team, brief_id, "All rated", (4, 4, 4))
    assess(team, brief_id, "Risk unknown", (4, 4))
    made = team[0].post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "landscape", "seed": 7})
    assert (made["leader"], made["too_close_to_call"], made["recommended"]) == (first, True, None)
    assert (made["placings"][1]["low"], made["placings"][1]["high"]) == ("3.1000", "4.3000")


def test_an_unresolved_blocker_keeps_the_best_from_being_recommended(team: tuple[Member, ...]) -> None:
    ana, ben = team[:2]
    brief_id = brief(ana)["id"]
    scored = {}
    for name, score in (("Best", 5), ("Second", 3)):
        held = opened(ana, candidate(ana, brief_id, name)["id"], ben, template="star")
        keys = ("strategic_fit", "trust_and_culture", "asset_complementarity", "relationship_economics")
        ratings = [rating(key, score) for key in keys]
        if name == "Best":
            ratings[2]["red_flags"] = [{"key": "overlap", "severity": "blocker"}]
        scored[name] = submit(ben, held, ratings)
    best, second = (scored[name]["candidate_id"] for name in ("Best", "Second"))
    made = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "star", "seed": 7})
    assert (made["leader"], made["recommended"], made["too_close_to_call"]) == (best, second, False)
    chosen = {"ranking_id": made["id"], "primary": best, "backup": second}
    path = f"{ROOM}/briefs/{brief_id}/selection"
    assert ana.post(path, chosen, expect=409)["refusal"] == "not-recommended"
    waiver = {"criterion": "asset_complementarity", "kind": "blocker", "reason": "They sold that business."}
    done = do(ana, f"assessments/{scored['Best']['id']}/waive", waiver)
    assert done["result"]["concerns"][0]["waived_by"] == ana.person
    again = ana.post(f"{ROOM}/briefs/{brief_id}/rankings", {"template": "star", "seed": 7})
    assert again["recommended"] == best
    assert ana.post(path, {**chosen, "ranking_id": again["id"]})["primary"] == best


def test_every_recommendation_names_its_rules(team: tuple[Member, ...]) -> None:
    ana = team[0]
    made = candidate(ana, brief(ana)["id"])["id"]
    taken = ana.post(f"{ROOM}/candidates/{made}/signing-tests", example(TakeSigningTests))
    known = {(rule["on"], rule["rule"]) for rule in ana.get(f"{ROOM}/rules")["rules"]}
    for verdict in taken["verdicts"]:
        assert verdict["fired"]
        assert {(verdict["test"], rule["rule"]) for rule in verdict["fired"]} <= known
