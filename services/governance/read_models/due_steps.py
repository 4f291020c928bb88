"""What time will bring: each thing that waits has one row, by its next moment; that is all that workers look at.

A thing has its row only while it waits for something, so what is settled costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, DateTime, Index, Select, Table, Text, Uuid, select
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
from shared.events.governance_clocks import ClockRebaselined
from shared.events.governance_terms import Moment, Step, StepKind
from shared.log.codec import adapter
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

due_steps = Table(
    "due_steps",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("noun", Text, primary_key=True),
    Column("thing_id", Uuid, primary_key=True),
    Column("steps", JSONB, nullable=False),
    Column("due_at", DateTime(timezone=True), nullable=False),
    Column("set_by", Uuid, nullable=False),
    Index("due_steps_by_due_at", "due_at"),
)
"""`steps` are the moments ahead, in order; `due_at` is the first. `set_by` is the event that set these times."""

DUE_STEPS = ReadModel("due_steps", due_steps)
MOMENTS = adapter(tuple[Moment, ...])


def wait_for(rows: Rows, e: Recorded[Any], moments: Iterable[Moment]) -> None:
    """From now on the thing of this event waits for these moments and no others."""
    ahead = sorted(moments, key=lambda moment: moment.at)
    if not ahead:
        return wait_no_more(rows, e)
    row = {"steps": MOMENTS.dump_python(tuple(ahead), mode="json"), "due_at": ahead[0].at, "set_by": e.event_id}
    return rows.put(due_steps, noun=noun_of(e), thing_id=e.id, **row)


def came(rows: Rows, e: Recorded[Any], step: str) -> None:
    """This step of the thing has come; it waits for those that are left, set as before."""
    row = rows.get(due_steps, noun=noun_of(e), thing_id=e.id)
    if row is None:
        return
    left = [one for one in row["steps"] if one["step"] != step]
    key = {"noun": noun_of(e), "thing_id": e.id}
    if left:
        rows.change(due_steps, key, steps=left, due_at=MOMENTS.validate_python(left)[0].at)
    else:
        rows.remove(due_steps, key)


def wait_no_more(rows: Rows, e: Recorded[Any]) -> None:
    rows.remove(due_steps, {"noun": noun_of(e), "thing_id": e.id})


def noun_of(e: Recorded[Any]) -> str:
    return e.stream.partition("/")[0]


def moments_of(steps: Iterable[Step]) -> tuple[Moment, ...]:
    """The steps of a clock, in their order."""
    return tuple(Moment(step.key, step.at) for step in steps)


@DUE_STEPS.on(ClockStarted, ClockPaused, ClockResumed, ClockRebaselined)
def clock_set(rows: Rows, e: Recorded[ClockStarted | ClockPaused | ClockResumed | ClockRebaselined]) -> None:
    wait_for(rows, e, moments_of(e.event.steps))


@DUE_STEPS.on(ClockWarned)
def clock_warned(rows: Rows, e: Recorded[ClockWarned]) -> None:
    came(rows, e, Step(StepKind.WARNING, e.event.scheduled_at, e.event.share, e.event.side).key)


@DUE_STEPS.on(ClockBreached, DecisionApproved, DecisionRejected, DecisionWithdrawn, DecisionLapsed)
def clock_over(rows: Rows, e: Recorded[Any]) -> None:
    wait_no_more(rows, e)


def next_due(now: datetime, *, without: list[UUID]) -> Select[Any]:
    """What has waited longest, held for this transaction; what another worker holds is passed over.

    `without` are things to leave alone.
    """
    return (
        select(due_steps)
        .where(due_steps.c.due_at <= now, due_steps.c.thing_id.not_in(without))
        .order_by(due_steps.c.due_at)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
