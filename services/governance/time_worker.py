"""What time brings: the steps of clocks that have come due are fired, each once, however many workers there are.

A clock's next step is one row by its due moment (`clock_steps`), so a turn costs what is due, not what is open. A
worker holds the row while it acts, one clock a transaction; the others pass it over. What was due while nobody worked
is fired in order, and each event says both when it was due and when that was noticed.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from services.governance.domain.decision import DECISION, Decision
from services.governance.domain.escalation import FireStep, fire_step
from services.governance.read_models.clock_steps import next_due
from shared.auth.authenticate import act_as_system
from shared.events.governance import ClockBreached, ClockResumed, ClockWarned
from shared.log.envelope import Actor, Cause
from shared.log.log import Loaded, Log, Stale
from shared.log.read_models import ReadModel
from shared.log.rows import LiveRows
from shared.service import Runtime

log = structlog.get_logger()

ACTOR = Actor(system="governance.clock")
CLOCKS_A_TURN = 1_000
LOCK_TIMEOUT = "200ms"
"""A worker gives way: a vote may hold the ledger and wait for the row that the worker holds. Less than PostgreSQL's
`deadlock_timeout` of a second, so that it is never the vote that fails."""


def turn(runtime: Runtime) -> int:
    """Fire what is due by now; how many events that gave."""
    service = runtime.service("governance")
    made, left_alone = 0, list[UUID]()
    for _ in range(CLOCKS_A_TURN):
        with runtime.engine.connect() as connection:
            now = act_as_system(connection, service.role)
            connection.exec_driver_sql("SELECT set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
            row = connection.execute(next_due(now, without=left_alone)).first()
            if row is None:
                break
            try:
                made += fire_clock(connection, service.own, row, now)
                connection.commit()
            except Exception as error:  # noqa: BLE001 - one clock that fails, visibly, does not hold up the others
                left_alone.append(row.decision_id)
                tell(row.decision_id, error)
    return made


def fire_clock(connection: Connection, models: tuple[ReadModel, ...], row: Any, now: datetime) -> int:
    """Fire every step of one clock that is due by now, and of the clocks that this starts; how many events."""
    clock = Log(connection).load(DECISION, row.ledger_id, row.decision_id)
    before = clock.version
    while (ahead := clock.state.steps_ahead) and ahead[0].at <= now:
        command = FireStep(now, clock.state.cycle, clock.state.rung, ahead[0].key)
        clock = record(connection, models, clock, fire_step(command, clock.state), now, cause=row.set_by)
    if clock.version == before:
        raise LookupError(f"The decision {row.decision_id} knows nothing of the step that its row says is due.")
    return clock.version - before


def record(
    connection: Connection,
    models: tuple[ReadModel, ...],
    clock: Loaded[Decision],
    events: list[Any],
    now: datetime,
    *,
    cause: UUID,
) -> Loaded[Decision]:
    """Append what a step gave, each event caused by the one before it, and bring the read models along."""
    rows = LiveRows(connection, clock.ledger_id)
    for event in events:
        [recorded] = Log(connection).append(
            clock.ledger_id,
            clock.stream,
            clock.version,
            [event],
            actor=ACTOR,
            effective_at=came_true_at(event, now),
            cause=Cause(event=str(cause)),
        )
        for model in models:
            model.apply(rows, recorded)
        clock = replace(clock, version=recorded.version, state=DECISION.evolve(clock.state, event))
        cause = recorded.event_id
    return clock


def came_true_at(event: Any, now: datetime) -> datetime:
    """The effective time: a breach is one from the due moment on, whenever it is noticed."""
    match event:
        case ClockWarned():
            return event.scheduled_at
        case ClockBreached():
            return event.due_at
        case ClockResumed():
            return event.resumed_at
    return now


def tell(decision_id: UUID, error: Exception) -> None:
    """A vote at the same moment is no trouble: the next turn sees what came of it."""
    beaten = isinstance(error, Stale | LockNotAvailable) or (
        isinstance(error, DBAPIError) and isinstance(error.orig, LockNotAvailable)
    )
    if beaten:
        log.info("clock gave way", decision_id=str(decision_id))
    else:
        log.error("clock failed", decision_id=str(decision_id), exc_info=error)
