"""Candidates of a brief, and each step they took through the funnel."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Numeric, Select, Table, Text, Uuid, and_, func, select
from sqlalchemy.dialects.postgresql import JSONB

from services.scoring.domain.opportunity import mean
from shared.database.schemas import schema
from shared.events.scoring import CandidateListed, CandidateMoved
from shared.events.scoring_gaps import OpportunityRated, OverlapEstimated
from shared.events.scoring_terms import Stage
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

candidates = Table(
    "candidates",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("brief_id", Uuid, nullable=False),
    Column("name", Text, nullable=False),
    Column("organisation_id", Uuid),
    Column("stage", Text, nullable=False),
    Column("overlap", JSONB(none_as_null=True)),
    Column("importance", Numeric),
    Column("feasibility", Numeric),
    Column("opportunity", JSONB(none_as_null=True)),
    Column("version", BigInteger, nullable=False),
    Index("candidates_by_brief", "ledger_id", "brief_id", "id"),
)
candidate_steps = Table(
    "candidate_steps",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, primary_key=True),
    Column("version", BigInteger, primary_key=True),
    Column("stage", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("reason", Text),
)

CANDIDATES = ReadModel("candidates", candidates, candidate_steps)


@CANDIDATES.on(CandidateListed)
def listed(rows: Rows, e: Recorded[CandidateListed]) -> None:
    rows.insert(
        candidates,
        id=e.id,
        brief_id=e.event.brief,
        name=e.event.name,
        organisation_id=e.event.organisation,
        stage=str(Stage.LONG_LIST),
        overlap=None,
        importance=None,
        feasibility=None,
        opportunity=None,
        version=e.version,
    )
    step(rows, e, Stage.LONG_LIST)


@CANDIDATES.on(CandidateMoved)
def moved(rows: Rows, e: Recorded[CandidateMoved]) -> None:
    rows.change(candidates, {"id": e.id}, stage=str(e.event.stage), version=e.version)
    step(rows, e, e.event.stage)


@CANDIDATES.on(OverlapEstimated)
def overlap_estimated(rows: Rows, e: Recorded[OverlapEstimated]) -> None:
    rows.change(candidates, {"id": e.id}, overlap=as_json(e.event), version=e.version)


@CANDIDATES.on(OpportunityRated)
def opportunity_rated(rows: Rows, e: Recorded[OpportunityRated]) -> None:
    rows.change(
        candidates,
        {"id": e.id},
        importance=mean(e.event.importance),
        feasibility=mean(e.event.feasibility),
        opportunity=as_json(e.event),
        version=e.version,
    )


def step(rows: Rows, e: Recorded[CandidateListed] | Recorded[CandidateMoved], stage: Stage) -> None:
    rows.insert(
        candidate_steps,
        candidate_id=e.id,
        version=e.version,
        stage=str(stage),
        at=e.effective_at,
        reason=e.event.reason,
    )


def candidate(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    return select(candidates).where(candidates.c.ledger_id == organisation_id, candidates.c.id == candidate_id)


def candidates_of(organisation_id: UUID, brief_id: UUID, stage: str | None = None) -> Select[Any]:
    found = select(candidates).where(candidates.c.ledger_id == organisation_id, candidates.c.brief_id == brief_id)
    return found if stage is None else found.where(candidates.c.stage == stage)


def steps_of(organisation_id: UUID, candidate_ids: Collection[UUID]) -> Select[Any]:
    return (
        select(candidate_steps)
        .where(candidate_steps.c.ledger_id == organisation_id, candidate_steps.c.candidate_id.in_(candidate_ids))
        .order_by(candidate_steps.c.candidate_id, candidate_steps.c.version)
    )


def reached(organisation_id: UUID, brief_id: UUID) -> Select[Any]:
    """For each stage, how many of the brief's candidates ever came to it."""
    same = and_(
        candidates.c.ledger_id == candidate_steps.c.ledger_id, candidates.c.id == candidate_steps.c.candidate_id
    )
    return (
        select(candidate_steps.c.stage, func.count().label("reached"))
        .select_from(candidate_steps.join(candidates, same))
        .where(candidates.c.ledger_id == organisation_id, candidates.c.brief_id == brief_id)
        .group_by(candidate_steps.c.stage)
    )


def opportunities_of(organisation_id: UUID, brief_id: UUID, limit: int) -> Select[Any]:
    """The candidates of the brief whose opportunity was rated and who were not rejected."""
    return (
        candidates_of(organisation_id, brief_id)
        .where(candidates.c.importance.is_not(None), candidates.c.stage != str(Stage.REJECTED))
        .order_by(candidates.c.id)
        .limit(limit)
    )


def candidates_named(organisation_id: UUID, candidate_ids: Collection[UUID]) -> Select[Any]:
    return select(candidates).where(candidates.c.ledger_id == organisation_id, candidates.c.id.in_(candidate_ids))
