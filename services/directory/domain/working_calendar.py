"""A working calendar has working time, in a time zone and with public holidays that exist."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from shared.domain import Invalid, refuse_faults
from shared.events.directory import WEEKDAYS, WorkingCalendar, WorkingInterval

CLOCK_TIME = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]")
END_OF_DAY = "24:00"
INTERVALS_A_DAY_MAX = 8
CLOSING_DAYS_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Gazetteer:
    """What exists in the world, looked up by the caller: IANA time zones, and public holidays by country and region."""

    time_zones: Collection[str]
    holiday_regions: Mapping[str, Collection[str]] = field(default_factory=dict)


def check_calendar(calendar: WorkingCalendar, gazetteer: Gazetteer, *, at: str) -> None:
    """Raises Invalid for all in the calendar that cannot be, with pointers below `at`, its place in the body."""
    refuse_faults(faults_of(calendar, gazetteer, at))


def faults_of(calendar: WorkingCalendar, gazetteer: Gazetteer, at: str) -> Iterator[Invalid]:
    if calendar.time_zone not in gazetteer.time_zones:
        yield Invalid(f"{at}/time_zone", "unknown-time-zone", "Give the IANA name, such as Europe/Madrid.")
    yield from faults_of_week(calendar.week, f"{at}/week")
    yield from faults_of_holidays(calendar, gazetteer, at)
    if len(calendar.closing_days) > CLOSING_DAYS_MAX:
        yield Invalid(f"{at}/closing_days", "too-many", f"A calendar has at most {CLOSING_DAYS_MAX:,} closing days.")
    if len(set(calendar.closing_days)) < len(calendar.closing_days):
        yield Invalid(f"{at}/closing_days", "repeated", "Each closing day is named once.")


def faults_of_week(week: Mapping[str, tuple[WorkingInterval, ...]], at: str) -> Iterator[Invalid]:
    for day, intervals in week.items():
        if day not in WEEKDAYS:
            yield Invalid(f"{at}/{day}", "unknown-weekday", f"The days of the week are {', '.join(WEEKDAYS)}.")
        yield from faults_of_day(intervals, f"{at}/{day}")
    if not any(week.values()):
        yield Invalid(at, "no-working-time", "A calendar needs working time on at least one day of the week.")


def faults_of_day(intervals: tuple[WorkingInterval, ...], at: str) -> Iterator[Invalid]:
    if len(intervals) > INTERVALS_A_DAY_MAX:
        yield Invalid(at, "too-many", f"A day has at most {INTERVALS_A_DAY_MAX} working intervals.")
    for place, interval in enumerate(intervals):
        if not CLOCK_TIME.fullmatch(interval.start):
            yield Invalid(f"{at}/{place}/start", "no-clock-time", "Write the time as HH:MM, from 00:00 to 23:59.")
        if interval.end != END_OF_DAY and not CLOCK_TIME.fullmatch(interval.end):
            yield Invalid(f"{at}/{place}/end", "no-clock-time", "Write the time as HH:MM, from 00:01 to 24:00.")
        elif interval.end <= interval.start:
            yield Invalid(f"{at}/{place}/end", "ends-before-start", "Working time ends after its start, the same day.")
    for place, (earlier, later) in enumerate(pairwise(intervals), start=1):
        if later.start < earlier.end:
            words = "The intervals of a day do not overlap, the earliest first."
            yield Invalid(f"{at}/{place}/start", "overlapping", words)


def faults_of_holidays(calendar: WorkingCalendar, gazetteer: Gazetteer, at: str) -> Iterator[Invalid]:
    country, region = calendar.holiday_country, calendar.holiday_region
    if country is None:
        if region is not None:
            yield Invalid(f"{at}/holiday_region", "region-without-country", "Say which country the region is in.")
    elif country not in gazetteer.holiday_regions:
        yield Invalid(f"{at}/holiday_country", "unknown-holidays", f"The public holidays of {country} are not known.")
    elif region is not None and region not in gazetteer.holiday_regions[country]:
        yield Invalid(f"{at}/holiday_region", "unknown-holidays", f"{country} has no holiday region {region}.")
