"""Putting right the rows of read models while the system serves.

What the events say is replayed beside the live rows, in one snapshot and without a lock, and PostgreSQL finds the rows
that differ. Only these are written, a few hundred in a transaction that holds the ledger's head row for so long: a
writer waits for milliseconds, readers never, and a row is at any moment what it was or what it should be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, text

from shared.events import stored_names
from shared.log.copying import Columns, copy_columns, copy_rows, quoted, rows_of
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, event_names
from shared.log.rows import LiveRows, MemoryRows, Row, with_ledger
from shared.log.shadow import SHADOW_SCHEMA, replay
from shared.log.statements import DIALECT, key_columns

ROWS_AT_ONCE = 250
"""Rows written in one transaction, while the writers of that ledger wait: some 30 ms."""


class TrackedRows(MemoryRows):
    """Replayed rows that remember which of them were written since."""

    def __init__(self, rows: MemoryRows) -> None:
        super().__init__(rows.ledger_id, rows.connection)
        self.take_over(rows)
        self.touched: set[tuple[Table, tuple[Any, ...]]] = set()
        self.tracking = True

    def of(self, table: Table) -> dict[tuple[Any, ...], Row]:
        self.tracking, before = False, self.tracking
        found = super().of(table)
        self.tracking = before
        return found

    def touch(self, table: Table, key: Mapping[str, Any]) -> None:
        if self.tracking:
            self.touched.add((table, self.key(table, key)))

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
    tables: list[Table] = field(init=False)
    view: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.tables = [table for model in self.models for table in model.tables]
        schemas = {table.schema for table in self.tables}
        self.view = self.connection.execution_options(schema_translate_map=dict.fromkeys(schemas, SHADOW_SCHEMA))
        with self.connection.begin():
            # In one round trip: they are many, and small ledgers would pay for each.
            self.execute("; ".join(statement for table in self.tables for statement in temporary(table)))

    def mend(self, ledgers: Sequence[UUID]) -> None:
        """Make the rows of these ledgers what the events say."""
        with self.connection.begin():
            self.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            seen = {ledger_id: self.size(ledger_id) for ledger_id in ledgers}
            rows = {one: replay(self.connection, self.models, one, Moment(seq=seen[one] - 1)) for one in ledgers}
            load_all(self.view, self.tables, list(rows.values()))
            counts = {table: self.compare(table, ledgers) for table in self.tables}
        wrong = self.ledgers_that_differ([table for table, count in counts.items() if count])
        for ledger_id in ledgers:
            if ledger_id in wrong or self.follower is not None:
                self.mend_one(ledger_id, seen[ledger_id], TrackedRows(rows[ledger_id]), wrong.get(ledger_id, {}))
        with self.connection.begin():
            filled = ", ".join(name for table in self.tables for name in (staged(table), differing(table)))
            self.execute(f"TRUNCATE {filled} RESTART IDENTITY")

    def size(self, ledger_id: UUID) -> int:
        """How far the live rows have come: to the ledger's end, or to the follower's place."""
        if self.follower is None:
            return Log(self.connection).size(ledger_id) or 0
        row = self.execute(
            "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s", (self.follower, ledger_id)
        ).first()
        return int(row[0]) if row else 0

    def compare(self, table: Table, ledgers: Sequence[UUID]) -> int:
        """Note the keys of the rows that differ; how many they are."""
        keys = [quoted(key) for key in key_columns(table)]
        others = [quoted(column.name) for column in table.columns if column.name not in key_columns(table)]
        unlike = f"ROW({listed('s', others)}) IS DISTINCT FROM ROW({listed('l', others)})" if others else "false"
        found = self.execute(
            f"INSERT INTO {differing(table)} ({', '.join(keys)}) SELECT {', '.join(keys)}"
            f" FROM (SELECT *, true AS there FROM {table.fullname} WHERE ledger_id = ANY(%s)) l"
            f" FULL JOIN (SELECT *, true AS there FROM {staged(table)}) s USING ({', '.join(keys)})"
            f" WHERE l.there IS NULL OR s.there IS NULL OR {unlike}",
            (list(ledgers),),
        )
        return int(found.rowcount)

    def ledgers_that_differ(self, tables: Sequence[Table]) -> dict[UUID, dict[Table, int]]:
        """In which ledgers rows of these tables differ, and how many."""
        wrong: dict[UUID, dict[Table, int]] = {}
        with self.connection.begin():
            for table in tables:
                counted = self.execute(f"SELECT ledger_id, count(*) FROM {differing(table)} GROUP BY ledger_id")
                for ledger_id, count in counted:
                    wrong.setdefault(ledger_id, {})[table] = count
        return wrong

    def mend_one(self, ledger_id: UUID, seen: int, rows: TrackedRows, wrong: dict[Table, int]) -> None:
        """Write what differs in one ledger, a few hundred rows at a time; and let its follower go on."""
        for table in [*portions(wrong), None]:
            with self.connection.begin():
                size = stand_still(self.connection, ledger_id, self.follower)
                size = size if self.follower is None else self.size(ledger_id)
                seen = self.catch_up(ledger_id, rows, seen, size)
                if table is not None:
                    self.write(table, ledger_id)
                self.write_touched(ledger_id, rows)
                if self.follower is not None and table is None:
                    self.execute(
                        "UPDATE log.places SET failure = NULL WHERE follower = %s AND ledger_id = %s",
                        (self.follower, ledger_id),
                    )

    def catch_up(self, ledger_id: UUID, rows: TrackedRows, seen: int, size: int) -> int:
        """Apply to the replayed rows what came meanwhile; the size they are at then."""
        if size > seen:
            names = stored_names(event_names(self.models))
            bounds = {"after": seen - 1, "until_seq": size - 1, "names": names}
            for recorded in Log(self.connection).read_all(ledger_id, **bounds):
                for model in self.models:
                    model.apply(rows, recorded)
        return max(seen, size)

    def write(self, table: Table, ledger_id: UUID) -> None:
        """The next rows of this ledger that differ, as they were replayed; they are then off the list."""
        keys = [quoted(key) for key in key_columns(table)]
        columns = [quoted(column.name) for column in table.columns]
        same = " AND ".join(f"a.{key} = d.{key}" for key in keys)
        taken = (
            f"CREATE TEMPORARY TABLE mended ON COMMIT DROP AS WITH next AS (SELECT n FROM {differing(table)}"
            " WHERE ledger_id = %s ORDER BY n LIMIT %s), gone AS"
            f" (DELETE FROM {differing(table)} d USING next WHERE d.n = next.n RETURNING d.*) SELECT * FROM gone"
        )
        self.execute(taken, (ledger_id, ROWS_AT_ONCE))
        self.execute(f"DELETE FROM {table.fullname} a USING mended d WHERE {same}")
        self.execute(
            f"INSERT INTO {table.fullname} ({', '.join(columns)})"
            f" SELECT {listed('a', columns)} FROM {staged(table)} a JOIN mended d ON {same}"
        )

    def write_touched(self, ledger_id: UUID, rows: TrackedRows) -> None:
        """What came meanwhile was written by its writers; where that was onto a wrong row, it is written again."""
        live = LiveRows(self.connection, ledger_id)
        for table, key in rows.touched:
            found = rows.of(table).get(key)
            named = {name: value for name, value in zip(key_columns(table), key, strict=True) if name != "ledger_id"}
            if found is None:
                live.remove(table, named)
            else:
                live.put(table, **{column.name: found.get(column.name) for column in table.columns})

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(statement, values)


def portions(wrong: Mapping[Table, int]) -> Iterator[Table]:
    """Each table as often as it takes to write its rows."""
    for table, count in wrong.items():
        yield from [table] * -(-count // ROWS_AT_ONCE)


def stand_still(connection: Connection, ledger_id: UUID, follower: str | None) -> int:
    """Hold the ledger's writers, or the follower that writes these rows, until the transaction ends; its size."""
    if follower is not None:
        connection.exec_driver_sql(
            "INSERT INTO log.places (follower, ledger_id) VALUES (%s, %s) ON CONFLICT DO NOTHING", (follower, ledger_id)
        )
        connection.exec_driver_sql(
            "SELECT 1 FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE", (follower, ledger_id)
        )
        return 0
    locked = text("SELECT size FROM log.ledgers WHERE ledger_id = :ledger_id FOR UPDATE")
    return int(connection.execute(locked, {"ledger_id": ledger_id}).scalar_one())


def load_all(view: Connection, tables: Iterable[Table], rows: Sequence[MemoryRows]) -> None:
    """COPY the rows of many ledgers at once: one statement a table, not one a table and ledger."""
    for table in tables:
        held = [one.held(table).values() for one in rows]
        if any(held):
            copy_rows(view, table, chain.from_iterable(held))
        for one in rows:
            for columns in one.columns(table):
                copy_columns(view, table, with_ledger(one.ledger_id, columns))


def temporary(table: Table) -> tuple[str, str]:
    """The statements that make room for a table's replayed rows, and for the keys of those that differ."""
    keys = ", ".join(f"{quoted(key)} {kind_of(table, key)}" for key in key_columns(table))
    return (
        f"CREATE TEMPORARY TABLE {quoted(table.name)} (LIKE {table.fullname} INCLUDING DEFAULTS)",
        f"CREATE TEMPORARY TABLE {differing(table)} ({keys}, n bigserial)",
    )


def staged(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted(table.name)}"


def differing(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted('differing ' + table.name)}"


def listed(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def kind_of(table: Table, key: str) -> str:
    return str(table.c[key].type.compile(dialect=DIALECT))
