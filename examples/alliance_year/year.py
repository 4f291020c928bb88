"""The whole year, in the order in which it happens."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from examples.airline_codeshare import papers
from examples.airline_codeshare.governing import advance, agree, reach_milestones
from examples.airline_codeshare.partner import Operator
from examples.airline_codeshare.story import side
from examples.alliance_year.beginning import form, launch, promise, report_months
from examples.alliance_year.deciding import decide_a_round
from examples.alliance_year.people import ROOM, Stage, do, refused
from examples.alliance_year.rhythm import COUNCIL, STEERING, hold_meetings, hold_reviews, settle_a_dispute

Tell = Callable[[str], None]
"""Called with a sentence before each step."""
ROUNDS = (
    ("2026-01-19T15:00:00Z", ("2026-02-06T15:00:00Z", "2026-02-09T15:00:00Z")),
    ("2026-04-20T14:00:00Z", ("2026-05-08T14:00:00Z", "2026-05-11T14:00:00Z")),
    ("2026-07-20T14:00:00Z", ("2026-08-07T14:00:00Z", "2026-08-10T14:00:00Z")),
    ("2026-10-19T14:00:00Z", ("2026-11-06T15:00:00Z", "2026-11-09T15:00:00Z")),
)
"""When ten decisions are raised, by when two of them have breached, and when those are decided."""


@dataclass(frozen=True)
class Year:
    """What the year left behind."""

    alliance: str
    reader: Any
    too_early: str
    incomplete: str
    decisions: list[Any]
    disputes: list[Any]
    meetings: list[Any]
    reviews: list[Any]
    exit: Any
    rehearsal: Any
    history: list[str]


def play(http: httpx.Client, operator_key: str, tell: Tell) -> Year:
    """Play it through the HTTP API of a Concord under the test clock, its workers running."""
    operator = Operator(http, operator_key)
    operator.set_clock("2025-12-01T15:00:00Z")
    tell("December 2025: two airlines ally; governance model, thesis, exchange and deal are signed.")
    united = side(operator, "United", "America/Chicago", ("Dana Cole", "Ana Ruiz", "Sam Okafor"))
    express = side(operator, "ExpressJet", "America/New_York", ("Kim Berg", "Lee Park", "Noor Haddad"))
    stage = form(Stage(operator, united, express))
    stage.time_is("2026-01-12T15:00:00Z")
    tell("January: launched. An announcement waits for the plan and the KPIs.")
    too_early = launch(stage)
    promise(stage)
    decided = decide_a_round_of(stage, 0, tell)
    incomplete = first_half(stage, decided, tell)
    second_half(stage, decided, tell)
    exit_, rehearsal = leave(stage, tell)
    tell("The history of it, in words.")
    reader = express.manager
    return Year(
        alliance=stage.alliance,
        reader=reader,
        too_early=too_early,
        incomplete=incomplete,
        decisions=stage.listed("decisions"),
        disputes=stage.listed("disputes"),
        meetings=stage.listed("meetings"),
        reviews=stage.listed("reviews"),
        exit=exit_,
        rehearsal=rehearsal,
        history=[one["words"] for one in reader.all(f"/ledger/v1/ledgers/{stage.alliance}/events")],
    )


def decide_a_round_of(stage: Stage, number: int, tell: Tell) -> list[str]:
    raised_at, waiting_until = ROUNDS[number]
    tell(f"{raised_at[:10]}: the forums have met; ten decisions, of which two wait too long and go up the ladder.")
    stage.time_is(raised_at)
    for forum in (STEERING, COUNCIL):
        hold_meetings(stage, forum, raised_at)
    return decide_a_round(stage, number * 10, waiting_until)


def first_half(stage: Stage, decided: list[str], tell: Tell) -> str:
    tell("February: the milestones of the first 90 days are reached.")
    reach_milestones(stage.alliance, stage.united)
    tell("April: the first quarter's figures are confirmed, and the deal logic holds.")
    stage.time_is("2026-04-06T14:00:00Z")
    report_months(stage, {"2026-01": "0.68", "2026-02": "0.71", "2026-03": "0.74"})
    hold_reviews(stage, "2026-04-10T14:00:00Z", {"deal_logic", "quarterly_business"}, "continue")
    stage.time_is("2026-04-13T14:00:00Z", until=lambda: bool(thesis(stage)["verdicts"]))
    decided += decide_a_round_of(stage, 1, tell)
    tell("May: a change of scope is refused until it says what it does to the economics.")
    incomplete = change_scope(stage)
    tell("A dispute takes one step up and is settled.")
    settle_a_dispute(stage, decided[0])
    tell("July: the review after six months; the renewal opens twelve months before the term ends.")
    hold_reviews(stage, "2026-07-06T14:00:00Z", {"checkpoint", "quarterly_business"}, "continue")
    stage.time_is("2026-07-07T14:00:00Z", until=lambda: review(stage, "renewal")["status"] == "open")
    return incomplete


def second_half(stage: Stage, decided: list[str], tell: Tell) -> None:
    decided += decide_a_round_of(stage, 2, tell)
    hold_reviews(stage, "2026-10-05T14:00:00Z", {"quarterly_business"}, "restructure")
    decided += decide_a_round_of(stage, 3, tell)


def change_scope(stage: Stage) -> str:
    """Proposed incomplete and refused at the signature; countered whole, and signed; the refusal."""
    draft = stage.made("agreement-drafts", {"content": papers.change_request(complete=False)})
    do(stage.united.manager, f"agreement-drafts/{draft['id']}", "propose")
    thing, body = f"agreements/{draft['id']}", {"content_sha256": draft["content_sha256"]}
    incomplete = refused(stage.united.sponsor, thing, "sign", body)
    whole = do(stage.express.manager, thing, "counter", {"content": papers.change_request()})
    for one in stage.sides:
        do(one.sponsor, thing, "sign", {"content_sha256": whole["content_sha256"]})
    return incomplete


def leave(stage: Stage, tell: Tell) -> tuple[Any, Any]:
    tell("December: an exit is rehearsed, and then triggered; its dates come from the term sheet.")
    stage.time_is("2026-12-01T15:00:00Z")
    notice = {"ground": "no_fault", "reason": "The network moves to another city."}
    rehearsal = stage.express.manager.post(f"{stage.path}/exit-rehearsal", notice)
    triggered = stage.made("exits", notice, stage.express)
    thing = f"exits/{triggered['id']}"
    hold_reviews(stage, "2026-12-02T15:00:00Z", {"renewal"}, "exit")
    advance(stage.alliance, stage.united, "exiting")
    plan = agree(stage.alliance, papers.unwind_plan("2027-02-26"), *stage.sides)
    tell("January 2027: the reviews after twelve months.")
    hold_reviews(stage, "2027-01-08T15:00:00Z", {"checkpoint", "yearly_strategic", "quarterly_business"}, "exit")
    tell("February 2027: the exit has taken effect; receipt after receipt, until the last.")
    stage.time_is("2027-02-01T15:00:00Z", until=lambda: shown(stage, thing)["status"] == "effective")
    for disposition in plan["content"]["dispositions"]:
        for party in stage.sides:
            do(party.manager, thing, "receipts", {"key": disposition["key"]})
    advance(stage.alliance, stage.express, "ended")
    return shown(stage, thing), rehearsal


def shown(stage: Stage, thing: str) -> Any:
    return stage.united.manager.get(f"{ROOM}/{thing}")


def thesis(stage: Stage) -> Any:
    return stage.listed("agreements", kind="value_thesis")[0]


def review(stage: Stage, kind: str) -> Any:
    return next(one for one in stage.listed("reviews") if one["kind"] == kind)
