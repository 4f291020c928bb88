"""The values that scoring's events carry. Scores and shares are exact, 4 decimal places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.values import Attachment


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
    """Why a candidate is not recommended: an assessor saw a blocker, or the mean score is, or may be, under the floor.

    It may be where an assessor left the criterion out: a floor is not passed by saying nothing.
    """

    BLOCKER = "blocker"
    UNDER_FLOOR = "under_floor"
    MAY_BE_UNDER_FLOOR = "may_be_under_floor"


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
