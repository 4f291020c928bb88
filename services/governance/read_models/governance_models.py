"""Governance models of an alliance: what is on the table, who signed it, and which one is in force."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from services.governance.read_models.signing_keys import with_signature
from shared.database.schemas import schema
from shared.events.governance import (
    ModelCountered,
    ModelDrafted,
    ModelProposed,
    ModelRatified,
    ModelSigned,
    ModelSuperseded,
)
from shared.events.governance_agreements import ModelReaffirmed, ModelReratified
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

governance_models = Table(
    "governance_models",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("status", Text, nullable=False),
    Column("author", Uuid, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("signed_by", ARRAY(Uuid), nullable=False),
    Column("in_force_since", DateTime(timezone=True)),
    Column("superseded_by", Uuid),
    Column("reaffirmed_by", ARRAY(Uuid), nullable=False),
    Column("signatures", JSONB, nullable=False),
    Column("reratified_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
)

GOVERNANCE_MODELS = ReadModel("governance_models", governance_models)


@GOVERNANCE_MODELS.on(ModelDrafted)
def drafted(rows: Rows, e: Recorded[ModelDrafted]) -> None:
    rows.insert(
        governance_models, id=e.id, status="draft", **on_the_table(e.event), reaffirmed_by=[], version=e.version
    )


@GOVERNANCE_MODELS.on(ModelProposed)
def proposed(rows: Rows, e: Recorded[ModelProposed]) -> None:
    change(rows, e, status="proposed")


@GOVERNANCE_MODELS.on(ModelCountered)
def countered(rows: Rows, e: Recorded[ModelCountered]) -> None:
    change(rows, e, **on_the_table(e.event))


@GOVERNANCE_MODELS.on(ModelSigned)
def signed(rows: Rows, e: Recorded[ModelSigned]) -> None:
    row = rows.get(governance_models, id=e.id)
    assert row is not None, "a governance model begins as a draft"
    signatures = with_signature(row["signatures"], e.event, "signed")
    change(rows, e, signed_by=[*row["signed_by"], e.event.side], signatures=signatures)


@GOVERNANCE_MODELS.on(ModelRatified)
def ratified(rows: Rows, e: Recorded[ModelRatified]) -> None:
    change(rows, e, status="in_force", in_force_since=e.recorded_at)


@GOVERNANCE_MODELS.on(ModelReaffirmed)
def reaffirmed(rows: Rows, e: Recorded[ModelReaffirmed]) -> None:
    row = rows.get(governance_models, id=e.id)
    assert row is not None, "a governance model begins as a draft"
    signatures = with_signature(row["signatures"], e.event, "reaffirmed")
    change(rows, e, reaffirmed_by=[*row["reaffirmed_by"], e.event.side], signatures=signatures)


@GOVERNANCE_MODELS.on(ModelReratified)
def reratified(rows: Rows, e: Recorded[ModelReratified]) -> None:
    change(rows, e, reaffirmed_by=[], reratified_at=e.recorded_at)


@GOVERNANCE_MODELS.on(ModelSuperseded)
def superseded(rows: Rows, e: Recorded[ModelSuperseded]) -> None:
    change(rows, e, status="superseded", superseded_by=e.event.by)


def on_the_table(event: ModelDrafted | ModelCountered) -> dict[str, Any]:
    """New content, which nobody has signed yet."""
    return {
        "author": event.side,
        "content": as_json(event.content),
        "content_sha256": event.content_sha256,
        "signed_by": [],
        "signatures": [],
    }


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(governance_models, {"id": e.id}, **changes, version=e.version)


def governance_model(alliance_id: UUID, model_id: UUID) -> Select[Any]:
    return select(governance_models).where(
        governance_models.c.ledger_id == alliance_id, governance_models.c.id == model_id
    )


def governance_models_of(alliance_id: UUID) -> Select[Any]:
    """Without their content."""
    columns = [column for column in governance_models.c if column.name != "content"]
    return select(*columns).where(governance_models.c.ledger_id == alliance_id)


def in_force(alliance_id: UUID) -> Select[Any]:
    """The models in force and since when: one, and while a newer one replaces it, two."""
    return (
        select(governance_models.c.id, governance_models.c.in_force_since)
        .where(governance_models.c.ledger_id == alliance_id, governance_models.c.status == "in_force")
        .order_by(governance_models.c.id)
    )
