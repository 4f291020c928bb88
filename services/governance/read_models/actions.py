"""Actions of an alliance: what is to be done, by whom, until when."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Date, DateTime, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.governance_meetings import (
    ActionAgreed,
    ActionDone,
    ActionDropped,
    ActionOverdue,
    ActionPostponed,
    ActionReassigned,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

actions = Table(
    "actions",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("title", Text),
    Column("meeting_id", Uuid),
    Column("owner_side", Uuid, nullable=False),
    Column("owner_id", Uuid, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("overdue", Boolean, nullable=False),
    Column("late", Boolean, nullable=False),
    Column("settled_at", DateTime(timezone=True)),
    Column("note", Text),
    Column("version", BigInteger, nullable=False),
)
"""`overdue`: its time has passed once. `note` is what was said when it was done, postponed or dropped."""

ACTIONS = ReadModel("actions", actions)


@ACTIONS.on(ActionAgreed)
def agreed(rows: Rows, e: Recorded[ActionAgreed]) -> None:
    rows.insert(
        actions,
        id=e.id,
        title=e.event.title,
        meeting_id=e.event.meeting,
        owner_side=e.event.owner.side,
        owner_id=e.event.owner.person_id,
        due_on=e.event.due_on,
        due_at=e.event.due_at,
        status="open",
        overdue=False,
        late=False,
        version=e.version,
    )


@ACTIONS.on(ActionReassigned)
def reassigned(rows: Rows, e: Recorded[ActionReassigned]) -> None:
    change(rows, e, owner_side=e.event.owner.side, owner_id=e.event.owner.person_id)


@ACTIONS.on(ActionPostponed)
def postponed(rows: Rows, e: Recorded[ActionPostponed]) -> None:
    change(rows, e, due_on=e.event.due_on, due_at=e.event.due_at, note=e.event.reason)


@ACTIONS.on(ActionDone)
def done(rows: Rows, e: Recorded[ActionDone]) -> None:
    change(rows, e, status="done", late=e.event.late, settled_at=e.event.done_at, note=e.event.note)


@ACTIONS.on(ActionDropped)
def dropped(rows: Rows, e: Recorded[ActionDropped]) -> None:
    change(rows, e, status="dropped", settled_at=e.event.dropped_at, note=e.event.reason)


@ACTIONS.on(ActionOverdue)
def overdue(rows: Rows, e: Recorded[ActionOverdue]) -> None:
    change(rows, e, overdue=True)


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(actions, {"id": e.id}, **changes, version=e.version)


def action(alliance_id: UUID, action_id: UUID) -> Select[Any]:
    return actions_of(alliance_id).where(actions.c.id == action_id)


def actions_of(alliance_id: UUID, status: str | None = None) -> Select[Any]:
    """All actions of an alliance, or those of one status."""
    found = select(actions).where(actions.c.ledger_id == alliance_id)
    return found if status is None else found.where(actions.c.status == status)
