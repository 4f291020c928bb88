"""The monthly scorecard: each KPI's figure for a month, never without how much of the month it stands on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from services.metrics.domain.aggregation import Standing, aggregate
from services.metrics.domain.figure import within
from services.metrics.domain.period import Period, periods_ending_in
from services.metrics.domain.terms import target_on
from shared.events.metrics import Area, Direction, KpiTerms, Nature
from shared.events.metrics_truth import TargetStatus

__all__ = ["Coverage", "Line", "Standing", "TargetStatus", "Trend", "attained", "scorecard_line"]

COVERAGE_MIN = Decimal("0.8")


class Trend(StrEnum):
    """Against the month before, in the KPI's own direction."""

    BETTER = "better"
    WORSE = "worse"
    UNCHANGED = "unchanged"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Periods reported of periods due; a period reported before it is due counts in both."""

    reported: int
    due: int

    @property
    def share(self) -> Decimal | None:
        """0 to 1; None when nothing was due."""
        return Decimal(self.reported) / self.due if self.due else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One KPI in one month. `value` and `change` (since the month before) are in the KPI's unit."""

    kpi: str
    month: Period
    area: Area
    nature: Nature
    value: Decimal | None
    target: Decimal | None
    status: TargetStatus
    change: Decimal | None
    trend: Trend
    coverage: Coverage
    reporters: tuple[UUID, ...]


def scorecard_line(
    terms: KpiTerms,
    month: Period,
    standings: Sequence[Standing],
    *,
    today: date,
    agreed_on: date | None = None,
    coverage_min: Decimal = COVERAGE_MIN,
) -> Line:
    """The KPI's line for a month. `standings` may hold other months too: the month before gives the trend.

    A week or quarter belongs to the month it ends in. Periods that ended before `agreed_on` are not due.
    Below `coverage_min` (0 to 1) there is no value, only the coverage.
    """
    here = _of_month(terms, month, standings)
    coverage = _coverage(terms, month, here, today, agreed_on)
    value = _value(terms, here, coverage, coverage_min)
    before = month.previous()
    there = _of_month(terms, before, standings)
    previous = _value(terms, there, _coverage(terms, before, there, today, agreed_on), coverage_min)
    target = target_on(terms, month.first)
    return Line(
        kpi=terms.key,
        month=month,
        area=terms.area,
        nature=terms.nature,
        value=value,
        target=target,
        status=_status(terms, value, target),
        change=None if value is None or previous is None else value - previous,
        trend=_trend(terms, value, previous, target),
        coverage=coverage,
        reporters=tuple(sorted({reporter for standing in here for reporter in standing.reporters})),
    )


def attained(terms: KpiTerms, value: Decimal | None, target: Decimal | None) -> Decimal | None:
    """The share of the target that the value reaches, 1 for all of it and 0 at least; None where it means nothing."""
    if value is None or target is None:
        return None
    match terms.direction:
        case Direction.UP:
            share = value / target if target > 0 else None
        case Direction.DOWN:
            share = target / value if value > 0 and target > 0 else None
        case Direction.TO_TARGET:
            share = 1 - abs(value - target) / abs(target) if target else None
    return None if share is None else max(Decimal(0), share)


def _of_month(terms: KpiTerms, month: Period, standings: Sequence[Standing]) -> list[Standing]:
    return [
        standing
        for standing in standings
        if standing.slot.period.frequency is terms.frequency and month.first <= standing.slot.period.last <= month.last
    ]


def _coverage(
    terms: KpiTerms, month: Period, standings: Sequence[Standing], today: date, agreed_on: date | None
) -> Coverage:
    reported = {standing.slot.period for standing in standings}
    due = {
        period
        for period in periods_ending_in(month, terms.frequency)
        if period.last + timedelta(days=terms.due_days) < today and (agreed_on is None or period.last >= agreed_on)
    }
    return Coverage(len(reported), len(reported | due))


def _value(terms: KpiTerms, standings: Sequence[Standing], coverage: Coverage, coverage_min: Decimal) -> Decimal | None:
    enough = coverage.share is not None and coverage.share >= coverage_min
    return aggregate(terms, standings) if standings and enough else None


def _status(terms: KpiTerms, value: Decimal | None, target: Decimal | None) -> TargetStatus:
    if value is None:
        return TargetStatus.NO_FIGURE
    if target is None:
        return TargetStatus.NO_TARGET
    match terms.direction:
        case Direction.UP:
            reached = value >= target
        case Direction.DOWN:
            reached = value <= target
        case Direction.TO_TARGET:
            reached = within(terms.tolerance, value, target)
    return TargetStatus.ON_TARGET if reached else TargetStatus.OFF_TARGET


def _trend(terms: KpiTerms, value: Decimal | None, previous: Decimal | None, target: Decimal | None) -> Trend:
    if value is None or previous is None or (terms.direction is Direction.TO_TARGET and target is None):
        return Trend.UNKNOWN
    match terms.direction:
        case Direction.UP:
            gain = value - previous
        case Direction.DOWN:
            gain = previous - value
        case Direction.TO_TARGET:
            gain = abs(previous - (target or 0)) - abs(value - (target or 0))
    if gain == 0:
        return Trend.UNCHANGED
    return Trend.BETTER if gain > 0 else Trend.WORSE
