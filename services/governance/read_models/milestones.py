"""Milestones of an alliance: where each stands, and which of its deliverables are delivered."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_work import (
    DeliverableDelivered,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneReported,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

milestones = Table(
    "milestones",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("plan", Uuid),
    Column("key", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("quick_win", Boolean, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("owners", JSONB, nullable=False),
    Column("depends_on", ARRAY(Uuid), nullable=False),
    Column("deliverables", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`deliverables`: titles in order, each with whether it is delivered."""

MILESTONES = ReadModel("milestones", milestones)


@MILESTONES.on(MilestonePlanned)
def planned(rows: Rows, e: Recorded[MilestonePlanned]) -> None:
    rows.insert(
        milestones,
        id=e.id,
        plan=e.event.plan,
        key=e.event.key,
        title=e.event.title,
        area=e.event.area,
        quick_win=e.event.quick_win,
        due_on=e.event.due_on,
        owners=as_json(e.event)["owners"],
        depends_on=list(e.event.depends_on),
        deliverables=[{"title": title, "delivered": False} for title in e.event.deliverables],
        status="planned",
        late=False,
        missed=False,
        version=e.version,
    )


@MILESTONES.on(MilestoneReported)
def reported(rows: Rows, e: Recorded[MilestoneReported]) -> None:
    change(rows, e, status=e.event.status, late=e.event.late)


@MILESTONES.on(DeliverableDelivered)
def delivered(rows: Rows, e: Recorded[DeliverableDelivered]) -> None:
    row = rows.get(milestones, id=e.id)
    assert row is not None, "a milestone begins by being planned"
    place = e.event.place
    change(
        rows,
        e,
        deliverables=[{**d, "delivered": d["delivered"] or n == place} for n, d in enumerate(row["deliverables"])],
    )


@MILESTONES.on(MilestoneMoved)
def moved(rows: Rows, e: Recorded[MilestoneMoved]) -> None:
    change(rows, e, due_on=e.event.due_on)


@MILESTONES.on(MilestoneMissed)
def missed(rows: Rows, e: Recorded[MilestoneMissed]) -> None:
    change(rows, e, missed=True)


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(milestones, {"id": e.id}, **changes, version=e.version)


def milestone(alliance_id: UUID, milestone_id: UUID) -> Select[Any]:
    return milestones_of(alliance_id).where(milestones.c.id == milestone_id)


def milestones_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    found = select(milestones).where(milestones.c.ledger_id == alliance_id)
    return found if status is None else found.where(milestones.c.status == status)
