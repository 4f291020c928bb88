"""Batches of observations: who sent what when, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Integer, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.metrics import BatchIngested
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

batches = Table(
    "batches",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("side", Uuid, nullable=False),
    Column("source", Text),
    Column("sent_by", Uuid),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("accepted", Integer, nullable=False),
    Column("corrected", Integer, nullable=False),
    Column("duplicate", Integer, nullable=False),
    Column("rejected", Integer, nullable=False),
    Column("withheld", Integer, nullable=False),
    Column("kpis", ARRAY(Text), nullable=False),
    Column("rows_sha256", Text),
    Column("rest_sha256", Text),
    Column("version", BigInteger, nullable=False),
    Index("batches_by_seq", "ledger_id", "seq", unique=True),
)

BATCHES = ReadModel("batches", batches)


@BATCHES.on(BatchIngested)
def ingested(rows: Rows, e: Recorded[BatchIngested]) -> None:
    counts = e.event.counts
    rows.insert(
        batches,
        id=e.id,
        seq=e.seq,
        side=e.event.side,
        source=e.event.source,
        sent_by=e.actor.sub,
        recorded_at=e.recorded_at,
        accepted=counts.accepted,
        corrected=counts.corrected,
        duplicate=counts.duplicate,
        rejected=counts.rejected,
        withheld=counts.withheld,
        kpis=list(e.event.kpis),
        rows_sha256=e.event.rows.sha256 if e.event.rows else None,
        rest_sha256=e.event.rest.sha256 if e.event.rest else None,
        version=e.version,
    )


def batches_of(alliance_id: UUID) -> Select[Any]:
    return select(batches).where(batches.c.ledger_id == alliance_id)


def batch(alliance_id: UUID, batch_id: UUID) -> Select[Any]:
    return batches_of(alliance_id).where(batches.c.id == batch_id)
