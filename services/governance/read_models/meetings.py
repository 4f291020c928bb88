"""Meetings of an alliance's forums: when, who belongs there, whether they were held, with whom and on what."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_meetings import (
    MeetingCancelled,
    MeetingHeld,
    MeetingMissed,
    MeetingRescheduled,
    MeetingScheduled,
    MinutesAttached,
    MinutesKept,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

meetings = Table(
    "meetings",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("forum", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("layer", Text, nullable=False),
    Column("members", JSONB, nullable=False),
    Column("chair", Uuid),
    Column("quorum", BigInteger, nullable=False),
    Column("scheduled_by", Uuid),
    Column("occurs_on", Date),
    Column("starts_at", DateTime(timezone=True), nullable=False),
    Column("ends_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("held_at", DateTime(timezone=True)),
    Column("quorate", Boolean),
    Column("attendance", JSONB, nullable=False),
    Column("agenda", JSONB, nullable=False),
    Column("minutes", Text),
    Column("minutes_file", JSONB(none_as_null=True)),
    Column("version", BigInteger, nullable=False),
)
"""`agenda` is what was on it when it was held. `scheduled_by` is null for an occurrence of the cadence."""

MEETINGS = ReadModel("meetings", meetings)


@MEETINGS.on(MeetingScheduled)
def scheduled(rows: Rows, e: Recorded[MeetingScheduled]) -> None:
    rows.insert(
        meetings,
        id=e.id,
        forum=e.event.forum,
        title=e.event.title,
        layer=e.event.layer,
        members=[as_json(member) for member in e.event.members],
        chair=e.event.chair,
        quorum=e.event.quorum,
        scheduled_by=e.event.side,
        occurs_on=e.event.occurs_on,
        starts_at=e.event.starts_at,
        ends_at=e.event.ends_at,
        status="scheduled",
        missed=False,
        attendance=[],
        agenda=[],
        version=e.version,
    )


@MEETINGS.on(MeetingRescheduled)
def rescheduled(rows: Rows, e: Recorded[MeetingRescheduled]) -> None:
    change(rows, e, starts_at=e.event.starts_at, ends_at=e.event.ends_at)


@MEETINGS.on(MeetingCancelled)
def cancelled(rows: Rows, e: Recorded[MeetingCancelled]) -> None:
    change(rows, e, status="cancelled")


@MEETINGS.on(MeetingHeld)
def held(rows: Rows, e: Recorded[MeetingHeld]) -> None:
    attendance = [as_json(member) for member in e.event.attendance]
    agenda = [as_json(item) for item in e.event.agenda]
    held_at, quorate = e.event.held_at, e.event.quorate
    change(rows, e, status="held", held_at=held_at, quorate=quorate, attendance=attendance, agenda=agenda)


@MEETINGS.on(MeetingMissed)
def missed(rows: Rows, e: Recorded[MeetingMissed]) -> None:
    change(rows, e, status="missed", missed=True)


@MEETINGS.on(MinutesKept)
def minutes_kept(rows: Rows, e: Recorded[MinutesKept]) -> None:
    change(rows, e, minutes=e.event.minutes)


@MEETINGS.on(MinutesAttached)
def minutes_attached(rows: Rows, e: Recorded[MinutesAttached]) -> None:
    change(rows, e, minutes_file={**as_json(e.event.file), "seq": e.seq})


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(meetings, {"id": e.id}, **changes, version=e.version)


def meeting(alliance_id: UUID, meeting_id: UUID) -> Select[Any]:
    return select(meetings).where(meetings.c.ledger_id == alliance_id, meetings.c.id == meeting_id)


def meetings_of(alliance_id: UUID, status: str | None = None, forum: str | None = None) -> Select[Any]:
    """All meetings of an alliance, or those of one status, or of one forum."""
    found = select(meetings).where(meetings.c.ledger_id == alliance_id)
    if status is not None:
        found = found.where(meetings.c.status == status)
    return found if forum is None else found.where(meetings.c.forum == forum)


def meetings_ahead(alliance_id: UUID, at: datetime) -> Select[Any]:
    """Those that the cadence has scheduled and that have not begun."""
    found = meetings_of(alliance_id, "scheduled")
    return found.where(meetings.c.starts_at > at, meetings.c.scheduled_by.is_(None)).order_by(meetings.c.id)


def coming_meetings(ledgers: list[UUID], since: datetime, until: datetime) -> Select[Any]:
    """Those scheduled that end after `since` and start before `until`, in order."""
    return (
        select(meetings)
        .where(
            meetings.c.ledger_id.in_(ledgers),
            meetings.c.status == "scheduled",
            meetings.c.ends_at > since,
            meetings.c.starts_at < until,
        )
        .order_by(meetings.c.starts_at, meetings.c.id)
    )
