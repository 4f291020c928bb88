"""The opportunity with a candidate: how much it matters, how feasible it is, and how far our businesses overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.scoring.domain.candidate import Candidate
from services.scoring.domain.exact import rounded
from services.scoring.domain.rules import fired
from services.scoring.domain.wording import POINTS_MAX, require_points, require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring_gaps import OpportunityRated, OpportunityThresholdsSet, OverlapEstimated, SubScore
from shared.events.scoring_rules import FiredRule

SUB_SCORES_MAX = 10
PERCENT_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateOverlap:
    """Per cent of our business that theirs overlaps with."""

    by: UUID
    at: datetime
    now_percent: Decimal
    in_three_years_percent: Decimal
    basis: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RateOpportunity:
    by: UUID
    at: datetime
    importance: tuple[SubScore, ...]
    feasibility: tuple[SubScore, ...]
    note: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetThresholds:
    by: UUID
    at: datetime
    importance: Decimal
    feasibility: Decimal


@dataclass(frozen=True, slots=True)
class Thresholds:
    """From which mean on importance and feasibility are high."""

    importance: Decimal = Decimal(3)
    feasibility: Decimal = Decimal(3)


def evolve_thresholds(state: Thresholds, event: Event) -> Thresholds:
    match event:
        case OpportunityThresholdsSet():
            return Thresholds(event.importance, event.feasibility)
    return state


THRESHOLDS = Aggregate("opportunity_thresholds", Thresholds(), evolve_thresholds)


def estimate_overlap(command: EstimateOverlap, candidate: Candidate) -> list[Event]:
    require_listed(candidate)
    for name in ("now_percent", "in_three_years_percent"):
        if not 0 <= getattr(command, name) <= PERCENT_MAX:
            raise Invalid(f"/{name}", "out-of-range", f"From 0 to {PERCENT_MAX} per cent.")
    return [
        OverlapEstimated(
            now_percent=command.now_percent, in_three_years_percent=command.in_three_years_percent, basis=command.basis
        )
    ]


def rate(command: RateOpportunity, candidate: Candidate) -> list[Event]:
    require_listed(candidate)
    check_sub_scores("/importance", command.importance)
    check_sub_scores("/feasibility", command.feasibility)
    return [OpportunityRated(importance=command.importance, feasibility=command.feasibility, note=command.note)]


def set_thresholds(command: SetThresholds, thresholds: Thresholds) -> list[Event]:
    for name in ("importance", "feasibility"):
        if not 1 <= getattr(command, name) <= POINTS_MAX:
            raise Invalid(f"/{name}", "out-of-range", f"From 1 (all is high) to {POINTS_MAX}.")
    if Thresholds(command.importance, command.feasibility) == thresholds:
        return []
    return [OpportunityThresholdsSet(importance=command.importance, feasibility=command.feasibility)]


def mean(parts: Sequence[SubScore]) -> Decimal:
    """With 4 decimals, from 1 to 5."""
    return rounded(Fraction(sum(part.score for part in parts), len(parts)))


def quadrant(importance: Decimal, feasibility: Decimal, thresholds: Thresholds) -> FiredRule:
    """The one rule that fires: its outcome is pursue, build_up, quick_win or leave."""
    answers = {
        "importance": importance,
        "feasibility": feasibility,
        "importance_threshold": thresholds.importance,
        "feasibility_threshold": thresholds.feasibility,
    }
    (rule,) = fired("quadrant", answers)
    return rule


def require_listed(candidate: Candidate) -> None:
    if candidate.stage is None:
        raise Refused("candidate-not-listed", "Put the candidate on the long list first.")


def check_sub_scores(pointer: str, parts: tuple[SubScore, ...]) -> None:
    if not 1 <= len(parts) <= SUB_SCORES_MAX:
        raise Invalid(pointer, "out-of-range", f"Name 1 to {SUB_SCORES_MAX} parts.")
    for place, part in enumerate(parts):
        require_words(f"{pointer}/{place}/name", part.name)
        require_points(f"{pointer}/{place}/score", part.score)
    if len({part.name for part in parts}) < len(parts):
        raise Invalid(pointer, "repeated", "Name each part once.")
