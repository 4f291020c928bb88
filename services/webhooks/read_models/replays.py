"""Replays of an organisation, in its own ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Select, Table, Text, Uuid, select, text

from shared.database.schemas import schema
from shared.events.webhooks import ReplayCancelled, ReplayCounted, ReplayFinished, ReplayStarted
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

COUNTED, RUNNING, CANCELLED, FINISHED = "counted", "running", "cancelled", "finished"

replays = Table(
    "replays",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("since", DateTime(timezone=True), nullable=False),
    Column("until", DateTime(timezone=True), nullable=False),
    Column("event_types", ARRAY(Text), nullable=False),
    Column("alliances", ARRAY(Uuid), nullable=False),
    Column("deliveries", Text, nullable=False),
    Column("count", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("replays_running", "ledger_id", "id", postgresql_where=text("status = 'running'")),
)

REPLAYS = ReadModel("replays", replays)


@REPLAYS.on(ReplayCounted)
def counted(rows: Rows, e: Recorded[ReplayCounted]) -> None:
    rows.insert(
        replays,
        id=e.id,
        endpoint_id=e.event.endpoint,
        since=e.event.since,
        until=e.event.until,
        event_types=list(e.event.event_types),
        alliances=list(e.event.alliances),
        deliveries=str(e.event.deliveries),
        count=e.event.count,
        status=COUNTED,
        created_at=e.recorded_at,
        version=e.version,
    )


@REPLAYS.on(ReplayStarted)
def started(rows: Rows, e: Recorded[ReplayStarted]) -> None:
    rows.change(replays, {"id": e.id}, status=RUNNING, version=e.version)


@REPLAYS.on(ReplayCancelled)
def cancelled(rows: Rows, e: Recorded[ReplayCancelled]) -> None:
    rows.change(replays, {"id": e.id}, status=CANCELLED, version=e.version)


@REPLAYS.on(ReplayFinished)
def finished(rows: Rows, e: Recorded[ReplayFinished]) -> None:
    rows.change(replays, {"id": e.id}, status=FINISHED, version=e.version)


def replays_of(organisation_id: UUID, endpoint_id: UUID) -> Select[Any]:
    return select(replays).where(replays.c.ledger_id == organisation_id, replays.c.endpoint_id == endpoint_id)


def replay(organisation_id: UUID, endpoint_id: UUID, replay_id: UUID) -> Select[Any]:
    return replays_of(organisation_id, endpoint_id).where(replays.c.id == replay_id)
