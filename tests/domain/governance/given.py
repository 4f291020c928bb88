"""Two sides and their calendars, and short ways to say times."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.calendar import WEEKDAYS, Calendar, calendar_of
from shared.events.governance_terms import Hours, SideCalendar
from shared.events.values import Duration, DurationUnit

A, B, STRANGER = UUID(int=0xA), UUID(int=0xB), UUID(int=0xF)
ANA, BEN, CARL, DINA = UUID(int=1), UUID(int=2), UUID(int=3), UUID(int=4)
MADRID, NEW_YORK = ZoneInfo("Europe/Madrid"), ZoneInfo("America/New_York")
OFFICE = (Hours("09:00", "17:00"),)
SPLIT = (Hours("09:00", "12:30"), Hours("13:30", "17:30"))


def utc(text: str) -> datetime:
    """`2026-03-02 10:00` in UTC."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def local(text: str, zone: ZoneInfo = MADRID, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone, fold=fold).astimezone(UTC)


def week(hours: tuple[Hours, ...] = OFFICE, days: str = "mon tue wed thu fri") -> dict[str, tuple[Hours, ...]]:
    return {day: hours for day in WEEKDAYS if day in days.split()}


def terms(side: UUID = A, zone: str = "Europe/Madrid", **changes: Any) -> SideCalendar:
    return SideCalendar(**{"side": side, "time_zone": zone, "week": week(), **changes})


def calendar(zone: str = "Europe/Madrid", *days_off: date, **changes: Any) -> Calendar:
    return calendar_of(terms(zone=zone, holidays=days_off, **changes))


def business_days(value: int) -> Duration:
    return Duration(value, DurationUnit.BUSINESS_DAYS)


def working_hours(value: int) -> Duration:
    return Duration(value, DurationUnit.WORKING_HOURS)
