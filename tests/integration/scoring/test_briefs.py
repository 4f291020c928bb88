"""Briefs over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from services.scoring.api.schemas.gaps import IdentifyGap
from shared.testing.api import Api, Member
from tests.integration.scoring.road import BRIEF, NOBODY, ROOM, brief, do, example, position, status, system


def test_is_written_read_and_listed(ana: Member) -> None:
    made = brief(ana)
    assert made["version"] == 1
    assert made["no_gap"] is True
    assert {name: made[name] for name in BRIEF} == BRIEF
    assert ana.get(f"{ROOM}/briefs/{made['id']}") == made
    assert made in ana.get(f"{ROOM}/briefs", limit=200)["items"]


def test_is_listed_page_by_page(ana: Member) -> None:
    made = [brief(ana)["id"] for _ in range(3)]
    seen, cursor = [], None
    while True:
        page = ana.get(f"{ROOM}/briefs", limit=2, **({"cursor": cursor} if cursor else {}))
        seen += [item["id"] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert seen[-3:] == made


def test_is_revised_as_a_whole_and_shown_as_it_was(api: Api, ana: Member) -> None:
    made = brief(ana)
    gap = ana.post(f"{ROOM}/gaps", example(IdentifyGap))["id"]
    before = position(api, ana.org) - 1
    revised = {**BRIEF, "title": "Into Portugal", "gaps": [gap], "budget": None, "non_negotiables": []}
    now = ana.change(f"{ROOM}/briefs/{made['id']}", revised, 1, method="PUT")
    assert (now["title"], now["no_gap"], now["budget"], now["version"]) == ("Into Portugal", False, None, 2)
    assert ana.get(f"{ROOM}/briefs/{made['id']}", as_of=before - 1) == made
    assert made in ana.get(f"{ROOM}/briefs", as_of=before - 1, limit=200)["items"]
    assert status(ana, f"{ROOM}/briefs/{made['id']}", as_of=before - 2) == 404
    assert ana.change(f"{ROOM}/briefs/{made['id']}", revised, 2, method="PUT")["version"] == 2


def test_is_changed_only_by_who_has_read_it(ana: Member) -> None:
    path = f"{ROOM}/briefs/{brief(ana)['id']}"
    ana.change(path, BRIEF, 4, method="PUT", expect=412)
    missing = ana.api.client.put(path, json=BRIEF, headers=ana.headers())
    assert missing.status_code == 428


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"intent": ["market_access", "co_innovation"]}, "/intent"),
        ({"intent": "profit"}, "/intent"),
        ({"title": " "}, "/title"),
        ({"objectives": []}, "/objectives"),
        ({"timeline": {"starts_on": "2026-04-02", "ends_on": "2026-04-01"}}, "/timeline/ends_on"),
        ({"budget": {"amount": "-1", "currency": "EUR"}}, "/budget/amount"),
        ({"gaps": [str(NOBODY)]}, "/gaps/0"),
    ],
)
def test_what_cannot_be_is_invalid(ana: Member, part: dict[str, Any], pointer: str) -> None:
    found = ana.post(f"{ROOM}/briefs", {**BRIEF, **part}, expect=422)
    assert [error["pointer"] for error in found["errors"]] == [pointer]


def test_two_intents_are_refused_with_the_reason(ana: Member) -> None:
    found = ana.post(f"{ROOM}/briefs", {**BRIEF, "intent": ["market_access", "co_innovation"]}, expect=422)
    assert "another partner and another governance" in found["errors"][0]["detail"]


def test_systems_need_the_scope(ana: Member) -> None:
    reader, writer = system(ana, "scoring:read"), system(ana, "scoring:write")
    made = brief(writer)
    assert reader.get(f"{ROOM}/briefs/{made['id']}") == made
    reader.post(f"{ROOM}/briefs", BRIEF, expect=403)
    assert status(writer, f"{ROOM}/briefs") == 403


def test_is_reviewed_within_a_year(api: Api, ana: Member) -> None:
    api.set_clock("2026-03-02T09:00:00Z")
    made = brief(ana)
    assert made["review_on"] == "2027-03-02"
    assert made["id"] in [item["id"] for item in ana.get(f"{ROOM}/briefs", review_by="2027-03-02", limit=200)["items"]]
    late = {"next_review_on": "2028-03-02"}
    assert do(ana, f"briefs/{made['id']}/review", late, expect=422)["errors"][0]["pointer"] == "/next_review_on"
    assert do(ana, f"briefs/{made['id']}/review", {"next_review_on": "2027-03-03"})["review_on"] == "2027-03-03"
    assert made["id"] not in [item["id"] for item in ana.get(f"{ROOM}/briefs", review_by="2027-03-02")["items"]]
