"""Days, ISO weeks, months and quarters."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from services.metrics.domain.period import BadPeriod, parse_period, period_of, periods_ending_in
from shared.events.metrics import Frequency


@pytest.mark.parametrize(
    ("text", "frequency", "first", "last"),
    [
        ("2013-03-01", Frequency.DAY, date(2013, 3, 1), date(2013, 3, 1)),
        ("2013-W09", Frequency.WEEK, date(2013, 2, 25), date(2013, 3, 3)),
        ("2020-W53", Frequency.WEEK, date(2020, 12, 28), date(2021, 1, 3)),
        ("2012-02", Frequency.MONTH, date(2012, 2, 1), date(2012, 2, 29)),
        ("2013-Q4", Frequency.QUARTER, date(2013, 10, 1), date(2013, 12, 31)),
    ],
)
def test_forms(text: str, frequency: Frequency, first: date, last: date) -> None:
    period = parse_period(text)
    assert (period.frequency, period.first, period.last, str(period)) == (frequency, first, last, text)


@pytest.mark.parametrize(
    "text",
    [
        *("", "2013", "20130301", "2013-W9", "2013-W54", "2013-W09-1", "2013-13", "2013-Q5", "2013-Q0", "2013-02-30"),
        *("2013-3-01", "٢٠١٣-03-01", "2013-q1", " 2013-03", "0001-01-01", "9999-W52", "2013-03-01T00:00:00Z"),
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(BadPeriod):
        parse_period(text)


@for_all(st.dates(date(1901, 1, 1), date(2998, 12, 31)), st.sampled_from(Frequency))
def test_periods_of_a_frequency_tile_the_calendar(day: date, frequency: Frequency) -> None:
    period = period_of(day, frequency)
    assert period.first <= day <= period.last
    assert parse_period(period.text) == period
    following = period.next()
    assert following.first == period.last + timedelta(days=1)
    assert following.ordinal == period.ordinal + 1
    assert following.previous() == period
    assert period < following


def test_a_week_belongs_to_the_month_it_ends_in() -> None:
    weeks = periods_ending_in(parse_period("2013-03"), Frequency.WEEK)
    assert [week.text for week in weeks] == ["2013-W09", "2013-W10", "2013-W11", "2013-W12", "2013-W13"]
    assert periods_ending_in(parse_period("2013-02"), Frequency.QUARTER) == ()
    assert len(periods_ending_in(parse_period("2013-02"), Frequency.DAY)) == 28
