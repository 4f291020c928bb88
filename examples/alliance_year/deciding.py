"""Forty decisions of all four types: most in time, some rejected, withdrawn or late, with breaches and escalations."""

from __future__ import annotations

from typing import Any

from examples.alliance_year.people import ROOM, Stage, do

TYPES = ("roadmap_change", "commercial_terms", "data_sharing", "delivery_trade_off")
SUBJECTS = {
    "roadmap_change": ("Fly to Ithaca twice a day", "Move Buffalo to summer", "A third morning bank"),
    "commercial_terms": ("Share of the fare to Albany", "Price of a standby crew", "Fuel above plan"),
    "data_sharing": ("Delay minutes by tail number", "Bookings a week ahead", "Crew rosters of March"),
    "delivery_trade_off": ("A spare aircraft or a later flight", "Boarding by zone", "One gate for two flights"),
}
A_ROUND = 10


def decide_a_round(stage: Stage, first: int, waiting_until: tuple[str, str]) -> list[str]:
    """Ten decisions: six approved at once, one rejected, one withdrawn, two that wait too long; their ids.

    `waiting_until`: a moment after both have breached, and when they are decided at last.
    """
    raised = [raise_one(stage, first + n) for n in range(A_ROUND)]
    last = {decision["type"]: decision for decision in raised}
    late = [last["roadmap_change"], last["delivery_trade_off"]]
    for decision in raised:
        if decision not in late and decision is not last["commercial_terms"]:
            decide(stage, decision, "reject" if decision is last["data_sharing"] else "approve")
    withdrawn = f"decisions/{last['commercial_terms']['id']}"
    do(stage.united.manager, withdrawn, "withdraw", {"reason": "The season is over."})
    stage.time_is(waiting_until[0], until=lambda: all(shown(stage, one)["rung"] > 0 for one in late))
    do(stage.express.manager, f"decisions/{late[0]['id']}", "acknowledge")
    stage.time_is(waiting_until[1])
    for decision in late:
        decide(stage, decision, "approve")
    return [decision["id"] for decision in raised]


def raise_one(stage: Stage, number: int) -> Any:
    kind = TYPES[number % len(TYPES)]
    subjects = SUBJECTS[kind]
    body: dict[str, Any] = {"type": kind, "subject": subjects[number % len(subjects)]}
    if kind == "delivery_trade_off":
        body["values"] = {"affects_other_side": "true" if number % 8 == 3 else "false"}  # noqa: PLR2004 - every other
        body["owner_side"] = stage.united.owner.org
    return stage.made("decisions", body)


def decide(stage: Stage, decision: Any, choice: str) -> None:
    """Each side that has a say votes, until it is decided."""
    for side in stage.sides:
        now = shown(stage, decision)
        if now["status"] == "open" and side.owner.org in now["sides"]:
            do(side.sponsor, f"decisions/{decision['id']}", "votes", {"choice": choice, "reason": "As discussed."})


def shown(stage: Stage, decision: Any) -> Any:
    return stage.united.manager.get(f"{ROOM}/decisions/{decision['id']}")
