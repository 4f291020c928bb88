"""What the endpoints of candidates take and give."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from shared.http.types import Answer, Count, DecimalText, Id, Name, Schema, Text, Timestamp

Stage = Literal["long_list", "screening", "outreach", "diligence", "selected", "rejected"]
NextStage = Literal["screening", "outreach", "diligence", "selected", "rejected"]


class AddCandidate(Schema):
    """Somebody who may become the partner; `organisation_id` when they use Concord, which tells them nothing."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"name": "Lusitania Digital", "reason": "Leads its market, and has no app."}}
    )

    name: Name
    organisation_id: Id | None = None
    reason: Text | None = None


class MoveCandidate(Schema):
    """The next stage, or rejected with a reason."""

    model_config = ConfigDict(json_schema_extra={"example": {"stage": "screening", "reason": "Meets all we fixed."}})

    stage: NextStage
    reason: Text | None = None


class FunnelStep(Answer):
    """When and why a candidate came to a stage; the reason is null when none was given, or once erased."""

    stage: Stage
    at: Timestamp
    reason: str | None


class FunnelWarning(Answer):
    """Guidance that is not kept. Nothing is refused for it."""

    stage: Stage
    detail: str


class CandidateOverlap(Answer):
    """Per cent of our business that theirs overlaps with, now and as expected in three years."""

    now_percent: DecimalText
    in_three_years_percent: DecimalText
    basis: str | None = None


class Candidate(Answer):
    """A candidate of a brief, how far it has come, and what is unusual about the brief's funnel."""

    id: Id
    brief_id: Id
    name: str
    organisation_id: Id | None
    stage: Stage
    steps: list[FunnelStep]
    warnings: list[FunnelWarning] = Field(description="How many candidates came to a stage, where that is unusual.")
    overlap: CandidateOverlap | None
    importance: DecimalText | None = Field(description="The mean of its parts; null until the opportunity is rated.")
    feasibility: DecimalText | None
    version: Count
