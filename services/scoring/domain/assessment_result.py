"""What an assessment says: a weighted score, an interval where something was not rated, and what stands against it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from services.scoring.domain.exact import rounded
from shared.events.scoring import ConcernKind, Confidence, Criterion, RatingGiven, Scale, Severity, Template

Ratings = Mapping[str, RatingGiven]
"""One assessor's ratings by the key of the criterion."""

SURENESS = tuple(Confidence)
"""From the least sure."""


@dataclass(frozen=True, slots=True)
class Concern:
    criterion: str
    kind: ConcernKind


@dataclass(frozen=True, slots=True)
class CriterionResult:
    """`low` = `high` = the mean of the scores given; the ends of the scale when none was.

    `spread` is the highest less the lowest score given, None for fewer than two; `confidence` the least anyone had.
    """

    criterion: str
    low: Decimal
    high: Decimal
    spread: int | None
    confidence: Confidence | None
    concerns: tuple[Concern, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """`low` and `high` are the weighted score in the template's scale, with 4 decimals, equal when all is rated."""

    low: Decimal
    high: Decimal
    criteria: tuple[CriterionResult, ...]
    waived: Mapping[Concern, UUID]

    @property
    def concerns(self) -> tuple[Concern, ...]:
        return tuple(concern for criterion in self.criteria for concern in criterion.concerns)

    @property
    def not_recommended(self) -> bool:
        """Whether a concern stands that nobody has waived."""
        return any(concern not in self.waived for concern in self.concerns)


def result_of(template: Template, submitted: Sequence[Ratings], waived: Mapping[Concern, UUID]) -> Result:
    """The result of what has been submitted, one `Ratings` an assessor."""
    low = high = Fraction(0)
    results = []
    for criterion in template.criteria:
        given = [ratings[criterion.key] for ratings in submitted if criterion.key in ratings]
        worst, best = bounds(given, template.scale)
        low += Fraction(criterion.weight) * worst
        high += Fraction(criterion.weight) * best
        results.append(criterion_result(criterion, given, worst, best))
    return Result(rounded(low), rounded(high), tuple(results), waived)


def bounds(given: Sequence[RatingGiven], scale: Scale) -> tuple[Fraction, Fraction]:
    if not given:
        return Fraction(scale.lowest), Fraction(scale.highest)
    mean = Fraction(sum(rating.score for rating in given), len(given))
    return mean, mean


def criterion_result(
    criterion: Criterion, given: Sequence[RatingGiven], worst: Fraction, best: Fraction
) -> CriterionResult:
    scores = [rating.score for rating in given]
    concerns = []
    if any(flag.severity is Severity.BLOCKER for rating in given for flag in rating.red_flags):
        concerns.append(Concern(criterion.key, ConcernKind.BLOCKER))
    if criterion.floor is not None and best < Fraction(criterion.floor):
        concerns.append(Concern(criterion.key, ConcernKind.UNDER_FLOOR))
    return CriterionResult(
        criterion=criterion.key,
        low=rounded(worst),
        high=rounded(best),
        spread=max(scores) - min(scores) if len(scores) > 1 else None,
        confidence=min((rating.confidence for rating in given), key=SURENESS.index, default=None),
        concerns=tuple(concerns),
    )
