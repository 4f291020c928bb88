"""An assessment: each assessor rates a candidate unseen by the others, submits, and can change nothing after that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from services.scoring.domain.assessment_result import Concern, Ratings, Result, result_of
from services.scoring.domain.template import check_template
from services.scoring.domain.wording import require_words
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.scoring import (
    AssessmentOpened,
    AssessorExcused,
    ConcernWaived,
    Confidence,
    Criterion,
    Evidence,
    RatingGiven,
    RatingsSubmitted,
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
class Rate:
    """By an assessor, on the template's scale; rating a criterion again replaces what was said."""

    by: UUID
    at: datetime
    criterion: str
    score: int
    confidence: Confidence
    evidence: Evidence | None = None
    red_flags: tuple[SeenRedFlag, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SubmitRatings:
    by: UUID
    at: datetime


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
    """`template` is None until it is opened; `assessors` are those who are asked, without who was excused."""

    candidate: UUID | None = None
    template: Template | None = None
    round: int = 0
    assessors: tuple[UUID, ...] = ()
    ratings: Mapping[UUID, Ratings] = field(default_factory=dict)
    submitted: frozenset[UUID] = frozenset()
    waived: Mapping[Concern, UUID] = field(default_factory=dict)

    def rating_still(self, person: UUID) -> bool:
        """Whether the person has yet to submit, and until then sees nothing of the others."""
        return person in self.assessors and person not in self.submitted

    @property
    def complete(self) -> bool:
        return bool(self.submitted) and not any(self.rating_still(assessor) for assessor in self.assessors)

    def visible_to(self, viewer: UUID) -> dict[UUID, Ratings]:
        """By assessor: one's own ratings always, those others submitted unless one is rating still, drafts never."""
        others = frozenset[UUID]() if self.rating_still(viewer) else self.submitted
        return {who: ratings for who, ratings in self.ratings.items() if who == viewer or who in others}

    @property
    def result(self) -> Result | None:
        """Of the ratings submitted so far, None before it is opened; not to be shown to one who is rating still."""
        if self.template is None:
            return None
        submitted = [ratings for who, ratings in self.ratings.items() if who in self.submitted]
        return result_of(self.template, submitted, self.waived)


def evolve(state: Assessment, event: Event) -> Assessment:
    match event:
        case AssessmentOpened():
            return Assessment(event.candidate, event.template, event.round, event.assessors)
        case RatingGiven(assessor=who, criterion=key):
            mine = {**state.ratings.get(who, {}), key: event}
            return replace(state, ratings={**state.ratings, who: mine})
        case RatingsSubmitted(assessor=who):
            return replace(state, submitted=state.submitted | {who})
        case AssessorExcused(assessor=who):
            return replace(state, assessors=tuple(a for a in state.assessors if a != who))
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


def rate(command: Rate, assessment: Assessment) -> list[Event]:
    template = require_rating_still(assessment, command.by)
    criterion = next((c for c in template.criteria if c.key == command.criterion), None)
    if criterion is None:
        raise Invalid(
            "/criterion", "unknown-criterion", f"The criteria are {', '.join(c.key for c in template.criteria)}."
        )
    scale = template.scale
    if not scale.lowest <= command.score <= scale.highest:
        raise Invalid("/score", "out-of-range", f"A score is from {scale.lowest} to {scale.highest}.")
    check_red_flags(command.red_flags, criterion)
    return [
        RatingGiven(
            assessor=command.by,
            criterion=command.criterion,
            score=command.score,
            confidence=command.confidence,
            red_flags=command.red_flags,
            evidence=command.evidence,
        )
    ]


def submit(command: SubmitRatings, assessment: Assessment) -> list[Event]:
    require_rating_still(assessment, command.by)
    if not assessment.ratings.get(command.by):
        raise Refused("nothing-rated", "Rate at least one criterion first, or ask to be excused.")
    return [RatingsSubmitted(assessor=command.by)]


def excuse(command: ExcuseAssessor, assessment: Assessment) -> list[Event]:
    require_rating_still(assessment, command.assessor)
    if len(assessment.assessors) == 1:
        raise Refused("last-assessor", "An assessment keeps at least one assessor; open a new round with others.")
    return [AssessorExcused(assessor=command.assessor, reason=command.reason)]


def waive(command: WaiveConcern, assessment: Assessment) -> list[Event]:
    result = assessment.result
    if result is None or not assessment.complete:
        raise Refused("ratings-outstanding", "Wait until each assessor has submitted or is excused.")
    if command.concern not in result.concerns:
        raise Refused("no-such-concern", "The assessment has no such concern.")
    if command.concern in assessment.waived:
        raise Refused("concern-waived", "This concern is waived already.")
    require_words("/reason", command.reason)
    concern = command.concern
    return [ConcernWaived(criterion=concern.criterion, kind=concern.kind, waived_by=command.by, reason=command.reason)]


def require_rating_still(assessment: Assessment, person: UUID) -> Template:
    if assessment.template is None:
        raise Refused("assessment-not-open", "Open the assessment first.")
    if person in assessment.submitted:
        raise Refused("ratings-submitted", "The ratings are submitted; a change is a new round.")
    if person not in assessment.assessors:
        raise Refused("not-an-assessor", "Only the assessors named for this round rate.")
    return assessment.template


def check_red_flags(seen: tuple[SeenRedFlag, ...], criterion: Criterion) -> None:
    known = {flag.key for flag in criterion.red_flags}
    keys = [flag.key for flag in seen]
    for place, key in enumerate(keys):
        if key not in known:
            raise Invalid(f"/red_flags/{place}/key", "unknown-red-flag", f"{criterion.key} has no red flag {key}.")
    if len(set(keys)) < len(keys):
        raise Invalid("/red_flags", "repeated", "Name each red flag once.")
