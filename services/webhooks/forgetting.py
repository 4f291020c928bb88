"""Old deliveries are forgotten, a part at a time. What happened stays in the ledger, and a replay sends it again.

A worker that is killed has forgotten whole parts, or nothing. What waits is never forgotten, however old.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Connection

from services.webhooks.domain.replay import DELIVERIES_KEPT
from services.webhooks.sending.hands import real_time
from shared.auth.authenticate import act_as_system
from shared.log.rows import driver
from shared.service import Runtime

ROLE = "concord_webhooks"
PART_DELIVERIES = 500
PARTS_A_TURN = 20
MILLISECONDS = 1_000
RANDOM_BITS = 80

FORGET = """
WITH old AS (
    SELECT d.* FROM webhooks.endpoints e CROSS JOIN LATERAL (
        SELECT d.ledger_id, d.endpoint_id, d.event_id FROM webhooks.deliveries d
         WHERE d.ledger_id = e.ledger_id AND d.endpoint_id = e.id AND d.event_id < %(first)s
           AND d.state <> 'waiting' AND d.next_attempt_at < %(since)s
         ORDER BY d.event_id LIMIT %(part)s FOR UPDATE SKIP LOCKED) d
     LIMIT %(part)s
), tried AS (
    DELETE FROM webhooks.attempts a USING old o
     WHERE a.ledger_id = o.ledger_id AND a.endpoint_id = o.endpoint_id AND a.event_id = o.event_id
)
DELETE FROM webhooks.deliveries d USING old o
 WHERE d.ledger_id = o.ledger_id AND d.endpoint_id = o.endpoint_id AND d.event_id = o.event_id
"""
"""Ids of events have their time in front, so the old ones of an endpoint are the first in the primary key: no further
index is needed, and one step into it tells that an endpoint has none. One sent again lately stays: it was due lately.
"""


def turn(runtime: Runtime) -> int:
    """Forget what is over for longer than DELIVERIES_KEPT; how many deliveries."""
    forgotten = 0
    for _ in range(PARTS_A_TURN):
        with runtime.engine.begin() as connection:
            act_as_system(connection, ROLE)
            part = forget(connection, real_time(connection))
        forgotten += part
        if part < PART_DELIVERIES:
            break
    return forgotten


def forget(connection: Connection, now: datetime) -> int:
    """One part; how many deliveries."""
    since = now - DELIVERIES_KEPT
    with driver(connection).cursor() as cursor:
        bounds = {"first": first_id_of(since), "since": since, "part": PART_DELIVERIES}
        return cursor.execute(FORGET, bounds).rowcount


def first_id_of(moment: datetime) -> UUID:
    """No id made at this moment or later is lower (UUIDv7)."""
    return UUID(int=int(moment.timestamp() * MILLISECONDS) << RANDOM_BITS)
