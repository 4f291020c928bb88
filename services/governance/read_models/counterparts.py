"""Counterparts of an alliance, and its public announcements."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_duties import AllianceAnnounced, CounterpartsPaired, CounterpartsParted
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

counterparts = Table(
    "counterparts",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("function", Text, nullable=False),
    Column("level", Text, nullable=False),
    Column("people", JSONB, nullable=False),
    Column("parted", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

announcements = Table(
    "announcements",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("on", Date, nullable=False),
    Column("plan", Uuid, nullable=False),
    Column("kpis", BigInteger, nullable=False),
    Column("text", Text),
    Column("version", BigInteger, nullable=False),
)

COUNTERPARTS_SHOWN = ReadModel("counterparts", counterparts)
ANNOUNCEMENTS = ReadModel("announcements", announcements)


@COUNTERPARTS_SHOWN.on(CounterpartsPaired)
def paired(rows: Rows, e: Recorded[CounterpartsPaired]) -> None:
    rows.insert(
        counterparts,
        id=e.id,
        function=e.event.function,
        level=e.event.level,
        people=as_json(e.event)["people"],
        parted=False,
        version=e.version,
    )


@COUNTERPARTS_SHOWN.on(CounterpartsParted)
def parted(rows: Rows, e: Recorded[CounterpartsParted]) -> None:
    rows.change(counterparts, {"id": e.id}, parted=True, version=e.version)


@ANNOUNCEMENTS.on(AllianceAnnounced)
def announced(rows: Rows, e: Recorded[AllianceAnnounced]) -> None:
    rows.insert(
        announcements,
        id=e.id,
        side=e.event.side,
        on=e.event.on,
        plan=e.event.plan,
        kpis=e.event.kpis,
        text=e.event.text,
        version=e.version,
    )


def pair(alliance_id: UUID, pair_id: UUID) -> Select[Any]:
    return select(counterparts).where(counterparts.c.ledger_id == alliance_id, counterparts.c.id == pair_id)


def pairs_of(alliance_id: UUID) -> Select[Any]:
    """Those that stand."""
    return select(counterparts).where(counterparts.c.ledger_id == alliance_id, ~counterparts.c.parted)


def announcement(alliance_id: UUID, announcement_id: UUID) -> Select[Any]:
    return announcements_of(alliance_id).where(announcements.c.id == announcement_id)


def announcements_of(alliance_id: UUID) -> Select[Any]:
    return select(announcements).where(announcements.c.ledger_id == alliance_id)
