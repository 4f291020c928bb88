"""Systematic differences are said in words; noise is not."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random

import pytest

from services.metrics.domain.figure import Figure, Slot
from services.metrics.domain.period import parse_period, period_of
from services.metrics.domain.recognition import Finding, Kind, recognise, sign_test
from services.metrics.domain.reconciliation import reconcile
from shared.events.metrics import Frequency, Tolerance, ToleranceKind
from tests.domain.metrics.example_terms import ON_TIME

NAMES = ("United", "ExpressJet")
EXAMPLE = Path(__file__).parents[3] / "examples" / "airline_codeshare"
TOLERANCE = Tolerance(ToleranceKind.ABSOLUTE, Decimal("0.01"))
DAYS = [Slot(period_of(date(2013, 1, 1) + timedelta(days=day), Frequency.DAY)) for day in range(365)]
Story = Callable[[Random], tuple[Sequence[float], Sequence[float]]]


def found(first: Sequence[float], second: Sequence[float]) -> Finding | None:
    one, other = (
        {DAYS[day]: Figure(Decimal(f"{value:.6f}")) for day, value in enumerate(side)} for side in (first, second)
    )
    return recognise(reconcile(ON_TIME, one, other, date(2014, 6, 1)), NAMES, TOLERANCE)


def truth(random: Random, days: int = 365) -> list[float]:
    return [random.uniform(50, 100) for _ in range(days)]


def noisy(values: Sequence[float], random: Random, size: float = 1.0) -> list[float]:
    return [value + random.gauss(0, size) for value in values]


@pytest.mark.parametrize("days", [6, 30, 365])
def test_noise_is_passed_over_in_silence(days: int) -> None:
    for seed in range(150):
        random = Random(seed)
        values = truth(random, days)
        assert found(noisy(values, random), noisy(values, random)) is None, seed


def test_unrelated_figures_are_noise() -> None:
    for seed in range(100):
        assert found(truth(Random(seed)), truth(Random(seed + 1000))) is None, seed


def test_tolerable_differences_are_no_finding() -> None:
    values = truth(Random(1))
    assert found(values, [value - 0.005 for value in values]) is None


@pytest.mark.parametrize("seed", range(10))
def test_a_constant_offset(seed: int) -> None:
    random = Random(seed)
    values = truth(random)
    finding = found(values, noisy([value + 5 for value in values], random, 0.5))
    assert finding
    assert finding.kind is Kind.OFFSET
    assert abs(finding.amount + 5) < Decimal("0.2")
    begins = f"ExpressJet is higher than United on {finding.explained} of 365 days, by a steady "
    assert finding.sentence.startswith(begins)


@pytest.mark.parametrize("seed", range(10))
def test_a_constant_ratio(seed: int) -> None:
    random = Random(seed)
    values = truth(random)
    finding = found(noisy([value * 1.2 for value in values], random, 0.5), values)
    assert finding
    assert finding.kind is Kind.RATIO
    assert abs(finding.amount - Decimal("1.2")) < Decimal("0.02")
    assert "by a steady factor of 1." in finding.sentence


@pytest.mark.parametrize(("late", "when"), [(1, "before"), (-1, "after")])
def test_a_shifted_period(late: int, when: str) -> None:
    values = truth(Random(3))
    second = [values[(day - late) % 365] for day in range(365)]
    second[100] = 1.0
    finding = found(values, second)
    assert finding
    assert (finding.kind, finding.amount) == (Kind.SHIFT, Decimal(late))
    assert f"United's of the day {when} on 363 of 364 days" in finding.sentence
    assert finding.exceptions == (DAYS[100 - late],)


def test_a_side_is_higher_by_varying_amounts_and_the_exceptions_are_named() -> None:
    random = Random(4)
    values = truth(random)
    second = [value - random.expovariate(0.2) - 0.01 for value in values]
    second[41], second[42] = values[41] + 1, values[42]
    finding = found(values, second)
    assert finding
    assert finding.kind is Kind.ONE_SIDED
    assert finding.exceptions == (DAYS[41], DAYS[42])
    assert finding.sentence.startswith("United is higher than ExpressJet on 363 of 365 days, by a median of ")
    assert finding.sentence.endswith("Not so on 2013-02-11, 2013-02-12.")


def test_a_difference_that_depends_on_the_level() -> None:
    random = Random(5)
    values = truth(random)
    finding = found(noisy([75 + (value - 75) * 0.9 for value in values], random), noisy(values, random))
    assert finding
    assert finding.kind is Kind.LEVEL
    assert "low (the lowest fifth) United is higher" in finding.sentence
    assert "high (the highest fifth) ExpressJet is higher" in finding.sentence


def test_the_sign_test_is_exact() -> None:
    assert sign_test(5, 5) == 1.0
    assert sign_test(0, 10) == 2 / 1024
    assert sign_test(9, 1) == 22 / 1024
    assert sign_test(0, 0) == 1.0


def on_time_rates(side: str) -> dict[Slot, Figure]:
    with (EXAMPLE / f"{side}.csv").open(newline="") as lines:
        rows = [row for row in csv.DictReader(lines) if row["kpi"] == "regional_on_time_rate"]
    return {Slot(parse_period(row["period"])): Figure(Decimal(row["value"])) for row in rows}


def test_what_the_airlines_figures_really_say() -> None:
    """Leaving against arriving: neither airline is higher throughout; which one is depends on how good the day was."""
    ua, ev = on_time_rates("ua"), on_time_rates("ev")
    finding = recognise(reconcile(ON_TIME, ua, ev, date(2014, 2, 1)), NAMES, TOLERANCE)
    assert finding
    assert finding.kind is Kind.LEVEL
    assert finding.sentence == (
        "Neither side is higher throughout: United on 177 of 365 days, ExpressJet on 175, equal on 13; the median "
        "difference is 0. It depends on the level: when the figures are low (the lowest fifth) United is higher on 55 "
        "of 73 days, by a median of 0.03822, and when the figures are high (the highest fifth) ExpressJet is higher on "
        "49 of 73 days, by a median of 0.01389. Not so on 2013-01-05, 2013-01-12, 2013-01-13, 2013-01-23, 2013-02-19 "
        "and 37 more."
    )
    assert (finding.explained, finding.compared, len(finding.exceptions)) == (104, 146, 42)
