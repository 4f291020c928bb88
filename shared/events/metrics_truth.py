"""The events of one truth from two stories: months closed, figures published, differences settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.metrics import Nature

# --- Months ----------------------------------------------------------------------------------------------------------


@event("metrics.month-confirmed.v1", says="confirmed the figures of {month}")
class MonthConfirmed:
    """`month` as `2013-06`, here and below."""

    side: UUID
    month: str


@event("metrics.month-confirmation-withdrawn.v1", says="took back the confirmation of {month}")
class MonthConfirmationWithdrawn:
    side: UUID
    month: str


@event("metrics.month-closed.v1", says="closed {month}: from now on its figures are restated, with a reason")
class MonthClosed:
    """Every party has confirmed it. `open_cases` differences between the sides were not settled by then."""

    month: str
    open_cases: int


class TargetStatus(StrEnum):
    ON_TARGET = "on_target"
    OFF_TARGET = "off_target"
    NO_TARGET = "no_target"
    NO_FIGURE = "no_figure"


@event("metrics.figure-published.v1", says="published {key} for {period}: {value}")
class FigurePublished:
    """What a KPI was in a closed month, as both sides confirmed it; again with `restates` when a correction changed it.

    In the stream of the KPI. `value` is None below the least coverage. `reported` of `due` periods stand behind it.
    `attained` is the share of its target that the figure reached (1 is all of it), None where that means nothing.
    """

    key: str
    period: str
    value: Decimal | None
    target: Decimal | None
    status: TargetStatus
    attained: Decimal | None
    nature: Nature
    reported: int
    due: int
    restates: bool = False


# --- Differences -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in the KPI's unit; a ratio of sums has its parts as well."""

    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None


class Method(StrEnum):
    """How the settled figure follows from what the sides say: `first` is the first of `KpiTerms.reported_by`."""

    FIRST = "first"
    SECOND = "second"
    MEAN = "mean"
    LOWER = "lower"
    HIGHER = "higher"


@event("metrics.case-opened.v1", says="found the sides apart on {key} for {period}")
class CaseOpened:
    """The sides' figures of one period and dimensions lie further apart than the tolerance. `by` are the reporters."""

    kpi: UUID
    key: str
    period: str
    dimensions: dict[str, str]
    by: tuple[UUID, ...]
    first: Figure
    second: Figure
    due_at: datetime


@event("metrics.case-restated.v1", says="restated their figure in an open case")
class CaseRestated:
    """A side corrected its figure and they are still apart; what was on the table is off it."""

    first: Figure
    second: Figure


@event("metrics.case-settlement-proposed.v1", says="proposed how to settle the difference")
class CaseSettlementProposed:
    """A figure of their own (`method` None), or the one that a method gives. Countering is proposing anew."""

    side: UUID
    method: Method | None
    figure: Figure
    reason: Erasable[str] = None


@event("metrics.case-disputed.v1", says="disputed the proposal")
class CaseDisputed:
    side: UUID
    reason: Erasable[str] = None


@event("metrics.case-settled.v1", says="settled the difference at {figure.value}")
class CaseSettled:
    """Accepted by `side`. It holds while both sides' figures stay as they were."""

    side: UUID
    figure: Figure
    first: Figure
    second: Figure


@event("metrics.case-resolved.v1", says="closed the case: the sides agree")
class CaseResolved:
    """A correction has brought the figures within the tolerance."""

    first: Figure | None
    second: Figure | None


@event("metrics.case-overdue.v1", says="recorded that the difference on {key} for {period} was not settled by {due_at}")
class CaseOverdue:
    """To be decided under the governance model, as any other matter that two sides cannot settle."""

    kpi: UUID
    key: str
    period: str
    due_at: datetime
    detected_at: datetime
