"""The calendars that clocks run on: a side's own from directory, and the public holidays of its country."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from uuid import UUID

import holidays
from sqlalchemy import Connection

from shared.events.directory import WorkingCalendar
from shared.events.governance_terms import DecisionRight, Hours, SideCalendar
from shared.log.codec import adapter

SLACK = timedelta(days=366)
"""How far beyond the time a ladder allows its calendars reach at least."""
REACH_MAX = timedelta(days=3_660)
"""As far as the domain searches a calendar."""
HOLIDAYS_KEPT = 10_000

CALENDARS = "SELECT org_id, calendar FROM access.calendars(%s)"


def working_calendars(connection: Connection, alliance_id: UUID) -> Mapping[UUID, WorkingCalendar]:
    """What each party says of itself in directory, by organisation."""
    rows = connection.exec_driver_sql(CALENDARS, (alliance_id,))
    return {side: adapter(WorkingCalendar).validate_python(calendar) for side, calendar in rows}


def to_sign(known: Mapping[UUID, WorkingCalendar], at: datetime) -> tuple[SideCalendar, ...]:
    """Each side's calendar as terms that can be signed, with the public holidays of this year and the next."""
    first, last = at.date().replace(month=1, day=1), (at + SLACK).date().replace(month=12, day=31)
    return tuple(
        SideCalendar(
            side=side,
            time_zone=calendar.time_zone,
            week={day: tuple(Hours(i.start, i.end) for i in hours) for day, hours in calendar.week.items()},
            holidays=tuple(sorted(public_holidays_between(calendar, first, last))),
            closing_days=tuple(sorted(calendar.closing_days)),
        )
        for side, calendar in known.items()
    )


def to_run_on(
    signed: Iterable[SideCalendar], known: Mapping[UUID, WorkingCalendar], at: datetime, right: DecisionRight | None
) -> tuple[SideCalendar, ...]:
    """The signed calendars with the days off that a clock started at this moment can meet, and no others.

    Hours and zone are as signed. Days off are those signed, the public holidays of the years in reach, and the closing
    days that the side has announced by now.
    """
    first, last = at.date() - timedelta(days=1), (at + reach(right)).date()
    return tuple(reaching(terms, known.get(terms.side), first, last) for terms in signed)


def reaching(terms: SideCalendar, known: WorkingCalendar | None, first: date, last: date) -> SideCalendar:
    days, closing = set(terms.holidays), set(terms.closing_days)
    if known is not None:
        days |= public_holidays_between(known, first, last)
        closing |= set(known.closing_days)
    return replace(
        terms,
        holidays=tuple(sorted(day for day in days if first <= day <= last)),
        closing_days=tuple(sorted(day for day in closing if first <= day <= last)),
    )


def reach(right: DecisionRight | None) -> timedelta:
    """How far ahead the clocks of a ladder may look: every day of an SLA counted twice, every hour as a day."""
    if right is None:
        return SLACK
    slas = [right.sla, *(rung.sla or right.sla for rung in right.escalates_to)]
    return min(REACH_MAX, SLACK + timedelta(days=2 * sum(sla.value for sla in slas)))


def public_holidays_between(calendar: WorkingCalendar, first: date, last: date) -> set[date]:
    if calendar.holiday_country is None:
        return set()
    years = range(first.year, last.year + 1)
    return {day for y in years for day in public_holidays(calendar.holiday_country, calendar.holiday_region, y)}


@lru_cache(maxsize=HOLIDAYS_KEPT)
def public_holidays(country: str, region: str | None, year: int) -> frozenset[date]:
    """The public holidays of a country, or of a region of it, that fall in a year."""
    return frozenset(holidays.country_holidays(country, subdiv=region, years=year))
