"""The events of services/scoring: its part of the published language. Scores and shares are exact, 4 decimal places."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.scoring_terms import (
    ConcernKind,
    CriterionResult,
    NonNegotiable,
    Objective,
    Placing,
    Rating,
    Stage,
    StrategicIntent,
    Template,
    Timeline,
    WeightChange,
)
from shared.events.values import Money


@event("scoring.brief-written.v1", says="wrote the partner brief {called}")
class BriefWritten:
    title: str
    intent: StrategicIntent
    objectives: tuple[Objective, ...]
    timeline: Timeline
    budget: Money | None
    gaps: tuple[UUID, ...]
    non_negotiables: Erasable[tuple[NonNegotiable, ...]] = None


@event(
    "scoring.brief-revised.v1",
    says="revised the partner brief {called}",
    sets=("title", "intent", "objectives", "timeline", "budget", "gaps", "non_negotiables"),
)
class BriefRevised:
    """The whole brief as it is from now on."""

    title: str
    intent: StrategicIntent
    objectives: tuple[Objective, ...]
    timeline: Timeline
    budget: Money | None
    gaps: tuple[UUID, ...]
    non_negotiables: Erasable[tuple[NonNegotiable, ...]] = None


@event("scoring.candidate-listed.v1", says="put the candidate {called} on the long list")
class CandidateListed:
    """`organisation` when the candidate uses Concord itself."""

    brief: UUID
    name: str
    organisation: UUID | None
    reason: Erasable[str] = None


@event("scoring.candidate-moved.v1", says="moved the candidate {called} to the stage {stage}", sets=("stage",))
class CandidateMoved:
    stage: Stage
    reason: Erasable[str] = None


@event("scoring.template-published.v1", says="published a version of the scorecard template {called}")
class TemplatePublished:
    template: Template


@event("scoring.assessment-opened.v1", says="opened round {round} of a candidate's assessment")
class AssessmentOpened:
    """The template is kept whole, so that the assessment reads the same whatever becomes of the template."""

    candidate: UUID
    template: Template
    assessors: tuple[UUID, ...]
    round: int


@event("scoring.ratings-submitted.v1", says="submitted the ratings", person="assessor")
class RatingsSubmitted:
    """All that one assessor says, at once: until then it is nowhere but with the assessor.

    The entry holds its salted digest alone. So it shows nobody the scores, and everybody that they never changed after.
    """

    assessor: UUID
    ratings: Erasable[tuple[Rating, ...]] = None


@event("scoring.assessment-completed.v1", says="completed a candidate's assessment")
class AssessmentCompleted:
    """Each assessor has submitted or is excused. The result stands by itself, whoever's ratings are erased later.

    `low` and `high` are the weighted score in the template's scale, equal when all is rated.
    """

    low: Decimal
    high: Decimal
    criteria: tuple[CriterionResult, ...]


HELD_BACK = {"scoring.ratings-submitted.v1": "scoring.assessment-completed.v1"}
"""What an event discloses beside its entry is shown in no history before this other event stands in the same stream."""


@event("scoring.assessor-excused.v1", says="excused an assessor", person="assessor")
class AssessorExcused:
    assessor: UUID
    reason: Erasable[str] = None


@event("scoring.concern-waived.v1", says="waived the concern {kind} on {criterion}", person="waived_by")
class ConcernWaived:
    criterion: str
    kind: ConcernKind
    waived_by: UUID
    reason: Erasable[str] = None


@event("scoring.ranking-made.v1", says="ranked {candidates} candidates")
class RankingMade:
    """`placings` has the first hundred; the others follow in `CandidatesPlaced`, a hundred each.

    The weight draws are Dirichlet with parameters `concentration` × weight, from MT19937 seeded with `seed`.
    """

    brief: UUID
    template: str
    template_version: int
    weights: dict[str, Decimal]
    draws: int
    concentration: Decimal
    seed: int
    candidates: int
    placings: tuple[Placing, ...]
    weight_changes: tuple[WeightChange, ...]
    hangs_on: str | None
    too_close_to_call: bool


@event("scoring.candidates-placed.v1", says="ranked further candidates")
class CandidatesPlaced:
    placings: tuple[Placing, ...]


@event("scoring.partners-selected.v1", says="selected a primary and a backup partner")
class PartnersSelected:
    """Made from the ranking `ranking`, recorded at `ranking_seq` of the same ledger."""

    ranking: UUID
    ranking_seq: int
    primary: UUID
    backup: UUID | None
    reason: Erasable[str] = None
