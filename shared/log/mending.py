"""Putting right the rows of read models while the system serves.

What the events say is replayed beside the live rows, in one snapshot and without a lock, and PostgreSQL finds the rows
that differ. Only these are written, a hundred in a transaction that holds the ledger's head row for so long: a writer
waits for milliseconds, readers never, and a row is at any moment what it was or what it should be. Whoever ends the
rebuild on its way loses nothing: all that it has of its own are temporary tables.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from shared.events import stored_names
from shared.log import staging
from shared.log.copying import Columns, rows_of
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, event_names
from shared.log.rows import LiveRows, MemoryRows, Row
from shared.log.shadow import replay
from shared.log.staging import Key, Staging
from shared.log.statements import key_columns

CATCH_UP_EVENTS = 20
"""What came meanwhile is replayed before writers are held, until it is as few as this."""
CATCH_UP_ROUNDS = 100
GO_ON = (
    "UPDATE log.places SET failure = NULL WHERE follower = %s AND ledger_id = ANY(%s::uuid[]) AND failure IS NOT NULL"
)


class TrackedRows(MemoryRows):
    """Replayed rows that remember which of them were written since the snapshot: `seen` events made them.

    Their writers wrote the live ones, but maybe onto a wrong row, so they are written again: those are `late`.
    """

    def __init__(self, rows: MemoryRows, seen: int) -> None:
        super().__init__(rows.ledger_id, rows.connection)
        self.take_over(rows)
        self.seen = seen
        self.touched: set[tuple[Table, Key]] = set()
        self.late: dict[tuple[Table, Key], None] = {}
        self.tracking = True

    def next_late(self, table: Table | None, keys: Collection[Key]) -> list[tuple[Table, Key]]:
        """The late rows to write now: those of `keys`, which were just written as they were before, and some more."""
        again = [(table, key) for key in keys if table is not None and (table, key) in self.touched]
        room = max(0, staging.ROWS_AT_ONCE - len(keys))
        taken = dict.fromkeys([*again, *islice(self.late, room)])
        for one in taken:
            self.late.pop(one, None)
        return list(taken)

    def of(self, table: Table) -> dict[Key, Row]:
        self.tracking, before = False, self.tracking
        found = super().of(table)
        self.tracking = before
        return found

    def touch(self, table: Table, key: Mapping[str, Any]) -> None:
        if self.tracking:
            place = (table, self.key(table, key))
            self.touched.add(place)
            self.late[place] = None

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
    staging: Staging = field(init=False)

    def __post_init__(self) -> None:
        self.names = stored_names(event_names(self.models))
        self.staging = Staging(self.connection, [table for model in self.models for table in model.tables])

    def mend(self, ledgers: Sequence[UUID]) -> None:
        """Make the rows of these ledgers what the events say, and let a follower that stood still go on."""
        with self.connection.begin():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            seen = {ledger_id: self.size(ledger_id) for ledger_id in ledgers}
            rows = {one: replay(self.connection, self.models, one, Moment(seq=seen[one] - 1)) for one in ledgers}
            self.staging.load(list(rows.values()))
            differing = [table for table in self.staging.tables if self.staging.compare(table, ledgers)]
            wrong = self.staging.ledgers_that_differ(differing)
        for ledger_id, tables in wrong.items():
            self.mend_one(TrackedRows(rows[ledger_id], seen[ledger_id]), tables)
        with self.connection.begin():
            self.staging.clear()
            if self.follower is not None:
                self.execute(GO_ON, (self.follower, list(ledgers)))

    def size(self, ledger_id: UUID) -> int:
        """How far the live rows have come: to the ledger's end, or to the follower's place."""
        if self.follower is None:
            return Log(self.connection).size(ledger_id) or 0
        row = self.execute(
            "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s", (self.follower, ledger_id)
        ).first()
        return int(row[0]) if row else 0

    def mend_one(self, rows: TrackedRows, wrong: Sequence[Table]) -> None:
        """Write what differs in one ledger, some rows at a time, and then what came meanwhile."""
        for table in wrong:
            while keys := self.set_aside(rows, table):
                self.write(rows, table, keys)
        self.catch_up_in_peace(rows)
        self.write(rows)
        while rows.late:
            self.write(rows)

    def set_aside(self, rows: TrackedRows, table: Table) -> set[Key]:
        self.catch_up_in_peace(rows)
        with self.connection.begin():
            return self.staging.set_aside(table, rows.ledger_id)

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
                for model in self.models:
                    model.apply(rows, recorded)
            rows.seen = size

    def write(self, rows: TrackedRows, table: Table | None = None, keys: Collection[Key] = ()) -> None:
        """Hold the writers, and write what was set aside of a table and some of what was touched since."""
        with self.connection.begin():
            # What a crash undoes is done again; the last transaction of a rebuild waits until all are on disk.
            self.execute("SET LOCAL synchronous_commit = off")
            stand_still(self.connection, rows.ledger_id, self.follower)
            self.catch_up(rows, self.size(rows.ledger_id))
            if table is not None:
                self.staging.write(table)
            live = LiveRows(self.connection, rows.ledger_id)
            for place in rows.next_late(table, keys):
                write_row(live, rows, *place)

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(statement, values)


def write_row(live: LiveRows, rows: MemoryRows, table: Table, key: Key) -> None:
    found = rows.of(table).get(key)
    named = {name: value for name, value in zip(key_columns(table), key, strict=True) if name != "ledger_id"}
    if found is None:
        live.remove(table, named)
    else:
        live.put(table, **{column.name: found.get(column.name) for column in table.columns})


def stand_still(connection: Connection, ledger_id: UUID, follower: str | None) -> None:
    """Hold the ledger's writers, or the follower that writes these rows, until the transaction ends."""
    if follower is None:
        connection.exec_driver_sql("SELECT 1 FROM log.ledgers WHERE ledger_id = %s FOR UPDATE", (ledger_id,))
        return
    connection.exec_driver_sql(
        "INSERT INTO log.places (follower, ledger_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (follower, ledger_id)
    )
    connection.exec_driver_sql(
        "SELECT 1 FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE", (follower, ledger_id)
    )
