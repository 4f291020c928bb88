"""What the endpoints of decisions and their clocks take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.governance.api.schemas.governance_models import DecisionOwner, SlaDuration
from shared.http.types import Answer, Count, Id, KeyText, Schema, Text, Timestamp

DecisionStatus = Literal["open", "approved", "rejected", "withdrawn", "lapsed"]
Choice = Literal["approve", "reject", "abstain", "ask_for_information"]
Percent = Annotated[int, Field(ge=1, le=99)]
OPTIONS_MAX = 50
VALUES_MAX = 50
Values = Annotated[
    dict[KeyText, Annotated[str, StringConstraints(max_length=200)]],
    Field(max_length=VALUES_MAX, json_schema_extra={"additionalProperties": False}),
]


class RaiseDecision(Schema):
    """What is to be decided, under the governance model in force."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "type": "roadmap_change",
                "subject": "Move the launch of the second route to March",
                "options": ["Move it", "Keep the date"],
                "context": "The certification takes longer than planned.",
            }
        }
    )

    type: KeyText = Field(description="A decision type of the matrix; any other is recorded as outside of it.")
    subject: Text
    options: list[Text] = Field(default_factory=list, max_length=OPTIONS_MAX)
    context: Text | None = None
    joint: bool | None = Field(default=None, description="For a `sometimes`: whether its condition holds now.")
    evaluated: Values | None = Field(default=None, description="The values from which that was found.")
    owner_side: Id | None = Field(
        default=None, description="The side that decides alone what is not joint; yours unless the matrix or this says."
    )


class CastVote(Schema):
    """Your side's vote; a later one replaces it while the decision is open."""

    model_config = ConfigDict(json_schema_extra={"example": {"choice": "approve", "reason": "The date holds."}})

    choice: Choice
    reason: Text | None = None


class GiveInformation(Schema):
    """What another side asked for."""

    model_config = ConfigDict(json_schema_extra={"example": {"answer": "The certificate is expected on 3 March."}})

    answer: Text


class RequestPause(Schema):
    """Stop the clock while your side waits for information from another, which has to consent."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "waiting_for": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d",
                "until": "2026-03-20T17:00:00Z",
                "reason": "The audit report is not out yet.",
            }
        }
    )

    waiting_for: Id
    until: Timestamp = Field(description="When the clock runs again by itself at the latest.")
    reason: Text


class ResumeClock(Schema):
    """The side whose information the clock waited for."""

    model_config = ConfigDict(json_schema_extra={"example": {"waiting_for": "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"}})

    waiting_for: Id


class Vote(Answer):
    """How a side stands."""

    side: Id
    choice: Choice
    reason: str | None
    person_id: Id | None
    cast_at: Timestamp


class Information(Answer):
    """What a side answered."""

    side: Id
    answer: str | None
    given_at: Timestamp


class Decision(Answer):
    """A decision, how it is decided, how its sides voted and when it is due.

    `due_at` is that of the forum it stands with (null while paused), `original_due_at` that of the beginning.
    """

    id: Id
    alliance_id: Id
    type: str
    title: str
    subject: str | None
    options: list[str] | None
    context: str | None
    raised_by: Id
    raised_at: Timestamp
    model_id: Id | None
    outside_matrix: bool
    owner: DecisionOwner
    joint: bool
    condition: str | None
    evaluated: dict[str, str] | None
    sides: list[Id] = Field(description="Who decides: each of them when joint.")
    status: DecisionStatus
    outcome: Literal["approved", "rejected"] | None
    votes: list[Vote]
    information: list[Information]
    waits_for: list[Id] = Field(description="The sides in whose court the ball is.")
    cycle: Count = Field(description="1, and one more each time it is reopened.")
    rung: Count = Field(description="How far it was escalated; 0: not.")
    forum: str | None
    due_at: Timestamp | None
    original_due_at: Timestamp | None
    breached: bool = Field(description="A due time of this cycle has passed without an outcome.")
    acknowledged: bool
    settled_at: Timestamp | None
    late: bool = Field(description="It was settled after a due time.")
    version: Count


class ClockPhase(Answer):
    """From `since` to `until` (null: still) these sides held it; `paused`: the clock stood still."""

    sides: list[Id]
    since: Timestamp
    until: Timestamp | None
    paused: bool


class HeldTime(Answer):
    """For how many minutes of their working time these sides together held it."""

    sides: list[Id]
    paused: bool
    worked_minutes: Count


class ClockWarning(Answer):
    """A warning that was given to a side, and when it was to be given."""

    cycle: Count
    rung: Count
    side: Id
    share: Percent
    scheduled_at: Timestamp


class ClockBreach(Answer):
    """A due time that passed; `last`: no forum is left to escalate to."""

    cycle: Count
    rung: Count
    due_at: Timestamp
    detected_at: Timestamp
    last: bool


class ClockEscalation(Answer):
    """The forum it went to, the empty ones that were passed over, and the people told for the first time."""

    cycle: Count
    rung: Count
    forum: str
    skipped: list[str]
    told: list[Id]


class ClockStep(Answer):
    """What the clock will do next if nothing changes."""

    kind: Literal["resumption", "warning", "breach"]
    at: Timestamp
    share: Percent | None
    side: Id | None


class ClockPauseRequest(Answer):
    """`side` asks to stop the clock until `until` at the latest; `waiting_for` has to consent."""

    side: Id
    waiting_for: Id
    until: Timestamp
    reason: str | None


class DecisionClock(Answer):
    """A decision's clock: who held it for how long, when it is due, what it did and what it will do.

    While paused `due_at` is null and `projected_due_at` says when it is due if the pause lasts to its end. Without an
    SLA there are none of these times.
    """

    decision_id: Id
    status: DecisionStatus
    cycle: Count
    rung: Count
    forum: str | None
    sla: SlaDuration | None
    started_at: Timestamp | None
    due_at: Timestamp | None
    projected_due_at: Timestamp | None
    original_due_at: Timestamp | None
    paused: bool
    acknowledged: bool
    phases: list[ClockPhase]
    held: list[HeldTime]
    warnings: list[ClockWarning]
    breaches: list[ClockBreach]
    escalations: list[ClockEscalation]
    steps_ahead: list[ClockStep]
    pause_requests: list[ClockPauseRequest]
    version: Count
