"""A partner brief: what we look for, with exactly one strategic intent and objectives that can be measured."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring import BriefRevised, BriefWritten
from shared.events.scoring_gaps import BriefReviewed
from shared.events.scoring_terms import (
    NonNegotiable,
    Objective,
    StrategicIntent,
    Timeline,
)
from shared.events.values import Money

OBJECTIVES_MAX = 20
GAPS_MAX = 50
REVIEW_WITHIN_DAYS_MAX = 366
"""A brief is reviewed yearly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WriteBrief:
    """`intents` as the caller named them: other than one is invalid. `gaps` are the ids of the gaps it answers."""

    by: UUID
    at: datetime
    title: str
    intents: tuple[StrategicIntent, ...]
    objectives: tuple[Objective, ...]
    non_negotiables: tuple[NonNegotiable, ...]
    timeline: Timeline
    budget: Money | None
    gaps: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviseBrief(WriteBrief):
    """The whole brief, as it is from now on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewBrief:
    """It was looked at and stands; `next_review_on` is within a year."""

    by: UUID
    at: datetime
    next_review_on: date
    finding: str | None = None


@dataclass(frozen=True, slots=True)
class Brief:
    """`intent` and `timeline` are None until the brief is written; `non_negotiables` is None once erased."""

    title: str = ""
    intent: StrategicIntent | None = None
    objectives: tuple[Objective, ...] = ()
    timeline: Timeline | None = None
    budget: Money | None = None
    gaps: tuple[UUID, ...] = ()
    non_negotiables: tuple[NonNegotiable, ...] | None = None

    @property
    def written(self) -> bool:
        return self.intent is not None

    @property
    def no_gap(self) -> bool:
        """The signal that it answers nothing we are known to lack."""
        return self.written and not self.gaps


def evolve(state: Brief, event: Event) -> Brief:
    match event:
        case BriefWritten() | BriefRevised():
            return Brief(
                title=event.title,
                intent=event.intent,
                objectives=event.objectives,
                timeline=event.timeline,
                budget=event.budget,
                gaps=event.gaps,
                non_negotiables=event.non_negotiables,
            )
    return state


BRIEF = Aggregate("brief", Brief(), evolve)


def write(command: WriteBrief, brief: Brief) -> list[Event]:
    if brief.written:
        raise Refused("brief-written", "This brief is written; revise it instead.")
    return [
        BriefWritten(
            title=command.title,
            intent=checked_intent(command),
            objectives=command.objectives,
            timeline=command.timeline,
            budget=command.budget,
            gaps=command.gaps,
            non_negotiables=command.non_negotiables,
        )
    ]


def revise(command: ReviseBrief, brief: Brief) -> list[Event]:
    if not brief.written:
        raise Refused("brief-not-written", "Write the brief first.")
    revised = BriefRevised(
        title=command.title,
        intent=checked_intent(command),
        objectives=command.objectives,
        timeline=command.timeline,
        budget=command.budget,
        gaps=command.gaps,
        non_negotiables=command.non_negotiables,
    )
    return [] if evolve(brief, revised) == brief else [revised]


def review(command: ReviewBrief, brief: Brief) -> list[Event]:
    if not brief.written:
        raise Refused("brief-not-written", "Write the brief first.")
    days = (command.next_review_on - command.at.date()).days
    if not 0 < days <= REVIEW_WITHIN_DAYS_MAX:
        raise Invalid("/next_review_on", "out-of-range", "The next review is after today, and within a year.")
    return [BriefReviewed(next_review_on=command.next_review_on, finding=command.finding)]


def checked_intent(command: WriteBrief) -> StrategicIntent:
    """The one intent of a brief whose parts all make sense."""
    if len(command.intents) != 1:
        raise Invalid("/intents", "one-intent", "Name exactly one: each wants another partner and another governance.")
    require_words("/title", command.title)
    if not 1 <= len(command.objectives) <= OBJECTIVES_MAX:
        raise Invalid("/objectives", "out-of-range", f"Give 1 to {OBJECTIVES_MAX} objectives.")
    for place, objective in enumerate(command.objectives):
        require_words(f"/objectives/{place}/metric", objective.metric)
        require_words(f"/objectives/{place}/unit", objective.unit)
    for place, wish in enumerate(command.non_negotiables):
        require_words(f"/non_negotiables/{place}/text", wish.text)
    if command.timeline.ends_on < command.timeline.starts_on:
        raise Invalid("/timeline/ends_on", "ends-before-start", "The timeline ends on or after the day it starts.")
    if command.budget is not None and command.budget.amount < 0:
        raise Invalid("/budget/amount", "negative", "A budget is not negative.")
    if len(set(command.gaps)) < len(command.gaps):
        raise Invalid("/gaps", "repeated", "Name each gap once.")
    if len(command.gaps) > GAPS_MAX:
        raise Invalid("/gaps", "too-many", f"A brief answers at most {GAPS_MAX} gaps.")
    return command.intents[0]
