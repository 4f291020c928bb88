"""What meetings, actions, issues, disputes and the rhythm itself wait for: their branches of `due_steps`."""

from __future__ import annotations

from typing import Any

from services.governance.domain import action, dispute, issue, meeting, rhythm
from services.governance.read_models.due_steps import DUE_STEPS, wait_for, wait_no_more
from shared.events.governance_disputes import (
    DisputeLapsed,
    DisputeResolved,
    DisputeStepBreached,
    DisputeStepStarted,
    DisputeWithdrawn,
    IssueBreached,
    IssueLogged,
    IssueReopened,
    IssueResolved,
)
from shared.events.governance_meetings import (
    ActionAgreed,
    ActionDone,
    ActionDropped,
    ActionOverdue,
    ActionPostponed,
    MeetingCancelled,
    MeetingHeld,
    MeetingMissed,
    MeetingRescheduled,
    MeetingScheduled,
    RhythmPlanned,
)
from shared.events.governance_terms import Moment
from shared.log.envelope import Recorded
from shared.log.rows import Rows

__all__ = ["DUE_STEPS"]


@DUE_STEPS.on(RhythmPlanned)
def rhythm_planned(rows: Rows, e: Recorded[RhythmPlanned]) -> None:
    wait_for(rows, e, [Moment(rhythm.PLAN, e.event.next_at)])


@DUE_STEPS.on(MeetingScheduled, MeetingRescheduled)
def meeting_set(rows: Rows, e: Recorded[MeetingScheduled | MeetingRescheduled]) -> None:
    wait_for(rows, e, [Moment(meeting.MISSED, e.event.missed_at)])


@DUE_STEPS.on(ActionAgreed, ActionPostponed)
def action_set(rows: Rows, e: Recorded[ActionAgreed | ActionPostponed]) -> None:
    wait_for(rows, e, [Moment(action.OVERDUE, e.event.due_at)])


@DUE_STEPS.on(IssueLogged, IssueReopened)
def issue_set(rows: Rows, e: Recorded[IssueLogged | IssueReopened]) -> None:
    wait_for(rows, e, [Moment(issue.BREACH, e.event.due_at)])


@DUE_STEPS.on(DisputeStepStarted)
def dispute_set(rows: Rows, e: Recorded[DisputeStepStarted]) -> None:
    wait_for(rows, e, [Moment(dispute.BREACH, e.event.due_at)])


@DUE_STEPS.on(
    MeetingHeld,
    MeetingCancelled,
    MeetingMissed,
    ActionDone,
    ActionDropped,
    ActionOverdue,
    IssueResolved,
    IssueBreached,
    DisputeStepBreached,
    DisputeResolved,
    DisputeWithdrawn,
    DisputeLapsed,
)
def over(rows: Rows, e: Recorded[Any]) -> None:
    wait_no_more(rows, e)
