"""Gaps over HTTP: from what is missing to the route chosen, with the rules that fired."""

from __future__ import annotations

from services.scoring.api.schemas.gaps import ChooseGapRoute, CloseGap, IdentifyGap
from shared.testing.api import Member
from tests.integration.scoring.road import ROOM, do, example


def identified(member: Member, **other: object) -> str:
    return str(member.post(f"{ROOM}/gaps", example(IdentifyGap, **other))["id"])


def test_the_route_lists_the_rules_that_fired_and_the_answers_they_used(ana: Member) -> None:
    gap_id = identified(ana)
    route = do(ana, f"gaps/{gap_id}/route", example(ChooseGapRoute))["route"]
    assert (route["recommended"], route["chosen"]) == ("partner", "partner")
    fired = {rule["rule"]: rule["answers"] for rule in route["fired"]}
    assert fired == {
        "scarce-and-not-core": {"core": "false", "scarce": "true"},
        "urgent-and-a-partner-is-quickest": {
            "core": "false",
            "urgency": "4",
            "partner_months": "5",
            "buy_months": "12",
            "build_months": "24",
        },
    }
    book = ana.get(f"{ROOM}/rules")
    assert set(fired) <= {rule["rule"] for rule in book["rules"]}


def test_another_route_takes_a_reason(ana: Member) -> None:
    gap_id = identified(ana)
    body = example(ChooseGapRoute, chosen="build")
    assert do(ana, f"gaps/{gap_id}/route", body, expect=409)["refusal"] == "reason-missing"
    route = do(ana, f"gaps/{gap_id}/route", {**body, "reason": "We want to learn it."})["route"]
    assert (route["recommended"], route["chosen"], route["reason"]) == ("partner", "build", "We want to learn it.")


def test_is_listed_revised_and_closed(ana: Member) -> None:
    gap_id = identified(ana, title="No app")
    assert "No app" in [gap["title"] for gap in ana.get(f"{ROOM}/gaps", limit=200)["items"]]
    assert do(ana, f"gaps/{gap_id}", example(IdentifyGap, impact=1), "PUT")["impact"] == 1
    closed = do(ana, f"gaps/{gap_id}/close", example(CloseGap))
    assert ana.get(f"{ROOM}/gaps/{gap_id}") == closed
    assert do(ana, f"gaps/{gap_id}", example(IdentifyGap), "PUT", expect=409)["refusal"] == "gap-closed"
