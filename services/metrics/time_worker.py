"""What time brings: cases whose time is over, each said once, however many workers there are."""

from __future__ import annotations

from uuid import UUID

import structlog

from services.metrics.domain.case import CASE, fall_due
from services.metrics.read_models.cases import next_due
from services.metrics.recording import Recorder
from shared.auth.authenticate import act_as_system
from shared.log.envelope import Actor
from shared.log.log import Log
from shared.service import Runtime

log = structlog.get_logger()

ACTOR = Actor(system="metrics.time")
CASES_A_TURN = 500


def turn(runtime: Runtime) -> int:
    """Say of every case that is due that it is overdue; how many were."""
    service = runtime.service("metrics")
    made, left_alone = 0, list[UUID]()
    for _ in range(CASES_A_TURN):
        with runtime.engine.connect() as connection:
            now = act_as_system(connection, service.role)
            row = connection.execute(next_due(now, without=left_alone)).first()
            if row is None:
                break
            try:
                case = Log(connection).load(CASE, row.ledger_id, row.id)
                recorder = Recorder(connection, service.own, ACTOR, now)
                recorder.append(CASE, case, fall_due(case.state, now))
                connection.commit()
                made += 1
            except Exception:
                left_alone.append(row.id)  # one case that fails, visibly, does not hold up the others
                log.exception("case failed", case_id=str(row.id))
    return made
