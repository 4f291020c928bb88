"""The few operations by which a read model writes its tables, over a database or in memory alike.

A read model says what an event does to rows of one ledger; where those rows live is decided here. Live, each operation
is one statement in the write's own transaction, and the statements of an event travel together. In replay the rows live
in memory and are loaded at the end by COPY.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import Connection, Table, and_, insert, select

from shared.log import statements
from shared.log.copying import COPIER, Columns, as_stored, copy_columns, driver, quoted, rows_of
from shared.log.statements import key_columns

__all__ = [
    "LiveRows",
    "MemoryRows",
    "NoSuchRow",
    "Row",
    "Rows",
    "driver",
    "key_columns",
    "live_rows",
    "quoted",
    "read_attachment",
]

Row = dict[str, Any]
Key = Mapping[str, Any]


HELD_WRITES_MAX = 500
"""Sent at once; what more there is, comes after their answers."""


class NoSuchRow(LookupError):
    """A read model changes a row that its own events never made: the code and the history disagree."""


@dataclass(frozen=True, slots=True)
class Write:
    """A statement that is still to be sent. `missing`: what to say when it changes no row; None when it need not."""

    statement: str
    values: tuple[Any, ...]
    missing: str | None


class Rows(Protocol):
    """Rows of one ledger: `ledger_id` is in every key and filled in here, so no operation can leave the ledger."""

    ledger_id: UUID

    def insert(self, table: Table, **values: Any) -> None: ...
    def insert_many(self, table: Table, rows: Iterable[Row]) -> None: ...
    def insert_columns(self, table: Table, make: Callable[[], Columns]) -> None:
        """Insert very many rows, all columns but `ledger_id` given; the table belongs to `concord_copier`.

        `make` asks the database nothing and depends on nothing that changes: a replay calls it as late as `load`.
        """

    def put(self, table: Table, **values: Any) -> None:
        """Insert, or replace the row with the same primary key."""

    def change(self, table: Table, key: Key, **changes: Any) -> None:
        """Update the row with this primary key (without ledger_id); raises NoSuchRow."""

    def remove(self, table: Table, key: Key) -> None:
        """Delete the row with this primary key; nothing when there is none."""

    def get(self, table: Table, **key: Any) -> Row | None:
        """The row with this primary key."""

    def where(self, table: Table, **equal: Any) -> list[Row]:
        """All rows of the ledger with these values, in the order of the primary key."""

    def attachment(self, sha256: str) -> bytes:
        """The content of an attachment of this ledger."""


class LiveRows:
    """Rows in the database, in the transaction of `connection`; `live_rows` makes it.

    Writes are held and sent together, since each would else wait for its own answer; a reading sends them first.
    """

    def __init__(self, connection: Connection, ledger_id: UUID) -> None:
        self.connection = connection
        self.ledger_id = ledger_id
        self.held: list[Write] = []

    def insert(self, table: Table, **values: Any) -> None:
        row = {"ledger_id": self.ledger_id, **values}
        self.hold(statements.insert_row(table, tuple(row)), table, row)

    def insert_many(self, table: Table, rows: Iterable[Row]) -> None:
        self.settle()
        whole = [{"ledger_id": self.ledger_id, **row} for row in rows]
        if whole:
            self.connection.execute(insert(table), whole)

    def insert_columns(self, table: Table, make: Callable[[], Columns]) -> None:
        self.settle()
        columns = with_ledger(self.ledger_id, make())
        role = self.connection.exec_driver_sql("SELECT current_user").scalar_one()
        self.connection.exec_driver_sql("SELECT set_config('role', %s, true)", (COPIER,))
        copy_columns(self.connection, statements.name_of(table), columns)
        self.connection.exec_driver_sql("SELECT set_config('role', %s, true)", (role,))

    def put(self, table: Table, **values: Any) -> None:
        row = {"ledger_id": self.ledger_id, **values}
        self.hold(statements.put_row(table, tuple(row)), table, row)

    def change(self, table: Table, key: Key, **changes: Any) -> None:
        whole = {"ledger_id": self.ledger_id, **key}
        statement = statements.change_row(table, tuple(whole), tuple(changes))
        missing = f"{table.name} has no row {dict(key)} in ledger {self.ledger_id}."
        self.hold(statement, table, changes, whole, missing=missing)

    def remove(self, table: Table, key: Key) -> None:
        whole = {"ledger_id": self.ledger_id, **key}
        self.hold(statements.remove_row(table, tuple(whole)), table, whole)

    def get(self, table: Table, **key: Any) -> Row | None:
        self.settle()
        whole = {"ledger_id": self.ledger_id, **key}
        values = stored_values(table, whole)
        found = self.connection.exec_driver_sql(statements.get_row(table, tuple(whole)), values).first()
        return dict(zip((c.name for c in table.columns), found, strict=True)) if found else None

    def where(self, table: Table, **equal: Any) -> list[Row]:
        self.settle()
        found = select(table).where(self.matches(table, equal)).order_by(*table.primary_key.columns)
        return [dict(row) for row in self.connection.execute(found).mappings()]

    def attachment(self, sha256: str) -> bytes:
        return read_attachment(self.connection, self.ledger_id, sha256)

    def matches(self, table: Table, equal: Key) -> Any:
        return and_(table.c.ledger_id == self.ledger_id, *(table.c[name] == value for name, value in equal.items()))

    def hold(self, statement: str, table: Table, *values: Mapping[str, Any], missing: str | None = None) -> None:
        self.held.append(Write(statement, stored_values(table, *values), missing))
        if len(self.held) == HELD_WRITES_MAX:
            self.settle()

    def settle(self) -> None:
        """Send what is held, all of it before the first answer is waited for. Raises NoSuchRow."""
        writes, self.held = self.held, []
        if not writes:
            return
        to = driver(self.connection)
        with to.pipeline() if len(writes) > 1 else nullcontext():
            cursors = [to.execute(write.statement, write.values) for write in writes]
        for write, cursor in zip(writes, cursors, strict=True):
            if write.missing is not None and cursor.rowcount != 1:
                raise NoSuchRow(write.missing)


@contextmanager
def live_rows(connection: Connection, ledger_id: UUID) -> Iterator[LiveRows]:
    """The rows of a ledger, to be written in the transaction of `connection`; all is written when the block ends."""
    rows = LiveRows(connection, ledger_id)
    yield rows
    rows.settle()


def stored_values(table: Table, *values: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(as_stored(table.c[name], value) for some in values for name, value in some.items())


class MemoryRows:
    """Rows of one ledger in memory, by the same operations, until they are copied into tables."""

    def __init__(self, ledger_id: UUID, connection: Connection | None = None) -> None:
        self.ledger_id = ledger_id
        self.connection = connection
        self._held: dict[Table, dict[tuple[Any, ...], Row]] = defaultdict(dict)
        self._columns: dict[Table, list[Callable[[], Columns]]] = defaultdict(list)
        """What came by columns and nobody has asked for; it goes into its table without ever being here as a whole."""

    @property
    def tables(self) -> Mapping[Table, dict[tuple[Any, ...], Row]]:
        """All rows of all tables, by primary key."""
        for table in list(self._columns):
            self.of(table)
        return self._held

    def of(self, table: Table) -> dict[tuple[Any, ...], Row]:
        """All rows of a table, by primary key."""
        for make in self._columns.pop(table, ()):
            self.insert_many(table, rows_of(make()))
        return self._held[table]

    def insert(self, table: Table, **values: Any) -> None:
        row = {"ledger_id": self.ledger_id, **values}
        held = self.of(table)
        key = self.key(table, row)
        if key in held:
            raise ValueError(f"{table.name} has two rows {key} in ledger {self.ledger_id}.")
        held[key] = row

    def insert_many(self, table: Table, rows: Iterable[Row]) -> None:
        for row in rows:
            self.insert(table, **row)

    def insert_columns(self, table: Table, make: Callable[[], Columns]) -> None:
        self._columns[table].append(make)

    def put(self, table: Table, **values: Any) -> None:
        row = {"ledger_id": self.ledger_id, **values}
        self.of(table).setdefault(self.key(table, row), {}).update(row)

    def change(self, table: Table, key: Key, **changes: Any) -> None:
        row = self.of(table).get(self.key(table, key))
        if row is None:
            raise NoSuchRow(f"{table.name} has no row {dict(key)} in ledger {self.ledger_id}.")
        row.update(changes)

    def remove(self, table: Table, key: Key) -> None:
        self.of(table).pop(self.key(table, key), None)

    def get(self, table: Table, **key: Any) -> Row | None:
        row = self.of(table).get(self.key(table, key))
        return {**statements.empty_row(table), **row} if row else None

    def where(self, table: Table, **equal: Any) -> list[Row]:
        found = (
            {**statements.empty_row(table), **row}
            for row in self.of(table).values()
            if all(row.get(name) == value for name, value in equal.items())
        )
        return sorted(found, key=lambda row: self.key(table, row))

    def attachment(self, sha256: str) -> bytes:
        if self.connection is None:
            raise LookupError(f"Attachment {sha256} needs a database to be read from.")
        return read_attachment(self.connection, self.ledger_id, sha256)

    def held(self, table: Table) -> dict[tuple[Any, ...], Row]:
        """Rows of a table that did not come by columns, by primary key."""
        return self._held[table]

    def columns(self, table: Table) -> Iterator[Columns]:
        """What came by columns and nobody has asked for."""
        return (with_ledger(self.ledger_id, make()) for make in self._columns.get(table, ()))

    def take_over(self, other: MemoryRows) -> None:
        """Hold the rows that the other holds, both from now on."""
        self._held, self._columns = other._held, other._columns

    def key(self, table: Table, values: Key) -> tuple[Any, ...]:
        return (self.ledger_id, *[values[name] for name in statements.own_key(table)])


def with_ledger(ledger_id: UUID, columns: Columns) -> Columns:
    return {**columns, "ledger_id": [ledger_id] * max(map(len, columns.values()))}


def read_attachment(connection: Connection, ledger_id: UUID, sha256: str) -> bytes:
    statement = "SELECT content FROM log.attachments WHERE ledger_id = %s AND sha256 = %s"
    row = connection.exec_driver_sql(statement, (ledger_id, sha256)).first()
    if row is None:
        raise LookupError(f"Ledger {ledger_id} has no attachment {sha256}.")
    return bytes(row[0])
