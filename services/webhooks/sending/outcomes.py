"""Writing down what came of attempts, and drawing the consequence: delivered, again later, given up, or disabled."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable
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
from services.webhooks.sending.claims import Key
from shared.domain import Refused
from shared.events.webhooks import DisableReason
from shared.log.envelope import Actor, Cause
from shared.log.log import Log
from shared.log.rows import LiveRows, driver

SENDER = Actor(system="webhooks")

WRITE_DOWN = """
WITH settled AS (
    UPDATE webhooks.deliveries
       SET state = %(state)s, next_attempt_at = coalesce(%(next)s::timestamptz, next_attempt_at), claimed_until = NULL,
           attempts = attempts + 1, tries = tries + 1, first_at = coalesce(first_at, %(started_at)s::timestamptz)
     WHERE ledger_id = %(ledger_id)s AND endpoint_id = %(endpoint_id)s AND event_id = %(event_id)s
       AND state = 'waiting' AND claimed_until = %(claimed_until)s
    RETURNING ledger_id, endpoint_id, event_id, attempts
)
INSERT INTO webhooks.attempts
    (ledger_id, endpoint_id, event_id, number, started_at, duration_ms, status, error, address, answer)
SELECT ledger_id, endpoint_id, event_id, attempts, %(started_at)s::timestamptz, %(duration_ms)s::int, %(status)s::int,
       %(error)s::text, %(address)s::text, %(answer)s::text
  FROM settled
"""
"""Nothing when the lease had run out and another sender has the delivery in hand: then the other one writes it down."""
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


def write_down(connection: Connection, outcomes: Iterable[Outcome]) -> None:
    rows = [row_of(outcome) for outcome in outcomes]
    if not rows:
        return
    with driver(connection).cursor() as cursor:
        cursor.executemany(WRITE_DOWN, rows)


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
        "ledger_id": claim.ledger_id,
        "endpoint_id": claim.endpoint_id,
        "event_id": claim.notice.event_id,
        "claimed_until": claim.claimed_until,
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


def arrays(endpoints: Iterable[Key]) -> tuple[list[UUID], list[UUID]]:
    listed = list(endpoints)
    return [key[0] for key in listed], [key[1] for key in listed]


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
    rows = LiveRows(connection, ledger_id)
    for one in recorded:
        ENDPOINTS.apply(rows, one)
