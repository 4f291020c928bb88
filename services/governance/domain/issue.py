"""An issue of the joint log: something that goes wrong day to day, with an owner and a time in which to solve it.

What is not solved in time becomes a dispute or a decision; the issue itself can still be resolved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_disputes import (
    Escalation,
    IssueAssigned,
    IssueBreached,
    IssueEscalated,
    IssueLogged,
    IssueReopened,
    IssueResolved,
    Severity,
)
from shared.events.governance_terms import Member, Moment
from shared.events.values import Duration, DurationUnit

BREACH = "breach"
MINUTE = timedelta(minutes=1)
SLAS: Mapping[Severity, Duration] = {
    Severity.CRITICAL: Duration(1, DurationUnit.BUSINESS_DAYS),
    Severity.HIGH: Duration(3, DurationUnit.BUSINESS_DAYS),
    Severity.MEDIUM: Duration(5, DurationUnit.BUSINESS_DAYS),
    Severity.LOW: Duration(10, DurationUnit.BUSINESS_DAYS),
}
"""The time that an issue has unless another is given."""


class IssueStatus(StrEnum):
    NONE = "none"
    OPEN = "open"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class LogIssue:
    """`due_at` is when `sla` is over, counted from `at`."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    title: str
    severity: Severity
    sla: Duration
    due_at: datetime
    owner: Member | None = None
    description: str | None = None
    unsolved: Escalation = Escalation.DISPUTE
    decision_type: str | None = None


@dataclass(frozen=True, slots=True)
class AssignIssue:
    at: datetime
    side: UUID
    owner: Member


@dataclass(frozen=True, slots=True)
class ResolveIssue:
    at: datetime
    side: UUID
    resolution: str


@dataclass(frozen=True, slots=True)
class ReopenIssue:
    """`due_at`: the same time again, counted from `at`."""

    at: datetime
    side: UUID
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class EscalateIssue:
    """`thing` is the dispute or decision that it becomes; `side` is None when time does it."""

    at: datetime
    side: UUID | None
    into: Escalation
    thing: UUID


@dataclass(frozen=True, slots=True)
class FireIssue:
    at: datetime


@dataclass(frozen=True)
class Issue:
    """`since` is when this cycle began; `became` is the dispute or decision of this cycle, if it became one."""

    status: IssueStatus = IssueStatus.NONE
    logged: IssueLogged | None = None
    owner: Member | None = None
    cycle: int = 0
    since: datetime | None = None
    due_at: datetime | None = None
    breached: bool = False
    became: UUID | None = None
    moments: tuple[Moment, ...] = ()

    @property
    def parties(self) -> tuple[UUID, ...]:
        return self.logged.parties if self.logged else ()


def evolve(state: Issue, event: Event) -> Issue:
    match event:
        case IssueLogged():
            state = _from(Issue(IssueStatus.OPEN, event, event.owner), 1, event.logged_at, event.due_at)
        case IssueReopened():
            fresh = Issue(IssueStatus.OPEN, state.logged, state.owner)
            state = _from(fresh, event.cycle, event.reopened_at, event.due_at)
        case IssueAssigned():
            state = replace(state, owner=event.owner)
        case IssueResolved():
            state = replace(state, status=IssueStatus.RESOLVED, moments=())
        case IssueBreached():
            state = replace(state, breached=True, moments=())
        case IssueEscalated():
            state = replace(state, became=event.thing)
    return state


def _from(state: Issue, cycle: int, since: datetime, due_at: datetime) -> Issue:
    return replace(state, cycle=cycle, since=since, due_at=due_at, moments=(Moment(BREACH, due_at),))


def log_issue(command: LogIssue, issue: Issue) -> list[Event]:
    if issue.status is not IssueStatus.NONE:
        raise Refused("issue-exists", "It has been logged already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    _check_owner(command.owner, command.parties)
    if (command.unsolved is Escalation.DECISION) != (command.decision_type is not None):
        detail = "An issue that is to become a decision says of which type, and no other does."
        raise Invalid("/decision_type", "decision-type", detail)
    return [
        IssueLogged(
            side=command.side,
            parties=command.parties,
            severity=command.severity,
            owner=command.owner,
            sla=command.sla,
            logged_at=command.at,
            due_at=command.due_at,
            unsolved=command.unsolved,
            decision_type=command.decision_type,
            title=command.title,
            description=command.description,
        )
    ]


def assign_issue(command: AssignIssue, issue: Issue) -> list[Event]:
    _check_open(command.side, issue)
    _check_owner(command.owner, issue.parties)
    if command.owner == issue.owner:
        raise Refused("owns-already", "This person is in charge of the issue already.")
    return [IssueAssigned(side=command.side, owner=command.owner)]


def resolve_issue(command: ResolveIssue, issue: Issue) -> list[Event]:
    _check_open(command.side, issue)
    assert issue.since is not None, "an open issue has been logged"
    assert issue.due_at is not None, "an open issue has its time"
    return [
        IssueResolved(
            side=command.side,
            resolved_at=command.at,
            late=issue.breached or command.at > issue.due_at,
            cycle_minutes=(command.at - issue.since) // MINUTE,
            resolution=command.resolution,
        )
    ]


def reopen_issue(command: ReopenIssue, issue: Issue) -> list[Event]:
    _check_party(command.side, issue)
    if issue.status is not IssueStatus.RESOLVED:
        raise Refused("not-resolved", "Only an issue that was resolved can be reopened.")
    return [
        IssueReopened(
            side=command.side,
            cycle=issue.cycle + 1,
            reopened_at=command.at,
            due_at=command.due_at,
            reason=command.reason,
        )
    ]


def escalate_issue(command: EscalateIssue, issue: Issue) -> list[Event]:
    """An issue becomes one other thing in a cycle."""
    if command.side is not None:
        _check_open(command.side, issue)
    if issue.became is not None:
        raise Refused("escalated-already", "A dispute or decision was made of it already.")
    return [IssueEscalated(side=command.side, into=command.into, thing=command.thing)]


def fire_issue(command: FireIssue, issue: Issue) -> list[Event]:
    """Nothing when it is resolved or not due."""
    if issue.status is not IssueStatus.OPEN or not issue.moments or issue.due_at is None:
        return []
    if command.at < issue.due_at:
        return []
    return [IssueBreached(due_at=issue.due_at, detected_at=command.at)]


def _check_party(side: UUID, issue: Issue) -> None:
    if side not in issue.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_open(side: UUID, issue: Issue) -> None:
    _check_party(side, issue)
    if issue.status is not IssueStatus.OPEN:
        raise Refused("issue-resolved", "The issue is resolved; reopen it if it is back.")


def _check_owner(owner: Member | None, parties: tuple[UUID, ...]) -> None:
    if owner is not None and owner.side not in parties:
        raise Invalid("/owner/side", "not-a-party", "The owner belongs to a party's side.")


ISSUE = Aggregate("issue", Issue(), evolve)
