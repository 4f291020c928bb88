"""The joint log of issues: logged, put in charge, resolved in time, or made a dispute or a decision."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import require_people
from services.governance.api.schemas.disputes import (
    AssignIssue,
    EscalateIssue,
    Issue,
    IssueStatus,
    LogIssue,
    ReopenIssue,
    ResolveIssue,
)
from services.governance.domain import issue as rules
from services.governance.domain.calendar import calendars_of
from services.governance.domain.clock import Clock, projected_due_at
from services.governance.domain.issue import ISSUE, SLAS
from services.governance.raising import become, model_in_force, terms_of
from services.governance.read_models.issues import issue, issues, issues_of
from services.governance.standing import running
from shared.domain import Invalid
from shared.events.governance_disputes import Escalation, Severity
from shared.events.governance_terms import Member
from shared.events.values import Duration, DurationUnit
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

router = Router("governance", "issues")

Status = Annotated[IssueStatus | None, Query(description="Only those of this status.")]


@router.create("/alliances/{alliance_id}/issues", scope="governance:write")
def log_issue(session: Session, alliance_id: Id, body: LogIssue) -> Issue:
    """Log an issue. Its time runs by its severity, or as you say, on the working days of all sides."""
    alliance = running(session, alliance_id)
    if body.owner is not None:
        require_people(session, "/owner", [body.owner], one=True)
    severity = Severity(body.severity)
    sla = SLAS[severity] if body.sla is None else Duration(body.sla.value, DurationUnit(body.sla.unit))
    command = rules.LogIssue(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        title=body.title,
        severity=severity,
        sla=sla,
        due_at=due_at(session, alliance_id, alliance.parties, sla),
        owner=None if body.owner is None else Member(body.owner.side, body.owner.person_id),
        description=body.description,
        unsolved=Escalation(body.unsolved),
        decision_type=body.decision_type,
    )
    issue_id = session.new_id()
    session.create(ISSUE, alliance_id, issue_id, rules.log_issue(command, ISSUE.empty))
    return shown(session, alliance_id, issue_id)


@router.read("/alliances/{alliance_id}/issues", scope="governance:read")
def list_issues(
    session: Session, alliance_id: Id, status: Status = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Issue]:
    """The joint log, in the order in which issues were logged."""
    turned = session.view(alliance_id).page(
        issues_of(alliance_id, status), order=[issues.c.id], cursor=cursor, limit=limit
    )
    return Page[Issue](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/issues/{issue_id}", scope="governance:read")
def get_issue(session: Session, issue_id: Id) -> Issue:
    """One issue: who is in charge, when it is due, how long it took, and what became of it."""
    return shown(session, session.home(ISSUE, issue_id), issue_id)


@router.change("/issues/{issue_id}/assign", scope="governance:write")
def assign_issue(session: Session, issue_id: Id, body: AssignIssue) -> Issue:
    """Put somebody in charge of an issue. When it is due does not change."""
    held = session.change(ISSUE, issue_id)
    require_people(session, "/owner", [body.owner], one=True)
    owner = Member(body.owner.side, body.owner.person_id)
    command = rules.AssignIssue(at=session.at, side=session.caller.organisation, owner=owner)
    session.append(ISSUE, held, rules.assign_issue(command, held.state))
    return shown(session, held.ledger_id, issue_id)


@router.change("/issues/{issue_id}/resolve", scope="governance:write")
def resolve_issue(session: Session, issue_id: Id, body: ResolveIssue) -> Issue:
    """Resolve an issue, and say how."""
    held = session.change(ISSUE, issue_id)
    command = rules.ResolveIssue(at=session.at, side=session.caller.organisation, resolution=body.resolution)
    session.append(ISSUE, held, rules.resolve_issue(command, held.state))
    return shown(session, held.ledger_id, issue_id)


@router.change("/issues/{issue_id}/reopen", scope="governance:write")
def reopen_issue(session: Session, issue_id: Id, body: ReopenIssue) -> Issue:
    """Reopen an issue that is back: a new cycle with the same time."""
    held = session.change(ISSUE, issue_id)
    logged = held.state.logged
    assert logged is not None, "an issue begins by being logged"
    due = due_at(session, held.ledger_id, logged.parties, logged.sla)
    command = rules.ReopenIssue(at=session.at, side=session.caller.organisation, due_at=due, reason=body.reason)
    session.append(ISSUE, held, rules.reopen_issue(command, held.state))
    return shown(session, held.ledger_id, issue_id)


@router.change("/issues/{issue_id}/escalate", scope="governance:write")
def escalate_issue(session: Session, issue_id: Id, body: EscalateIssue) -> Issue:
    """Make a dispute or a decision of an issue before its time is over."""
    held = session.change(ISSUE, issue_id)
    running(session, held.ledger_id)
    if (body.into == "decision") != (body.decision_type is not None):
        raise Invalid("/decision_type", "decision-type", "Say of which type the decision is; a dispute has none.")
    become(session, held, Escalation(body.into), body.decision_type, side=session.caller.organisation)
    return shown(session, held.ledger_id, issue_id)


def due_at(session: Session, alliance_id: UUID, parties: tuple[UUID, ...], sla: Duration) -> datetime:
    content = terms_of(session, model_in_force(session, alliance_id), None)
    clock = Clock(session.at, sla, parties, content.calendar_setting)
    return projected_due_at(clock, calendars_of(content.calendars))


def shown(session: Session, alliance_id: UUID, issue_id: UUID) -> Issue:
    return as_shown(session.view(alliance_id).one(issue(alliance_id, issue_id)))


def as_shown(row: Any) -> Issue:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Issue.model_validate({"alliance_id": values.pop("ledger_id"), **values})
