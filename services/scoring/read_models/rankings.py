"""Rankings of a brief's candidates, as they were made."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Index,
    Numeric,
    Select,
    Table,
    Text,
    Uuid,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring import CandidatesPlaced, RankingMade
from shared.events.scoring_terms import Placing
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Row, Rows

rankings = Table(
    "rankings",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("brief_id", Uuid, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", BigInteger, nullable=False),
    Column("weights", JSONB, nullable=False),
    Column("draws", BigInteger, nullable=False),
    Column("concentration", Numeric, nullable=False),
    Column("seed", BigInteger, nullable=False),
    Column("candidates", BigInteger, nullable=False),
    Column("leader", Uuid, nullable=False),
    Column("weight_changes", JSONB, nullable=False),
    Column("hangs_on", Text),
    Column("too_close_to_call", Boolean, nullable=False),
    Column("seq", BigInteger, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("rankings_by_brief", "ledger_id", "brief_id", "id"),
)
placings = Table(
    "placings",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("ranking_id", Uuid, primary_key=True),
    Column("place", BigInteger, primary_key=True),
    Column("candidate_id", Uuid, nullable=False),
    Column("assessment_id", Uuid, nullable=False),
    Column("low", Numeric, nullable=False),
    Column("high", Numeric, nullable=False),
    Column("shares", ARRAY(Numeric), nullable=False),
    Column("dominated_by", Uuid),
    Column("not_recommended", Boolean, nullable=False),
)

RANKINGS = ReadModel("rankings", rankings, placings)


@RANKINGS.on(RankingMade)
def made(rows: Rows, e: Recorded[RankingMade]) -> None:
    rows.insert(
        rankings,
        id=e.id,
        brief_id=e.event.brief,
        template=e.event.template,
        template_version=e.event.template_version,
        weights={key: str(weight) for key, weight in e.event.weights.items()},
        draws=e.event.draws,
        concentration=e.event.concentration,
        seed=e.event.seed,
        candidates=e.event.candidates,
        leader=e.event.placings[0].candidate,
        weight_changes=[as_json(change) for change in e.event.weight_changes],
        hangs_on=e.event.hangs_on,
        too_close_to_call=e.event.too_close_to_call,
        seq=e.seq,
        made_at=e.effective_at,
        version=e.version,
    )
    rows.insert_many(placings, placed(e.id, e.event.placings))


@RANKINGS.on(CandidatesPlaced)
def more_placed(rows: Rows, e: Recorded[CandidatesPlaced]) -> None:
    rows.insert_many(placings, placed(e.id, e.event.placings))
    rows.change(rankings, {"id": e.id}, version=e.version)


def placed(ranking_id: UUID, places: Iterable[Placing]) -> list[Row]:
    return [
        {
            "ranking_id": ranking_id,
            "place": each.place,
            "candidate_id": each.candidate,
            "assessment_id": each.assessment,
            "low": each.low,
            "high": each.high,
            "shares": list(each.shares),
            "dominated_by": each.dominated_by,
            "not_recommended": each.not_recommended,
        }
        for each in places
    ]


def ranking(organisation_id: UUID, ranking_id: UUID) -> Select[Any]:
    return select(rankings).where(rankings.c.ledger_id == organisation_id, rankings.c.id == ranking_id)


def rankings_of(organisation_id: UUID, brief_id: UUID) -> Select[Any]:
    return select(rankings).where(rankings.c.ledger_id == organisation_id, rankings.c.brief_id == brief_id)


def placings_of(organisation_id: UUID, ranking_id: UUID) -> Select[Any]:
    """Best first."""
    return (
        select(placings)
        .where(placings.c.ledger_id == organisation_id, placings.c.ranking_id == ranking_id)
        .order_by(placings.c.place)
    )
