"""Followers: each applies every event of every ledger once, in order, in the transaction that also moves its place.

A changed ledger is found by the time its head row changed, within a window longer than the longest transaction, plus a
full sweep now and then. That is only the hint: the dense seq is what makes it exact. Several workers share the ledgers
by SKIP LOCKED. An event that cannot be applied stops this follower for that ledger, visibly, and is never skipped.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import psycopg
import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from shared.auth.authenticate import act_as_system
from shared.log.envelope import Recorded
from shared.log.log import Log
from shared.log.read_models import ReadModel, bring_along, event_names

log = structlog.get_logger()

WINDOW_SECONDS = 60
"""Longer than the longest transaction (statements end after 30 s)."""
GONE = ("08", "57P")
"""SQLSTATEs of a server that is not there, ends or begins."""
PASSING = ("40", "53", "55", "57")
"""Of what another moment mends: a deadlock, a full disk, a lock or a statement that took too long."""
EVER_SECONDS = 10**10
"""The window of a full sweep."""
SWEEP_EVERY_SECONDS = 15.0
BATCH_EVENTS = 500
LEDGERS_A_TURN = 200
FAILURE_CHARACTERS_MAX = 2_000

CHANGED = (
    "SELECT l.ledger_id FROM log.ledgers l LEFT JOIN log.places p ON p.follower = %s AND p.ledger_id = l.ledger_id"
    " WHERE l.changed_at > statement_timestamp() - make_interval(secs => %s)"
    " AND l.size > coalesce(p.next, 0) AND p.failure IS NULL ORDER BY l.changed_at LIMIT %s"
)

Apply = Callable[[Connection, Recorded[Any]], None]


@dataclass(frozen=True)
class Follower:
    """`apply(connection, event)` in the role of the service; `name` is where its places are kept."""

    name: str
    role: str
    apply: Apply
    names: frozenset[str] | None = None
    """The events it cares for; None means all."""
    apply_all: Callable[[Connection, Sequence[Recorded[Any]]], None] | None = None
    """Instead of `apply`, for several events of one ledger in their order; never for none."""

    def take(self, connection: Connection, events: Sequence[Recorded[Any]]) -> None:
        wanted = [one for one in events if self.names is None or one.name in self.names]
        if self.apply_all is not None and wanted:
            self.apply_all(connection, wanted)
        elif self.apply_all is None:
            for recorded in wanted:
                self.apply(connection, recorded)


def read_model_follower(service: str, models: tuple[ReadModel, ...]) -> Follower:
    """The follower that brings other services' events into a service's followed read models."""

    def apply(connection: Connection, recorded: Recorded[Any]) -> None:
        bring_along(connection, models, [recorded])

    return Follower(f"{service}.read_models", f"concord_{service}", apply, event_names(models))


@dataclass
class Following:
    """One worker's run of one follower."""

    engine: Engine
    follower: Follower
    swept_at: float = field(default=float("-inf"))

    def turn(self) -> int:
        """Apply what is there to apply; how many events were passed."""
        sweep = time.monotonic() - self.swept_at > SWEEP_EVERY_SECONDS
        if sweep:
            self.swept_at = time.monotonic()
        passed = 0
        for ledger_id in self.changed(sweep=sweep):
            passed += self.follow(ledger_id)
        return passed

    def changed(self, *, sweep: bool) -> list[UUID]:
        with self.engine.connect() as connection:
            act_as_system(connection, self.follower.role)
            window_seconds = EVER_SECONDS if sweep else WINDOW_SECONDS
            rows = connection.exec_driver_sql(CHANGED, (self.follower.name, window_seconds, LEDGERS_A_TURN)).all()
        return [row[0] for row in rows]

    def follow(self, ledger_id: UUID) -> int:
        """Come up to the end of one ledger, batch by batch, each in its own transaction."""
        passed = 0
        while True:
            try:
                batch = self.batch(ledger_id)
            except Exception as error:  # noqa: BLE001 - whatever it is, it stops this follower here, visibly
                self.stop(ledger_id, error)
                return passed
            passed += batch
            if batch < BATCH_EVENTS:
                return passed

    def batch(self, ledger_id: UUID) -> int:
        with self.engine.begin() as connection:
            act_as_system(connection, self.follower.role)
            place = self.take_place(connection, ledger_id)
            if place is None:
                return 0
            events = Log(connection).read(ledger_id, after=place - 1, limit=BATCH_EVENTS)
            self.follower.take(connection, events)
            if events:
                connection.exec_driver_sql(
                    "UPDATE log.places SET next = %s WHERE follower = %s AND ledger_id = %s",
                    (events[-1].seq + 1, self.follower.name, ledger_id),
                )
            return len(events)

    def take_place(self, connection: Connection, ledger_id: UUID) -> int | None:
        """The seq to apply next, held for this transaction; None when another worker holds it or it has failed."""
        connection.exec_driver_sql(
            "INSERT INTO log.places (follower, ledger_id) VALUES (%s, %s) ON CONFLICT DO NOTHING",
            (self.follower.name, ledger_id),
        )
        row = connection.exec_driver_sql(
            "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s AND failure IS NULL"
            " FOR UPDATE SKIP LOCKED",
            (self.follower.name, ledger_id),
        ).first()
        return row[0] if row else None

    def stop(self, ledger_id: UUID, error: Exception) -> None:
        """Remember the failure, unless another turn may do better; raises when it is the connection that has gone."""
        log.error("follower stopped", follower=self.follower.name, ledger_id=str(ledger_id), exc_info=error)
        cause = error.orig if isinstance(error, DBAPIError) else error
        if isinstance(cause, psycopg.Error):
            if is_lost(cause):
                raise error
            if str(cause.sqlstate).startswith(PASSING):
                return
        with self.engine.begin() as connection:
            act_as_system(connection, self.follower.role)
            connection.exec_driver_sql(
                "INSERT INTO log.places (follower, ledger_id, failure) VALUES (%s, %s, %s)"
                " ON CONFLICT (follower, ledger_id) DO UPDATE SET failure = excluded.failure",
                (self.follower.name, ledger_id, f"{type(error).__name__}: {error}"[:FAILURE_CHARACTERS_MAX]),
            )


def is_lost(error: psycopg.Error) -> bool:
    """Whether there is no connection any more, so that no other ledger will fare better in this turn."""
    if isinstance(error, psycopg.OperationalError) and error.sqlstate is None:
        return True
    return str(error.sqlstate).startswith(GONE)


def resume(connection: Connection, follower: str) -> int:
    """Let a stopped follower try again, once its cause is mended; how many ledgers it stood in."""
    statement = "UPDATE log.places SET failure = NULL WHERE follower = %s AND failure IS NOT NULL"
    return connection.exec_driver_sql(statement, (follower,)).rowcount
