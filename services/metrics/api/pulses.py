"""Pulse surveys: opened by a side, answered once by a person, told when enough people answered."""

from __future__ import annotations

import hmac
from decimal import Decimal
from hashlib import sha256
from typing import Annotated, Any, Literal
from uuid import UUID, uuid5

from pydantic import ConfigDict, Field

from services.metrics.domain import pulse as rules
from services.metrics.domain.alliance import ALLIANCE
from services.metrics.domain.pulse import NPS, PULSE
from services.metrics.domain.signals.cycle import CYCLE, TellCycle, tell_cycle
from services.metrics.read_models import pulses as asked
from shared.auth.caller import WRITERS, Need
from shared.domain import Refused
from shared.events.metrics_pulse import PulseQuestion
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Answer, Count, Id, Schema, Timestamp

router = Router("metrics", "pulses")

PULSES = "metrics.pulses"
Level = Literal["working", "leadership"]
Question = Literal["trust", "communication", "fairness", "satisfaction", "alignment"]
Score = Annotated[int, Field(ge=1, le=5)]


class OpenPulse(Schema):
    """Until when people may answer: 1 to 60 days from now."""

    model_config = ConfigDict(json_schema_extra={"example": {"closes_at": "2026-03-15T18:00:00Z"}})

    closes_at: Timestamp


class PulseAnswer(Schema):
    """What you think, from 1 (no) to 5 (yes), and how likely you would recommend the alliance, from 0 to 10."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "level": "working",
                "trust": 4,
                "communication": 3,
                "fairness": 4,
                "satisfaction": 4,
                "alignment": 5,
                "nps": 8,
            }
        }
    )

    level: Level = Field(description="Where you work: it is told only where enough people of your level answered.")
    trust: Score
    communication: Score
    fairness: Score
    satisfaction: Score
    alignment: Score
    nps: int = Field(ge=0, le=10)


class PulseMean(Answer):
    """The mean of a question, 1 to 5."""

    question: Question
    mean: str


class PulseResult(Answer):
    """What at least `answers_min` people of a side said; `level` is null for all of them."""

    side: Id
    level: Level | None
    answers: Count
    means: list[PulseMean] = Field(max_length=5)
    nps: int = Field(ge=-100, le=100)


class PulseDifference(Answer):
    """Where two sides see it differently: the larger mean minus the smaller."""

    question: Question
    difference: str


class Pulse(Answer):
    """A survey; results are told at its close, and those of fewer than `answers_min` people never."""

    id: Id
    opened_by: Id
    opened_at: Timestamp
    closes_at: Timestamp
    closed_at: Timestamp | None
    answers_min: Count
    results: list[PulseResult] = Field(max_length=150)
    too_few: list[Id] = Field(max_length=50, description="Sides with fewer answers than may be told.")
    differences: list[PulseDifference] = Field(max_length=5, description="Between the sides, the largest first.")
    version: Count


class PlanningCycle(Schema):
    """The month, 1 to 12, in which your planning year begins."""

    model_config = ConfigDict(json_schema_extra={"example": {"year_begins_month": 1}})

    year_begins_month: int = Field(ge=1, le=12)


class SideCycle(Answer):
    """When a side's planning year begins."""

    side: Id
    year_begins_month: int = Field(ge=1, le=12)


class PlanningCycles(Answer):
    """When each side's planning year begins, as far as it is told."""

    items: list[SideCycle] = Field(max_length=50)
    version: Count


@router.create("/alliances/{alliance_id}/pulses")
def open_pulse(session: Session, alliance_id: Id, body: OpenPulse) -> Pulse:
    """Open a survey for the people of all parties. It closes by itself; there is one in four weeks at most."""
    parties = session.load(ALLIANCE, alliance_id, alliance_id).state.parties
    session.take_turn(PULSES, alliance_id)
    last = session.view(alliance_id).first(asked.latest_pulse(alliance_id))
    command = rules.OpenPulse(
        by=session.caller.person,
        side=session.caller.organisation,
        parties=parties,
        closes_at=body.closes_at,
        last_opened_at=last.opened_at if last else None,
        is_open=last is not None and last.closed_at is None,
        at=session.at,
    )
    pulse_id = session.new_id()
    session.create(PULSE, alliance_id, pulse_id, rules.open_pulse(command, PULSE.empty))
    return shown(session.view(alliance_id).one(asked.pulse(alliance_id, pulse_id)))


