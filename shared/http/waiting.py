"""Concord-Wait-For: a read held until its ledger, and what follows it, have come as far as the caller has seen."""

from __future__ import annotations

import time
from threading import BoundedSemaphore
from uuid import UUID

from shared.http.problems import RETRY_AFTER_SECONDS, Problem, problem
from shared.http.session import Session

WAIT_SECONDS_MAX = 2.0
WAIT_STEP_SECONDS = 0.02
WAITERS_MAX = 4
"""Reads of one process that wait at once: each holds a thread and a connection, which others need too."""
waiters = BoundedSemaphore(WAITERS_MAX)


def wait_for(session: Session, position: str) -> None:
    """Hold the read until the ledger and the service's followers have come that far, or give up with 503."""
    ledger, _, seq = position.partition("/")
    ledger_id, wanted = UUID(ledger), int(seq)
    if session.log.size(ledger_id) is None:
        fault = {
            "pointer": "header/Concord-Wait-For",
            "detail": "You may read no such ledger.",
            "code": "no-such-ledger",
        }
        raise problem("invalid", "Concord-Wait-For is not valid.", errors=[fault])
    followers = [f.name for f in session.service.followers]
    if reached(session, ledger_id, wanted, followers):
        return
    if not waiters.acquire(blocking=False):
        raise not_yet(position)
    try:
        deadline = time.monotonic() + WAIT_SECONDS_MAX
        while not reached(session, ledger_id, wanted, followers):
            if time.monotonic() > deadline:
                raise not_yet(position)
            time.sleep(WAIT_STEP_SECONDS)
    finally:
        waiters.release()


def not_yet(position: str) -> Problem:
    wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
    return problem("unavailable", f"This service has not come to {position} yet.", headers=wait)


def reached(session: Session, ledger_id: UUID, seq: int, followers: list[str]) -> bool:
    row = session.connection.exec_driver_sql(
        "SELECT (SELECT size FROM log.ledgers WHERE ledger_id = %s) > %s AND NOT EXISTS ("
        " SELECT 1 FROM unnest(%s::text[]) AS f (name) LEFT JOIN log.places p"
        "   ON p.follower = f.name AND p.ledger_id = %s WHERE coalesce(p.next, 0) <= %s)",
        (ledger_id, seq, followers, ledger_id, seq),
    ).one()
    return bool(row[0])
