"""The tests before signing as last taken, and the summaries shared into alliances."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Numeric, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring_signing import SigningTestsTaken, SummaryShared
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

signing_tests = Table(
    "signing_tests",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, primary_key=True),
    Column("rules_version", BigInteger, nullable=False),
    Column("answers", JSONB, nullable=False),
    Column("contributions", JSONB, nullable=False),
    Column("commitments", JSONB, nullable=False),
    Column("contribution_asymmetry", Numeric),
    Column("commitment_asymmetry", Numeric),
    Column("verdicts", JSONB, nullable=False),
    Column("cautions", JSONB, nullable=False),
    Column("taken_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
)
shared_summaries = Table(
    "shared_summaries",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("title", Text, nullable=False),
    Column("intent", Text),
    Column("objectives", JSONB, nullable=False),
    Column("scores", JSONB, nullable=False),
    Column("recommendations", JSONB, nullable=False),
    Column("risks", JSONB, nullable=False),
    Column("note", Text),
    Column("shared_at", DateTime(timezone=True), nullable=False),
    Column("version", BigInteger, nullable=False),
)

SIGNING = ReadModel("signing", signing_tests, shared_summaries)


@SIGNING.on(SigningTestsTaken)
def taken(rows: Rows, e: Recorded[SigningTestsTaken]) -> None:
    event = e.event
    rows.put(
        signing_tests,
        candidate_id=e.id,
        rules_version=event.rules_version,
        answers=event.answers,
        contributions=[as_json(each) for each in event.contributions],
        commitments=[as_json(each) for each in event.commitments],
        contribution_asymmetry=event.contribution_asymmetry,
        commitment_asymmetry=event.commitment_asymmetry,
        verdicts=[as_json(each) for each in event.verdicts],
        cautions=[as_json(each) for each in event.cautions],
        taken_at=e.effective_at,
        version=e.version,
    )


@SIGNING.on(SummaryShared)
def shared(rows: Rows, e: Recorded[SummaryShared]) -> None:
    event = e.event
    rows.insert(
        shared_summaries,
        id=e.id,
        side=event.side,
        title=event.title,
        intent=event.intent and str(event.intent),
        objectives=[as_json(each) for each in event.objectives],
        scores=[as_json(each) for each in event.scores],
        recommendations=[as_json(each) for each in event.recommendations],
        risks=[as_json(each) for each in event.risks],
        note=event.note,
        shared_at=e.effective_at,
        version=e.version,
    )


def tests_of(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    return select(signing_tests).where(
        signing_tests.c.ledger_id == organisation_id, signing_tests.c.candidate_id == candidate_id
    )


def summaries_of(alliance_id: UUID) -> Select[Any]:
    return select(shared_summaries).where(shared_summaries.c.ledger_id == alliance_id)


def summary(alliance_id: UUID, summary_id: UUID) -> Select[Any]:
    return summaries_of(alliance_id).where(shared_summaries.c.id == summary_id)
