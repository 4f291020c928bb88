"""The log as a service uses it: load a thing, append what was decided, read a ledger. In the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Generic, TypeVar
from uuid import UUID

import psycopg
from eventsourcing.application import AggregateNotFoundError, Repository
from eventsourcing.persistence import EventStore, IntegrityError, JSONTranscoder, Mapper, StoredEvent
from sqlalchemy import Connection

from shared.domain import Aggregate
from shared.events.values import Attachment
from shared.ids import uuid7
from shared.log.codec import Draft, Pending, Stored, decode, encode
from shared.log.disclosed import opened, with_disclosed
from shared.log.envelope import NOW, Actor, Cause, Moment, Recorded
from shared.log.recorder import LedgerRecorder, appending, refusals
from shared.log.rows import driver, read_attachment
from shared.log.sealing import new_key, seal

S = TypeVar("S")

READ_PAGE = 1_000
"""Events fetched in one statement, hence in one snapshot."""

SELECT_EVENTS = "SELECT seq, recorded_us, body FROM log.events WHERE ledger_id = %s"
SELECT_STREAM = (
    "SELECT e.seq, e.recorded_us, e.body, d.name, d.digest, d.sealed, k.key FROM log.events e"
    " LEFT JOIN log.disclosures d ON d.ledger_id = e.ledger_id AND d.seq = e.seq"
    " LEFT JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
    " WHERE e.ledger_id = %s AND e.stream = %s AND e.version > coalesce(%s, 0)"
    " AND e.version <= coalesce(%s, 9223372036854775807) ORDER BY e.version"
)
"""A stream with its disclosures, in one round trip: a row for each disclosure, and one for an event without any."""
PERSON_KEY = "SELECT log.person_key(%s, %s, %s)"
INSERT_DISCLOSURE = (
    "INSERT INTO log.disclosures (ledger_id, seq, name, digest, person_id, sealed) VALUES (%s, %s, %s, %s, %s, %s)"
)


SELECT_READABLE = (
    "SELECT l.ledger_id, r.until_seq IS NOT NULL, least(l.size, r.until_seq + 1) FROM log.ledgers l"
    " LEFT JOIN log.readers r ON r.ledger_id = l.ledger_id AND r.org_id = log.current_org()"
    " WHERE (r.org_id IS NOT NULL OR log.is_system())"
)
"""It asks who reads, and does not rely on row security: each wall stands alone."""


class Stale(Exception):
    """The thing has changed since it was loaded; the caller sees it (412), no retry hides it."""


@dataclass(frozen=True, slots=True)
class Readable:
    """A ledger that the caller may read. `left`: only up to where the caller's organisation left it."""

    ledger_id: UUID
    left: bool
    size: int
    """How many events of it the caller may read."""


@dataclass(frozen=True, slots=True)
class Loaded(Generic[S]):
    """A thing as its stream tells it. Version 0 and the empty state when there is no event yet."""

    ledger_id: UUID
    id: UUID
    stream: str
    version: int
    state: S


@dataclass(frozen=True)
class LoggedEvent(StoredEvent):
    """A stored event as our log reads it: its place, its bytes, and what is disclosed of it."""

    stored: Stored


class LedgerMapper(Mapper[str]):
    """The library's mapper with our bytes: canonical JSON, erasable values apart, upcasting on reading."""

    def __init__(self, ledger_id: UUID) -> None:
        super().__init__(JSONTranscoder())
        self.ledger_id = ledger_id

    def to_stored_event(self, domain_event: Any) -> Draft:
        return encode(domain_event, system_person=self.ledger_id)

    def to_domain_event(self, stored_event: Any) -> Any:
        return decode(stored_event.stored)


