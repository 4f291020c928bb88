"""Taking turns where two requests at once would each miss what the other is about to write."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from uuid import UUID

from shared.http.problems import RETRY_AFTER_SECONDS, problem
from shared.http.session import Session

KPI_KEYS = "metrics.kpi-keys"
OBSERVATIONS = "metrics.observations"

BATCHES_AT_ONCE_MAX = 4
"""Of one process. A batch of 100,000 rows takes about 200 MB while it is worked on."""
_YOUNG = 1


def take_turn(session: Session, what: str, *ids: UUID) -> None:
    """Wait until no other transaction has this turn, and keep it until ours ends. Read afterwards, never before."""
    name = "/".join((what, *map(str, ids)))
    session.connection.exec_driver_sql("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", (name,))


class Slots:
    """The few places in which a process works on batches."""

    def __init__(self, count: int) -> None:
        self._free = self._count = count
        self._lock = Lock()

    def refuse_when_full(self) -> None:
        """Overloaded when all places are taken: said before a large body is read."""
        if not self._free:
            wait = {"Retry-After": str(RETRY_AFTER_SECONDS)}
            raise problem("overloaded", f"{self._count} batches are being worked on; send again.", headers=wait)

    @contextmanager
    def one(self) -> Iterator[None]:
        """One place for the length of the block; overloaded when all are taken.

        Meanwhile nothing looks for garbage in cycles: a batch makes a million objects and no cycle, and looking for one
        takes as long as the work itself.
        """
        self._take()
        try:
            yield
        finally:
            self._give_back()

    def _take(self) -> None:
        with self._lock:
            self.refuse_when_full()
            self._free -= 1
            gc.disable()

    def _give_back(self) -> None:
        with self._lock:
            self._free += 1
            if self._free == self._count:
                gc.enable()
            else:
                gc.collect(_YOUNG)  # or batch upon batch would put it off for ever


SLOTS = Slots(BATCHES_AT_ONCE_MAX)
