"""Reviews: scheduled at launch, opened and missed by time, concluded once every side says the same."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.schemas.reviews import GiveReviewOutcome, Review, ReviewStatus
from services.governance.domain import review as rules
from services.governance.domain.review import REVIEW
from services.governance.read_models.reviews import review, reviews, reviews_of
from services.governance.standing import running
from shared.events.governance_reviews import ReviewOutcome
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "reviews")

Status = Annotated[ReviewStatus | None, Query(description="Only those of this status.")]


@router.read("/alliances/{alliance_id}/reviews", scope="governance:read")
def list_reviews(
    session: Session, alliance_id: Id, status: Status = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Review]:
    """The reviews of an alliance, in the order they are due."""
    turned = session.view(alliance_id).page(
        reviews_of(alliance_id, status), order=[reviews.c.due_at, reviews.c.id], cursor=cursor, limit=limit
    )
    return Page[Review](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/reviews/{review_id}", scope="governance:read")
def get_review(session: Session, review_id: Id) -> Review:
    """One review: what is to be looked at, until when, and what every side said."""
    return shown(session, session.home(REVIEW, review_id), review_id)


@router.change("/reviews/{review_id}/outcome")
def give_review_outcome(session: Session, review_id: Id, body: GiveReviewOutcome) -> Review:
    """Say for your side what comes of an open review. A later word replaces an earlier one."""
    held = session.change(REVIEW, review_id)
    running(session, held.ledger_id)
    command = rules.GiveOutcome(
        at=session.at,
        side=session.caller.organisation,
        outcome=ReviewOutcome(body.outcome),
        findings=body.findings,
    )
    session.append(REVIEW, held, rules.give_outcome(command, held.state))
    return shown(session, held.ledger_id, review_id)


def shown(session: Session, alliance_id: UUID, review_id: UUID) -> Review:
    return as_shown(session.view(alliance_id).one(review(alliance_id, review_id)))


def as_shown(row: Any) -> Review:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Review(alliance_id=values.pop("ledger_id"), said=list(values.pop("said").values()), **values)
