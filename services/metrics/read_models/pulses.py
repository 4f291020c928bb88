"""Pulse surveys and what was told of them, planning cycles; and beside them the ballot box, which is no read model.

The ballot box holds counts, and for the time of the survey a mark of who has answered. No row is an answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    delete,
    select,
)  # fmt: skip
from sqlalchemy.dialects.postgresql import JSONB, insert

from services.metrics.domain.pulse import Counts
from shared.database.schemas import schema
from shared.events.metrics_cycles import PlanningCycleTold
from shared.events.metrics_pulse import PulseClosed, PulseLevel, PulseOpened
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

pulses = Table(
    "pulses",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("opened_by", Uuid, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("closes_at", DateTime(timezone=True), nullable=False),
    Column("closed_at", DateTime(timezone=True)),
    Column("answers_min", Integer, nullable=False),
    Column("results", JSONB, nullable=False),
    Column("too_few", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
)
planning_cycles = Table(
    "planning_cycles",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("side", Uuid, primary_key=True),
    Column("year_begins_month", Integer, nullable=False),
    Column("version", BigInteger, nullable=False),
)
ballots = Table(
    "pulse_ballots",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("pulse_id", Uuid, primary_key=True),
    Column("side", Uuid, primary_key=True),
    Column("level", Text, primary_key=True),
    Column("question", Text, primary_key=True),
    Column("score", Integer, primary_key=True),
    Column("people", Integer, nullable=False),
)
marks = Table(
    "pulse_marks",
    schema("metrics"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("pulse_id", Uuid, primary_key=True),
    Column("mark", Text, primary_key=True),
)

PULSES = ReadModel("pulses", pulses, planning_cycles)
BALLOT_BOX = (ballots, marks)


@PULSES.on(PulseOpened)
def opened(rows: Rows, e: Recorded[PulseOpened]) -> None:
    rows.insert(
        pulses,
        id=e.id,
        opened_by=e.event.side,
        opened_at=e.recorded_at,
        closes_at=e.event.closes_at,
        closed_at=None,
        answers_min=e.event.answers_min,
        results=[],
        too_few=[],
        version=e.version,
    )


@PULSES.on(PulseClosed)
def closed(rows: Rows, e: Recorded[PulseClosed]) -> None:
    told = as_json(e.event)
    result = {"results": told["results"], "too_few": told["too_few"]}
    rows.change(pulses, {"id": e.id}, closed_at=e.recorded_at, **result, version=e.version)


@PULSES.on(PlanningCycleTold)
def cycle_told(rows: Rows, e: Recorded[PlanningCycleTold]) -> None:
    month = e.event.year_begins_month
    rows.put(planning_cycles, side=e.event.side, year_begins_month=month, version=e.version)


def pulses_of(alliance_id: UUID) -> Select[Any]:
    return select(pulses).where(pulses.c.ledger_id == alliance_id)


def pulse(alliance_id: UUID, pulse_id: UUID) -> Select[Any]:
    return pulses_of(alliance_id).where(pulses.c.id == pulse_id)


def latest_pulse(alliance_id: UUID) -> Select[Any]:
    return pulses_of(alliance_id).order_by(pulses.c.opened_at.desc()).limit(1)


def cycles_of(alliance_id: UUID) -> Select[Any]:
    return select(planning_cycles).where(planning_cycles.c.ledger_id == alliance_id)


def next_to_close(now: datetime, without: Collection[UUID]) -> Select[Any]:
    """One survey whose time is over, for a worker to hold; others pass it over."""
    due = select(pulses).where(pulses.c.closed_at.is_(None), pulses.c.closes_at <= now, pulses.c.id.not_in(without))
    return due.order_by(pulses.c.closes_at).limit(1).with_for_update(skip_locked=True)


def mark_answered(connection: Connection, alliance_id: UUID, pulse_id: UUID, mark: str) -> bool:
    """Whether this is the first answer under the mark."""
    row = {"ledger_id": alliance_id, "pulse_id": pulse_id, "mark": mark}
    marked = insert(marks).values(row).on_conflict_do_nothing().returning(marks.c.mark)
    return connection.execute(marked).first() is not None


def count_answer(
    connection: Connection, alliance_id: UUID, pulse_id: UUID, side: UUID, level: str, scores: dict[str, int]
) -> None:
    """Add an answer to the counts, question by question in their order, so that two answers never wait in a circle."""
    for question, score in sorted(scores.items()):
        row = {"ledger_id": alliance_id, "pulse_id": pulse_id, "side": side, "level": level, "question": question}
        counted = insert(ballots).values(**row, score=score, people=1)
        connection.execute(
            counted.on_conflict_do_update(index_elements=[*row, "score"], set_={"people": ballots.c.people + 1})
        )


def counts_of(connection: Connection, alliance_id: UUID, pulse_id: UUID) -> Counts:
    found: dict[tuple[UUID, PulseLevel, str], dict[int, int]] = defaultdict(dict)
    here = select(ballots).where(ballots.c.ledger_id == alliance_id, ballots.c.pulse_id == pulse_id)
    for row in connection.execute(here):
        found[row.side, PulseLevel(row.level), row.question][row.score] = row.people
    return found


def empty_ballot_box(connection: Connection, alliance_id: UUID, pulse_id: UUID) -> None:
    for table in BALLOT_BOX:
        connection.execute(delete(table).where(table.c.ledger_id == alliance_id, table.c.pulse_id == pulse_id))
