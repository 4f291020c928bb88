"""The clocks that run: each with its next step as one row by the moment it is due, which is all that workers look at.

A clock has its row from its start to its breach or the decision's settlement, so what is settled costs nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Index, Select, Table, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    DecisionApproved,
    DecisionLapsed,
    DecisionRejected,
    DecisionWithdrawn,
)
from shared.events.governance_terms import Step
from shared.log.codec import adapter
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

clock_steps = Table(
    "clock_steps",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("decision_id", Uuid, primary_key=True),
    Column("cycle", BigInteger, nullable=False),
    Column("rung", BigInteger, nullable=False),
    Column("steps", JSONB, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("set_by", Uuid, nullable=False),
    Index("clock_steps_by_due_at", "due_at"),
)
"""`steps` are those ahead, in order; `due_at` is when the first is due. `set_by` is the event that set these times."""

CLOCK_STEPS = ReadModel("clock_steps", clock_steps)
STEPS = adapter(tuple[Step, ...])


@CLOCK_STEPS.on(ClockStarted)
def started(rows: Rows, e: Recorded[ClockStarted]) -> None:
    timed = times(e.event.steps)
    rows.put(clock_steps, decision_id=e.id, cycle=e.event.cycle, rung=e.event.rung, **timed, set_by=e.event_id)


@CLOCK_STEPS.on(ClockPaused, ClockResumed)
def moved(rows: Rows, e: Recorded[ClockPaused | ClockResumed]) -> None:
    rows.change(clock_steps, {"decision_id": e.id}, **times(e.event.steps), set_by=e.event_id)


@CLOCK_STEPS.on(ClockWarned)
def warned(rows: Rows, e: Recorded[ClockWarned]) -> None:
    row = rows.get(clock_steps, decision_id=e.id)
    assert row is not None, "only a clock that runs warns"
    given = (e.event.share, e.event.side)
    left = tuple(step for step in STEPS.validate_python(row["steps"]) if (step.share, step.side) != given)
    rows.change(clock_steps, {"decision_id": e.id}, **times(left))


@CLOCK_STEPS.on(ClockBreached, DecisionApproved, DecisionRejected, DecisionWithdrawn, DecisionLapsed)
def over(rows: Rows, e: Recorded[Any]) -> None:
    rows.remove(clock_steps, {"decision_id": e.id})


def times(steps: tuple[Step, ...]) -> dict[str, Any]:
    return {"steps": STEPS.dump_python(steps, mode="json"), "due_at": steps[0].at}


def next_due(now: datetime, *, without: list[UUID]) -> Select[Any]:
    """The clock that has waited longest, held for this transaction; what another holds is passed over.

    `without` are decisions to leave alone.
    """
    return (
        select(clock_steps)
        .where(clock_steps.c.due_at <= now, clock_steps.c.decision_id.not_in(without))
        .order_by(clock_steps.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
