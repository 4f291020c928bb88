"""Who witnesses a ledger, those that were withdrawn among them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.ledger import WitnessNamed, WitnessWithdrawn
from shared.log.envelope import Recorded, from_us
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

witnesses = Table(
    "witnesses",
    schema("ledger"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("vkey", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("named_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
)

WITNESS_LIST = ReadModel("witnesses", witnesses)


@WITNESS_LIST.on(WitnessNamed)
def named(rows: Rows, e: Recorded[WitnessNamed]) -> None:
    rows.insert(
        witnesses,
        id=e.id,
        side=e.event.side,
        name=e.event.name,
        vkey=e.event.vkey,
        url=e.event.url,
        named_at=from_us(e.recorded_us),
        version=e.version,
    )


@WITNESS_LIST.on(WitnessWithdrawn)
def withdrawn(rows: Rows, e: Recorded[WitnessWithdrawn]) -> None:
    rows.change(witnesses, {"id": e.id}, withdrawn_at=from_us(e.recorded_us), version=e.version)


def witnesses_of(ledger_id: UUID) -> Select[Any]:
    return select(witnesses).where(witnesses.c.ledger_id == ledger_id)


def witness_of(ledger_id: UUID, witness_id: UUID) -> Select[Any]:
    return witnesses_of(ledger_id).where(witnesses.c.id == witness_id)


def in_service(ledger_id: UUID) -> Select[Any]:
    return witnesses_of(ledger_id).where(witnesses.c.withdrawn_at.is_(None)).order_by(witnesses.c.id)
