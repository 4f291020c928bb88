"""One truth from two stories: for a KPI that both sides report, how their figures compare, slot by slot."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType

from services.metrics.domain.case import CaseStatus
from services.metrics.domain.figure import Figure, Slot, figure_by, within
from shared.events.metrics import KpiTerms, UntilSettled
from shared.events.metrics_truth import Method

RULES = {UntilSettled.REPORTER: Method.FIRST, UntilSettled.LOWER: Method.LOWER, UntilSettled.MEAN: Method.MEAN}


class Status(StrEnum):
    """`waiting`: one side has reported and the other is not overdue; `one_sided`: the other is overdue.

    Of figures further apart than the tolerance: `agreed` when they are settled, `disputed` when a proposal was, and
    `discrepant` otherwise.
    """

    WAITING = "waiting"
    ONE_SIDED = "one_sided"
    MATCHED = "matched"
    DISCREPANT = "discrepant"
    DISPUTED = "disputed"
    AGREED = "agreed"

    @property
    def is_apart(self) -> bool:
        """Whether the sides differ, and have not settled it."""
        return self in (Status.DISCREPANT, Status.DISPUTED)


@dataclass(frozen=True, slots=True)
class KnownCase:
    """The latest case of a slot: the figures it is about, and what was settled."""

    status: CaseStatus
    first: Figure | None
    second: Figure | None
    settled: Figure | None


@dataclass(frozen=True, slots=True)
class Pair:
    """What the two sides say of one slot; `first` is the first of `KpiTerms.reported_by`."""

    slot: Slot
    first: Figure | None
    second: Figure | None
    status: Status
    settled: Figure | None = None

    @property
    def difference(self) -> Decimal | None:
        """First minus second, in the KPI's unit; None unless both reported."""
        if self.first is None or self.second is None:
            return None
        return self.first.value - self.second.value


def reconcile(
    terms: KpiTerms,
    first: Mapping[Slot, Figure],
    second: Mapping[Slot, Figure],
    today: date,
    cases: Mapping[Slot, KnownCase] = MappingProxyType({}),
) -> tuple[Pair, ...]:
    """A pair for each slot that either side reported, ordered by period and dimensions.

    `first` and `second` hold each side's figures in force. A side is overdue the day after `due_days` have passed. What
    was settled holds while both figures are what they were.
    """
    pairs = []
    for slot in sorted(first.keys() | second.keys()):
        one, other = first.get(slot), second.get(slot)
        status, settled = _status(terms, slot, one, other, today), None
        case = cases.get(slot)
        if status is Status.DISCREPANT and case is not None and (case.first, case.second) == (one, other):
            if case.status is CaseStatus.SETTLED:
                status, settled = Status.AGREED, case.settled
            elif case.status is CaseStatus.DISPUTED:
                status = Status.DISPUTED
        pairs.append(Pair(slot, one, other, status, settled))
    return tuple(pairs)


def standing(pair: Pair, rule: UntilSettled) -> Figure | None:
    """The figure that counts: what was settled, or until then what the rule says.

    Matched sides: the first's. One side alone: its figure, except under `none`. Discrepant sides: by the rule; `lower`
    takes the figure of lower value whole, `mean` of a ratio of sums takes the means of numerators and denominators.
    """
    one, other = pair.first, pair.second
    if pair.settled is not None:
        return pair.settled
    if one is None or other is None:
        return None if rule is UntilSettled.NONE else one or other
    if pair.status is Status.MATCHED:
        return one
    return None if rule is UntilSettled.NONE else figure_by(RULES[rule], one, other)


def _status(terms: KpiTerms, slot: Slot, one: Figure | None, other: Figure | None, today: date) -> Status:
    if one is None or other is None:
        overdue = today > slot.period.last + timedelta(days=terms.due_days)
        return Status.ONE_SIDED if overdue else Status.WAITING
    return Status.MATCHED if within(terms.tolerance, one.value, other.value) else Status.DISCREPANT
