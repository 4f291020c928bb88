"""Putting right the rows of read models while the system serves.

What the events say is replayed beside the live rows, in one snapshot and without a lock, and PostgreSQL finds the rows
that differ. Only these are written, a hundred in a transaction that holds the ledger's head row for so long: a writer
waits for milliseconds, readers never, and a row is at any moment what it was or what it should be. Whoever ends the
rebuild on its way loses nothing: all that it has of its own are temporary tables.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from shared.events import stored_names
from shared.log import staging
from shared.log.copying import Columns, rows_of
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import Apply, ReadModel, applied_by, event_names
from shared.log.rows import LiveRows, MemoryRows, Row, live_rows
from shared.log.shadow import replay, replay_many
from shared.log.staging import Key, Staging
from shared.log.statements import key_columns

CATCH_UP_EVENTS = 5
"""What came meanwhile is replayed before writers are held, until it is as few as this."""
CATCH_UP_ROUNDS = 100
SIZES = "SELECT ledger_id, size FROM log.ledgers WHERE ledger_id = ANY(%s::uuid[])"
PLACES = "SELECT ledger_id, next FROM log.places WHERE follower = %s AND ledger_id = ANY(%s::uuid[])"
GO_ON = (
    "UPDATE log.places SET failure = NULL WHERE follower = %s AND ledger_id = ANY(%s::uuid[]) AND failure IS NOT NULL"
)


class TrackedRows(MemoryRows):
    """Replayed rows that remember which of them were written since the snapshot: `seen` events made them.

    Their writers wrote the live ones, but maybe out of wrong rows: `late` are those that nobody has looked at since.
    """

    def __init__(self, rows: MemoryRows, seen: int) -> None:
        super().__init__(rows.ledger_id, rows.connection)
        self.take_over(rows)
        self.seen = seen
        self.touched: set[tuple[Table, Key]] = set()
        self.late: set[tuple[Table, Key]] = set()
        self.tracking = True

    def of(self, table: Table) -> dict[Key, Row]:
        self.tracking, before = False, self.tracking
        found = super().of(table)
        self.tracking = before
        return found

    def touch(self, table: Table, key: Mapping[str, Any]) -> None:
        if self.tracking:
            place = (table, self.key(table, key))
            self.touched.add(place)
            self.late.add(place)

    def insert(self, table: Table, **values: Any) -> None:
        super().insert(table, **values)
        self.touch(table, values)

    def insert_columns(self, table: Table, make: Callable[[], Columns]) -> None:
        self.insert_many(table, rows_of(make()))

    def put(self, table: Table, **values: Any) -> None:
        super().put(table, **values)
        self.touch(table, values)

    def change(self, table: Table, key: Mapping[str, Any], **changes: Any) -> None:
        super().change(table, key, **changes)
        self.touch(table, key)

    def remove(self, table: Table, key: Mapping[str, Any]) -> None:
        super().remove(table, key)
        self.touch(table, key)


@dataclass
class Mending:
    """One connection's work: the read models, and the follower that feeds them when they are followed."""

    connection: Connection
    models: Sequence[ReadModel]
    follower: str | None
    names: frozenset[str] = field(init=False)
    apply: Apply = field(init=False)
    staging: Staging = field(init=False)

    def __post_init__(self) -> None:
        self.names, self.apply = stored_names(event_names(self.models)), applied_by(self.models)
        self.staging = Staging(self.connection, [table for model in self.models for table in model.tables])

    def mend(self, ledgers: Sequence[UUID]) -> None:
        """Make the rows of these ledgers what the events say, and let a follower that stood still go on."""
        with self.connection.begin():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            seen = self.sizes(ledgers)
            rows = self.replay(seen)
            self.staging.load(list(rows.values()))
            differing = [table for table in self.staging.tables if self.staging.compare(table, ledgers)]
            wrong = self.staging.ledgers_that_differ(differing)
        for ledger_id, tables in wrong.items():
            self.mend_one(TrackedRows(rows[ledger_id], seen[ledger_id]), tables)
        with self.connection.begin():
            self.staging.clear()
            if self.follower is not None:
                self.execute(GO_ON, (self.follower, list(ledgers)))

    def sizes(self, ledgers: Sequence[UUID]) -> dict[UUID, int]:
        """How far the live rows have come: to the ledgers' ends, or to the follower's places."""
        found = (
            self.execute(SIZES, (list(ledgers),))
            if self.follower is None
            else self.execute(PLACES, (self.follower, list(ledgers)))
        )
        return {**dict.fromkeys(ledgers, 0), **{row[0]: row[1] for row in found}}

    def size(self, ledger_id: UUID) -> int:
        return self.sizes([ledger_id])[ledger_id]

    def replay(self, sizes: Mapping[UUID, int]) -> dict[UUID, MemoryRows]:
        if len(sizes) > 1:
            return replay_many(self.connection, self.models, sizes)
        return {one: replay(self.connection, self.models, one, Moment(seq=size - 1)) for one, size in sizes.items()}

    def mend_one(self, rows: TrackedRows, wrong: Sequence[Table]) -> None:
        """Write what differs in one ledger, some rows at a time, and then what its writers made of wrong rows."""
        for table in wrong:
            while self.set_aside(rows, table):
                self.write(rows, table)
        while late := self.still_wrong(rows):
            for table, keys in late.items():
                for some in in_portions(keys, staging.ROWS_AT_ONCE):
                    with self.connection.begin():
                        self.staging.prepare(table, {key: rows.of(table).get(key) for key in some})
                    self.write(rows, table)

    def set_aside(self, rows: TrackedRows, table: Table) -> bool:
        """Make the next rows that differ ready, but for those that are late: they come last. False: there are none."""
        self.catch_up_in_peace(rows)
        with self.connection.begin():
            return self.staging.set_aside(table, rows.ledger_id, {key for of, key in rows.touched if of is table})

    def still_wrong(self, rows: TrackedRows) -> dict[Table, list[Key]]:
        """Which late rows are not what the events say, in one snapshot and while nobody waits."""
        self.catch_up_in_peace(rows)
        with self.connection.begin():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            self.catch_up(rows, self.size(rows.ledger_id))
            late, rows.late = rows.late, set()
            wrong: dict[Table, list[Key]] = {}
            live = LiveRows(self.connection, rows.ledger_id)
            for table, key in late:
                found = live.get(table, **named(table, key))
                if found != as_read(table, rows.of(table).get(key)):
                    wrong.setdefault(table, []).append(key)
                    rows.late.add((table, key))
            return wrong

    def catch_up_in_peace(self, rows: TrackedRows) -> None:
        """Apply to the replayed rows what came meanwhile, while nobody waits, until that is little."""
        for _ in range(CATCH_UP_ROUNDS):
            with self.connection.begin():
                size = self.size(rows.ledger_id)
                if size - rows.seen <= CATCH_UP_EVENTS:
                    return
                self.catch_up(rows, size)

    def catch_up(self, rows: TrackedRows, size: int) -> None:
        if size > rows.seen:
            bounds = {"after": rows.seen - 1, "until_seq": size - 1, "names": self.names}
            for recorded in Log(self.connection).read_all(rows.ledger_id, **bounds):
                self.apply(rows, recorded)
            rows.seen = size

    def write(self, rows: TrackedRows, table: Table) -> None:
        """Hold the writers, and write the rows that are ready, or what the last events have made of them."""
        with self.connection.begin():
            # What a crash undoes is done again; the last transaction of a rebuild waits until all are on disk.
            self.execute("SET LOCAL synchronous_commit = off")
            size = self.stand_still(rows.ledger_id)
            known, rows.touched = rows.touched, set()
            self.catch_up(rows, size)
            self.staging.write(table)
            with live_rows(self.connection, rows.ledger_id) as live:
                for of, key in rows.touched:
                    if of is table and key in self.staging.ready:
                        write_row(live, rows, table, key)
            rows.touched |= known

    def stand_still(self, ledger_id: UUID) -> int:
        """Hold the ledger's writers, or the follower that writes these rows, until the transaction ends; its size."""
        if self.follower is None:
            held = self.execute("SELECT size FROM log.ledgers WHERE ledger_id = %s FOR UPDATE", (ledger_id,))
            return int(held.scalar_one())
        place = (self.follower, ledger_id)
        self.execute("INSERT INTO log.places (follower, ledger_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", place)
        held = self.execute("SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE", place)
        return int(held.scalar_one())

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(statement, values)


def write_row(live: LiveRows, rows: MemoryRows, table: Table, key: Key) -> None:
    found = rows.of(table).get(key)
    if found is None:
        live.remove(table, named(table, key))
    else:
        live.put(table, **{column.name: found.get(column.name) for column in table.columns})


def named(table: Table, key: Key) -> dict[str, Any]:
    return {name: value for name, value in zip(key_columns(table), key, strict=True) if name != "ledger_id"}


def as_read(table: Table, row: Row | None) -> dict[str, Any] | None:
    """A replayed row as the database gives it back: a member of an enumeration is its text."""
    return None if row is None else {column.name: plain(row.get(column.name)) for column in table.columns}


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, str) else value


def in_portions(keys: Sequence[Key], size: int) -> Iterator[Sequence[Key]]:
    return (keys[at : at + size] for at in range(0, len(keys), size))
