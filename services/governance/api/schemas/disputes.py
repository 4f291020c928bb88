"""What the endpoints of issues and disputes take and give."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.governance_models import ForumMember, SlaDuration
from shared.http.types import INT_MAX, Answer, Count, Id, KeyText, Name, Schema, Text, Timestamp

SOMEBODY = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
MEMBER: Any = {"side": SOMEBODY, "person_id": SOMEBODY}
EVIDENCE_MAX = 100
IssueStatus = Literal["open", "resolved"]
DisputeStatus = Literal["open", "resolved", "withdrawn", "lapsed"]
Severity = Literal["low", "medium", "high", "critical"]
Escalation = Literal["dispute", "decision"]


class LogIssue(Schema):
    """Something that goes wrong day to day."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {"title": "Bookings of partner flights fail at night", "severity": "high", "unsolved": "dispute"}
        }
    )

    title: Text
    description: Text | None = None
    severity: Severity
    owner: ForumMember | None = None
    sla: SlaDuration | None = Field(default=None, description="By its severity unless given.")
    unsolved: Escalation = Field(default="dispute", description="What it becomes when it is not resolved in time.")
    decision_type: KeyText | None = Field(default=None, description="For a decision: of which type.")


class AssignIssue(Schema):
    """Who is in charge of it; when it is due stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"owner": MEMBER}})

    owner: ForumMember


class ResolveIssue(Schema):
    """How it was resolved."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"resolution": "The nightly job no longer locks the table."}}
    )

    resolution: Text


class ReopenIssue(Schema):
    """Why it is back."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "It failed again last night."}})

    reason: Text


class EscalateIssue(Schema):
    """What to make of it now."""

    model_config = ConfigDict(json_schema_extra={"example": {"into": "decision", "decision_type": "roadmap_change"}})

    into: Escalation
    decision_type: KeyText | None = Field(default=None, description="For a decision: of which type.")


class Became(Answer):
    """The dispute or decision that an issue became."""

    kind: Escalation
    id: Id


class Issue(Answer):
    """An issue of the joint log. `breached`, `became`, `late` and `cycle_minutes` are of this cycle."""

    id: Id
    alliance_id: Id
    title: str | None
    description: str | None
    severity: Severity
    logged_by: Id
    logged_at: Timestamp
    owner: ForumMember | None
    sla: SlaDuration
    due_at: Timestamp
    unsolved: Escalation
    decision_type: str | None
    status: IssueStatus
    cycle: Count
    breached: bool
    became: Became | None
    resolved_at: Timestamp | None
    late: bool
    cycle_minutes: Count | None
    resolution: str | None
    version: Count


class OpenDispute(Schema):
    """What the sides do not agree on."""

    model_config = ConfigDict(json_schema_extra={"example": {"subject": "Who pays for the extra crew in July"}})

    subject: Text
    decision_id: Id | None = Field(default=None, description="A decision of this alliance that it is about.")


class StatePosition(Schema):
    """What your side holds, and the events of the ledger that bear it out, by their seq."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"position": "The plan names the crew as yours.", "evidence": [0]}}
    )

    position: Text
    evidence: list[int] = Field(
        default_factory=list, max_length=EVIDENCE_MAX, json_schema_extra={"items": {"minimum": 0, "maximum": INT_MAX}}
    )


class ProposeResolution(Schema):
    """How it could be settled; it takes the place of the proposal on the table."""

    model_config = ConfigDict(json_schema_extra={"example": {"resolution": "Each side pays half."}})

    resolution: Text


class AcceptResolution(Schema):
    """The number of the proposal that you read."""

    model_config = ConfigDict(json_schema_extra={"example": {"number": 1}})

    number: int = Field(ge=1, le=INT_MAX)


class WithdrawDispute(Schema):
    """Why, if it is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "It has been cleared up."}})

    reason: Name | None = None


class DisputeStepTaken(Answer):
    """A step agreed beforehand; its times are null until it is taken."""

    key: str
    title: str
    sla: SlaDuration
    forum: str | None
    started_at: Timestamp | None
    due_at: Timestamp | None
    breached: bool


class EventEvidence(Answer):
    """An event of the alliance's ledger."""

    seq: Count
    event_id: Id


class PositionOfSide(Answer):
    """What a side holds."""

    side: Id
    position: str | None
    evidence: list[EventEvidence]
    stated_at: Timestamp


class ResolutionOnTable(Answer):
    """The proposal on the table and who has accepted it."""

    number: Count
    proposed_by: Id
    resolution: str | None
    accepted_by: list[Id]


class Dispute(Answer):
    """A dispute. `step` counts from 1; `opened_by` is null when time opened it; `due_at` is that of the step."""

    id: Id
    alliance_id: Id
    subject: str | None
    opened_by: Id | None
    opened_at: Timestamp
    source: Literal["raised", "decision", "issue"]
    thing: Id | None
    steps: list[DisputeStepTaken]
    step: Count
    forum: str | None
    due_at: Timestamp | None
    breached: bool
    ready: list[Id] = Field(description="The sides that would go on to the next step now.")
    positions: list[PositionOfSide]
    resolution: ResolutionOnTable | None
    status: DisputeStatus
    settled_at: Timestamp | None
    late: bool
    elapsed_minutes: Count | None
    version: Count
