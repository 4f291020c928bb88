"""The temporary tables of a rebuild: replayed rows beside the live ones, which of them differ, and the next to write.

All of it is done without a lock on anything live, but for `write`, which finds its few rows ready.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table

from shared.log.copying import copy_rows, quoted
from shared.log.rows import MemoryRows, Row
from shared.log.shadow import SHADOW_SCHEMA, load, shadow_of
from shared.log.statements import DIALECT, key_columns, matches

ROWS_AT_ONCE = 100
"""Rows written in one transaction, while the writers of that ledger wait: some 10 ms."""

Key = tuple[Any, ...]


@dataclass
class Staging:
    """One connection's temporary tables for these tables; they go with it."""

    connection: Connection
    tables: Sequence[Table]
    filled: set[Table] = field(default_factory=set)
    indexed: set[Table] = field(default_factory=set)
    ready: set[Key] = field(default_factory=set)
    """The keys of the rows that `write` will write."""

    def __post_init__(self) -> None:
        with self.connection.begin():
            # In one round trip: they are many, and small ledgers would pay for each.
            self.execute("; ".join(statement for table in self.tables for statement in temporary(table)))

    def load(self, rows: Sequence[MemoryRows]) -> None:
        self.filled |= load(self.connection, self.tables, rows)

    def compare(self, table: Table, ledgers: Sequence[UUID]) -> int:
        """Note the keys of the rows that differ; how many they are."""
        keys = [quoted(key) for key in key_columns(table)]
        others = [quoted(column.name) for column in table.columns if column.name not in key_columns(table)]
        unlike = f"ROW({listed('s', others)}) IS DISTINCT FROM ROW({listed('l', others)})" if others else "false"
        found = self.execute(
            f"INSERT INTO {differing(table)} ({', '.join(keys)}) SELECT {', '.join(keys)}"
            f" FROM (SELECT *, true AS there FROM {table.fullname} WHERE ledger_id = ANY(%s)) l"
            f" FULL JOIN (SELECT *, true AS there FROM {shadow_of(table)}) s USING ({', '.join(keys)})"
            f" WHERE l.there IS NULL OR s.there IS NULL OR {unlike}",
            (list(ledgers),),
        )
        if found.rowcount:
            self.filled.add(table)
        return int(found.rowcount)

    def ledgers_that_differ(self, tables: Sequence[Table]) -> dict[UUID, list[Table]]:
        """In which ledgers rows of these tables differ."""
        wrong: dict[UUID, list[Table]] = {}
        for table in tables:
            for (ledger_id,) in self.execute(f"SELECT DISTINCT ledger_id FROM {differing(table)}"):
                wrong.setdefault(ledger_id, []).append(table)
        return wrong

    def set_aside(self, table: Table, ledger_id: UUID, leave_out: Collection[Key]) -> bool:
        """Make the next rows of this ledger that differ ready to be written; False when no more are."""
        self.empty(table)
        keys = [quoted(key) for key in key_columns(table)]
        columns = [quoted(column.name) for column in table.columns]
        taken = self.execute(
            f"WITH taken AS (DELETE FROM {differing(table)} WHERE n IN (SELECT n FROM {differing(table)}"
            f" WHERE ledger_id = %s ORDER BY n LIMIT %s) RETURNING {', '.join(keys)})"
            f" INSERT INTO {next_keys(table)} SELECT * FROM taken RETURNING {', '.join(keys)}",
            (ledger_id, ROWS_AT_ONCE),
        )
        found = {tuple(row) for row in taken}
        for key in found.intersection(leave_out):
            self.execute(f"DELETE FROM {next_keys(table)} WHERE {matches(table, key_columns(table))}", key)
        self.ready = found.difference(leave_out)
        self.execute(
            f"INSERT INTO {next_rows(table)} SELECT {listed('s', columns)}"
            f" FROM {shadow_of(table)} s JOIN {next_keys(table)} d ON {same(keys, 's')}"
        )
        self.execute(f"ANALYZE {next_keys(table)}")
        return bool(found)

    def prepare(self, table: Table, rows: Mapping[Key, Row | None]) -> None:
        """Make these rows ready to be written; None for one that is not to be there."""
        self.empty(table)
        self.ready = set(rows)
        names = key_columns(table)
        kept = [row for row in rows.values() if row is not None]
        keys = [dict(zip(names, key, strict=True)) for key in rows]
        copy_rows(self.connection, next_keys(table), table, keys, names)
        copy_rows(self.connection, next_rows(table), table, kept)
        self.execute(f"ANALYZE {next_keys(table)}")

    def empty(self, table: Table) -> None:
        self.index(table)
        self.execute(f"TRUNCATE {next_keys(table)}, {next_rows(table)}")

    def index(self, table: Table) -> None:
        """Once rows of a table differ, so that to find the next of very many takes no longer than of few."""
        if table not in self.indexed:
            keys = ", ".join(quoted(key) for key in key_columns(table))
            self.execute(
                f"CREATE INDEX ON {shadow_of(table)} ({keys}); CREATE INDEX ON {differing(table)} (ledger_id, n);"
                f" CREATE TEMPORARY TABLE {quoted('next keys ' + table.name)} AS SELECT {keys} FROM {shadow_of(table)}"
                f" LIMIT 0; CREATE TEMPORARY TABLE {quoted('next rows ' + table.name)} (LIKE {shadow_of(table)});"
                f" ANALYZE {shadow_of(table)}, {differing(table)}"
            )
            self.indexed.add(table)

    def write(self, table: Table) -> None:
        """The rows that were set aside into the live table; whoever calls this holds its writers."""
        keys = [quoted(key) for key in key_columns(table)]
        columns = ", ".join(quoted(column.name) for column in table.columns)
        self.execute(f"DELETE FROM {table.fullname} a USING {next_keys(table)} d WHERE {same(keys, 'a')}")
        self.execute(f"INSERT INTO {table.fullname} ({columns}) SELECT {columns} FROM {next_rows(table)}")

    def clear(self) -> None:
        if self.filled:
            filled = ", ".join(name for table in self.filled for name in (shadow_of(table), differing(table)))
            self.execute(f"TRUNCATE {filled}")
            self.filled.clear()

    def execute(self, statement: str, values: tuple[Any, ...] = ()) -> Any:
        return self.connection.exec_driver_sql(statement, values)


def temporary(table: Table) -> tuple[str, str]:
    """The statements that make room for a table's replayed rows, and for the keys of those that differ."""
    keys = ", ".join(f"{quoted(key)} {kind_of(table, key)}" for key in key_columns(table))
    return (
        f"CREATE TEMPORARY TABLE {quoted(table.name)} (LIKE {table.fullname} INCLUDING DEFAULTS)",
        f"CREATE TEMPORARY TABLE {quoted('differing ' + table.name)} ({keys}, n bigserial)",
    )


def differing(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted('differing ' + table.name)}"


def next_keys(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted('next keys ' + table.name)}"


def next_rows(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted('next rows ' + table.name)}"


def same(keys: Iterable[str], alias: str) -> str:
    return " AND ".join(f"{alias}.{key} = d.{key}" for key in keys)


def listed(alias: str, names: Iterable[str]) -> str:
    return ", ".join(f"{alias}.{name}" for name in names)


def kind_of(table: Table, key: str) -> str:
    return str(table.c[key].type.compile(dialect=DIALECT))
