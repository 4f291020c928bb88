"""The `eventsourcing` library's recorder protocols on our log: one ledger is one application's notification log.

The library counts notifications from 1 and we count seq from 0, so a notification id is seq + 1. Ids are dense: the
append takes the ledger's head row and gives seq in commit order, so what the library's stock recorder gets from a lock
on the whole table we get from one row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from time import sleep
from typing import Any
from uuid import UUID

import psycopg
from eventsourcing.persistence import (
    AggregateRecorder,
    ApplicationRecorder,
    IntegrityError,
    Notification,
    StoredEvent,
    Subscription,
)

from shared.ids import uuid7

Cursors = Callable[[], AbstractContextManager[psycopg.Cursor[Any]]]
"""Opens a cursor in a transaction: the request's own, or a new one that commits when the block ends."""

STALE = "CN412"
NO_LEDGER = "CN404"
NO_READER = "CN403"
SUBSCRIPTION_POLL_SECONDS = 0.1
SUBSCRIPTION_PAGE = 500

COLUMN_TYPES = ("uuid", "text", "bigint", "text", "bytea")
"""Of what `log.append` takes after the ledger, each as an array: ids, streams, versions, types, bodies."""


class NotAReader(Exception):
    """The caller's organisation does not read this ledger, or no longer, and so does not write to it either."""


@dataclass(frozen=True)
class IdentifiedEvent(StoredEvent):
    """A stored event that brings the id it bears in its body."""

    event_id: UUID


class StreamRecorder(AggregateRecorder):
    """Streams of one ledger; for those who need no notification ids."""

    def __init__(self, ledger_id: UUID, cursors: Cursors) -> None:
        self.ledger_id = ledger_id
        self.cursors = cursors

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        """Append in one transaction; None, since streams alone have no notification ids. Raises IntegrityError."""
        self.append(stored_events)
        return None

    def append(self, stored_events: Sequence[StoredEvent]) -> tuple[int, int] | None:
        """The first seq and the recorded time (µs) that these events got; None for no events."""
        if not stored_events:
            return None
        with self.cursors() as cursor, refusals():
            row = cursor.execute(*appending(self.ledger_id, stored_events)).fetchone()
        assert row is not None
        return row[0], row[1]

    def select_events(
        self,
        originator_id: UUID | str,
        *,
        gt: int | None = None,
        lte: int | None = None,
        desc: bool = False,
        limit: int | None = None,
    ) -> list[StoredEvent]:
        statement = (
            "SELECT version, type, body FROM log.events WHERE ledger_id = %s AND stream = %s"
            " AND version > coalesce(%s, -1) AND version <= coalesce(%s, 9223372036854775807)"
            f" ORDER BY version {'DESC' if desc else 'ASC'} LIMIT %s"
        )
        with self.cursors() as cursor:
            cursor.execute(statement, (self.ledger_id, str(originator_id), gt, lte, limit))
            return [StoredEvent(originator_id, version, name, body) for version, name, body in cursor]


class LedgerRecorder(StreamRecorder, ApplicationRecorder):
    """One ledger as an application sequence with dense notification ids, 1 for seq 0."""

    def insert_events(self, stored_events: Sequence[StoredEvent], **_: Any) -> Sequence[int] | None:
        given = self.append(stored_events)
        if given is None:
            return []
        first_seq = given[0]
        return list(range(first_seq + 1, first_seq + 1 + len(stored_events)))

    def select_notifications(
        self,
        start: int | None,
        limit: int,
        stop: int | None = None,
        topics: Sequence[str] = (),
        *,
        inclusive_of_start: bool = True,
    ) -> list[Notification]:
        first = (start if start is not None else 1) + (0 if inclusive_of_start or start is None else 1)
        statement = (
            "SELECT stream, version, type, body, seq FROM log.events WHERE ledger_id = %s AND seq >= %s"
            " AND seq <= coalesce(%s, 9223372036854775807) AND (%s::text[] IS NULL OR type = ANY(%s::text[]))"
            " ORDER BY seq LIMIT %s"
        )
        wanted = list(topics) or None
        with self.cursors() as cursor:
            cursor.execute(
                statement, (self.ledger_id, first - 1, None if stop is None else stop - 1, wanted, wanted, limit)
            )
            return [
                Notification(uuid_or_text(stream), version, name, body, seq + 1)
                for stream, version, name, body, seq in cursor
            ]

    def max_notification_id(self) -> int | None:
        with self.cursors() as cursor:
            row = cursor.execute("SELECT size FROM log.ledgers WHERE ledger_id = %s", (self.ledger_id,)).fetchone()
        return row[0] if row and row[0] else None

    def subscribe(self, gt: int | None = None, topics: Sequence[str] = ()) -> Subscription[ApplicationRecorder]:
        return PollingSubscription(self, gt, topics)


class PollingSubscription(Subscription[ApplicationRecorder]):
    """Asks for new notifications at a fixed pace: no LISTEN, so it works behind a transaction pooler."""

    _page: list[Notification]

    def __next__(self) -> Notification:
        self._page = getattr(self, "_page", [])
        while not self._page and not self._has_been_stopped:
            self._page = list(
                self._recorder.select_notifications(
                    self._last_notification_id, SUBSCRIPTION_PAGE, topics=self._topics, inclusive_of_start=False
                )
            )
            if not self._page:
                sleep(SUBSCRIPTION_POLL_SECONDS)
        if self._has_been_stopped:
            raise StopIteration
        notification = self._page.pop(0)
        self._last_notification_id = notification.id
        return notification


@contextmanager
def refusals() -> Iterator[None]:
    """What the database says of an append that it refuses, as the library says it, or as NotAReader."""
    try:
        yield
    except psycopg.errors.UniqueViolation as error:
        raise IntegrityError(str(error)) from error
    except psycopg.Error as error:
        if error.sqlstate == NO_READER:
            raise NotAReader(str(error)) from error
        if error.sqlstate in (STALE, NO_LEDGER):
            raise IntegrityError(str(error)) from error
        raise


def appending(ledger_id: UUID, stored_events: Sequence[StoredEvent]) -> tuple[str, tuple[Any, ...]]:
    """The statement that appends these and gives back the first seq and the recorded time (µs), with its values."""
    columns = (
        *(getattr(e, "event_id", None) or uuid7() for e in stored_events),
        *(str(e.originator_id) for e in stored_events),
        *(e.originator_version for e in stored_events),
        *(e.topic for e in stored_events),
        *(e.state for e in stored_events),
    )
    return append_of(len(stored_events)), (ledger_id, *columns)


@lru_cache(maxsize=64)
def append_of(count: int) -> str:
    """The append of that many events. PostgreSQL makes the arrays: psycopg would take longer than the append itself."""
    arrays = ", ".join(f"ARRAY[{', '.join(['%s'] * count)}]::{kind}[]" for kind in COLUMN_TYPES)
    return f"SELECT first_seq, recorded_us FROM log.append(%s, {arrays})"


def uuid_or_text(stream: str) -> UUID | str:
    """A bare UUID stream (as the library's own tools write them) comes back as a UUID, ours (`noun/id`) as text."""
    try:
        return stream if "/" in stream else UUID(stream)
    except ValueError:
        return stream
