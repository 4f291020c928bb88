"""Which sender sends to which endpoint: under a lease that is committed before anything is sent.

What is due is only read, never marked: a sender that is killed leaves nothing behind but a lease that runs out, and the
next one sends the same again, under the same webhook-id. And a delivery costs the queue one change in all, so that an
old open transaction, for whose sake PostgreSQL keeps every version of every row, leaves little to step over: a sender
reads on from where it was, and looks for other endpoints in the gaps between those in hand.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from shared.log.rows import driver

Key = tuple[UUID, UUID]
"""An endpoint: its organisation's ledger and its id."""

LEASE = timedelta(seconds=30)
"""Longer than an endpoint stays in hand: until a turn and its last attempt have ended and all is written down."""
ENDED_A_LOOK = 1_000
FIRST, LAST = UUID(int=0), UUID(int=2**128 - 1)

SEEK = """
    SELECT d.ledger_id, d.endpoint_id FROM webhooks.deliveries d
     WHERE d.state = 'waiting' AND (d.ledger_id, d.endpoint_id) > ({0}.ledger_id, {0}.endpoint_id)
       AND (d.ledger_id, d.endpoint_id) < ({0}.end_ledger, {0}.end_endpoint)
     ORDER BY d.ledger_id, d.endpoint_id LIMIT 1"""

WITH_WORK = f"""
WITH RECURSIVE edges AS (
    SELECT ledger_id, endpoint_id FROM webhooks.hands WHERE until > %(now)s UNION ALL SELECT %(first)s, %(first)s
), gaps AS (
    SELECT ledger_id, endpoint_id, lead(ledger_id, 1, %(last)s) OVER w AS end_ledger,
           lead(endpoint_id, 1, %(last)s) OVER w AS end_endpoint
      FROM edges WINDOW w AS (ORDER BY ledger_id, endpoint_id)
), waiting AS (
    SELECT f.ledger_id, f.endpoint_id, g.end_ledger, g.end_endpoint
      FROM gaps g CROSS JOIN LATERAL ({SEEK.format("g")}) f
    UNION ALL
    SELECT n.ledger_id, n.endpoint_id, w.end_ledger, w.end_endpoint
      FROM waiting w CROSS JOIN LATERAL ({SEEK.format("w")}) n
)
SELECT w.ledger_id, w.endpoint_id, e.status, e.fifo FROM waiting w
  JOIN webhooks.endpoints e ON e.ledger_id = w.ledger_id AND e.id = w.endpoint_id
   AND e.status IN ('enabled', 'removed')
 CROSS JOIN LATERAL (
    SELECT d.next_attempt_at FROM webhooks.deliveries d
     WHERE d.ledger_id = w.ledger_id AND d.endpoint_id = w.endpoint_id AND d.state = 'waiting'
       AND (d.next_attempt_at <= %(now)s OR e.status = 'removed') ORDER BY d.next_attempt_at LIMIT 1) head
 ORDER BY head.next_attempt_at LIMIT %(limit)s
"""
"""Each endpoint in nobody's hand with something due, the longest due first: one step of the index each."""

TAKE = (
    "INSERT INTO webhooks.hands AS h (ledger_id, endpoint_id, sender, until)"
    " SELECT l.ledger_id, l.endpoint_id, %(sender)s, %(until)s"
    "   FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[]) AS l (ledger_id, endpoint_id) ORDER BY 1, 2"
    " ON CONFLICT (ledger_id, endpoint_id) DO UPDATE SET sender = excluded.sender, until = excluded.until"
    "   WHERE h.until <= %(now)s RETURNING ledger_id, endpoint_id"
)
LEAVE = (
    "UPDATE webhooks.hands h SET until = l.until"
    "  FROM unnest(%s::uuid[], %s::uuid[], %s::timestamptz[]) AS l (ledger_id, endpoint_id, until)"
    " WHERE h.ledger_id = l.ledger_id AND h.endpoint_id = l.endpoint_id AND h.sender = %s"
)
END = (
    "UPDATE webhooks.deliveries SET state = 'ended' WHERE ctid = ANY(ARRAY("
    " SELECT d.ctid FROM webhooks.deliveries d WHERE d.ledger_id = %s AND d.endpoint_id = %s AND d.state = 'waiting'"
    "  LIMIT %s FOR UPDATE SKIP LOCKED))"
)


def real_time(connection: Connection) -> datetime:
    """What due times and leases are in, since receivers live in it; all senders ask the same clock."""
    now: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return now


def take_endpoints(connection: Connection, sender: UUID, *, now: datetime, limit: int) -> tuple[dict[Key, bool], int]:
    """Up to `limit` endpoints with something due, now in this sender's hand; and how many deliveries were ended.

    With each endpoint, whether it is told in order. What waits for one that was removed is ended, ENDED_A_LOOK of each.
    """
    with driver(connection).cursor() as cursor:
        bounds = {"now": now, "limit": limit, "first": FIRST, "last": LAST}
        found = cursor.execute(WITH_WORK, bounds).fetchall()
        ended = 0
        for ledger_id, endpoint_id, status, _ in found:
            if status == "removed":
                ended += cursor.execute(END, (ledger_id, endpoint_id, ENDED_A_LOOK)).rowcount
        wanted = {(row[0], row[1]): row[3] for row in found if row[2] != "removed"}
        if not wanted:
            return {}, ended
        lease: dict[str, Any] = {"sender": sender, "now": now, "until": now + LEASE}
        ledgers, endpoints = arrays(wanted)
        taken = cursor.execute(TAKE, {**lease, "ledgers": ledgers, "endpoints": endpoints}).fetchall()
    return {(row[0], row[1]): wanted[row[0], row[1]] for row in taken}, ended


def leave_endpoints(connection: Connection, sender: UUID, rests: Mapping[Key, float], now: datetime) -> None:
    """Out of this sender's hand, for any other to take once so many seconds are over, which their pace asks for."""
    if rests:
        keys = sorted(rests)
        until = [now + timedelta(seconds=rests[key]) for key in keys]
        connection.exec_driver_sql(LEAVE, (*arrays(keys), until, sender))


def arrays(keys: Collection[Key]) -> tuple[list[UUID], list[UUID]]:
    return [key[0] for key in keys], [key[1] for key in keys]
