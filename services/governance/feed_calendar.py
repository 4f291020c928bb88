"""A person's calendar as iCalendar (RFC 5545): meetings, due times, reviews and renewals of all their alliances."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from icalendar import Calendar, Event

from services.governance.open_things import Open

PRODUCT = "-//Concord//Alliances//EN"
REFRESH = timedelta(hours=1)


def calendar_of(meetings: Iterable[Any], things: Iterable[Open], names: dict[Any, str], at: datetime) -> bytes:
    """`meetings` are rows, `names` those of the alliances by id. A due time is an event without length."""
    calendar = Calendar()
    calendar.add("prodid", PRODUCT)
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", "Concord")
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    for row in meetings:
        summary = f"{row.title} – {names[row.ledger_id]}"
        status = "CANCELLED" if row.status == "cancelled" else "CONFIRMED"
        calendar.add_component(entry(row.id, summary, row.starts_at, row.ends_at, status, row.version, at))
    for one in things:
        if one.due_at is not None:
            summary = f"Due: {one.title or one.kind} ({one.kind}) – {names[one.alliance_id]}"
            calendar.add_component(entry(one.thing, summary, one.due_at, one.due_at, "CONFIRMED", 0, at))
    written: bytes = calendar.to_ical()
    return written


def entry(thing: Any, summary: str, starts: datetime, ends: datetime, status: str, version: int, at: datetime) -> Event:
    """One event. Its UID is the same whenever it is asked for, and no id that anything else goes by."""
    event = Event()
    event.add("uid", f"{sha256(str(thing).encode()).hexdigest()[:32]}@concord")
    event.add("dtstamp", at)
    event.add("dtstart", starts)
    event.add("dtend", ends)
    event.add("summary", summary)
    event.add("status", status)
    event.add("sequence", version)
    return event
