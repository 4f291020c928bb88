"""What the endpoints of a decision's clock take and give."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from services.governance.api.schemas.decisions import DecisionStatus
from services.governance.api.schemas.governance_models import SideCalendar, SlaDuration
from shared.http.types import Answer, Count, Id, Schema, Text, Timestamp

Percent = Annotated[int, Field(ge=1, le=99)]


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


class ProposeRebaseline(Schema):
    """Why the clock should run on the terms of today."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "6 June was declared a holiday."}})

    reason: Text


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


class ClockPause(Answer):
    """A pause of the clock that runs now, to `until` at the latest; `ended_at` is null while it lasts."""

    waiting_for: Id
    since: Timestamp
    until: Timestamp
    ended_at: Timestamp | None


class ClockRebaseline(Answer):
    """Other terms that every side agreed to midway: both due times (null where the clock was paused)."""

    cycle: Count
    rung: Count
    model_id: Id | None
    sla: SlaDuration
    former_due_at: Timestamp | None
    due_at: Timestamp | None


class ClockRebaselineProposal(Answer):
    """Other terms on the table for the clock that runs now: when it would be due, and who has agreed."""

    side: Id
    due_at: Timestamp | None
    model_id: Id | None
    reason: str | None
    agreed_by: list[Id]


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
    calendar_setting: Literal["each_own", "all", "owner"]
    calendars: list[SideCalendar] = Field(description="As pinned to this clock, with the days off within its reach.")
    pauses: list[ClockPause]
    rebaselines: list[ClockRebaseline]
    rebaseline_proposed: ClockRebaselineProposal | None
    phases: list[ClockPhase]
    held: list[HeldTime]
    warnings: list[ClockWarning]
    breaches: list[ClockBreach]
    escalations: list[ClockEscalation]
    steps_ahead: list[ClockStep]
    pause_requests: list[ClockPauseRequest]
    version: Count
