"""Looking at every alliance for each of its parties: often while it changes, once a day while it does not."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

import structlog
from sqlalchemy import Connection

from services.metrics.domain.signals.picture import Picture
from services.metrics.domain.signals.watch import THRESHOLDS, WATCH, look
from services.metrics.recording import Recorder
from shared.auth.authenticate import act_as_system
from shared.log.envelope import Actor
from shared.log.log import Log
from shared.service import Runtime

log = structlog.get_logger()

ACTOR = Actor(system="metrics.signals")
LOOKS_A_TURN = 100
LOOK_EVERY_MINUTES = 10
"""Of a changing alliance."""
NEW = (
    "INSERT INTO metrics.looks (ledger_id, alliance, size)"
    " SELECT r.org_id, r.ledger_id, 0 FROM log.readers r"
    "   JOIN log.ledgers l ON l.ledger_id = r.ledger_id AND l.kind = 'alliance'"
    "  WHERE r.until_seq IS NULL ON CONFLICT DO NOTHING"
)
NEXT = (
    "SELECT k.ledger_id AS org_id, k.alliance, l.size + o.size AS size FROM metrics.looks k"
    "  JOIN log.ledgers l ON l.ledger_id = k.alliance JOIN log.ledgers o ON o.ledger_id = k.ledger_id"
    "  JOIN log.readers r ON r.ledger_id = k.alliance AND r.org_id = k.ledger_id AND r.until_seq IS NULL"
    " WHERE (k.ledger_id, k.alliance) NOT IN (SELECT * FROM unnest(%s::uuid[], %s::uuid[]))"
    "   AND (k.looked_at IS NULL OR k.looked_at < %s - interval '1 day'"
    "        OR (k.size <> l.size + o.size AND k.looked_at < %s - make_interval(mins => %s)))"
    " ORDER BY k.looked_at NULLS FIRST LIMIT 1 FOR UPDATE OF k SKIP LOCKED"
)
LOOKED = "UPDATE metrics.looks SET size = %s, looked_at = %s WHERE ledger_id = %s AND alliance = %s"


def turn(runtime: Runtime) -> int:
    """Look where it is time to; how many looks that were."""
    service = runtime.service("metrics")
    looked, failed = 0, list[tuple[UUID, UUID]]()
    with runtime.engine.begin() as connection:
        act_as_system(connection, service.role)
        connection.exec_driver_sql(NEW)
    for _ in range(LOOKS_A_TURN):
        with runtime.engine.connect() as connection:
            now = act_as_system(connection, service.role)
            orgs, alliances = [org for org, _ in failed], [alliance for _, alliance in failed]
            row = connection.exec_driver_sql(NEXT, (orgs, alliances, now, now, LOOK_EVERY_MINUTES)).first()
            if row is None:
                break
            try:
                look_once(connection, Recorder(connection, service.own, ACTOR, now), row, now)
                connection.commit()
                looked += 1
            except Exception:
                failed.append((row.org_id, row.alliance))  # one alliance that fails, visibly, does not hold up others
                log.exception("signals failed", organisation=str(row.org_id), alliance=str(row.alliance))
    return looked


def look_once(connection: Connection, recorder: Recorder, row: Any, now: datetime) -> None:
    records = Log(connection)
    told = [*records.read_all(row.org_id), *records.read_all(row.alliance)]
    picture = Picture(told, at=now, own=row.org_id)
    thresholds = records.load(THRESHOLDS, row.org_id, row.org_id).state
    watch = records.load(WATCH, row.org_id, uuid5(row.org_id, str(row.alliance)))
    after = recorder.append(WATCH, watch, look(picture, thresholds, watch.state, row.alliance))
    size = row.size + after.version - watch.version  # what was raised is in our own ledger, and no news
    connection.exec_driver_sql(LOOKED, (size, now, row.org_id, row.alliance))
