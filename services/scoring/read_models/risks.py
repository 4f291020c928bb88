"""Risks of allying with candidates, as they now are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring_diligence import RiskOpened, RiskRevised, RiskTerms
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Row, Rows

risks = Table(
    "risks",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, nullable=False),
    Column("item", Text),
    Column("area", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("likelihood", BigInteger, nullable=False),
    Column("impact", BigInteger, nullable=False),
    Column("owner", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("status", Text, nullable=False),
    Column("residual", JSONB(none_as_null=True)),
    Column("mitigation", Text),
    Column("reason", Text),
    Column("version", BigInteger, nullable=False),
    Index("risks_by_candidate", "ledger_id", "candidate_id", "id"),
)

RISKS = ReadModel("risks", risks)


@RISKS.on(RiskOpened)
def opened(rows: Rows, e: Recorded[RiskOpened]) -> None:
    rows.insert(
        risks,
        id=e.id,
        candidate_id=e.event.candidate,
        item=e.event.item,
        area=e.event.area,
        **contents(e.event.terms),
        mitigation=e.event.mitigation,
        reason=None,
        version=e.version,
    )


@RISKS.on(RiskRevised)
def revised(rows: Rows, e: Recorded[RiskRevised]) -> None:
    rows.change(
        risks,
        {"id": e.id},
        **contents(e.event.terms),
        mitigation=e.event.mitigation,
        reason=e.event.reason,
        version=e.version,
    )


def contents(terms: RiskTerms) -> Row:
    return {
        "title": terms.title,
        "likelihood": terms.likelihood,
        "impact": terms.impact,
        "owner": terms.owner,
        "due_on": terms.due_on,
        "status": str(terms.status),
        "residual": None if terms.residual is None else as_json(terms.residual),
    }


def risk(organisation_id: UUID, risk_id: UUID) -> Select[Any]:
    return select(risks).where(risks.c.ledger_id == organisation_id, risks.c.id == risk_id)


def risks_of(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    return select(risks).where(risks.c.ledger_id == organisation_id, risks.c.candidate_id == candidate_id)
