"""The time zones of an alliance: a day of an agreement is over when it is over for every side."""

from __future__ import annotations

from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from services.governance.calendars import working_calendars


def zones(connection: Connection, alliance_id: UUID) -> tuple[ZoneInfo, ...]:
    """The time zones in which the sides work."""
    found = {calendar.time_zone for calendar in working_calendars(connection, alliance_id).values()}
    return tuple(ZoneInfo(name) for name in sorted(found))
