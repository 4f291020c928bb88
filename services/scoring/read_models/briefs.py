"""Partner briefs as they now are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring import BriefRevised, BriefWritten
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

briefs = Table(
    "briefs",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("objectives", JSONB, nullable=False),
    Column("non_negotiables", JSONB(none_as_null=True)),
    Column("timeline", JSONB, nullable=False),
    Column("budget", JSONB(none_as_null=True)),
    Column("gaps", ARRAY(Uuid), nullable=False),
    Column("version", BigInteger, nullable=False),
)

BRIEFS = ReadModel("briefs", briefs)


@BRIEFS.on(BriefWritten)
def written(rows: Rows, e: Recorded[BriefWritten]) -> None:
    rows.insert(briefs, id=e.id, **contents(e.event), version=e.version)


@BRIEFS.on(BriefRevised)
def revised(rows: Rows, e: Recorded[BriefRevised]) -> None:
    rows.change(briefs, {"id": e.id}, **contents(e.event), version=e.version)


def contents(event: BriefWritten | BriefRevised) -> dict[str, Any]:
    wishes = event.non_negotiables
    return {
        "title": event.title,
        "intent": str(event.intent),
        "objectives": [as_json(objective) for objective in event.objectives],
        "non_negotiables": None if wishes is None else [as_json(wish) for wish in wishes],
        "timeline": as_json(event.timeline),
        "budget": None if event.budget is None else as_json(event.budget),
        "gaps": list(event.gaps),
    }


def brief(organisation_id: UUID, brief_id: UUID) -> Select[Any]:
    return briefs_of(organisation_id).where(briefs.c.id == brief_id)


def briefs_of(organisation_id: UUID) -> Select[Any]:
    """With the signal `no_gap`: it answers nothing that is known to lack."""
    no_gap = func.cardinality(briefs.c.gaps) == 0
    return select(briefs, no_gap.label("no_gap")).where(briefs.c.ledger_id == organisation_id)
