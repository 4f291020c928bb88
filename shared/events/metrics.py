"""The events of services/metrics: its part of the published language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.values import Attachment


class Area(StrEnum):
    VALUE = "value"
    EXECUTION = "execution"
    RELATIONSHIP = "relationship"
    CAPABILITY = "capability"


class Group(StrEnum):
    REVENUE_IMPACT = "revenue_impact"
    ADOPTION = "adoption"
    STRATEGIC_VALUE = "strategic_value"
    HEALTH = "health"


class Unit(StrEnum):
    CURRENCY = "currency"
    COUNT = "count"
    RATIO = "ratio"
    SCORE = "score"
    DAYS = "days"


class Direction(StrEnum):
    UP = "up"
    DOWN = "down"
    TO_TARGET = "to_target"


class Frequency(StrEnum):
    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"


class Aggregation(StrEnum):
    SUM = "sum"
    MEAN = "mean"
    LAST = "last"
    MAX = "max"
    RATIO_OF_SUMS = "ratio_of_sums"


class Nature(StrEnum):
    MEASURED = "measured"
    ESTIMATED = "estimated"
    JUDGED = "judged"


class ToleranceKind(StrEnum):
    ABSOLUTE = "absolute"
    RELATIVE = "relative"


class UntilSettled(StrEnum):
    """Which value counts while the sides differ; `reporter` is the first of `KpiTerms.reported_by`."""

    REPORTER = "reporter"
    MEAN = "mean"
    LOWER = "lower"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Tolerance:
    """How far two sides may lie apart: in the KPI's unit, or as a share of the larger magnitude (0.05 is 5 %)."""

    kind: ToleranceKind
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Target:
    """The value aimed at from the first day of `since` until the next target starts."""

    since: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class Owner:
    """The person who answers for a KPI on one side."""

    side: UUID
    person: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class KpiTerms:
    """All that the parties agree on about one KPI.

    `currency` is an ISO 4217 code, given when and only when `unit` is currency. `reported_by` names organisations.
    `due_days` are calendar days after the last day of a period.
    """

    key: str
    title: str
    definition: str
    area: Area
    group: Group
    unit: Unit
    currency: str | None = None
    direction: Direction
    frequency: Frequency
    aggregation: Aggregation
    nature: Nature
    leading: bool
    reported_by: tuple[UUID, ...]
    tolerance: Tolerance
    until_settled: UntilSettled
    targets: tuple[Target, ...] = ()
    baseline: Decimal | None = None
    owners: tuple[Owner, ...] = ()
    dimensions: tuple[str, ...] = ()
    due_days: int


@dataclass(frozen=True, slots=True)
class BatchCounts:
    """How many rows of a batch had each outcome; `withheld`: good rows of an atomic batch that another row spoiled."""

    accepted: int
    corrected: int
    duplicate: int
    rejected: int
    withheld: int = 0


@dataclass(frozen=True, slots=True)
class Remark:
    """What a person wrote beside an observation: a note, and the reason of a correction; empty when not given."""

    observation_id: str
    note: str
    reason: str


@event("metrics.kpi-proposed.v1", says="proposed the KPI {terms.title}")
class KpiProposed:
    side: UUID
    parties: tuple[UUID, ...]
    terms: KpiTerms


@event("metrics.kpi-countered.v1", says="countered with other terms for the KPI {terms.title}")
class KpiCountered:
    side: UUID
    terms: KpiTerms
    note: Erasable[str] = None


@event("metrics.kpi-accepted.v1", says="accepted the terms of the KPI {key}")
class KpiAccepted:
    side: UUID
    key: str


@event("metrics.kpi-agreed.v1", says="completed the agreement of all parties on the KPI {key}")
class KpiAgreed:
    key: str


@event("metrics.batch-ingested.v1", says="reported {counts.accepted} new and {counts.corrected} corrected figures")
class BatchIngested:
    """What came of one batch of observations.

    `rows` holds what was taken, `rest` what became of every other row (see `observations.py`); None when there is none.
    `source` is what the sender calls the system that the figures come from. `kpis` are the keys of the rows taken. What
    people wrote beside those rows is in `remarks`, erasable.
    """

    side: UUID
    source: str | None
    counts: BatchCounts
    kpis: tuple[str, ...]
    rows: Attachment | None
    rest: Attachment | None
    remarks: Erasable[tuple[Remark, ...]] = None
