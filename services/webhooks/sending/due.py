"""What is due at the endpoints in hand, read from the queue."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from services.webhooks.domain.envelope import Notice
from services.webhooks.sending.claims import Claim, Target, Want
from services.webhooks.sending.hands import Key, arrays
from shared.log.rows import driver

DUE = """
SELECT d.ledger_id, d.endpoint_id, d.event_id, d.event_type, d.source, d.seq, d.subject, d.recorded_at, d.data,
       d.run, d.tries, d.first_at, d.replay_id, d.next_attempt_at
  FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[], %(since)s::timestamptz[], %(rooms)s::int[])
       AS l (ledger_id, endpoint_id, since, room)
  JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id
   AND e.status = 'enabled' AND NOT e.fifo
 CROSS JOIN LATERAL (
    SELECT d.* FROM webhooks.deliveries d
     WHERE d.ledger_id = l.ledger_id AND d.endpoint_id = l.endpoint_id AND d.state = 'waiting'
       AND d.next_attempt_at >= l.since AND d.next_attempt_at <= %(now)s
     ORDER BY d.next_attempt_at, d.seq LIMIT l.room) d
"""
"""For endpoints that are told in no order: as they fell due."""

IN_ORDER = """
WITH wanted AS (
    SELECT l.* FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[], %(rooms)s::int[])
           AS l (ledger_id, endpoint_id, room)
      JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id
       AND e.status = 'enabled' AND e.fifo
), taken AS (
    SELECT * FROM unnest(%(after_endpoints)s::uuid[], %(after_sources)s::uuid[], %(after_seqs)s::bigint[])
           AS t (endpoint_id, source, seq)
), heads AS (
    SELECT w.*, r.ledger_id AS source, h.seq, row_number() OVER l AS number, count(*) OVER e AS heads
      FROM wanted w JOIN log.readers r ON r.org_id = w.ledger_id
      LEFT JOIN taken t ON t.endpoint_id = w.endpoint_id AND t.source = r.ledger_id
     CROSS JOIN LATERAL (
        SELECT d.seq, d.next_attempt_at FROM webhooks.deliveries d
         WHERE d.ledger_id = w.ledger_id AND d.endpoint_id = w.endpoint_id AND d.source = r.ledger_id
           AND d.state = 'waiting' AND d.seq > coalesce(t.seq, -1) ORDER BY d.seq LIMIT 1) h
     WHERE h.next_attempt_at <= %(now)s
    WINDOW e AS (PARTITION BY w.endpoint_id), l AS (e ORDER BY h.next_attempt_at)
)
SELECT d.ledger_id, d.endpoint_id, d.event_id, d.event_type, d.source, d.seq, d.subject, d.recorded_at, d.data,
       d.run, d.tries, d.first_at, d.replay_id, d.next_attempt_at
  FROM heads h CROSS JOIN LATERAL (
    SELECT d.* FROM webhooks.deliveries d
     WHERE d.ledger_id = h.ledger_id AND d.endpoint_id = h.endpoint_id AND d.source = h.source
       AND d.state = 'waiting' AND d.seq >= h.seq ORDER BY d.seq
     LIMIT ceil(h.room::numeric / least(h.heads, h.room))) d
 WHERE h.number <= h.room
 UNION ALL
SELECT d.ledger_id, d.endpoint_id, d.event_id, d.event_type, d.source, d.seq, d.subject, d.recorded_at, d.data,
       d.run, d.tries, d.first_at, d.replay_id, d.next_attempt_at
  FROM wanted w CROSS JOIN LATERAL (
    SELECT d.* FROM webhooks.deliveries d
     WHERE d.ledger_id = w.ledger_id AND d.endpoint_id = w.endpoint_id AND d.source = w.ledger_id
       AND d.state = 'waiting' AND d.seq IS NULL AND d.next_attempt_at <= %(now)s LIMIT w.room) d
 ORDER BY ledger_id, endpoint_id, source, seq
"""
"""For endpoints that are told in order: of each ledger the next ones by its own order, and nothing once the first that
waits is not due. So what is tried again holds back what comes after it, whoever reads this and however often.

