"""Scorecard templates over HTTP."""

from __future__ import annotations

from typing import Any

from shared.testing.api import Api, Member
from tests.integration.scoring.road import ROOM, position, status

SHIPPED = ["landscape", "partner_evaluation", "partner_fit", "star"]


def criterion(key: str, weight: str) -> dict[str, Any]:
    return {"key": key, "title": key.title(), "question": "How good?", "weight": weight, "floor": "2", "red_flags": []}


def own(key: str, *criteria: dict[str, Any]) -> dict[str, Any]:
    return {"key": key, "title": "Our own", "scale": {"lowest": 0, "highest": 10}, "criteria": list(criteria)}


def test_four_ship(stranger: Member) -> None:
    items = stranger.get(f"{ROOM}/templates")["items"]
    assert [item["key"] for item in items] == SHIPPED
    star = stranger.get(f"{ROOM}/templates/star")
    assert star == items[3] == stranger.get(f"{ROOM}/templates/star", version=1)
    assert star["criteria"][2]["red_flags"][0]["severity"] == "warning"
    assert status(stranger, f"{ROOM}/templates/star", version=2) == 404
    assert status(stranger, f"{ROOM}/templates/moon") == 404


def test_ones_own_come_in_versions(api: Api, ana: Member, stranger: Member) -> None:
    before = position(api, ana.org)
    first = ana.post(f"{ROOM}/templates", own("ours", criterion("fit", "1")))
    second = ana.post(f"{ROOM}/templates", own("ours", criterion("fit", "0.5"), criterion("cost", "0.5")))
    assert (first["version"], second["version"]) == (1, 2)
    assert ana.get(f"{ROOM}/templates/ours") == second
    assert ana.get(f"{ROOM}/templates/ours", version=1) == first == ana.get(f"{ROOM}/templates/ours", as_of=before)
    assert [item["key"] for item in ana.get(f"{ROOM}/templates")["items"]] == sorted([*SHIPPED, "ours"])
    page = ana.get(f"{ROOM}/templates", limit=3)
    rest = ana.get(f"{ROOM}/templates", limit=3, cursor=page["next_cursor"])
    assert [item["key"] for item in page["items"] + rest["items"]] == sorted([*SHIPPED, "ours"])
    assert second in page["items"] + rest["items"]
    assert first in ana.get(f"{ROOM}/templates", as_of=before)["items"]
    assert status(stranger, f"{ROOM}/templates/ours") == 404


def test_what_cannot_be_scored_by_is_refused(ana: Member) -> None:
    found = ana.post(f"{ROOM}/templates", own("bad", criterion("fit", "0.9")), expect=422)
    assert found["errors"][0]["code"] == "weights-do-not-sum-to-1"
    assert ana.post(f"{ROOM}/templates", own("star", criterion("fit", "1")), expect=409)["refusal"] == "template-ships"
