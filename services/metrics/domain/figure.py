"""A figure: what one side says a KPI was, and the place it says it of."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from services.metrics.domain.period import Period
from shared.events.metrics import Tolerance, ToleranceKind
from shared.events.metrics_truth import Figure, Method

__all__ = ["Figure", "Slot", "figure_by", "mean_figure", "within"]


class Slot(NamedTuple):
    """Where a figure belongs: its period, and (name, value) pairs of its dimensions sorted by name."""

    period: Period
    dimensions: tuple[tuple[str, str], ...] = ()


def within(tolerance: Tolerance, one: Decimal, other: Decimal) -> bool:
    """Whether two values differ by no more than the tolerance; a relative one is a share of the larger magnitude."""
    allowed = tolerance.amount
    if tolerance.kind is ToleranceKind.RELATIVE:
        allowed *= max(abs(one), abs(other))
    return abs(one - other) <= allowed


def figure_by(method: Method, first: Figure, second: Figure) -> Figure:
    """The figure that a method makes of two; of lower and higher value the figure whole."""
    match method:
        case Method.FIRST:
            return first
        case Method.SECOND:
            return second
        case Method.MEAN:
            return mean_figure(first, second)
        case Method.LOWER:
            return min(first, second, key=lambda figure: figure.value)
        case Method.HIGHER:
            return max(first, second, key=lambda figure: figure.value)


def mean_figure(one: Figure, other: Figure) -> Figure:
    """The mean; of ratios of sums, the ratio of the means of numerators and denominators."""
    if one.numerator is None or one.denominator is None or other.numerator is None or other.denominator is None:
        return Figure((one.value + other.value) / 2)
    numerator = (one.numerator + other.numerator) / 2
    denominator = (one.denominator + other.denominator) / 2
    return Figure(numerator / denominator, numerator, denominator)
