"""The joint risk register of an alliance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_duties import RiskClosed, RiskReassessed, RiskRegistered, RiskTerms
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

risks = Table(
    "risks",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("side", Uuid),
    Column("source", Uuid),
    Column("title", Text, nullable=False),
    Column("area", Text, nullable=False),
    Column("likelihood", BigInteger, nullable=False),
    Column("impact", BigInteger, nullable=False),
    Column("mitigation", Text, nullable=False),
    Column("owner", JSONB(none_as_null=True)),
    Column("status", Text, nullable=False),
    Column("occurred", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

RISKS = ReadModel("risks", risks)


@RISKS.on(RiskRegistered)
def registered(rows: Rows, e: Recorded[RiskRegistered]) -> None:
    rows.insert(
        risks,
        id=e.id,
        seq=e.seq,
        side=e.event.side,
        source=e.event.source,
        **told(e.event.terms),
        status="open",
        occurred=False,
        version=e.version,
    )


@RISKS.on(RiskReassessed)
def reassessed(rows: Rows, e: Recorded[RiskReassessed]) -> None:
    rows.change(risks, {"id": e.id}, **told(e.event.terms), version=e.version)


@RISKS.on(RiskClosed)
def closed(rows: Rows, e: Recorded[RiskClosed]) -> None:
    rows.change(risks, {"id": e.id}, status="closed", occurred=e.event.occurred, version=e.version)


def told(terms: RiskTerms) -> dict[str, Any]:
    values: dict[str, Any] = as_json(terms)
    return values


def risk(alliance_id: UUID, risk_id: UUID) -> Select[Any]:
    return risks_of(alliance_id).where(risks.c.id == risk_id)


def risks_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    found = select(risks).where(risks.c.ledger_id == alliance_id)
    return found if status is None else found.where(risks.c.status == status)
