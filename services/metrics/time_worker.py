"""What time brings: cases whose time is over and surveys that close, each said once, however many workers there are."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any
from uuid import UUID

import structlog
from sqlalchemy import Select

from services.metrics.domain.case import CASE, fall_due
from services.metrics.domain.pulse import PULSE, ClosePulse, close
from services.metrics.read_models import cases, pulses
from services.metrics.recording import Recorder
from shared.auth.authenticate import act_as_system
from shared.log.envelope import Actor
from shared.service import Runtime

log = structlog.get_logger()

ACTOR = Actor(system="metrics.time")
THINGS_A_TURN = 500

Due = Callable[[datetime, Collection[UUID]], Select[Any]]
"""One thing that is due, for a worker to hold."""
Act = Callable[[Recorder, Any], None]


def turn(runtime: Runtime) -> int:
    """Do what is due by now; how many things that were."""
    return sum(work_off(runtime, due, act) for due, act in WORK)


def work_off(runtime: Runtime, due: Due, act: Act) -> int:
    service = runtime.service("metrics")
    done, left_alone = 0, list[UUID]()
    for _ in range(THINGS_A_TURN):
        with runtime.engine.connect() as connection:
            now = act_as_system(connection, service.role)
            row = connection.execute(due(now, left_alone)).first()
            if row is None:
                break
            try:
                act(Recorder(connection, service.own, ACTOR, now), row)
                connection.commit()
                done += 1
            except Exception:
                left_alone.append(row.id)  # one thing that fails, visibly, does not hold up the others
                log.exception("time failed", thing=str(row.id))
    return done


def say_overdue(recorder: Recorder, row: Any) -> None:
    case = recorder.log.load(CASE, row.ledger_id, row.id)
    recorder.append(CASE, case, fall_due(case.state, recorder.now))


def close_pulse(recorder: Recorder, row: Any) -> None:
    """Tell what may be told, and empty the ballot box in the same transaction."""
    held = recorder.log.load(PULSE, row.ledger_id, row.id)
    counts = pulses.counts_of(recorder.connection, row.ledger_id, row.id)
    recorder.append(PULSE, held, close(ClosePulse(counts, recorder.now), held.state))
    pulses.empty_ballot_box(recorder.connection, row.ledger_id, row.id)


WORK: tuple[tuple[Due, Act], ...] = ((cases.next_due, say_overdue), (pulses.next_to_close, close_pulse))
