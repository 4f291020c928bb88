"""One truth from two stories: for a KPI that both sides report, how their figures compare, slot by slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from services.metrics.domain.figure import Figure, Slot, within
from shared.events.metrics import KpiTerms, UntilSettled


class Status(StrEnum):
    """`waiting`: one side has reported and the other is not overdue; `one_sided`: the other is overdue."""

    WAITING = "waiting"
    ONE_SIDED = "one_sided"
    MATCHED = "matched"
    DISCREPANT = "discrepant"


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two sides say of one slot; `first` is the first of `KpiTerms.reported_by`."""

    slot: Slot
    first: Figure | None
    second: Figure | None
    status: Status

    @property
    def difference(self) -> Decimal | None:
        """First minus second, in the KPI's unit; None unless both reported."""
        if self.first is None or self.second is None:
            return None
        return self.first.value - self.second.value


def reconcile(
    terms: KpiTerms, first: Mapping[Slot, Figure], second: Mapping[Slot, Figure], today: date
) -> tuple[Pair, ...]:
    """A pair for each slot that either side reported, ordered by period and dimensions.

    `first` and `second` hold each side's figures in force. A side is overdue the day after `due_days` have passed.
    """
    pairs = []
    for slot in sorted(first.keys() | second.keys()):
        one, other = first.get(slot), second.get(slot)
        pairs.append(Pair(slot, one, other, _status(terms, slot, one, other, today)))
    return tuple(pairs)


def standing(pair: Pair, rule: UntilSettled) -> Figure | None:
    """The figure that counts while nothing is settled.

    Matched sides: the first's. One side alone: its figure, except under `none`. Discrepant sides: by the rule; `lower`
    takes the figure of lower value whole, `mean` of a ratio of sums takes the means of numerators and denominators.
    """
    one, other = pair.first, pair.second
    if one is None or other is None:
        return None if rule is UntilSettled.NONE else one or other
    if pair.status is Status.MATCHED:
        return one
    match rule:
        case UntilSettled.REPORTER:
            return one
        case UntilSettled.LOWER:
            return min(one, other, key=lambda figure: figure.value)
        case UntilSettled.MEAN:
            return _mean(one, other)
        case UntilSettled.NONE:
            return None


def _status(terms: KpiTerms, slot: Slot, one: Figure | None, other: Figure | None, today: date) -> Status:
    if one is None or other is None:
        overdue = today > slot.period.last + timedelta(days=terms.due_days)
        return Status.ONE_SIDED if overdue else Status.WAITING
    return Status.MATCHED if within(terms.tolerance, one.value, other.value) else Status.DISCREPANT


def _mean(one: Figure, other: Figure) -> Figure:
    if one.numerator is None or one.denominator is None or other.numerator is None or other.denominator is None:
        return Figure((one.value + other.value) / 2)
    numerator = (one.numerator + other.numerator) / 2
    denominator = (one.denominator + other.denominator) / 2
    return Figure(numerator / denominator, numerator, denominator)
