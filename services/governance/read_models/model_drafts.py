"""Drafts of governance models, each in its organisation's own ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance import ModelDraftBegun, ModelDraftDiscarded, ModelDraftProposed, ModelDraftRevised
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

model_drafts = Table(
    "governance_model_drafts",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("alliance_id", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

MODEL_DRAFTS = ReadModel("governance_model_drafts", model_drafts)
STATUS: dict[type, str] = {ModelDraftProposed: "proposed", ModelDraftDiscarded: "discarded"}


@MODEL_DRAFTS.on(ModelDraftBegun)
def begun(rows: Rows, e: Recorded[ModelDraftBegun]) -> None:
    rows.insert(
        model_drafts,
        id=e.id,
        alliance_id=e.event.alliance,
        status="draft",
        content=as_json(e.event.content),
        content_sha256=e.event.content_sha256,
        version=e.version,
    )


@MODEL_DRAFTS.on(ModelDraftRevised)
def revised(rows: Rows, e: Recorded[ModelDraftRevised]) -> None:
    content, content_sha256 = as_json(e.event.content), e.event.content_sha256
    rows.change(model_drafts, {"id": e.id}, content=content, content_sha256=content_sha256, version=e.version)


@MODEL_DRAFTS.on(*STATUS)
def over(rows: Rows, e: Recorded[Any]) -> None:
    rows.change(model_drafts, {"id": e.id}, status=STATUS[type(e.event)], version=e.version)


def model_draft(organisation_id: UUID, draft_id: UUID) -> Select[Any]:
    return select(model_drafts).where(model_drafts.c.ledger_id == organisation_id, model_drafts.c.id == draft_id)


def model_drafts_of(organisation_id: UUID, alliance_id: UUID) -> Select[Any]:
    return select(model_drafts).where(
        model_drafts.c.ledger_id == organisation_id, model_drafts.c.alliance_id == alliance_id
    )
