"""Due diligence on candidates: each item with its newest answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring_diligence import (
    DiligenceBegun,
    DiligenceItem,
    DiligenceItemAdded,
    DiligenceItemAnswered,
    ItemStatus,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Row, Rows

diligences = Table(
    "diligences",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, primary_key=True),
    Column("items", BigInteger, nullable=False),
    Column("version", BigInteger, nullable=False),
)
diligence_items = Table(
    "diligence_items",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("key", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("question", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("answer", Text),
    Column("evidence", JSONB(none_as_null=True)),
    Column("finding", Text),
    Column("answered_at", DateTime(timezone=True)),
)

DILIGENCE_ITEMS = ReadModel("diligence", diligences, diligence_items)


@DILIGENCE_ITEMS.on(DiligenceBegun)
def begun(rows: Rows, e: Recorded[DiligenceBegun]) -> None:
    rows.insert(diligences, candidate_id=e.id, items=len(e.event.items), version=e.version)
    rows.insert_many(diligence_items, [asked(e.id, place, item) for place, item in enumerate(e.event.items)])


@DILIGENCE_ITEMS.on(DiligenceItemAdded)
def added(rows: Rows, e: Recorded[DiligenceItemAdded]) -> None:
    held = rows.where(diligence_items, candidate_id=e.id)
    rows.insert(diligence_items, **asked(e.id, len(held), e.event.item))
    rows.change(diligences, {"candidate_id": e.id}, items=len(held) + 1, version=e.version)


@DILIGENCE_ITEMS.on(DiligenceItemAnswered)
def answered(rows: Rows, e: Recorded[DiligenceItemAnswered]) -> None:
    (item,) = rows.where(diligence_items, candidate_id=e.id, key=e.event.item)
    rows.change(
        diligence_items,
        {"candidate_id": e.id, "place": item["place"]},
        status=str(e.event.status),
        answer=e.event.answer,
        evidence=None if e.event.evidence is None else as_json(e.event.evidence),
        finding=e.event.finding,
        answered_at=e.effective_at,
    )
    rows.change(diligences, {"candidate_id": e.id}, version=e.version)


def asked(candidate_id: UUID, place: int, item: DiligenceItem) -> Row:
    return {
        "candidate_id": candidate_id,
        "place": place,
        "key": item.key,
        "area": item.area,
        "question": item.question,
        "status": str(ItemStatus.OPEN),
        "answer": None,
        "evidence": None,
        "finding": None,
        "answered_at": None,
    }


def diligence(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    return select(diligences).where(
        diligences.c.ledger_id == organisation_id, diligences.c.candidate_id == candidate_id
    )


def items_of(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    """In the order they were added."""
    return (
        select(diligence_items)
        .where(diligence_items.c.ledger_id == organisation_id, diligence_items.c.candidate_id == candidate_id)
        .order_by(diligence_items.c.place)
    )