@router.read("/alliances/{alliance_id}/pulses", scope="metrics:read")
def list_pulses(session: Session, alliance_id: Id, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT) -> Page[Pulse]:
    """The surveys of an alliance."""
    view = session.view(alliance_id)
    turned = view.page(asked.pulses_of(alliance_id), order=[asked.pulses.c.id], cursor=cursor, limit=limit)
    return Page[Pulse](items=[shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/alliances/{alliance_id}/pulses/{pulse_id}", scope="metrics:read")
def get_pulse(session: Session, alliance_id: Id, pulse_id: Id) -> Pulse:
    """One survey, and what was told of it."""
    return shown(session.view(alliance_id).one(asked.pulse(alliance_id, pulse_id)))


@router.operation("PUT", "/alliances/{alliance_id}/pulses/{pulse_id}/answer", Need(None, WRITERS), (), status=204)
def answer_pulse(session: Session, alliance_id: Id, pulse_id: Id, body: PulseAnswer) -> None:
    """Answer, once. Your answer is added to counts and kept nowhere as yours: it is no event, and cannot be read back.

    That is why this takes no Idempotency-Key, which would be kept beside your name: sent twice, it counts once.
    """
    held = session.load(PULSE, alliance_id, pulse_id)
    session.refuse_bystander(alliance_id)
    side = session.caller.organisation
    rules.check_answer(side, session.at, held.state)
    text = f"pulse\n{pulse_id}\n{session.caller.person}"
    mark = hmac.digest(session.runtime.secret, text.encode(), sha256).hex()
    if not asked.mark_answered(session.connection, alliance_id, pulse_id, mark):
        raise Refused("already-answered", "You have answered; what you said is counted, and not to be found again.")
    scores = {name: getattr(body, name) for name in (*PulseQuestion, NPS)}
    named = {str(name): score for name, score in scores.items()}
    asked.count_answer(session.connection, alliance_id, pulse_id, side, body.level, named)


@router.read("/alliances/{alliance_id}/planning-cycles", scope="metrics:read")
def get_planning_cycles(session: Session, alliance_id: Id) -> PlanningCycles:
    """When each side's planning year begins."""
    return told(session, alliance_id)


def told(session: Session, alliance_id: UUID) -> PlanningCycles:
    rows = session.view(alliance_id).all(asked.cycles_of(alliance_id))
    items = [SideCycle.model_validate(row) for row in rows]
    return PlanningCycles(items=items, version=max((row.version for row in rows), default=0))


@router.change("/alliances/{alliance_id}/planning-cycles", method="PUT")
def tell_planning_cycle(session: Session, alliance_id: Id, body: PlanningCycle) -> PlanningCycles:
    """Tell when your side's planning year begins."""
    session.load(ALLIANCE, alliance_id, alliance_id)
    held = session.begin_or_change(CYCLE, uuid5(alliance_id, "planning-cycles"), alliance_id)
    command = TellCycle(session.caller.organisation, body.year_begins_month)
    session.append(CYCLE, held, tell_cycle(command, held.state))
    return told(session, alliance_id)


def shown(row: Any) -> Pulse:
    whole = [one for one in row.results if one["level"] is None]
    said: dict[Any, list[Decimal]] = {}
    for one in whole:
        for mean in one["means"]:
            said.setdefault(mean["question"], []).append(Decimal(mean["mean"]))
    apart = {question: max(means) - min(means) for question, means in said.items() if len(means) > 1}
    order = sorted(apart, key=lambda question: -apart[question])
    differences = [PulseDifference(question=question, difference=str(apart[question])) for question in order]
    return Pulse(**{**row._asdict(), "differences": differences})
