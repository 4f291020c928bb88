"""The events of what goes wrong: the joint log of issues, and disputes with their steps agreed beforehand.

A dispute is a process, not a person: nothing here says who is to blame.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_terms import CalendarSetting, DisputeStep, Member, SideCalendar
from shared.events.values import Duration

# --- Issues ----------------------------------------------------------------------------------------------------------


class Severity(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class Escalation(StrEnum):
    """What an issue becomes that is not solved in time."""

    DISPUTE = "dispute"
    DECISION = "decision"


@event("governance.issue-logged.v1", says="logged the issue {called} of {severity} severity, due {due_at}")
class IssueLogged:
    """`unsolved`: what it becomes when it is not resolved by `due_at`; `decision_type` is that of the decision."""

    side: UUID
    parties: tuple[UUID, ...]
    severity: Severity
    owner: Member | None
    sla: Duration
    logged_at: datetime
    due_at: datetime
    unsolved: Escalation
    decision_type: str | None = None
    title: Erasable[str] = None
    description: Erasable[str] = None


@event("governance.issue-assigned.v1", says="put {owner.person_id} in charge of the issue {called}")
class IssueAssigned:
    """Does not change when it is due."""

    side: UUID
    owner: Member


@event("governance.issue-resolved.v1", says="resolved the issue {called}")
class IssueResolved:
    """`cycle_minutes` have passed from when it was logged, or reopened, by the wall clock."""

    side: UUID
    resolved_at: datetime
    late: bool
    cycle_minutes: int
    resolution: Erasable[str] = None


@event("governance.issue-reopened.v1", says="reopened the issue {called}, due {due_at}")
class IssueReopened:
    side: UUID
    cycle: int
    reopened_at: datetime
    due_at: datetime
    reason: Erasable[str] = None


@event("governance.issue-breached.v1", says="recorded that the issue {called} was not resolved by {due_at}")
class IssueBreached:
    due_at: datetime
    detected_at: datetime


@event("governance.issue-escalated.v1", says="made a {into} of the issue {called}")
class IssueEscalated:
    """`side` is None when time did it. `thing` is the dispute or decision."""

    side: UUID | None
    into: Escalation
    thing: UUID


# --- Disputes --------------------------------------------------------------------------------------------------------


class DisputeSource(StrEnum):
    """What a dispute came from; `raised` when a side brought it up of itself."""

    RAISED = "raised"
    DECISION = "decision"
    ISSUE = "issue"


@dataclass(frozen=True, slots=True)
class EventReference:
    """An event of the same ledger, by its place and its id."""

    seq: int
    event_id: UUID


@event("governance.dispute-opened.v1", says="opened the dispute {called}")
class DisputeOpened:
    """`side` is None when time did it: the last rung's breach of a decision, or an issue not resolved in time.

    The steps are those agreed in the governance model in force; they and the calendars stay with the dispute.
    """

    side: UUID | None
    parties: tuple[UUID, ...]
    source: DisputeSource
    thing: UUID | None
    steps: tuple[DisputeStep, ...]
    calendars: tuple[SideCalendar, ...]
    calendar_setting: CalendarSetting
    opened_at: datetime
    subject: Erasable[str] = None


@event("governance.dispute-step-started.v1", says="took the dispute {called} to the step {title}, due {due_at}")
class DisputeStepStarted:
    """`step` counts from 1."""

    step: int
    key: str
    title: str
    forum: str | None
    started_at: datetime
    due_at: datetime


@event("governance.dispute-step-breached.v1", says="recorded that the dispute {called} was not settled by {due_at}")
class DisputeStepBreached:
    """`last` says that no step is left; the dispute stays open."""

    step: int
    due_at: datetime
    detected_at: datetime
    last: bool


@event("governance.dispute-advanced.v1", says="agreed to take the dispute {called} to the next step")
class DisputeAdvanced:
    """By every side once it said so, before the time of the step was over."""

    side: UUID
    step: int


@event("governance.position-stated.v1", says="stated the position of their side in the dispute {called}")
class PositionStated:
    """A later position of a side replaces its earlier one; the evidence adds up."""

    side: UUID
    evidence: tuple[EventReference, ...]
    position: Erasable[str] = None


@event("governance.resolution-proposed.v1", says="proposed a resolution of the dispute {called}")
class ResolutionProposed:
    """`number` counts the proposals of this dispute from 1; the latest one is on the table."""

    side: UUID
    number: int
    resolution: Erasable[str] = None


@event("governance.resolution-accepted.v1", says="accepted the proposed resolution of the dispute {called}")
class ResolutionAccepted:
    side: UUID
    number: int


@event("governance.dispute-resolved.v1", says="settled the dispute {called}")
class DisputeResolved:
    """Every party accepted the proposal `number`, at the step `step`.

    `elapsed_minutes` have passed by the wall clock since the dispute was opened.
    """

    number: int
    step: int
    resolved_at: datetime
    late: bool
    elapsed_minutes: int


@event("governance.dispute-withdrawn.v1", says="withdrew the dispute {called}")
class DisputeWithdrawn:
    """By the side that opened it; what time opened is to be settled."""

    side: UUID
    withdrawn_at: datetime
    reason: Erasable[str] = None


@event("governance.dispute-lapsed.v1", says="closed the dispute {called} because a party left")
class DisputeLapsed:
    left: UUID
    lapsed_at: datetime
