"""Writing down what came of attempts, and drawing the consequence: delivered, again later, given up, or disabled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.webhooks.deliveries import State
from services.webhooks.domain import endpoint as rules
from services.webhooks.domain.endpoint import ENDPOINT
from services.webhooks.domain.schedule import (
    Attempt,
    Dead,
    Delivered,
    Disable,
    RetryAt,
    Verdict,
    failing_too_long,
    verdict,
)
from services.webhooks.read_models.endpoints import ENDPOINTS
from services.webhooks.sending.attempt import Answer
from services.webhooks.sending.hands import Key, arrays
from shared.domain import Refused
from shared.events.webhooks import DisableReason
from shared.log.envelope import Actor, Cause
from shared.log.log import Log
from shared.log.read_models import bring_along
from shared.log.rows import driver

SENDER = Actor(system="webhooks")

WRITE_DOWN = """
WITH ended AS (
    SELECT a.* FROM unnest(
        %(ledger_id)s::uuid[], %(endpoint_id)s::uuid[], %(event_id)s::uuid[], %(run)s::int[], %(state)s::text[],
        %(next)s::timestamptz[], %(started_at)s::timestamptz[], %(duration_ms)s::int[], %(status)s::int[],
        %(error)s::text[], %(address)s::text[], %(answer)s::text[]
    ) AS a (ledger_id, endpoint_id, event_id, run, state, next, started_at, duration_ms, status, error, address, answer)
), held AS MATERIALIZED (
    SELECT h.ledger_id, h.endpoint_id FROM webhooks.hands h
     WHERE (h.ledger_id, h.endpoint_id) IN (SELECT ledger_id, endpoint_id FROM ended) AND h.sender = %(sender)s
       FOR SHARE
), settled AS (
    UPDATE webhooks.deliveries d
       SET state = CASE WHEN d.run = a.run AND (d.state = 'waiting' OR a.state = 'delivered') THEN a.state
                        ELSE d.state END,
           next_attempt_at = CASE WHEN d.run = a.run THEN coalesce(a.next, d.next_attempt_at)
                                  ELSE d.next_attempt_at END,
           tries = CASE WHEN d.run = a.run THEN d.tries + 1 ELSE d.tries END,
           first_at = CASE WHEN d.run = a.run THEN coalesce(d.first_at, a.started_at) ELSE d.first_at END,
           delivered_at = CASE WHEN a.state = 'delivered' THEN a.started_at ELSE d.delivered_at END,
           attempts = d.attempts + 1
      FROM ended a JOIN held h ON h.ledger_id = a.ledger_id AND h.endpoint_id = a.endpoint_id
     WHERE d.ledger_id = a.ledger_id AND d.endpoint_id = a.endpoint_id AND d.event_id = a.event_id
    RETURNING d.ledger_id, d.endpoint_id, d.event_id, d.attempts
)
INSERT INTO webhooks.attempts
    (ledger_id, endpoint_id, event_id, number, started_at, duration_ms, status, error, address, answer)
SELECT s.ledger_id, s.endpoint_id, s.event_id, s.attempts, a.started_at, a.duration_ms, a.status, a.error, a.address,
       a.answer
  FROM settled s
  JOIN ended a ON a.ledger_id = s.ledger_id AND a.endpoint_id = s.endpoint_id AND a.event_id = s.event_id
"""
"""Nothing when the lease had run out and the endpoint is in another's hand: then the other one writes it down.

