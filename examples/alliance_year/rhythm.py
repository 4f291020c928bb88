"""The cadence of the year: meetings held as the forums meet, reviews concluded, and a dispute settled step by step."""

from __future__ import annotations

from typing import Any

from examples.alliance_year.people import Stage, do

STEERING, COUNCIL = "steering", "operational_council"


def hold_meetings(stage: Stage, forum: str, now: str) -> int:
    """Report every meeting of a forum up to now as held, with managers and sponsors; how many."""
    there = [
        {"side": side.owner.org, "person_id": person.id}
        for side in stage.sides
        for person in (side.manager, side.sponsor)
    ]
    held = 0
    for meeting in stage.listed("meetings", forum=forum):
        if meeting["starts_at"] <= now and meeting["status"] in ("scheduled", "missed"):
            body = {"held_at": meeting["starts_at"], "attendance": there}
            thing = f"meetings/{meeting['id']}"
            do(stage.united.manager, thing, "hold", body)
            do(stage.express.manager, thing, "minutes", {"minutes": "All points taken; see the decisions."})
            held += 1
    return held


def hold_reviews(stage: Stage, moment: str, kinds: set[str], outcome: str) -> None:
    """Wait until reviews of these kinds are open, and conclude them: every side says the same."""

    def open_() -> list[Any]:
        return [one for one in stage.listed("reviews", status="open") if one["kind"] in kinds]

    stage.time_is(moment, until=lambda: {one["kind"] for one in open_()} >= kinds)
    said = {"outcome": outcome, "findings": "Looked at together."}
    for one in open_():
        for party in stage.sides:
            do(party.sponsor, f"reviews/{one['id']}", "outcome", said)


def settle_a_dispute(stage: Stage, decision: str) -> Any:
    """Opened by one side about a decision; positions, one step up, a resolution proposed and accepted."""
    subject = "Who pays for the spare aircraft in July"
    opened = stage.made("disputes", {"subject": subject, "decision_id": decision}, stage.express)
    thing = f"disputes/{opened['id']}"
    do(stage.express.manager, thing, "positions", {"position": "The plan names it as yours.", "evidence": [0]})
    do(stage.united.manager, thing, "positions", {"position": "The plan says nothing of July."})
    do(stage.united.manager, thing, "advance")
    proposed = do(stage.united.sponsor, thing, "resolutions", {"resolution": "Each side pays half."})
    return do(stage.express.sponsor, thing, "accept", {"number": proposed["resolution"]["number"]})
