"""Working time: stretches of UTC in which somebody is at work, day by day, and how to count along them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from shared.domain import Refused

MAX_SEARCH_DAYS = 3_660
"""How far ahead a calendar is searched: ten years."""

ONE_DAY = timedelta(days=1)
NO_TIME = timedelta(0)


class Interval(NamedTuple):
    """A stretch of UTC: `opens` belongs to it, `closes` does not."""

    opens: datetime
    closes: datetime


class WorkingTime(ABC):
    """Counts along the working intervals of a calendar. Instants are aware; answers are in UTC.

    Whatever looks ahead refuses with `no-working-time-ahead` when MAX_SEARCH_DAYS do not hold what it looks for.
    """

    @property
    @abstractmethod
    def time_zone(self) -> ZoneInfo:
        """The zone whose dates are this calendar's days."""

    @abstractmethod
    def working_intervals(self, day: date) -> tuple[Interval, ...]:
        """The working intervals of a local date: in order, apart from each other, none empty, none beyond the date."""

    def is_working_day(self, day: date) -> bool:
        return bool(self.working_intervals(day))

    def closing_of(self, day: date) -> datetime:
        """When work ends on a working day; ValueError for any other day."""
        intervals = self.working_intervals(day)
        if not intervals:
            raise ValueError(f"{day} is not a working day")
        return intervals[-1].closes

    def opening_after(self, instant: datetime) -> datetime:
        """`instant` itself during working time, otherwise the next opening; the closing moment is after hours."""
        _, interval = next(self._ahead(instant))
        return max(instant, interval.opens)

    def working_day_of(self, instant: datetime) -> date:
        """The working day in which `instant` falls, or else that of the next opening."""
        day, _ = next(self._ahead(instant))
        return day

    def working_day_after(self, day: date, count: int) -> date:
        """The `count`-th working day after `day`; `count` is 1 or more."""
        found = 0
        for ahead in range(1, MAX_SEARCH_DAYS + 1):
            candidate = day + ahead * ONE_DAY
            found += self.is_working_day(candidate)
            if found == count:
                return candidate
        raise self._nothing_ahead(day)

    def after_working(self, instant: datetime, amount: timedelta) -> datetime:
        """The moment at which `amount` (more than nothing) of working time has passed since `instant`.

        Time that ends with the day's last minute ends at that closing, not at the next opening.
        """
        left = amount
        for _, interval in self._ahead(instant):
            begins = max(instant, interval.opens)
            if left <= interval.closes - begins:
                return begins + left
            left -= interval.closes - begins
        raise AssertionError("the search ahead ends by refusing")

    def worked_between(self, start: datetime, end: datetime) -> timedelta:
        """The working time from `start` to `end`; none when `end` is not later."""
        return sum((interval.closes - interval.opens for interval in self.intervals_between(start, end)), NO_TIME)

    def intervals_between(self, start: datetime, end: datetime) -> Iterator[Interval]:
        """The working intervals from `start` to `end`, cut to fit."""
        # One date earlier and one later: where the clock goes back over midnight, dates do not follow each other.
        day, last = (start.astimezone(self.time_zone).date() - ONE_DAY, end.astimezone(self.time_zone).date() + ONE_DAY)
        while day <= last:
            for opens, closes in self.working_intervals(day):
                cut = Interval(max(opens, start), min(closes, end))
                if cut.opens < cut.closes:
                    yield cut
            day += ONE_DAY

    def _ahead(self, instant: datetime) -> Iterator[tuple[date, Interval]]:
        """Each working interval that closes after `instant`, with its day; then refuses."""
        today = instant.astimezone(self.time_zone).date()
        for ahead in range(-1, MAX_SEARCH_DAYS):
            day = today + ahead * ONE_DAY
            for interval in self.working_intervals(day):
                if interval.closes > instant:
                    yield day, interval
        raise self._nothing_ahead(today)

    @staticmethod
    def _nothing_ahead(day: date) -> Refused:
        return Refused(
            "no-working-time-ahead",
            f"The calendar does not hold enough working time within {MAX_SEARCH_DAYS} days from {day}; "
            "open more working days, or choose a shorter time.",
        )
