"""What an assessment says: a weighted score, an interval where something was not rated, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.scoring.domain.exact import rounded
from shared.events.scoring import AssessmentCompleted
from shared.events.scoring_terms import (
    ConcernKind,
    Confidence,
    Criterion,
    CriterionResult,
    Rating,
    Scale,
    Severity,
    Template,
)

SURENESS = tuple(Confidence)
"""From the least sure."""


@dataclass(frozen=True, slots=True)
class Concern:
    criterion: str
    kind: ConcernKind


@dataclass(frozen=True, slots=True)
class Result:
    """`low` and `high` are the weighted score in the template's scale, with 4 decimals, equal when all is rated."""

    low: Decimal
    high: Decimal
    criteria: tuple[CriterionResult, ...]
    waived: Mapping[Concern, UUID]

    @property
    def concerns(self) -> tuple[Concern, ...]:
        return tuple(Concern(each.criterion, kind) for each in self.criteria for kind in each.concerns)

    @property
    def not_recommended(self) -> bool:
        """Whether a concern stands that nobody has waived."""
        return any(concern not in self.waived for concern in self.concerns)


def completed(template: Template, submitted: Sequence[Sequence[Rating]]) -> AssessmentCompleted:
    """The result of what was submitted, one sequence of ratings an assessor; each counts on every criterion."""
    low = high = Fraction(0)
    results = []
    for criterion in template.criteria:
        given = [rating for ratings in submitted for rating in ratings if rating.criterion == criterion.key]
        worst, best = bounds(given, len(submitted), template.scale)
        low += Fraction(criterion.weight) * worst
        high += Fraction(criterion.weight) * best
        results.append(criterion_result(criterion, given, worst, best))
    return AssessmentCompleted(low=rounded(low), high=rounded(high), criteria=tuple(results))


def bounds(given: Sequence[Rating], assessors: int, scale: Scale) -> tuple[Fraction, Fraction]:
    """The lowest and the highest mean there can be: who left the criterion out might have said anything."""
    said, silent = sum(rating.score for rating in given), assessors - len(given)
    return Fraction(said + silent * scale.lowest, assessors), Fraction(said + silent * scale.highest, assessors)


def criterion_result(criterion: Criterion, given: Sequence[Rating], worst: Fraction, best: Fraction) -> CriterionResult:
    scores = [rating.score for rating in given]
    concerns = []
    if any(flag.severity is Severity.BLOCKER for rating in given for flag in rating.red_flags):
        concerns.append(ConcernKind.BLOCKER)
    if criterion.floor is not None and worst < Fraction(criterion.floor):
        surely = best < Fraction(criterion.floor)
        concerns.append(ConcernKind.UNDER_FLOOR if surely else ConcernKind.MAY_BE_UNDER_FLOOR)
    return CriterionResult(
        criterion=criterion.key,
        low=rounded(worst),
        high=rounded(best),
        spread=max(scores) - min(scores) if len(scores) > 1 else None,
        confidence=min((rating.confidence for rating in given), key=SURENESS.index, default=None),
        concerns=tuple(concerns),
    )
