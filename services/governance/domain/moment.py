"""Moments at which time alone changes a thing: what came due, and when a day is over for everybody."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from services.governance.domain.local_time import first_instant
from shared.events.governance_agreement_terms import Comparison, Threshold

ONE_DAY = timedelta(days=1)
MONTHS_A_YEAR = 12
MONTHS_A_QUARTER = 3
DAYS_A_WEEK = 7
SOMEWHERE = ZoneInfo("UTC")


@dataclass(frozen=True, slots=True)
class Reading:
    """The latest figure of a KPI that was published, and the period it is of."""

    value: Decimal
    period: str


@dataclass(frozen=True, slots=True)
class Due:
    """A step of a thing has come due; `at` is when that was noticed. `reading` is of the KPI the step asks about."""

    at: datetime
    step: str
    reading: Reading | None = None


def end_of(day: date, zones: Iterable[ZoneInfo] = ()) -> datetime:
    """The instant, in UTC, from which a day is over in all of these zones; in UTC when there is none."""
    return max(first_instant(day + ONE_DAY, time(), zone) for zone in tuple(zones) or (SOMEWHERE,))


def months_after(day: date, months: int) -> date:
    """The same day of a later month (an earlier one when negative), or that month's last day when it is shorter."""
    year, month = divmod(day.year * MONTHS_A_YEAR + day.month - 1 + months, MONTHS_A_YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def is_met(test: Threshold, value: Decimal) -> bool:
    return value >= test.value if test.comparison is Comparison.AT_LEAST else value <= test.value


def day_of(moment: datetime) -> date:
    return moment.astimezone(UTC).date()


def last_day(period: str) -> date:
    """The last day of a period as metrics writes it: 2013-03-01, 2013-W09, 2013-03, 2013-Q1. ValueError for others."""
    year, mark = int(period[:4]), period[5:]
    if mark.startswith("W"):
        return date.fromisocalendar(year, int(mark[1:]), DAYS_A_WEEK)
    if "-" in mark:
        return date.fromisoformat(period)
    month = int(mark[1:]) * MONTHS_A_QUARTER if mark.startswith("Q") else int(mark)
    return date(year, month, monthrange(year, month)[1])
