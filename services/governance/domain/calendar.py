"""A working calendar: when a side is at work, and on which days all sides are."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, time
from functools import lru_cache
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.local_time import first_instant, last_instant
from services.governance.domain.working_time import ONE_DAY, Interval, WorkingTime
from shared.domain import Invalid, Refused
from shared.events.governance_terms import Hours, SideCalendar

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MAX_INTERVALS_A_DAY = 12
DAYS_KEPT = 50_000
"""Days of different hours and zones whose intervals are kept: about 15 MB."""
MIDNIGHT = time(0)
END_OF_DAY = "24:00"


@dataclass(frozen=True)
class LocalHours:
    """From `opens` to `closes` on a wall clock; `closes` is None at the end of the day."""

    opens: time
    closes: time | None


@dataclass(frozen=True)
class Calendar(WorkingTime):
    """The working time of one side. `week[0]` is Monday.

    Where daylight saving skips an opening or closing time, the moment of the change stands for it. Where it repeats
    one, work opens at the first occurrence and closes at the last.
    """

    zone: ZoneInfo
    week: tuple[tuple[LocalHours, ...], ...]
    days_off: frozenset[date] = frozenset()

    @property
    def time_zone(self) -> ZoneInfo:
        return self.zone

    def working_intervals(self, day: date) -> tuple[Interval, ...]:
        if day in self.days_off:
            return ()
        return intervals_on(day, self.week[day.weekday()], self.zone)


@lru_cache(maxsize=DAYS_KEPT)
def intervals_on(day: date, hours: tuple[LocalHours, ...], zone: ZoneInfo) -> tuple[Interval, ...]:
    """The working intervals of a day with these hours. Kept, since clocks ask for the same days again and again."""
    end = first_instant(day + ONE_DAY, MIDNIGHT, zone)
    return _joined(
        Interval(
            first_instant(day, one.opens, zone),
            end if one.closes is None else min(end, last_instant(day, one.closes, zone)),
        )
        for one in hours
    )


@dataclass(frozen=True)
class JointCalendar(WorkingTime):
    """One side's own hours, but only on the days that are working days for the others too.

    Days are compared by their date, each side's in its own zone.
    """

    own: WorkingTime
    others: tuple[WorkingTime, ...]
    known: dict[date, bool] = field(default_factory=dict, compare=False, repr=False)
    """Which days asked about so far are working days for the others; shared by sides that have the same others."""

    @property
    def time_zone(self) -> ZoneInfo:
        return self.own.time_zone

    def working_intervals(self, day: date) -> tuple[Interval, ...]:
        own = self.own.working_intervals(day)
        if own and day not in self.known:
            self.known[day] = all(other.is_working_day(day) for other in self.others)
        return own if own and self.known[day] else ()


def calendar_of(terms: SideCalendar, pointer: str = "") -> Calendar:
    """The calendar that the terms describe. `pointer` is the JSON Pointer of the terms, for what is Invalid in them.

    A calendar without working time is Refused.
    """
    zone = zone_of(terms.time_zone, f"{pointer}/time_zone")
    if unknown := sorted(set(terms.week) - set(WEEKDAYS)):
        raise Invalid(f"{pointer}/week/{unknown[0]}", "unknown-weekday", f"Weekdays are {', '.join(WEEKDAYS)}.")
    week = tuple(_day_of(terms.week.get(weekday, ()), f"{pointer}/week/{weekday}") for weekday in WEEKDAYS)
    if not any(week):
        raise Refused("no-working-time", "A calendar needs working hours on at least one weekday.")
    return Calendar(zone, week, frozenset(terms.holidays) | frozenset(terms.closing_days))


def zone_of(name: str, pointer: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise Invalid(pointer, "unknown-time-zone", "Give an IANA time zone, as Europe/Madrid.") from None


def calendars_of(terms: Iterable[SideCalendar], pointer: str = "") -> Mapping[UUID, Calendar]:
    """Each side's calendar."""
    return {one.side: calendar_of(one, f"{pointer}/{n}") for n, one in enumerate(terms)}


def _day_of(day: tuple[Hours, ...], pointer: str) -> tuple[LocalHours, ...]:
    if len(day) > MAX_INTERVALS_A_DAY:
        raise Invalid(pointer, "too-many-intervals", f"A day has at most {MAX_INTERVALS_A_DAY} working intervals.")
    hours = tuple(
        LocalHours(
            _wall_time(one.opens, f"{pointer}/{n}/opens"),
            None if one.closes == END_OF_DAY else _wall_time(one.closes, f"{pointer}/{n}/closes"),
        )
        for n, one in enumerate(day)
    )
    for n, one in enumerate(hours):
        if one.closes is not None and one.closes <= one.opens:
            detail = "Work closes after it opens; split hours that pass midnight at 24:00."
            raise Invalid(f"{pointer}/{n}/closes", "closes-before-opening", detail)
        if n and (closed := hours[n - 1].closes) is not None and one.opens >= closed:
            continue
        if n:
            raise Invalid(f"{pointer}/{n}/opens", "overlapping-hours", "Intervals are in order and apart.")
    return hours


def _wall_time(text: str, pointer: str) -> time:
    digits = text.replace(":", "", 1)
    if len(text) == len("HH:MM") and text[2] == ":" and digits.isascii() and digits.isdigit():
        hour, minute = int(text[:2]), int(text[3:])
        if hour <= time.max.hour and minute <= time.max.minute:
            return time(hour, minute)
    raise Invalid(pointer, "not-a-time", "Give a local time as HH:MM, from 00:00 to 23:59, or 24:00 to close.")


def _joined(intervals: Iterable[Interval]) -> tuple[Interval, ...]:
    """Without the empty ones, and with those that touch made one."""
    joined: list[Interval] = []
    for interval in intervals:
        if interval.closes <= interval.opens:
            continue
        if joined and interval.opens <= joined[-1].closes:
            joined[-1] = Interval(joined[-1].opens, max(joined[-1].closes, interval.closes))
        else:
            joined.append(interval)
    return tuple(joined)
