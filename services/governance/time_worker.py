"""What time brings: steps that have come due are fired, each once, however many workers there are.

The next step of whatever waits is one row by its due moment (`due_steps`), so a turn costs what is due, not what is
open. A worker holds the row while it acts, one thing a transaction; the others pass it over. What was due while nobody
worked is fired in order, and each event says both when it was due and when that was noticed.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import structlog
from psycopg.errors import LockNotAvailable
from sqlalchemy.exc import DBAPIError

from services.governance.firing import Firing, Timed
from services.governance.read_models.due_steps import next_due
from services.governance.timed.decisions import DECISIONS_TIMED
from services.governance.timed.joint import JOINT_TIMED
from services.governance.timed.rhythm import RHYTHM_TIMED
from shared.auth.authenticate import act_as_system
from shared.log.log import Stale
from shared.service import Runtime

log = structlog.get_logger()

TIMED: dict[str, Timed[Any]] = {one.aggregate.noun: one for one in (DECISIONS_TIMED, *RHYTHM_TIMED, *JOINT_TIMED)}
"""Whatever waits for a moment, by its noun."""

THINGS_A_TURN = 1_000
STEPS_A_TURN = 100
"""Of one thing; what is left is next turn's."""
LOCK_TIMEOUT = "200ms"
"""A worker gives way: a vote may hold the ledger and wait for the row that the worker holds. Less than PostgreSQL's
`deadlock_timeout` of a second, so that it is never the vote that fails."""


def turn(runtime: Runtime) -> int:
    """Fire what is due by now; how many events that gave in the things that waited."""
    service = runtime.service("governance")
    made, left_alone = 0, list[UUID]()
    for _ in range(THINGS_A_TURN):
        with runtime.engine.connect() as connection:
            now = act_as_system(connection, service.role)
            connection.exec_driver_sql("SELECT set_config('lock_timeout', %s, true)", (LOCK_TIMEOUT,))
            row = connection.execute(next_due(now, without=left_alone)).first()
            if row is None:
                break
            try:
                made += fire_thing(Firing(connection, service.own, now, row.set_by), row)
                connection.commit()
            except Exception as error:  # noqa: BLE001 - one thing that fails, visibly, does not hold up the others
                left_alone.append(row.thing_id)
                tell(row, error)
    return made


def fire_thing(firing: Firing, row: Any) -> int:
    """Fire every step of one thing that is due by now, and those that come of it; how many events."""
    timed, set_by = TIMED[row.noun], row.set_by
    thing = firing.load(timed.aggregate, row.ledger_id, row.thing_id)
    before = thing.version
    for _ in range(STEPS_A_TURN):
        ahead = timed.ahead(thing.state)
        if not ahead or ahead[0].at > firing.now:
            break
        firing.cause, version = set_by, thing.version
        thing = timed.fire(firing, thing, ahead[0])
        if thing.version == version:
            break
    if thing.version == before:
        raise LookupError(f"The {row.noun} {row.thing_id} knows nothing of the step that its row says is due.")
    return thing.version - before


def tell(row: Any, error: Exception) -> None:
    """A vote at the same moment is no trouble: the next turn sees what came of it."""
    beaten = isinstance(error, Stale | LockNotAvailable) or (
        isinstance(error, DBAPIError) and isinstance(error.orig, LockNotAvailable)
    )
    what = {"noun": row.noun, "thing_id": str(row.thing_id)}
    if beaten:
        log.info("clock gave way", **what)
    else:
        log.error("clock failed", **what, exc_info=error)
