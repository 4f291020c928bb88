"""The partners selected for each brief."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.scoring import PartnersSelected
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

selections = Table(
    "selections",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("brief_id", Uuid, primary_key=True),
    Column("primary", Uuid, nullable=False),
    Column("backup", Uuid),
    Column("ranking_id", Uuid, nullable=False),
    Column("ranking_seq", BigInteger, nullable=False),
    Column("reason", Text),
    Column("selected_by", Uuid),
    Column("selected_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
)

SELECTIONS = ReadModel("selections", selections)


@SELECTIONS.on(PartnersSelected)
def selected(rows: Rows, e: Recorded[PartnersSelected]) -> None:
    rows.put(
        selections,
        brief_id=e.id,
        primary=e.event.primary,
        backup=e.event.backup,
        ranking_id=e.event.ranking,
        ranking_seq=e.event.ranking_seq,
        reason=e.event.reason,
        selected_by=e.actor.sub,
        selected_at=e.effective_at,
        version=e.version,
    )


def selection(organisation_id: UUID, brief_id: UUID) -> Select[Any]:
    return select(selections).where(selections.c.ledger_id == organisation_id, selections.c.brief_id == brief_id)
