"""A month's figure never hides how much of the month it stands on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.domain.aggregation import Standing, aggregate
from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import parse_period, period_of
from services.metrics.domain.scorecard import Coverage, Line, TargetStatus, Trend, scorecard_line
from shared.events.metrics import (
    Aggregation,
    Direction,
    Frequency,
    KpiTerms,
    OverDimensions,
    Target,
    Tolerance,
    ToleranceKind,
    Unit,
)
from tests.domain.metrics.example_terms import FLIGHTS, ON_TIME, A, B

MARCH = parse_period("2013-03")
APRIL_10 = date(2013, 4, 10)


def standings(first: date, days: int, numerator: int = 8, denominator: int = 10) -> list[Standing]:
    figure = Figure(Decimal(numerator) / denominator, Decimal(numerator), Decimal(denominator))
    slots = [Slot(period_of(first + timedelta(days=day), Frequency.DAY)) for day in range(days)]
    return [Standing(slot, figure, (B, A)) for slot in slots]


def line(terms: KpiTerms, figures: list[Standing], today: date = APRIL_10, **given: Any) -> Line:
    return scorecard_line(terms, MARCH, figures, today=today, **given)


def test_a_ratio_is_never_the_mean_of_ratios() -> None:
    figures = [*standings(date(2013, 3, 1), 30, 1, 1), *standings(date(2013, 3, 31), 1, 0, 970)]
    march = line(ON_TIME, figures)
    assert march.value == Decimal("0.03")
    assert (march.status, march.target, march.reporters) == (TargetStatus.OFF_TARGET, Decimal("0.75"), (A, B))


def test_below_the_coverage_there_is_no_number() -> None:
    march = line(ON_TIME, standings(date(2013, 3, 1), 24))
    assert (march.value, march.status, march.coverage) == (None, TargetStatus.NO_FIGURE, Coverage(24, 31))
    assert line(ON_TIME, standings(date(2013, 3, 1), 25)).value == Decimal("0.8")
    assert line(ON_TIME, standings(date(2013, 3, 1), 24), coverage_min=Decimal("0.5")).value == Decimal("0.8")


def test_only_what_is_due_counts_against_the_coverage() -> None:
    mid_month = line(ON_TIME, standings(date(2013, 3, 1), 6), today=date(2013, 3, 9))
    assert mid_month.coverage == Coverage(6, 6)
    assert line(ON_TIME, [], today=date(2013, 3, 9)).coverage == Coverage(0, 5)
    assert line(ON_TIME, [], agreed_on=date(2013, 3, 30)).coverage == Coverage(0, 2)


def test_a_quarter_is_due_in_its_last_month() -> None:
    quarterly = replace(FLIGHTS, frequency=Frequency.QUARTER)
    february = scorecard_line(quarterly, parse_period("2013-02"), [], today=APRIL_10)
    assert (february.coverage.share, february.status) == (None, TargetStatus.NO_FIGURE)
    assert line(quarterly, []).coverage == Coverage(0, 1)


@pytest.mark.parametrize(
    ("direction", "target", "status", "trend"),
    [
        (Direction.UP, "0.8", TargetStatus.ON_TARGET, Trend.BETTER),
        (Direction.UP, "0.81", TargetStatus.OFF_TARGET, Trend.BETTER),
        (Direction.DOWN, "0.8", TargetStatus.ON_TARGET, Trend.WORSE),
        (Direction.DOWN, "0.79", TargetStatus.OFF_TARGET, Trend.WORSE),
        (Direction.TO_TARGET, "0.79", TargetStatus.ON_TARGET, Trend.BETTER),
        (Direction.TO_TARGET, "0.5", TargetStatus.OFF_TARGET, Trend.WORSE),
    ],
)
def test_target_and_trend(direction: Direction, target: str, status: TargetStatus, trend: Trend) -> None:
    terms = replace(ON_TIME, direction=direction, targets=(Target(date(2013, 3, 1), Decimal(target)),))
    figures = [*standings(date(2013, 2, 1), 28, 6), *standings(date(2013, 3, 1), 31)]
    march = line(terms, figures)
    assert (march.status, march.trend, march.change) == (status, trend, Decimal("0.2"))


def test_without_target_or_month_before_it_says_so() -> None:
    march = line(FLIGHTS, standings(date(2013, 3, 1), 31))
    assert (march.status, march.trend, march.change) == (TargetStatus.NO_TARGET, Trend.UNKNOWN, None)
    same = line(ON_TIME, [*standings(date(2013, 2, 1), 28), *standings(date(2013, 3, 1), 31)])
    assert same.trend is Trend.UNCHANGED


decimals = st.decimals(-1000, 1000, places=3)
slots = st.builds(
    Slot,
    st.dates(date(2013, 3, 1), date(2013, 3, 31)).map(lambda day: period_of(day, Frequency.DAY)),
    st.sampled_from([(), (("route", "x"),), (("route", "y"),)]),
)
figures = st.builds(Figure, decimals, decimals, st.decimals(1, 1000, places=3))


@for_all(
    st.dictionaries(slots, figures, min_size=1, max_size=40),
    st.sampled_from(Aggregation),
    st.sampled_from(Unit),
    st.sampled_from([None, *OverDimensions]),
)
def test_aggregation_agrees_with_exact_fractions(
    given: dict[Slot, Figure], how: Aggregation, unit: Unit, over: OverDimensions | None
) -> None:
    nothing = Tolerance(ToleranceKind.ABSOLUTE, Decimal(0))
    terms = replace(ON_TIME, aggregation=how, unit=unit, tolerance=nothing, over_dimensions=over)
    value = aggregate(terms, [Standing(slot, figure, (A,)) for slot, figure in given.items()])
    assert abs(Fraction(value) - naive(given, how, unit, over)) < Fraction(1, 10**18)


def naive(given: dict[Slot, Figure], how: Aggregation, unit: Unit, over: OverDimensions | None) -> Fraction:
    """By the words of the design, in fractions: a period's dimensions first, then the periods."""
    if how is Aggregation.RATIO_OF_SUMS:
        above = sum((Fraction(figure.numerator or 0) for figure in given.values()), Fraction(0))
        return above / sum((Fraction(figure.denominator or 0) for figure in given.values()), Fraction(0))
    days = sorted({slot.period.first for slot in given})
    by_day = [[Fraction(figure.value) for slot, figure in given.items() if slot.period.first == day] for day in days]
    counts = unit in (Unit.CURRENCY, Unit.COUNT)
    summed = over is OverDimensions.SUM or (
        over is None and (how is Aggregation.SUM or (how is Aggregation.LAST and counts))
    )
    highest = over is OverDimensions.MAX or (over is None and how is Aggregation.MAX)
    each = [sum(values) if summed else max(values) if highest else sum(values) / len(values) for values in by_day]
    match how:
        case Aggregation.SUM:
            return Fraction(sum(each))
        case Aggregation.MEAN:
            return Fraction(sum(each)) / len(each)
        case Aggregation.MAX:
            return Fraction(max(each))
        case _:
            return Fraction(each[-1])
