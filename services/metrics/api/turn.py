"""Taking turns where two requests at once would each miss what the other is about to write."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore
from uuid import UUID

from shared.http.problems import RETRY_AFTER_SECONDS, problem
from shared.http.session import Session

KPI_KEYS = "metrics.kpi-keys"
OBSERVATIONS = "metrics.observations"

BATCHES_AT_ONCE_MAX = 4
"""Of one process. A batch of 100,000 rows takes about 200 MB while it is worked on."""
slots = BoundedSemaphore(BATCHES_AT_ONCE_MAX)


def take_turn(session: Session, what: str, *ids: UUID) -> None:
    """Wait until no other transaction has this turn, and keep it until ours ends. Read afterwards, never before."""
    name = "/".join((what, *map(str, ids)))
    session.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


@contextmanager
def slot() -> Iterator[None]:
    """One of the few places in which this process works on batches; overloaded when all are taken."""
    if not slots.acquire(blocking=False):
        wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
        raise problem("overloaded", f"{BATCHES_AT_ONCE_MAX} batches are being worked on; send again.", headers=wait)
    try:
        yield
    finally:
        slots.release()