class StreamReader(LedgerRecorder):
    """The recorder whose streams come with their disclosed values."""

    def select_events(self, originator_id: UUID | str, **bounds: Any) -> list[StoredEvent]:
        gt, lte = bounds.get("gt"), bounds.get("lte")
        with self.cursors() as cursor:
            rows = cursor.execute(SELECT_STREAM, (self.ledger_id, str(originator_id), gt, lte)).fetchall()
        found = {seq: (seq, us, body) for seq, us, body, *_ in rows}
        disclosures = [(seq, *disclosure) for seq, _, _, *disclosure in rows if disclosure[0] is not None]
        return [
            LoggedEvent(originator_id, 0, "", s.body, s)
            for s in opened(self.ledger_id, list(found.values()), disclosures)
        ]


class Log:
    """One transaction's view of the log. Every method runs in the transaction of `connection` and commits nothing."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def open_ledger(self, ledger_id: UUID, kind: str, readers: Sequence[UUID]) -> None:
        """A new, empty ledger (`kind`: organisation or alliance), readable by these from its beginning."""
        self.connection.exec_driver_sql("SELECT log.open_ledger(%s, %s, %s::uuid[])", (ledger_id, kind, list(readers)))

    def load(self, aggregate: Aggregate[S], ledger_id: UUID, thing_id: UUID, moment: Moment = NOW) -> Loaded[S]:
        """The thing as of a moment; version 0 when it has no event then that the caller may read."""
        stream = f"{aggregate.noun}/{thing_id}"
        start = Loaded(ledger_id, thing_id, stream, 0, aggregate.empty)

        def project(_: Any, events: Iterable[Recorded[Any]]) -> Any:
            state, version = aggregate.empty, 0
            for recorded in filter(moment.covers, events):
                state, version = aggregate.evolve(state, recorded.event), recorded.version
            return Loaded(ledger_id, thing_id, stream, version, state) if version else None

        repository: Repository[str] = Repository(self.event_store(ledger_id))
        try:
            return repository.get(stream, projector_func=project)  # type: ignore[type-var]
        except AggregateNotFoundError:
            return start

    def locate(self, aggregate: Aggregate[Any], thing_id: UUID) -> Readable | None:
        """The ledger, among those the caller may read, that holds this thing."""
        row = self.connection.exec_driver_sql(
            "SELECT l.ledger_id, r.until_seq IS NOT NULL, least(l.size, r.until_seq + 1) FROM log.readers r"
            " JOIN log.events e ON e.ledger_id = r.ledger_id JOIN log.ledgers l ON l.ledger_id = r.ledger_id"
            " WHERE r.org_id = log.current_org() AND e.stream = %s AND e.version = 1",
            (f"{aggregate.noun}/{thing_id}",),
        ).first()
        return Readable(*row) if row else None

    def readable(self, ledger_id: UUID) -> Readable | None:
        """The ledger, if the caller may read it."""
        row = self.connection.exec_driver_sql(f"{SELECT_READABLE} AND l.ledger_id = %s", (ledger_id,)).first()
        return Readable(*row) if row else None

    def all_readable(self, kind: str) -> list[Readable]:
        """All ledgers of a kind (organisation, alliance) that the caller may read."""
        rows = self.connection.exec_driver_sql(f"{SELECT_READABLE} AND l.kind = %s", (kind,))
        return [Readable(*row) for row in rows]

    def append(
        self,
        ledger_id: UUID,
        stream: str,
        version: int,
        events: Sequence[Any],
        *,
        actor: Actor,
        effective_at: datetime,
        cause: Cause,
    ) -> list[Recorded[Any]]:
        """Add events to a stream that is at `version`. Raises Stale when it is not."""
        pending = [
            Pending(event, uuid7(), stream, version + n, actor, effective_at, cause)
            for n, event in enumerate(events, start=1)
        ]
        drafts = [encode(p, system_person=ledger_id) for p in pending]
        first_seq, recorded_us = self.write(ledger_id, drafts)
        return [
            Recorded(
                ledger_id, first_seq + n, recorded_us, p.event_id, stream, p.version, actor, effective_at, cause,
                draft.topic, p.event,
            )
            for n, (p, draft) in enumerate(zip(pending, drafts, strict=True))
        ]  # fmt: skip

    def write(self, ledger_id: UUID, drafts: Sequence[Draft]) -> tuple[int, int]:
        """Append these, and seal what is disclosed of them; the first seq and the recorded time (µs).

        The people's keys are asked for in the same round trip, and behind the append: the ledger's head row, which that
        holds, lets no two writers wait for each other's keys.
        """
        to = driver(self.connection)
        people = {d.person_id for draft in drafts for d in draft.disclosures}
        try:
            with refusals(), to.pipeline() if people else nullcontext():
                appended = to.execute(*appending(ledger_id, drafts))
                asked = {person_id: to.execute(PERSON_KEY, (ledger_id, person_id, new_key())) for person_id in people}
                first_seq, recorded_us = one(appended)
                keys = {person_id: bytes(one(found)[0]) for person_id, found in asked.items()}
        except IntegrityError as error:
            first = drafts[0]
            stale = f"{first.originator_id} is no longer at version {first.originator_version - 1}."
            raise Stale(stale) from error
        rows = [
            (ledger_id, seq, d.name, d.digest, d.person_id, seal(keys[d.person_id], d.disclosure, d.digest))
            for seq, draft in enumerate(drafts, start=first_seq)
            for d in draft.disclosures
        ]
        if rows:
            with to.cursor() as cursor:
                cursor.executemany(INSERT_DISCLOSURE, rows)
        return first_seq, recorded_us

    def read(
        self,
        ledger_id: UUID,
        *,
        after: int = -1,
        until_seq: int | None = None,
        until_us: int | None = None,
        names: Iterable[str] | None = None,
        limit: int = READ_PAGE,
    ) -> list[Recorded[Any]]:
        """Events of a ledger in order, after a seq and up to a seq or recorded time (µs), in one snapshot."""
        with driver(self.connection).cursor(binary=True) as cursor:
            rows = cursor.execute(
                f"{SELECT_EVENTS} AND seq > %s AND seq <= coalesce(%s, 9223372036854775807)"
                " AND recorded_us <= coalesce(%s, 9223372036854775807)"
                " AND (%s::text[] IS NULL OR type = ANY(%s::text[])) ORDER BY seq LIMIT %s",
                (ledger_id, after, until_seq, until_us, *2 * (None if names is None else list(names),), limit),
            ).fetchall()
            return [decode(stored) for stored in with_disclosed(cursor, ledger_id, rows)]

    def read_all(self, ledger_id: UUID, **bounds: Any) -> Iterator[Recorded[Any]]:
        """All events within the bounds of `read`, fetched page by page."""
        after = bounds.pop("after", -1)
        while page := self.read(ledger_id, after=after, **bounds):
            yield from page
            after = page[-1].seq
            if len(page) < READ_PAGE:
                return

    def size(self, ledger_id: UUID) -> int | None:
        """How many events the ledger has; None when the caller may not read it."""
        row = self.connection.exec_driver_sql("SELECT size FROM log.ledgers WHERE ledger_id = %s", (ledger_id,)).first()
        return row[0] if row else None

    def attach(self, ledger_id: UUID, content: bytes, media_type: str) -> Attachment:
        """Store content once by its SHA-256."""
        digest = sha256(content).hexdigest()
        self.connection.exec_driver_sql(
            "INSERT INTO log.attachments (ledger_id, sha256, media_type, content) VALUES (%s, %s, %s, %s)"
            " ON CONFLICT DO NOTHING",
            (ledger_id, digest, media_type, content),
        )
        return Attachment(digest, len(content), media_type)

    def attachment(self, ledger_id: UUID, digest: str) -> bytes:
        return read_attachment(self.connection, ledger_id, digest)

    def event_store(self, ledger_id: UUID) -> EventStore[str]:
        return EventStore(LedgerMapper(ledger_id), StreamReader(ledger_id, self.cursors))

    @contextmanager
    def cursors(self) -> Iterator[psycopg.Cursor[Any]]:
        with driver(self.connection).cursor() as cursor:
            yield cursor


def one(cursor: psycopg.Cursor[Any]) -> tuple[Any, ...]:
    """The row that a function always gives."""
    row: tuple[Any, ...] | None = cursor.fetchone()
    assert row is not None
    return row
