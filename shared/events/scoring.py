"""The events of services/scoring: its part of the published language. Scores and shares are exact, 4 decimal places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.values import Attachment, Money


class StrategicIntent(StrEnum):
    """What an alliance is for; a brief has one, because each wants another partner and another governance."""

    MARKET_ACCESS = "market_access"
    CAPABILITY_EXTENSION = "capability_extension"
    REVENUE_ACCELERATION = "revenue_acceleration"
    RISK_MITIGATION = "risk_mitigation"
    CO_INNOVATION = "co_innovation"


class NonNegotiableTopic(StrEnum):
    IP = "ip"
    EXCLUSIVITY = "exclusivity"
    GEOGRAPHY = "geography"
    CULTURE = "culture"
    COMPLIANCE = "compliance"


class Stage(StrEnum):
    """Where a candidate is in the funnel, in order; it leaves the funnel selected or rejected."""

    LONG_LIST = "long_list"
    SCREENING = "screening"
    OUTREACH = "outreach"
    DILIGENCE = "diligence"
    SELECTED = "selected"
    REJECTED = "rejected"


class Severity(StrEnum):
    WARNING = "warning"
    BLOCKER = "blocker"


class Confidence(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


class ConcernKind(StrEnum):
    """Why a candidate is not recommended: an assessor saw a blocker, or the mean score is under the floor."""

    BLOCKER = "blocker"
    UNDER_FLOOR = "under_floor"


@dataclass(frozen=True, slots=True)
class Objective:
    """`metric` reaches `target`, in `unit` (such as EUR, %, customers), by a day."""

    metric: str
    target: Decimal
    unit: str
    by: date


@dataclass(frozen=True, slots=True)
class NonNegotiable:
    topic: NonNegotiableTopic
    text: str


@dataclass(frozen=True, slots=True)
class Timeline:
    starts_on: date
    ends_on: date


@dataclass(frozen=True, slots=True)
class RedFlag:
    """What to look out for; `severity` is the usual one, the assessor says how bad it is."""

    key: str
    title: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Criterion:
    """`weight` from 0 to 1; `floor` on the template's scale: a mean score under it is a concern."""

    key: str
    title: str
    question: str
    weight: Decimal
    floor: Decimal | None
    red_flags: tuple[RedFlag, ...]


@dataclass(frozen=True, slots=True)
class Scale:
    """Whole points from `lowest` to `highest`; more is better."""

    lowest: int
    highest: int


@dataclass(frozen=True, slots=True)
class Template:
    """A scorecard; the weights of its criteria sum to 1."""

    key: str
    version: int
    title: str
    scale: Scale
    criteria: tuple[Criterion, ...]


@dataclass(frozen=True, slots=True)
class Evidence:
    text: str
    links: tuple[str, ...]
    attachments: tuple[Attachment, ...]


@dataclass(frozen=True, slots=True)
class SeenRedFlag:
    key: str
    severity: Severity


@dataclass(frozen=True, slots=True)
class Rating:
    """What one assessor says on one criterion; `score` is a whole point of the template's scale."""

    criterion: str
    score: int
    confidence: Confidence
    red_flags: tuple[SeenRedFlag, ...]
    evidence: Evidence | None


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
    concerns: tuple[ConcernKind, ...]


@dataclass(frozen=True, slots=True)
class Placing:
    """One candidate's place.

    `low` and `high` are the weighted score, equal when all is rated. `dominated_by` is a candidate at least as good on
    all criteria and better on one. `shares[n]` is the share of weight draws in which it came at place n + 1.
    """

    place: int
    candidate: UUID
    assessment: UUID
    low: Decimal
    high: Decimal
    shares: tuple[Decimal, ...]
    dominated_by: UUID | None
    not_recommended: bool


@dataclass(frozen=True, slots=True)
class WeightChange:
    """What it takes for the runner-up to draw level with the leader by one weight; anything beyond makes it win.

    `change` is added to the weight before all are scaled to sum to 1 again, `becomes` is the weight after that;
    both with 6 decimal places, None when no change of this weight can do it.
    """

    criterion: str
    change: Decimal | None
    becomes: Decimal | None


@event("scoring.brief-written.v1", says="wrote the partner brief {title}")
class BriefWritten:
    title: str
    intent: StrategicIntent
    objectives: tuple[Objective, ...]
    timeline: Timeline
    budget: Money | None
    gaps: tuple[UUID, ...]
    non_negotiables: Erasable[tuple[NonNegotiable, ...]] = None


@event("scoring.brief-revised.v1", says="revised the partner brief {title}")
class BriefRevised:
    """The whole brief as it is from now on."""

    title: str
    intent: StrategicIntent
    objectives: tuple[Objective, ...]
    timeline: Timeline
    budget: Money | None
    gaps: tuple[UUID, ...]
    non_negotiables: Erasable[tuple[NonNegotiable, ...]] = None


@event("scoring.candidate-listed.v1", says="put {name} on the long list")
class CandidateListed:
    """`organisation` when the candidate uses Concord itself."""

    brief: UUID
    name: str
    organisation: UUID | None
    reason: Erasable[str] = None


@event("scoring.candidate-moved.v1", says="moved a candidate to the stage {stage}")
class CandidateMoved:
    stage: Stage
    reason: Erasable[str] = None


@event("scoring.template-published.v1", says="published a version of a scorecard template")
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
