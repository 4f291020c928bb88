"""Taking what is due into hand: under a lease that is committed before anything is sent.

A sender that is killed loses nothing: its leases run out and others send the same again, under the same webhook-id.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.webhooks.deliveries import webhook_id
from services.webhooks.domain.envelope import Notice
from shared.log.rows import driver

LEASE = timedelta(seconds=60)
"""Longer than a delivery stays in hand: to the end of its turn and of its attempt, and until that is written down."""
IN_HAND_FOR_ONE_ENDPOINT = 16
"""More than are sent at once, so that a quick receiver is not kept waiting for the database."""
ENDED_A_TURN = 1_000

WAITING_ENDPOINTS = """
WITH RECURSIVE waiting (ledger_id, endpoint_id) AS (
    (SELECT d.ledger_id, d.endpoint_id FROM webhooks.deliveries d
      WHERE d.state = 'waiting' ORDER BY d.ledger_id, d.endpoint_id LIMIT 1)
    UNION ALL
    SELECT n.ledger_id, n.endpoint_id FROM waiting w CROSS JOIN LATERAL (
        SELECT d.ledger_id, d.endpoint_id FROM webhooks.deliveries d
         WHERE d.state = 'waiting' AND (d.ledger_id, d.endpoint_id) > (w.ledger_id, w.endpoint_id)
         ORDER BY d.ledger_id, d.endpoint_id LIMIT 1) n
)"""
"""Each endpoint with something waiting, by one step of the index each, however much waits for it."""

HELD = """(
    SELECT coalesce(sum(CASE WHEN h.claimed_by = %(sender)s THEN 1 ELSE %(in_hand)s END), 0)
      FROM webhooks.deliveries h
     WHERE h.ledger_id = l.ledger_id AND h.endpoint_id = l.endpoint_id AND h.claimed_until > %(now)s)"""
"""How much of an endpoint `l` is in hand: all that may be, when anything is in the hand of another sender."""

TAKE_ENDPOINTS = f"""{WAITING_ENDPOINTS}
SELECT e.ledger_id, e.id FROM waiting l
  JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id AND e.status = 'enabled'
 CROSS JOIN LATERAL (
    SELECT d.next_attempt_at FROM webhooks.deliveries d
     WHERE d.ledger_id = l.ledger_id AND d.endpoint_id = l.endpoint_id AND d.state = 'waiting'
       AND d.next_attempt_at <= %(now)s AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
     ORDER BY d.next_attempt_at LIMIT 1) head
 WHERE {HELD} <= %(in_hand)s / 2
 ORDER BY head.next_attempt_at LIMIT %(free)s FOR NO KEY UPDATE OF e SKIP LOCKED
"""
"""Locks the endpoints that will be served, so that no other sender takes of them meanwhile: each is in one hand."""

CLAIM = f"""
WITH due AS MATERIALIZED (
    SELECT d.place FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[]) AS l (ledger_id, endpoint_id)
     CROSS JOIN LATERAL (
        SELECT d.ctid AS place FROM webhooks.deliveries d
         WHERE d.ledger_id = l.ledger_id AND d.endpoint_id = l.endpoint_id AND d.state = 'waiting'
           AND d.next_attempt_at <= %(now)s AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s)
         ORDER BY d.next_attempt_at, d.event_id LIMIT greatest(0, %(in_hand)s - {HELD}) FOR UPDATE SKIP LOCKED) d
     LIMIT %(free)s
)
UPDATE webhooks.deliveries d SET claimed_until = %(until)s, claimed_by = %(sender)s FROM due, webhooks.endpoints e
 WHERE d.ctid = due.place AND e.ledger_id = d.ledger_id AND e.id = d.endpoint_id
RETURNING d.ledger_id, d.endpoint_id, d.event_id, d.event_type, d.source, d.seq, d.subject, d.recorded_at, d.data,
    d.tries, d.first_at, e.url, ARRAY(
        SELECT s.secret FROM webhooks.secrets s WHERE s.ledger_id = d.ledger_id AND s.endpoint_id = d.endpoint_id
           AND (s.until IS NULL OR s.until > %(moment)s) ORDER BY s.id DESC)
