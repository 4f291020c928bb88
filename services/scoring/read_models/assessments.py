"""Assessments: who is asked, who has submitted, and the result. The ratings themselves stand in no table."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
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
    all_,
    any_,
    case,
    exists,
    func,
    literal,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, distinct_on

from services.scoring.read_models.candidates import candidates
from shared.database.schemas import schema
from shared.events.scoring import (
    AssessmentCompleted,
    AssessmentOpened,
    AssessorExcused,
    ConcernWaived,
    RatingsSubmitted,
)
from shared.events.scoring_terms import Stage
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import NoSuchRow, Row, Rows

assessments = Table(
    "assessments",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("candidate_id", Uuid, nullable=False),
    Column("template", Text, nullable=False),
    Column("template_version", BigInteger, nullable=False),
    Column("round", BigInteger, nullable=False),
    Column("assessors", ARRAY(Uuid), nullable=False),
    Column("submitted", ARRAY(Uuid), nullable=False),
    Column("complete", Boolean, nullable=False),
    Column("low", Numeric),
    Column("high", Numeric),
    Column("criteria", JSONB(none_as_null=True)),
    Column("standing_concerns", JSONB, nullable=False),
    Column("completed_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
    Index("assessments_by_candidate", "ledger_id", "candidate_id", "id"),
)

NOT_RECOMMENDED = case((assessments.c.complete, func.jsonb_array_length(assessments.c.standing_concerns) > 0)).label(
    "not_recommended"
)
"""Null until it is complete."""

OF_CANDIDATE = (candidates.c.ledger_id == assessments.c.ledger_id) & (candidates.c.id == assessments.c.candidate_id)

ASSESSMENTS = ReadModel("assessments", assessments)


@ASSESSMENTS.on(AssessmentOpened)
def opened(rows: Rows, e: Recorded[AssessmentOpened]) -> None:
    rows.insert(
        assessments,
        id=e.id,
        candidate_id=e.event.candidate,
        template=e.event.template.key,
        template_version=e.event.template.version,
        round=e.event.round,
        assessors=list(e.event.assessors),
        submitted=[],
        complete=False,
        low=None,
        high=None,
        criteria=None,
        standing_concerns=[],
        completed_at=None,
        version=e.version,
    )


@ASSESSMENTS.on(RatingsSubmitted)
def submitted(rows: Rows, e: Recorded[RatingsSubmitted]) -> None:
    who = [*held(rows, e.id)["submitted"], e.event.assessor]
    rows.change(assessments, {"id": e.id}, submitted=who, version=e.version)


@ASSESSMENTS.on(AssessorExcused)
def excused(rows: Rows, e: Recorded[AssessorExcused]) -> None:
    asked = [assessor for assessor in held(rows, e.id)["assessors"] if assessor != e.event.assessor]
    rows.change(assessments, {"id": e.id}, assessors=asked, version=e.version)


@ASSESSMENTS.on(AssessmentCompleted)
def completed(rows: Rows, e: Recorded[AssessmentCompleted]) -> None:
    criteria = e.event.criteria
    rows.change(
        assessments,
        {"id": e.id},
        complete=True,
        low=e.event.low,
        high=e.event.high,
        criteria=[as_json(each) for each in criteria],
        standing_concerns=[concern(each.criterion, kind) for each in criteria for kind in each.concerns],
        completed_at=e.effective_at,
        version=e.version,
    )


@ASSESSMENTS.on(ConcernWaived)
def waived(rows: Rows, e: Recorded[ConcernWaived]) -> None:
    gone = concern(e.event.criterion, e.event.kind)
    standing = [each for each in held(rows, e.id)["standing_concerns"] if each != gone]
    rows.change(assessments, {"id": e.id}, standing_concerns=standing, version=e.version)


def concern(criterion: str, kind: str) -> dict[str, str]:
    return {"criterion": criterion, "kind": str(kind)}


def held(rows: Rows, assessment_id: UUID) -> Row:
    row = rows.get(assessments, id=assessment_id)
    if row is None:
        raise NoSuchRow(f"There is no assessment {assessment_id} in ledger {rows.ledger_id}.")
    return row


def assessments_of(organisation_id: UUID, candidate_id: UUID) -> Select[Any]:
    return select(assessments, NOT_RECOMMENDED).where(
        assessments.c.ledger_id == organisation_id, assessments.c.candidate_id == candidate_id
    )


def rounds_of(organisation_id: UUID, candidate_id: UUID, template: str) -> Select[Any]:
    """How many rounds there were of a candidate under a template."""
    return select(func.count()).where(
        assessments.c.ledger_id == organisation_id,
        assessments.c.candidate_id == candidate_id,
        assessments.c.template == template,
    )


def newest_complete(organisation_id: UUID, brief_id: UUID, template: str, version: int, limit: int) -> Select[Any]:
    """Of each candidate of the brief that is not rejected, the newest complete assessment under the template."""
    return (
        select(assessments, NOT_RECOMMENDED)
        .join(candidates, OF_CANDIDATE)
        .where(
            candidates.c.ledger_id == organisation_id,
            candidates.c.brief_id == brief_id,
            candidates.c.stage != str(Stage.REJECTED),
            assessments.c.template == template,
            assessments.c.template_version == version,
            assessments.c.complete,
        )
        .ext(distinct_on(assessments.c.candidate_id))
        .order_by(assessments.c.candidate_id, assessments.c.round.desc())
        .limit(limit)
    )


def newest_of_every_template(organisation_id: UUID, candidate_ids: Collection[UUID]) -> Select[Any]:
    """Of each of these candidates and each template, the newest complete round, whichever the template's version."""
    return (
        select(assessments, NOT_RECOMMENDED)
        .where(
            assessments.c.ledger_id == organisation_id,
            assessments.c.candidate_id.in_(candidate_ids),
            assessments.c.complete,
        )
        .ext(distinct_on(assessments.c.candidate_id, assessments.c.template))
        .order_by(assessments.c.candidate_id, assessments.c.template, assessments.c.round.desc())
    )


def awaiting(organisation_id: UUID, brief_id: UUID, template: str, version: int, assessor: UUID) -> Select[Any]:
    """Of each candidate of the brief, the newest round under the template in which this assessor has yet to submit."""
    return (
        select(assessments.c.id, assessments.c.candidate_id, candidates.c.name)
        .join(candidates, OF_CANDIDATE)
        .where(
            candidates.c.ledger_id == organisation_id,
            candidates.c.brief_id == brief_id,
            assessments.c.template == template,
            assessments.c.template_version == version,
            literal(assessor, Uuid) == any_(assessments.c.assessors),
            literal(assessor, Uuid) != all_(assessments.c.submitted),
            ~assessments.c.complete,
        )
        .ext(distinct_on(assessments.c.candidate_id))
        .order_by(assessments.c.candidate_id, assessments.c.round.desc())
    )


def reassessments_due(organisation_id: UUID, before: datetime) -> Select[Any]:
    """The newest complete round of each candidate who was not rejected, where it was completed before a moment."""
    newer = assessments.alias("newer")
    no_newer = ~exists().where(
        newer.c.ledger_id == assessments.c.ledger_id,
        newer.c.candidate_id == assessments.c.candidate_id,
        newer.c.complete,
        newer.c.completed_at > assessments.c.completed_at,
    )
    return (
        select(assessments, NOT_RECOMMENDED)
        .join(candidates, OF_CANDIDATE)
        .where(
            assessments.c.ledger_id == organisation_id,
            candidates.c.stage != str(Stage.REJECTED),
            assessments.c.complete,
            assessments.c.completed_at < before,
            no_newer,
        )
    )
