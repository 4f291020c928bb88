"""How two sides' figures compare, slot by slot, and which counts meanwhile."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from services.metrics.domain.figure import Figure, Slot, within
from services.metrics.domain.period import parse_period
from services.metrics.domain.reconciliation import Pair, Status, reconcile, standing
from shared.events.metrics import Tolerance, ToleranceKind, UntilSettled
from tests.domain.metrics.example_terms import ON_TIME

FIRST, SECOND, THIRD = (Slot(parse_period(f"2013-03-0{day}")) for day in (1, 2, 3))


def ratio(numerator: int, denominator: int) -> Figure:
    return Figure(Decimal(numerator) / denominator, Decimal(numerator), Decimal(denominator))


def test_each_slot_has_a_status() -> None:
    first = {SECOND: ratio(50, 100), FIRST: ratio(50, 100), THIRD: ratio(50, 100)}
    second = {FIRST: ratio(51, 100), SECOND: ratio(52, 100)}
    pairs = reconcile(ON_TIME, first, second, date(2013, 3, 6))
    assert [pair.slot for pair in pairs] == [FIRST, SECOND, THIRD]
    assert [pair.status for pair in pairs] == [Status.MATCHED, Status.DISCREPANT, Status.WAITING]
    assert [pair.difference for pair in pairs] == [Decimal("-0.01"), Decimal("-0.02"), None]
    assert reconcile(ON_TIME, first, second, date(2013, 3, 7))[2].status is Status.ONE_SIDED


def test_a_relative_tolerance_is_a_share_of_the_larger_magnitude() -> None:
    relative = Tolerance(ToleranceKind.RELATIVE, Decimal("0.1"))
    assert within(relative, Decimal(90), Decimal(100))
    assert not within(relative, Decimal(-89), Decimal(-100))
    assert within(replace(relative, amount=Decimal(0)), Decimal(0), Decimal(0))


ONE, OTHER = ratio(9, 10), ratio(40, 50)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (UntilSettled.REPORTER, ONE),
        (UntilSettled.LOWER, OTHER),
        (UntilSettled.MEAN, Figure(Decimal("24.5") / 30, Decimal("24.5"), Decimal(30))),
        (UntilSettled.NONE, None),
    ],
)
def test_which_figure_counts_while_the_sides_differ(rule: UntilSettled, expected: Figure | None) -> None:
    assert standing(Pair(FIRST, ONE, OTHER, Status.DISCREPANT), rule) == expected
    assert standing(Pair(FIRST, ONE, OTHER, Status.MATCHED), rule) == ONE
    alone = None if rule is UntilSettled.NONE else OTHER
    assert standing(Pair(FIRST, None, OTHER, Status.ONE_SIDED), rule) == alone


def test_the_mean_of_plain_values() -> None:
    pair = Pair(FIRST, Figure(Decimal(1)), Figure(Decimal(4)), Status.DISCREPANT)
    assert standing(pair, UntilSettled.MEAN) == Figure(Decimal("2.5"))
