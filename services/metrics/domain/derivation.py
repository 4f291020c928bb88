"""Derived KPIs: what governance's events tell by themselves.

A thing counts in the period that its moment lies in (UTC): a milestone, commitment or review by the day it is due; a
decision by the day it is settled, an escalated one by the day it is raised; a dispute by the day it is opened, its days
by the day it is settled; a meeting by the day it is held.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Protocol

from services.metrics.domain.aggregation import Standing
from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import Period, period_of
from services.metrics.domain.terms import COUNTED
from shared.events.metrics import Derivation, KpiTerms

SECONDS_A_DAY = 86_400
DAY_DIGITS = 4
Parts = tuple[Decimal, Decimal]
Counted = tuple[datetime, Decimal, Decimal] | None


class HappeningKind(StrEnum):
    DECISION = "decision"
    MILESTONE = "milestone"
    COMMITMENT = "commitment"
    REVIEW = "review"
    DISPUTE = "dispute"
    MEETING = "meeting"


class Happening(Protocol):
    """One thing of governance. `good`: reached, kept, done or settled in time; None while that is not known."""

    @property
    def kind(self) -> str: ...
    @property
    def began_at(self) -> datetime | None: ...
    @property
    def due_at(self) -> datetime | None: ...
    @property
    def ended_at(self) -> datetime | None: ...
    @property
    def good(self) -> bool | None: ...
    @property
    def escalated(self) -> bool: ...
    @property
    def dropped(self) -> bool: ...


def derive(
    terms: KpiTerms, happened: Iterable[Happening], since: date | None, until: date | None, today: date
) -> list[Standing]:
    """The figures of a derived KPI, for periods that start within `since` and `until` and before tomorrow.

    A ratio has a figure where there was anything to count; a count has one for every period from `since`, or from the
    first thing that happened, for nothing happening is then known to be so.
    """
    assert terms.derived is not None
    parts: dict[Period, list[Parts]] = defaultdict(list)
    for moment, above, below in counted(terms.derived, happened):
        if moment.date() <= today:
            parts[period_of(moment.date(), terms.frequency)].append((above, below))
    if terms.derived in COUNTED:
        start = since or min((period.first for period in parts), default=None)
        for period in periods_within(start, min(until or today, today), terms):
            parts.setdefault(period, [])
    return [
        Standing(Slot(period), figure(terms.derived, parts[period]), ())
        for period in sorted(parts)
        if (since is None or period.first >= since) and (until is None or period.first <= until)
    ]


def figure(derivation: Derivation, parts: list[Parts]) -> Figure:
    above = sum((one for one, _ in parts), Decimal(0))
    below = sum((one for _, one in parts), Decimal(0))
    return Figure(above) if derivation in COUNTED else Figure(above / below, above, below)


def counted(derivation: Derivation, happened: Iterable[Happening]) -> Iterator[tuple[datetime, Decimal, Decimal]]:
    """When each thing counts, and what it adds above and below the line."""
    kind, count = COUNTS[derivation]
    for one in happened:
        if one.kind == kind and not one.dropped and (found := count(one)) is not None:
            yield found


def time_taken(one: Happening) -> Counted:
    if one.began_at is None or one.ended_at is None:
        return None
    return one.ended_at, days(one.ended_at - one.began_at), Decimal(1)


def settled_in_time(one: Happening) -> Counted:
    return (one.ended_at, Decimal(bool(one.good)), Decimal(1)) if one.ended_at and one.due_at else None


def escalated(one: Happening) -> Counted:
    return (one.began_at, Decimal(one.escalated), Decimal(1)) if one.began_at else None


def begun(one: Happening) -> Counted:
    return (one.began_at, Decimal(1), Decimal(0)) if one.began_at else None


def ended(one: Happening) -> Counted:
    return (one.ended_at, Decimal(1), Decimal(0)) if one.ended_at else None


def done_of_due(one: Happening) -> Counted:
    return (one.due_at, Decimal(one.good), Decimal(1)) if one.due_at and one.good is not None else None


COUNTS: dict[Derivation, tuple[HappeningKind, Callable[[Happening], Counted]]] = {
    Derivation.MILESTONES_REACHED: (HappeningKind.MILESTONE, done_of_due),
    Derivation.DECISION_DAYS: (HappeningKind.DECISION, time_taken),
    Derivation.SLA_ATTAINMENT: (HappeningKind.DECISION, settled_in_time),
    Derivation.DECISIONS_ESCALATED: (HappeningKind.DECISION, escalated),
    Derivation.COMMITMENTS_KEPT: (HappeningKind.COMMITMENT, done_of_due),
    Derivation.CONFLICTS: (HappeningKind.DISPUTE, begun),
    Derivation.CONFLICT_DAYS: (HappeningKind.DISPUTE, time_taken),
    Derivation.MEETINGS_HELD: (HappeningKind.MEETING, ended),
    Derivation.REVIEWS_DONE: (HappeningKind.REVIEW, done_of_due),
}


def days(length: timedelta) -> Decimal:
    return round(Decimal(int(length.total_seconds())) / SECONDS_A_DAY, DAY_DIGITS)


def periods_within(first: date | None, last: date, terms: KpiTerms) -> Iterator[Period]:
    if first is None:
        return
    period = period_of(first, terms.frequency)
    while period.first <= last:
        yield period
        period = period.next()
