"""Agreements of an alliance, and each organisation's own drafts of them, which stand in its own ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from services.governance.read_models.signing_keys import with_signature
from shared.database.schemas import schema
from shared.events.governance_agreements import (
    AgreementCountered,
    AgreementDraftDiscarded,
    AgreementDrafted,
    AgreementDraftProposed,
    AgreementDraftRevised,
    AgreementEnteredIntoForce,
    AgreementLapsed,
    AgreementProposed,
    AgreementSigned,
    AgreementSuperseded,
    AgreementTerminated,
    AgreementTerminationAsked,
    AgreementWithdrawn,
    AssumptionJudged,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

agreements = Table(
    "agreements",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("author", Uuid, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("signed_by", ARRAY(Uuid), nullable=False),
    Column("termination_asked_by", ARRAY(Uuid), nullable=False),
    Column("signatures", JSONB, nullable=False),
    Column("verdicts", JSONB, nullable=False),
    Column("in_force_since", DateTime(timezone=True)),
    Column("superseded_by", Uuid),
    Column("version", BigInteger, nullable=False),
)
"""`verdicts` are those on the assumptions of a value thesis."""

agreement_drafts = Table(
    "agreement_drafts",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("alliance_id", Uuid, nullable=False),
    Column("kind", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("content", JSONB, nullable=False),
    Column("content_sha256", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
)

AGREEMENTS = ReadModel("agreements", agreements)
AGREEMENT_DRAFTS = ReadModel("agreement_drafts", agreement_drafts)


@AGREEMENTS.on(AgreementProposed)
def proposed(rows: Rows, e: Recorded[AgreementProposed]) -> None:
    rows.insert(
        agreements,
        id=e.id,
        kind=e.event.kind,
        status="proposed",
        parties=list(e.event.parties),
        **on_the_table(e.event),
        termination_asked_by=[],
        verdicts=[],
        version=e.version,
    )


@AGREEMENTS.on(AgreementCountered)
def countered(rows: Rows, e: Recorded[AgreementCountered]) -> None:
    change(rows, e, **on_the_table(e.event))


@AGREEMENTS.on(AgreementSigned)
def signed(rows: Rows, e: Recorded[AgreementSigned]) -> None:
    row = held(rows, e)
    change(
        rows,
        e,
        signed_by=[*row["signed_by"], e.event.side],
        signatures=with_signature(row["signatures"], e.event, "signed"),
    )


@AGREEMENTS.on(AgreementEnteredIntoForce)
def entered_into_force(rows: Rows, e: Recorded[AgreementEnteredIntoForce]) -> None:
    change(rows, e, status="in_force", in_force_since=e.recorded_at)


@AGREEMENTS.on(AgreementSuperseded)
def superseded(rows: Rows, e: Recorded[AgreementSuperseded]) -> None:
    change(rows, e, status="superseded", superseded_by=e.event.by)


@AGREEMENTS.on(AgreementTerminationAsked)
def termination_asked(rows: Rows, e: Recorded[AgreementTerminationAsked]) -> None:
    row = held(rows, e)
    change(
        rows,
        e,
        termination_asked_by=[*row["termination_asked_by"], e.event.side],
        signatures=with_signature(row["signatures"], e.event, "termination_asked"),
    )


@AGREEMENTS.on(AgreementWithdrawn)
def withdrawn(rows: Rows, e: Recorded[Any]) -> None:
    change(rows, e, status="withdrawn")


@AGREEMENTS.on(AgreementTerminated)
def terminated(rows: Rows, e: Recorded[Any]) -> None:
    change(rows, e, status="terminated")


@AGREEMENTS.on(AgreementLapsed)
def lapsed(rows: Rows, e: Recorded[Any]) -> None:
    change(rows, e, status="lapsed")


@AGREEMENTS.on(AssumptionJudged)
def judged(rows: Rows, e: Recorded[AssumptionJudged]) -> None:
    verdict = {**as_json(e.event), "judged_at": e.recorded_at.isoformat()}
    change(rows, e, verdicts=[*held(rows, e)["verdicts"], verdict])


@AGREEMENT_DRAFTS.on(AgreementDrafted)
def drafted(rows: Rows, e: Recorded[AgreementDrafted]) -> None:
    rows.insert(
        agreement_drafts,
        id=e.id,
        alliance_id=e.event.alliance,
        kind=e.event.kind,
        status="draft",
        content=as_json(e.event.content),
        content_sha256=e.event.content_sha256,
        version=e.version,
    )


@AGREEMENT_DRAFTS.on(AgreementDraftRevised)
def draft_revised(rows: Rows, e: Recorded[AgreementDraftRevised]) -> None:
    change_draft(rows, e, content=as_json(e.event.content), content_sha256=e.event.content_sha256)


@AGREEMENT_DRAFTS.on(AgreementDraftProposed)
def draft_proposed(rows: Rows, e: Recorded[AgreementDraftProposed]) -> None:
    change_draft(rows, e, status="proposed")


@AGREEMENT_DRAFTS.on(AgreementDraftDiscarded)
def draft_discarded(rows: Rows, e: Recorded[AgreementDraftDiscarded]) -> None:
    change_draft(rows, e, status="discarded")


def on_the_table(event: AgreementProposed | AgreementCountered) -> dict[str, Any]:
    """New content, which nobody has signed yet."""
    return {
        "author": event.side,
        "content": as_json(event.content),
        "content_sha256": event.content_sha256,
        "signed_by": [],
        "signatures": [],
    }


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(agreements, id=e.id)
    assert row is not None, "an agreement begins by being proposed"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(agreements, {"id": e.id}, **changes, version=e.version)


def change_draft(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(agreement_drafts, {"id": e.id}, **changes, version=e.version)


def agreement(alliance_id: UUID, agreement_id: UUID) -> Select[Any]:
    return agreements_of(alliance_id).where(agreements.c.id == agreement_id)


def agreements_of(alliance_id: UUID, kind: str | None = None, status: str | None = None) -> Select[Any]:
    found = select(agreements).where(agreements.c.ledger_id == alliance_id)
    if kind is not None:
        found = found.where(agreements.c.kind == kind)
    return found if status is None else found.where(agreements.c.status == status)


def in_force_of(alliance_id: UUID) -> Select[Any]:
    """Id and kind of every agreement in force, oldest first."""
    return (
        select(agreements.c.id, agreements.c.kind)
        .where(agreements.c.ledger_id == alliance_id, agreements.c.status == "in_force")
        .order_by(agreements.c.in_force_since, agreements.c.id)
    )


def draft(organisation_id: UUID, draft_id: UUID) -> Select[Any]:
    return select(agreement_drafts).where(
        agreement_drafts.c.ledger_id == organisation_id, agreement_drafts.c.id == draft_id
    )


def drafts_of(organisation_id: UUID, alliance_id: UUID) -> Select[Any]:
    return select(agreement_drafts).where(
        agreement_drafts.c.ledger_id == organisation_id, agreement_drafts.c.alliance_id == alliance_id
    )
