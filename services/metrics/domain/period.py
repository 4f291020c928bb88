"""A period: a day, ISO week, month or quarter, in words that sort and compare across the two sides."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta

from shared.events.metrics import Frequency

YEAR_MIN, YEAR_MAX = 1900, 2999
_ONE_DAY = timedelta(days=1)


class BadPeriod(ValueError):
    """The text is no period; the message says which forms are."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text[:20]!r} is none of 2013-03-01, 2013-W09, 2013-03, 2013-Q1.")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Ordered by first day, then last. `ordinal` counts periods of one frequency: neighbours differ by 1."""

    first: date
    last: date
    frequency: Frequency = field(compare=False)
    text: str = field(compare=False)
    ordinal: int = field(compare=False)

    def __str__(self) -> str:
        return self.text

    def next(self) -> Period:
        """The period of the same frequency that begins the day after this one ends."""
        return period_of(self.last + _ONE_DAY, self.frequency)

    def previous(self) -> Period:
        return period_of(self.first - _ONE_DAY, self.frequency)


def parse_period(text: str) -> Period:
    """A period from its text, in exactly one spelling a period; raises `BadPeriod`."""
    try:
        match len(text), text[4:6]:
            case 10, _ if text[4] == text[7] == "-":
                return _day(date(_digits(text[:4]), _digits(text[5:7]), _digits(text[8:])))
            case 8, "-W":
                return _week(_digits(text[:4]), _digits(text[6:]))
            case 7, "-Q":
                return _quarter(_digits(text[:4]), _digits(text[6:]))
            case 7, _ if text[4] == "-":
                return _month(_digits(text[:4]), _digits(text[5:]))
    except ValueError as error:
        raise BadPeriod(text) from error
    raise BadPeriod(text)


def period_of(day: date, frequency: Frequency) -> Period:
    """The period of this frequency that contains the day; raises ValueError outside the years 1900 to 2999."""
    match frequency:
        case Frequency.DAY:
            return _day(day)
        case Frequency.WEEK:
            year, week, _ = day.isocalendar()
            return _week(year, week)
        case Frequency.MONTH:
            return _month(day.year, day.month)
        case Frequency.QUARTER:
            return _quarter(day.year, (day.month + 2) // 3)


def periods_ending_in(month: Period, frequency: Frequency) -> tuple[Period, ...]:
    """The periods whose last day lies in the month, in order: a week or quarter counts where it ends."""
    period = period_of(month.first, frequency)
    found = []
    while period.last <= month.last:
        found.append(period)
        period = period.next()
    return tuple(found)


def month_of(period: Period) -> str:
    """The month that a period belongs to, as `2013-06`: the one it ends in."""
    return f"{period.last:%Y-%m}"


def _digits(text: str) -> int:
    if not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return int(text)


def _year(year: int) -> int:
    if not YEAR_MIN <= year <= YEAR_MAX:
        raise ValueError(f"The year {year} is outside {YEAR_MIN} to {YEAR_MAX}.")
    return year


def _day(day: date) -> Period:
    _year(day.year)
    return Period(day, day, Frequency.DAY, day.isoformat(), day.toordinal())


def _week(year: int, week: int) -> Period:
    monday = date.fromisocalendar(_year(year), week, 1)
    return Period(monday, monday + 6 * _ONE_DAY, Frequency.WEEK, f"{year}-W{week:02}", monday.toordinal() // 7)


def _month(year: int, month: int) -> Period:
    first = date(_year(year), month, 1)
    return Period(first, _last_day(year, month), Frequency.MONTH, f"{year}-{month:02}", year * 12 + month - 1)


def _quarter(year: int, quarter: int) -> Period:
    first = date(_year(year), quarter * 3 - 2, 1)
    return Period(first, _last_day(year, quarter * 3), Frequency.QUARTER, f"{year}-Q{quarter}", year * 4 + quarter - 1)


def _last_day(year: int, month: int) -> date:
    return (date(year, month, 28) + 4 * _ONE_DAY).replace(day=1) - _ONE_DAY