"""
"""By `ctid`, where the locked rows stay: no plan can go astray then, whatever the statistics of a queue say."""

END_OF_REMOVED = f"""{WAITING_ENDPOINTS}, over AS MATERIALIZED (
    SELECT d.place FROM waiting w
      JOIN webhooks.endpoints e ON e.ledger_id = w.ledger_id AND e.id = w.endpoint_id AND e.status = 'removed'
     CROSS JOIN LATERAL (
        SELECT d.ctid AS place FROM webhooks.deliveries d
         WHERE d.ledger_id = w.ledger_id AND d.endpoint_id = w.endpoint_id AND d.state = 'waiting'
           AND (d.claimed_until IS NULL OR d.claimed_until <= %(now)s) LIMIT %(limit)s FOR UPDATE SKIP LOCKED) d
     LIMIT %(limit)s
)
UPDATE webhooks.deliveries d SET state = 'ended', claimed_until = NULL FROM over WHERE d.ctid = over.place
"""


GIVE_BACK = (
    "UPDATE webhooks.deliveries SET claimed_until = NULL WHERE ledger_id = %s AND endpoint_id = %s AND event_id = %s"
    " AND claimed_until = %s"
)

Key = tuple[UUID, UUID]
"""An endpoint: its organisation's ledger and its id."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in this sender's hand until `claimed_until`. Times are real; `secrets` has the newest first.

    `tries`: attempts that have ended in this run of the schedule, the first of them at `first_at`.
    """

    ledger_id: UUID
    endpoint_id: UUID
    notice: Notice
    url: str
    secrets: tuple[str, ...]
    tries: int
    first_at: datetime | None
    claimed_until: datetime

    @property
    def endpoint(self) -> Key:
        return self.ledger_id, self.endpoint_id

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.notice.event_id, self.endpoint_id)


def real_time(connection: Connection) -> datetime:
    """What due times and leases are in, since receivers live in it; all senders ask the same clock."""
    now: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    return now


def claim(connection: Connection, sender: UUID, *, now: datetime, moment: datetime, free: int) -> list[Claim]:
    """Up to `free` due deliveries, the longest due endpoints first. `moment`: Concord's own time, for the secrets."""
    bounds: dict[str, Any] = {"sender": sender, "now": now, "in_hand": IN_HAND_FOR_ONE_ENDPOINT, "free": free}
    with driver(connection).cursor() as cursor:
        taken = cursor.execute(TAKE_ENDPOINTS, bounds).fetchall()
        if not taken:
            return []
        more = {"ledgers": [row[0] for row in taken], "endpoints": [row[1] for row in taken], "moment": moment}
        # A statement of its own, so that it sees what others have claimed before the endpoints were locked.
        rows = cursor.execute(CLAIM, {**bounds, **more, "until": now + LEASE}).fetchall()
    return [claim_of(row, now + LEASE) for row in rows]


def claim_of(row: tuple[Any, ...], until: datetime) -> Claim:
    ledger_id, endpoint_id, event_id, kind, source, seq, subject, recorded_at, data, tries, first_at, url, secrets = row
    notice = Notice(kind, event_id, source, seq, subject, recorded_at, json.loads(data))
    return Claim(ledger_id, endpoint_id, notice, url, tuple(secrets), tries, first_at, until)


def give_back(connection: Connection, claims: Iterable[Claim]) -> None:
    """What was taken in hand and not begun."""
    rows = [(*one.endpoint, one.notice.event_id, one.claimed_until) for one in claims]
    if not rows:
        return
    with driver(connection).cursor() as cursor:
        cursor.executemany(GIVE_BACK, rows)


def end_those_of_removed_endpoints(connection: Connection, now: datetime) -> int:
    with driver(connection).cursor() as cursor:
        return cursor.execute(END_OF_REMOVED, {"now": now, "limit": ENDED_A_TURN}).rowcount