A delivery whose schedule was begun anew meanwhile (`run`) keeps waiting. Never prepared: a plan that was made while the
queue was short goes through all of it for each attempt, until somebody analyses the table.
"""
RECOVER = (
    "DELETE FROM webhooks.failing WHERE (ledger_id, endpoint_id) IN"
    " (SELECT f.ledger_id, f.endpoint_id FROM webhooks.failing f"
    "    JOIN unnest(%s::uuid[], %s::uuid[]) AS a (ledger_id, endpoint_id)"
    "      ON a.ledger_id = f.ledger_id AND a.endpoint_id = f.endpoint_id ORDER BY 1, 2 FOR UPDATE OF f)"
)
FAIL = "INSERT INTO webhooks.failing (ledger_id, endpoint_id, since) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING"
FAILING = (
    "SELECT f.ledger_id, f.endpoint_id, f.since FROM webhooks.failing f"
    "  JOIN unnest(%s::uuid[], %s::uuid[]) AS a (ledger_id, endpoint_id)"
    "    ON a.ledger_id = f.ledger_id AND a.endpoint_id = f.endpoint_id"
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """An attempt that has ended, and what follows from it."""

    answer: Answer
    verdict: Verdict

    @property
    def endpoint(self) -> Key:
        return self.answer.claim.endpoint


def outcome_of(answer: Answer, jitter: Callable[[], float] = random.random) -> Outcome:
    claim = answer.claim
    ended_at = answer.started_at + timedelta(milliseconds=answer.duration_ms)
    first_at = claim.first_at or answer.started_at
    attempt = Attempt(claim.tries + 1, first_at, ended_at, answer.status, answer.retry_after)
    return Outcome(answer, verdict(attempt, jitter()))


def write_down(connection: Connection, sender: UUID, outcomes: Sequence[Outcome]) -> None:
    """What came of attempts."""
    rows = [row_of(outcome) for outcome in outcomes]
    if not rows:
        return
    columns = {name: [row[name] for row in rows] for name in rows[0]}
    with driver(connection).cursor() as cursor:
        cursor.execute(WRITE_DOWN, {**columns, "sender": sender}, prepare=False)


def row_of(outcome: Outcome) -> dict[str, Any]:
    answer, claim = outcome.answer, outcome.answer.claim
    match outcome.verdict:
        case Delivered():
            state, following = State.DELIVERED, None
        case RetryAt(at):
            state, following = State.WAITING, at
        case Disable() | Dead():
            state, following = State.DEAD, None
    return {
        "state": str(state),
        "next": following,
        "started_at": answer.started_at,
        "ledger_id": claim.endpoint[0],
        "endpoint_id": claim.endpoint[1],
        "event_id": claim.notice.event_id,
        "run": claim.run,
        "duration_ms": answer.duration_ms,
        "status": answer.status,
        "error": answer.error,
        "address": answer.address,
        "answer": answer.text,
    }


def failing_for_days(connection: Connection, outcomes: Iterable[Outcome], now: datetime) -> list[Key]:
    """Keep since when each endpoint has answered no attempt well; those that it has been for too long."""
    tried = {outcome.endpoint for outcome in outcomes}
    well = {outcome.endpoint for outcome in outcomes if isinstance(outcome.verdict, Delivered)}
    ill = sorted(tried - well)
    with driver(connection).cursor() as cursor:
        # In one order everywhere, so that two senders never wait for each other.
        if well:
            cursor.execute(RECOVER, arrays(well))
        if not ill:
            return []
        cursor.executemany(FAIL, [(*endpoint, now) for endpoint in ill])
        found = cursor.execute(FAILING, arrays(ill)).fetchall()
    return [(ledger_id, endpoint_id) for ledger_id, endpoint_id, since in found if failing_too_long(since, now)]


def disable(connection: Connection, endpoint: Key, reason: DisableReason, at: datetime, cause: Cause) -> None:
    """Record that no more is sent there, unless its owner has ended that already. Raises Stale."""
    ledger_id, endpoint_id = endpoint
    log = Log(connection)
    held = log.load(ENDPOINT, ledger_id, endpoint_id)
    try:
        events = rules.disable(rules.DisableEndpoint(at, None, reason), held.state)
    except Refused:
        return
    recorded = log.append(ledger_id, held.stream, held.version, events, actor=SENDER, effective_at=at, cause=cause)
    bring_along(connection, [ENDPOINTS], recorded)
