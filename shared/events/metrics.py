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


class OverDimensions(StrEnum):
    """How the figures of one period are put together over their dimensions, before periods are."""

    SUM = "sum"
    MEAN = "mean"
    MAX = "max"


class Derivation(StrEnum):
    """What governance's events tell by themselves, so that nobody reports it."""

    MILESTONES_REACHED = "milestones_reached"
    DECISION_DAYS = "decision_days"
    SLA_ATTAINMENT = "sla_attainment"
    DECISIONS_ESCALATED = "decisions_escalated"
    COMMITMENTS_KEPT = "commitments_kept"
    CONFLICTS = "conflicts"
    CONFLICT_DAYS = "conflict_days"
    MEETINGS_HELD = "meetings_held"
    REVIEWS_DONE = "reviews_done"


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

    `currency` is an ISO 4217 code, given when and only when `unit` is currency. `reported_by` names organisations, none
    when the figure is `derived`. `alarm` is the value beyond which, in the wrong direction, the figure is an alarm.
    `due_days`, `late_days_max` (None: no limit) are calendar days after the last day of a period, `future_days_max`
    days before its first; `settle_days` is how long a difference between the sides may stay open.
    `over_dimensions` None: as `aggregation` says; for `last`, currencies and counts are summed, other units averaged.
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
    over_dimensions: OverDimensions | None = None
    alarm: Decimal | None = None
    derived: Derivation | None = None
    due_days: int
    late_days_max: int | None = None
    future_days_max: int = 0
    settle_days: int = 10


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


@event("metrics.kpi-proposed.v1", says="proposed the KPI {called}")
class KpiProposed:
    side: UUID
    parties: tuple[UUID, ...]
    terms: KpiTerms


@event("metrics.kpi-countered.v1", says="countered with other terms for the KPI {called}", sets=("terms",))
class KpiCountered:
    side: UUID
    terms: KpiTerms
    note: Erasable[str] = None


@event("metrics.kpi-accepted.v1", says="accepted the terms of the KPI {called}", sets=())
class KpiAccepted:
    side: UUID
    key: str


@event("metrics.kpi-agreed.v1", says="completed the agreement of all parties on the KPI {called}", sets=())
class KpiAgreed:
    key: str


@event("metrics.kpi-revision-proposed.v1", says="proposed to revise the KPI {called}")
class KpiRevisionProposed:
    """Of an agreed KPI: the terms in force stay so until every party has accepted the new ones."""

    side: UUID
    terms: KpiTerms
    note: Erasable[str] = None


@event("metrics.kpi-offer-withdrawn.v1", says="took the offered terms of the KPI {called} off the table")
class KpiOfferWithdrawn:
    """A first proposal ends with it; a revision leaves the terms in force."""

    side: UUID
    key: str


@event("metrics.kpi-retirement-asked.v1", says="asked to retire the KPI {called}")
class KpiRetirementAsked:
    """A KPI is retired once every party has asked for it."""

    side: UUID
    key: str
    reason: Erasable[str] = None


@event("metrics.kpi-retired.v1", says="retired the KPI {called}")
class KpiRetired:
    key: str


@event("metrics.definition-noted.v1", says="noted how their side counts the KPI {called}")
class DefinitionNoted:
    """How one side counts what it reports, in its own words."""

    side: UUID
    key: str
    note: Erasable[str] = None


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


# --- Uploads ---------------------------------------------------------------------------------------------------------


@event("metrics.upload-opened.v1", says="opened an upload of figures")
class UploadOpened:
    """`media_type` is that of the whole: CSV or NDJSON."""

    side: UUID
    source: str | None
    media_type: str


@event("metrics.upload-advanced.v1", says="uploaded figures up to byte {offset}")
class UploadAdvanced:
    """Every row before `offset`, in bytes of the unpacked whole, is in a batch; those of this part, if any, in `batch`.

    `header` holds the columns of a CSV from its first part on.
    """

    offset: int
    rows: int
    batch: UUID | None
    header: tuple[str, ...] | None


@event("metrics.upload-completed.v1", says="completed an upload of {rows} rows")
class UploadCompleted:
    offset: int
    rows: int