A ledger that has waited longest comes first, and test events, which are in no ledger, come when they like.
"""

TARGETS = """
SELECT e.ledger_id, e.id, e.url, e.concurrency, e.rate_per_minute,
       ARRAY(SELECT s.secret FROM webhooks.secrets s WHERE s.ledger_id = e.ledger_id AND s.endpoint_id = e.id
                AND (s.until IS NULL OR s.until > %(moment)s) ORDER BY s.id DESC),
       ARRAY(SELECT s.private_key FROM webhooks.secrets s WHERE s.ledger_id = e.ledger_id AND s.endpoint_id = e.id
                AND (s.until IS NULL OR s.until > %(moment)s) ORDER BY s.id DESC),
       ARRAY(SELECT ARRAY[h.name, h.value] FROM webhooks.headers h
              WHERE h.ledger_id = e.ledger_id AND h.endpoint_id = e.id ORDER BY h.name)
  FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[]) AS l (ledger_id, endpoint_id)
  JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id
"""

Row = Sequence[Any]


def due(connection: Connection, wanted: Mapping[Key, Want], *, now: datetime, moment: datetime) -> list[Claim]:
    """What is due at these endpoints. `moment`: Concord's own time, for the secrets.

    Never prepared, as what was planned for a short queue is slow in a long one.
    """
    in_order = {key: want for key, want in wanted.items() if want.fifo}
    others = {key: want for key, want in wanted.items() if not want.fifo}
    with driver(connection).cursor() as cursor:
        rows: list[Row] = []
        if others:
            found = cursor.execute(
                DUE, {**bounds_of(others, now), "since": [want.since for want in others.values()]}, prepare=False
            )
            rows += [row for row in found if row[2] not in others[row[0], row[1]].known]
        if in_order:
            found = cursor.execute(IN_ORDER, {**bounds_of(in_order, now), **places_of(in_order)}, prepare=False)
            rows += passable(found, in_order, now)
        if not rows:
            return []
        ledgers, endpoints = arrays({(row[0], row[1]) for row in rows})
        asked = {"ledgers": ledgers, "endpoints": endpoints, "moment": moment}
        targets = {(row[0], row[1]): target_of(row) for row in cursor.execute(TARGETS, asked)}
    return [claim_of(targets[row[0], row[1]], row[2:]) for row in rows]


def bounds_of(wanted: Mapping[Key, Want], now: datetime) -> dict[str, Any]:
    ledgers, endpoints = arrays(wanted)
    return {"ledgers": ledgers, "endpoints": endpoints, "rooms": [want.rows for want in wanted.values()], "now": now}


def places_of(wanted: Mapping[Key, Want]) -> dict[str, list[Any]]:
    places = [(key[1], source, seq) for key, want in wanted.items() for source, seq in want.after.items()]
    names = ("after_endpoints", "after_sources", "after_seqs")
    return {name: [place[n] for place in places] for n, name in enumerate(names)}


def passable(rows: Iterable[Row], wanted: Mapping[Key, Want], now: datetime) -> Iterator[Row]:
    """Of each ledger the rows before the first one that may not go yet: not due, or in hand already."""
    stopped = set()
    for row in rows:
        endpoint, event_id, due_at = (row[0], row[1]), row[2], row[13]
        lane = (row[1], row[4], row[5] is None)
        if due_at > now or event_id in wanted[endpoint].known:
            stopped.add(lane)
        if lane not in stopped:
            yield row


def target_of(row: Sequence[Any]) -> Target:
    ledger_id, endpoint_id, url, concurrency, rate_per_minute, secrets, private_keys, headers = row
    own = tuple((name, value) for name, value in headers)
    key = (ledger_id, endpoint_id)
    return Target(key, url, tuple(secrets), tuple(private_keys), own, concurrency, rate_per_minute)


def claim_of(target: Target, row: Sequence[Any]) -> Claim:
    event_id, kind, source, seq, subject, recorded_at, data, run, tries, first_at, replay_id, due_at = row
    notice = Notice(kind, event_id, source, seq, subject, recorded_at, json.loads(data))
    return Claim(target, notice, run, tries, first_at, replay_id, due_at)
