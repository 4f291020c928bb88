"""The joint log of issues: what goes wrong, who is in charge, until when, and what became of it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_disputes import (
    IssueAssigned,
    IssueBreached,
    IssueEscalated,
    IssueLogged,
    IssueReopened,
    IssueResolved,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

issues = Table(
    "issues",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("title", Text),
    Column("description", Text),
    Column("severity", Text, nullable=False),
    Column("logged_by", Uuid, nullable=False),
    Column("logged_at", DateTime(timezone=True), nullable=False),
    Column("owner", JSONB(none_as_null=True)),
    Column("sla", JSONB, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("unsolved", Text, nullable=False),
    Column("decision_type", Text),
    Column("status", Text, nullable=False),
    Column("cycle", BigInteger, nullable=False),
    Column("breached", Boolean, nullable=False),
    Column("became", JSONB(none_as_null=True)),
    Column("resolved_at", DateTime(timezone=True)),
    Column("late", Boolean, nullable=False),
    Column("cycle_minutes", BigInteger),
    Column("resolution", Text),
    Column("version", BigInteger, nullable=False),
)
"""`breached`, `became`, `late` and `cycle_minutes` are of this cycle."""

ISSUES = ReadModel("issues", issues)

FRESH: dict[str, Any] = {
    "status": "open",
    "breached": False,
    "became": None,
    "resolved_at": None,
    "late": False,
    "cycle_minutes": None,
    "resolution": None,
}
"""What each cycle begins with."""


@ISSUES.on(IssueLogged)
def logged(rows: Rows, e: Recorded[IssueLogged]) -> None:
    rows.insert(
        issues,
        **FRESH,
        id=e.id,
        title=e.event.title,
        description=e.event.description,
        severity=e.event.severity,
        logged_by=e.event.side,
        logged_at=e.event.logged_at,
        owner=None if e.event.owner is None else as_json(e.event.owner),
        sla=as_json(e.event.sla),
        due_at=e.event.due_at,
        unsolved=e.event.unsolved,
        decision_type=e.event.decision_type,
        cycle=1,
        version=e.version,
    )


@ISSUES.on(IssueAssigned)
def assigned(rows: Rows, e: Recorded[IssueAssigned]) -> None:
    change(rows, e, owner=as_json(e.event.owner))


@ISSUES.on(IssueResolved)
def resolved(rows: Rows, e: Recorded[IssueResolved]) -> None:
    taken = {"late": e.event.late, "cycle_minutes": e.event.cycle_minutes}
    change(rows, e, status="resolved", resolved_at=e.event.resolved_at, resolution=e.event.resolution, **taken)


@ISSUES.on(IssueReopened)
def reopened(rows: Rows, e: Recorded[IssueReopened]) -> None:
    change(rows, e, **FRESH, cycle=e.event.cycle, due_at=e.event.due_at)


@ISSUES.on(IssueBreached)
def breached(rows: Rows, e: Recorded[IssueBreached]) -> None:
    change(rows, e, breached=True)


@ISSUES.on(IssueEscalated)
def escalated(rows: Rows, e: Recorded[IssueEscalated]) -> None:
    change(rows, e, became={"kind": str(e.event.into), "id": str(e.event.thing)})


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(issues, {"id": e.id}, **changes, version=e.version)


def issue(alliance_id: UUID, issue_id: UUID) -> Select[Any]:
    return issues_of(alliance_id).where(issues.c.id == issue_id)


def issues_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    """All issues of an alliance, or those of one status."""
    found = select(issues).where(issues.c.ledger_id == alliance_id)
    return found if status is None else found.where(issues.c.status == status)
