"""An assessment: each assessor submits ratings unseen by those who have yet to, and can change nothing after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.assessment_result import Concern, Result, completed
from services.scoring.domain.template import check_template
from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring import (
    AssessmentCompleted,
    AssessmentOpened,
    AssessorExcused,
    ConcernWaived,
    RatingsSubmitted,
)
from shared.events.scoring_terms import (
    Criterion,
    Rating,
    SeenRedFlag,
    Template,
)

ASSESSORS_MAX = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenAssessment:
    """`round` counts from 1; a change after submitting is a new round."""

    by: UUID
    at: datetime
    candidate: UUID
    template: Template
    assessors: tuple[UUID, ...]
    round: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRatings:
    """All that an assessor says; a criterion left out is not rated."""

    by: UUID
    at: datetime
    ratings: tuple[Rating, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExcuseAssessor:
    by: UUID
    at: datetime
    assessor: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WaiveConcern:
    by: UUID
    at: datetime
    concern: Concern
    reason: str


@dataclass(frozen=True, slots=True)
class Assessment:
    """`template` is None until it is opened; `assessors` are those who are asked, without who was excused.

    `ratings` are those submitted, by assessor; empty once they are erased.
    """

    candidate: UUID | None = None
    template: Template | None = None
    round: int = 0
    assessors: tuple[UUID, ...] = ()
    ratings: Mapping[UUID, tuple[Rating, ...]] = field(default_factory=dict)
    outcome: AssessmentCompleted | None = None
    waived: Mapping[Concern, UUID] = field(default_factory=dict)

    @property
    def outstanding(self) -> tuple[UUID, ...]:
        """Who has yet to submit."""
        return tuple(assessor for assessor in self.assessors if assessor not in self.ratings)

    @property
    def complete(self) -> bool:
        return self.outcome is not None

    def visible_to(self, viewer: UUID) -> Mapping[UUID, tuple[Rating, ...]]:
        """By assessor, what has been submitted: for those who submitted too, and once it is complete for everybody."""
        return self.ratings if self.complete or viewer in self.ratings else {}

    @property
    def result(self) -> Result | None:
        """None until it is complete, so that nobody rates with the result in mind."""
        if self.outcome is None:
            return None
        return Result(self.outcome.low, self.outcome.high, self.outcome.criteria, self.waived)


def evolve(state: Assessment, event: Event) -> Assessment:
    match event:
        case AssessmentOpened():
            return Assessment(event.candidate, event.template, event.round, event.assessors)
        case RatingsSubmitted(assessor=who, ratings=ratings):
            return replace(state, ratings={**state.ratings, who: ratings or ()})
        case AssessorExcused(assessor=who):
            return replace(state, assessors=tuple(a for a in state.assessors if a != who))
        case AssessmentCompleted():
            return replace(state, outcome=event)
        case ConcernWaived():
            concern = Concern(event.criterion, event.kind)
            return replace(state, waived={**state.waived, concern: event.waived_by})
    return state


ASSESSMENT = Aggregate("assessment", Assessment(), evolve)


def open_round(command: OpenAssessment, assessment: Assessment) -> list[Event]:
    if assessment.template is not None:
        raise Refused("assessment-open", "This assessment is open already; a change is a new round.")
    check_template(command.template)
    if not 1 <= len(command.assessors) <= ASSESSORS_MAX:
        raise Invalid("/assessors", "out-of-range", f"Name 1 to {ASSESSORS_MAX} assessors.")
    if len(set(command.assessors)) < len(command.assessors):
        raise Invalid("/assessors", "repeated", "Name each assessor once.")
    if command.round < 1:
        raise Invalid("/round", "out-of-range", "Rounds count from 1.")
    return [
        AssessmentOpened(
            candidate=command.candidate, template=command.template, assessors=command.assessors, round=command.round
        )
    ]


def submit(command: SubmitRatings, assessment: Assessment) -> list[Event]:
    check_ratings(command.ratings, require_outstanding(assessment, command.by))
    submitted = RatingsSubmitted(assessor=command.by, ratings=command.ratings)
    return [submitted, *completion(evolve(assessment, submitted))]


def excuse(command: ExcuseAssessor, assessment: Assessment) -> list[Event]:
    """By somebody who does not rate in it: nobody rids themselves of a colleague's ratings to see the result."""
    require_outstanding(assessment, command.assessor)
    if command.by in assessment.assessors:
        raise Refused("rates-here", "Who rates in this round excuses nobody from it; ask a colleague who does not.")
    if len(assessment.assessors) == 1:
        raise Refused("last-assessor", "An assessment keeps at least one assessor; open a new round with others.")
    excused = AssessorExcused(assessor=command.assessor, reason=command.reason)
    return [excused, *completion(evolve(assessment, excused))]


def completion(assessment: Assessment) -> list[Event]:
    if assessment.template is None or assessment.outstanding:
        return []
    return [completed(assessment.template, list(assessment.ratings.values()))]


def waive(command: WaiveConcern, assessment: Assessment) -> list[Event]:
    result = assessment.result
    if result is None:
        raise Refused("ratings-outstanding", "Wait until each assessor has submitted or is excused.")
    if command.by in assessment.ratings:
        raise Refused("rated-here", "Who rated in this round waives nothing in it; ask an owner or admin who did not.")
    if command.concern not in result.concerns:
        raise Refused("no-such-concern", "The assessment has no such concern.")
    if command.concern in assessment.waived:
        raise Refused("concern-waived", "This concern is waived already.")
    require_words("/reason", command.reason)
    concern = command.concern
    return [ConcernWaived(criterion=concern.criterion, kind=concern.kind, waived_by=command.by, reason=command.reason)]


def require_outstanding(assessment: Assessment, person: UUID) -> Template:
    if assessment.template is None:
        raise Refused("assessment-not-open", "Open the assessment first.")
    if person in assessment.ratings:
        raise Refused("ratings-submitted", "The ratings are submitted; a change is a new round.")
    if person not in assessment.assessors:
        raise Refused("not-an-assessor", "Only the assessors named for this round rate.")
    return assessment.template


def check_ratings(ratings: tuple[Rating, ...], template: Template) -> None:
    """Raises Invalid for the first rating that the template has no place for."""
    if not ratings:
        raise Invalid("/ratings", "nothing-rated", "Rate at least one criterion, or ask to be excused.")
    criteria = {criterion.key: criterion for criterion in template.criteria}
    scale = template.scale
    for place, rating in enumerate(ratings):
        at = f"/ratings/{place}"
        if rating.criterion not in criteria:
            raise Invalid(f"{at}/criterion", "unknown-criterion", f"The criteria are {', '.join(criteria)}.")
        if not scale.lowest <= rating.score <= scale.highest:
            raise Invalid(f"{at}/score", "out-of-range", f"A score is from {scale.lowest} to {scale.highest}.")
        check_red_flags(rating.red_flags, criteria[rating.criterion], f"{at}/red_flags")
    if len({rating.criterion for rating in ratings}) < len(ratings):
        raise Invalid("/ratings", "repeated", "Rate each criterion once.")


def check_red_flags(seen: tuple[SeenRedFlag, ...], criterion: Criterion, at: str) -> None:
    known = {flag.key for flag in criterion.red_flags}
    keys = [flag.key for flag in seen]
    for place, key in enumerate(keys):
        if key not in known:
            raise Invalid(f"{at}/{place}/key", "unknown-red-flag", f"{criterion.key} has no red flag {key}.")
    if len(set(keys)) < len(keys):
        raise Invalid(at, "repeated", "Name each red flag once.")
