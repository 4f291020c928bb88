"""Many figures put together as a KPI's terms say: within each period over its dimensions, then over periods."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import Period
from shared.events.metrics import Aggregation, KpiTerms, OverDimensions, Unit

_SUMMABLE = (Unit.CURRENCY, Unit.COUNT)


@dataclass(frozen=True, slots=True)
class Standing:
    """The figure that counts for a slot, and who reported on it."""

    slot: Slot
    figure: Figure
    reporters: tuple[UUID, ...]


def aggregate(terms: KpiTerms, standings: Sequence[Standing]) -> Decimal:
    """One value over periods and dimensions; at least one standing is needed.

    A ratio of sums divides the summed numerators by the summed denominators, never averaging ratios. Of a mean every
    period counts once, however many dimensions it has. `last` takes the latest period.
    """
    if terms.aggregation is Aggregation.RATIO_OF_SUMS:
        figures = [standing.figure for standing in standings]
        numerator = sum((figure.numerator or Decimal(0) for figure in figures), Decimal(0))
        return numerator / sum((figure.denominator or Decimal(0) for figure in figures), Decimal(0))
    by_period: dict[Period, list[Decimal]] = defaultdict(list)
    for standing in standings:
        by_period[standing.slot.period].append(standing.figure.value)
    how = terms.over_dimensions or _over_dimensions(terms)
    values = [_together(how, by_period[period]) for period in sorted(by_period)]
    match terms.aggregation:
        case Aggregation.SUM:
            return sum(values, Decimal(0))
        case Aggregation.MEAN:
            return sum(values, Decimal(0)) / len(values)
        case Aggregation.MAX:
            return max(values)
        case Aggregation.LAST:
            return values[-1]


def _over_dimensions(terms: KpiTerms) -> OverDimensions:
    match terms.aggregation:
        case Aggregation.SUM:
            return OverDimensions.SUM
        case Aggregation.MAX:
            return OverDimensions.MAX
        case Aggregation.LAST if terms.unit in _SUMMABLE:
            return OverDimensions.SUM
        case _:
            return OverDimensions.MEAN


def _together(how: OverDimensions, values: Sequence[Decimal]) -> Decimal:
    match how:
        case OverDimensions.SUM:
            return sum(values, Decimal(0))
        case OverDimensions.MAX:
            return max(values)
        case OverDimensions.MEAN:
            return sum(values, Decimal(0)) / len(values)
