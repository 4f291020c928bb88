"""Partner briefs as they now are."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Date, Select, Table, Text, Uuid, func, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring import BriefRevised, BriefWritten
from shared.events.scoring_gaps import BriefReviewed
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
    Column("review_on", Date, nullable=False),
    Column("version", BigInteger, nullable=False),
)

REVIEW_AFTER_DAYS = 365

BRIEFS = ReadModel("briefs", briefs)


@BRIEFS.on(BriefWritten)
def written(rows: Rows, e: Recorded[BriefWritten]) -> None:
    a_year_on = e.effective_at.date() + timedelta(days=REVIEW_AFTER_DAYS)
    rows.insert(briefs, id=e.id, **contents(e.event), review_on=a_year_on, version=e.version)


@BRIEFS.on(BriefRevised)
def revised(rows: Rows, e: Recorded[BriefRevised]) -> None:
    rows.change(briefs, {"id": e.id}, **contents(e.event), version=e.version)


@BRIEFS.on(BriefReviewed)
def reviewed(rows: Rows, e: Recorded[BriefReviewed]) -> None:
    rows.change(briefs, {"id": e.id}, review_on=e.event.next_review_on, version=e.version)


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


def reviews_due(organisation_id: UUID, by: date) -> Select[Any]:
    """The briefs whose yearly review is due by a day."""
    return briefs_of(organisation_id).where(briefs.c.review_on <= by)
