"""Reviews of an alliance: when each opens and is due, what every side said, and what came of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_reviews import (
    ReviewCancelled,
    ReviewConcluded,
    ReviewMissed,
    ReviewOpened,
    ReviewOutcomeGiven,
    ReviewScheduled,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

reviews = Table(
    "reviews",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("opens_at", DateTime(timezone=True), nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("about", Uuid),
    Column("agenda", JSONB, nullable=False),
    Column("said", JSONB, nullable=False),
    Column("outcome", Text),
    Column("concluded_at", DateTime(timezone=True)),
    Column("missed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`said` is keyed by side: outcome and findings."""

REVIEWS = ReadModel("reviews", reviews)


@REVIEWS.on(ReviewScheduled)
def scheduled(rows: Rows, e: Recorded[ReviewScheduled]) -> None:
    rows.insert(
        reviews,
        id=e.id,
        kind=e.event.kind,
        number=e.event.number,
        status="scheduled",
        opens_at=e.event.opens_at,
        due_at=e.event.due_at,
        about=e.event.about,
        agenda=list(e.event.agenda),
        said={},
        missed=False,
        version=e.version,
    )


@REVIEWS.on(ReviewOpened)
def opened(rows: Rows, e: Recorded[ReviewOpened]) -> None:
    change(rows, e, status="open")


@REVIEWS.on(ReviewOutcomeGiven)
def outcome_given(rows: Rows, e: Recorded[ReviewOutcomeGiven]) -> None:
    row = rows.get(reviews, id=e.id)
    assert row is not None, "a review begins by being scheduled"
    said = {"side": str(e.event.side), "outcome": str(e.event.outcome), "findings": e.event.findings}
    change(rows, e, said={**row["said"], said["side"]: said})


@REVIEWS.on(ReviewConcluded)
def concluded(rows: Rows, e: Recorded[ReviewConcluded]) -> None:
    change(rows, e, status="concluded", outcome=e.event.outcome, concluded_at=e.event.concluded_at)


@REVIEWS.on(ReviewMissed)
def missed(rows: Rows, e: Recorded[ReviewMissed]) -> None:
    change(rows, e, status="missed", missed=True)


@REVIEWS.on(ReviewCancelled)
def cancelled(rows: Rows, e: Recorded[ReviewCancelled]) -> None:
    change(rows, e, status="cancelled")


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(reviews, {"id": e.id}, **changes, version=e.version)


def review(alliance_id: UUID, review_id: UUID) -> Select[Any]:
    return reviews_of(alliance_id).where(reviews.c.id == review_id)


def reviews_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    found = select(reviews).where(reviews.c.ledger_id == alliance_id)
    return found if status is None else found.where(reviews.c.status == status)
