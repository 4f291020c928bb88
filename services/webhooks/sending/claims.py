"""What is due at the endpoints in hand, with all that is needed to send it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.webhooks.deliveries import webhook_id
from services.webhooks.domain.envelope import Notice
from services.webhooks.domain.signature import Sign
from services.webhooks.sending.hands import Key, arrays
from services.webhooks.signing_keys import signer
from shared.log.rows import driver

DUE = """
SELECT d.ledger_id, d.endpoint_id, d.event_id, d.event_type, d.source, d.seq, d.subject, d.recorded_at, d.data,
       d.run, d.tries, d.first_at, d.replay_id, d.next_attempt_at
  FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[], %(since)s::timestamptz[], %(rooms)s::int[])
       AS l (ledger_id, endpoint_id, since, room)
  JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id AND e.status = 'enabled'
 CROSS JOIN LATERAL (
    SELECT d.* FROM webhooks.deliveries d
     WHERE d.ledger_id = l.ledger_id AND d.endpoint_id = l.endpoint_id AND d.state = 'waiting'
       AND d.next_attempt_at >= l.since AND d.next_attempt_at <= %(now)s
       AND NOT (e.fifo AND EXISTS (
           SELECT 1 FROM webhooks.held_back h
             JOIN webhooks.deliveries x ON x.ledger_id = h.ledger_id AND x.endpoint_id = h.endpoint_id
              AND x.event_id = h.event_id AND x.state = 'waiting'
            WHERE h.ledger_id = l.ledger_id AND h.endpoint_id = l.endpoint_id AND h.source = d.source
              AND h.event_id <> d.event_id))
     ORDER BY d.next_attempt_at, d.seq LIMIT l.room) d
"""
"""In the order they fell due, which within a ledger is its own order until one is tried again."""

TARGETS = """
SELECT e.ledger_id, e.id, e.url, e.concurrency, e.rate_per_minute, e.fifo,
       ARRAY(SELECT s.secret FROM webhooks.secrets s WHERE s.ledger_id = e.ledger_id AND s.endpoint_id = e.id
                AND (s.until IS NULL OR s.until > %(moment)s) ORDER BY s.id DESC),
       ARRAY(SELECT s.private_key FROM webhooks.secrets s WHERE s.ledger_id = e.ledger_id AND s.endpoint_id = e.id
                AND (s.until IS NULL OR s.until > %(moment)s) ORDER BY s.id DESC),
       ARRAY(SELECT ARRAY[h.name, h.value] FROM webhooks.headers h
              WHERE h.ledger_id = e.ledger_id AND h.endpoint_id = e.id ORDER BY h.name)
  FROM unnest(%(ledgers)s::uuid[], %(endpoints)s::uuid[]) AS l (ledger_id, endpoint_id)
  JOIN webhooks.endpoints e ON e.ledger_id = l.ledger_id AND e.id = l.endpoint_id
"""


@dataclass(frozen=True)
class Target:
    """An endpoint as it is to be sent to. `secrets` and `private_keys` have the newest first."""

    key: Key
    url: str
    secrets: tuple[str, ...]
    private_keys: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    concurrency: int = 1
    rate_per_minute: int | None = None
    fifo: bool = False

    @cached_property
    def signers(self) -> tuple[Sign, ...]:
        return tuple(signer(key) for key in self.private_keys)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in this sender's hand. Times are real.

    `tries`: attempts that have ended in `run`, this run of the schedule, the first of them at `first_at`.
    """

    target: Target
    notice: Notice
    run: int
    tries: int
    first_at: datetime | None
    replay_id: UUID | None
    due_at: datetime

    @property
    def endpoint(self) -> Key:
        return self.target.key

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.notice.event_id, self.target.key[1])


@dataclass(frozen=True, slots=True)
class Want:
    """How many more of an endpoint's deliveries have room, and from which due time on they are to be read."""

    since: datetime
    room: int
    known: frozenset[UUID] = frozenset()
    """What is in hand already and lies in the way."""

    @property
    def rows(self) -> int:
        return self.room + len(self.known)


def due(connection: Connection, wanted: Mapping[Key, Want], *, now: datetime, moment: datetime) -> list[Claim]:
    """What is due at these endpoints. `moment`: Concord's own time, for the secrets."""
    ledgers, endpoints = arrays(wanted)
    with driver(connection).cursor() as cursor:
        since, rooms = [want.since for want in wanted.values()], [want.rows for want in wanted.values()]
        bounds = {"ledgers": ledgers, "endpoints": endpoints, "since": since, "rooms": rooms, "now": now}
        found = cursor.execute(DUE, bounds).fetchall()
        rows = [row for row in found if row[2] not in wanted[row[0], row[1]].known]
        if not rows:
            return []
        ledgers, endpoints = arrays({(row[0], row[1]) for row in rows})
        asked = {"ledgers": ledgers, "endpoints": endpoints, "moment": moment}
        targets = {(row[0], row[1]): target_of(row) for row in cursor.execute(TARGETS, asked)}
    return [claim_of(targets[row[0], row[1]], row[2:]) for row in rows]


def target_of(row: Sequence[Any]) -> Target:
    ledger_id, endpoint_id, url, concurrency, rate_per_minute, fifo, secrets, private_keys, headers = row
    own = tuple((name, value) for name, value in headers)
    key = (ledger_id, endpoint_id)
    return Target(key, url, tuple(secrets), tuple(private_keys), own, concurrency, rate_per_minute, fifo)


def claim_of(target: Target, row: Sequence[Any]) -> Claim:
    event_id, kind, source, seq, subject, recorded_at, data, run, tries, first_at, replay_id, due_at = row
    notice = Notice(kind, event_id, source, seq, subject, recorded_at, json.loads(data))
    return Claim(target, notice, run, tries, first_at, replay_id, due_at)
