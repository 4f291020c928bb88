"""A figure: what one side says a KPI was, and the place it says it of."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from services.metrics.domain.period import Period
from shared.events.metrics import Tolerance, ToleranceKind


class Slot(NamedTuple):
    """Where a figure belongs: its period, and (name, value) pairs of its dimensions sorted by name."""

    period: Period
    dimensions: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in the KPI's unit; a ratio of sums has its numerator and denominator as well."""

    value: Decimal
    numerator: Decimal | None = None
    denominator: Decimal | None = None


def within(tolerance: Tolerance, one: Decimal, other: Decimal) -> bool:
    """Whether two values differ by no more than the tolerance; a relative one is a share of the larger magnitude."""
    allowed = tolerance.amount
    if tolerance.kind is ToleranceKind.RELATIVE:
        allowed *= max(abs(one), abs(other))
    return abs(one - other) <= allowed
