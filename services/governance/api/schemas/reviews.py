"""What the endpoints of reviews take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from shared.http.types import Answer, Count, Id, Schema, Text, Timestamp

ReviewKind = Literal["deal_logic", "checkpoint", "quarterly_business", "yearly_strategic", "renewal"]
ReviewStatus = Literal["scheduled", "open", "missed", "concluded", "cancelled"]
ReviewOutcome = Literal["continue", "expand", "restructure", "exit"]


class GiveReviewOutcome(Schema):
    """What comes of the review for your side; it is concluded once every side says the same."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"outcome": "continue", "findings": "The figures carry the deal logic."}}
    )

    outcome: ReviewOutcome
    findings: Text | None = None


class ReviewOutcomeOfSide(Answer):
    """What a side said last; `findings` are null when erased or not given."""

    side: Id
    outcome: ReviewOutcome
    findings: str | None


class Review(Answer):
    """A review. `missed` stays true when it is done late."""

    id: Id
    alliance_id: Id
    kind: ReviewKind
    number: Count
    status: ReviewStatus
    opens_at: Timestamp
    due_at: Timestamp
    about: Id | None
    agenda: list[str]
    said: list[ReviewOutcomeOfSide]
    outcome: ReviewOutcome | None
    concluded_at: Timestamp | None
    missed: bool
    version: Count
