"""The events of reviews: scheduled at launch, opened and missed by time, concluded by what every side says."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event


class ReviewKind(StrEnum):
    DEAL_LOGIC = "deal_logic"
    CHECKPOINT = "checkpoint"
    QUARTERLY_BUSINESS = "quarterly_business"
    YEARLY_STRATEGIC = "yearly_strategic"
    RENEWAL = "renewal"


class ReviewOutcome(StrEnum):
    CONTINUE = "continue"
    EXPAND = "expand"
    RESTRUCTURE = "restructure"
    EXIT = "exit"


@event("governance.review-scheduled.v1", says="scheduled a review for {due_at}: {kind}")
class ReviewScheduled:
    """`number` counts the reviews of a kind from 1. `agenda` names what is to be looked at.

    `counted_from` is the day of launch, or the end of the term for a renewal. `about` is the agreement that it is of.
    """

    kind: ReviewKind
    number: int
    parties: tuple[UUID, ...]
    opens_at: datetime
    due_at: datetime
    agenda: tuple[str, ...]
    counted_from: date
    about: UUID | None = None


@event("governance.review-opened.v1", says="opened the review, due {due_at}: {kind}")
class ReviewOpened:
    """`opens_at` is when it was to open, `opened_at` when that was noticed."""

    kind: ReviewKind
    opens_at: datetime
    opened_at: datetime
    due_at: datetime


@event("governance.review-outcome-given.v1", says="said what comes of the review: {outcome}")
class ReviewOutcomeGiven:
    side: UUID
    outcome: ReviewOutcome
    findings: Erasable[str] = None


@event("governance.review-concluded.v1", says="concluded the review ({kind}): {outcome}")
class ReviewConcluded:
    """Every side gave the same outcome."""

    kind: ReviewKind
    outcome: ReviewOutcome
    concluded_at: datetime
    late: bool


@event("governance.review-missed.v1", says="recorded that the review was not done by {due_at}: {kind}")
class ReviewMissed:
    """It can still be done; that it was missed stays on record."""

    kind: ReviewKind
    due_at: datetime
    detected_at: datetime


@event("governance.review-cancelled.v1", says="cancelled the review: {kind}")
class ReviewCancelled:
    """Because the alliance ends, or the agreement that it is of no longer stands."""

    kind: ReviewKind
