"""Rebuilding read models while the system serves, and proving that what is live is what the events say.

Every row of a read model belongs to one ledger, so a rebuild goes ledger by ledger, many small ones together; how the
rows are put right meanwhile is in `mending`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, select

from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.mending import Mending, as_read
from shared.log.read_models import ReadModel
from shared.log.rows import MemoryRows, key_columns
from shared.log.shadow import replay

BATCH_EVENTS = 5_000
"""Of small ledgers that are replayed and compared together."""


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not what the events say: `live` or `replayed` is None where there is no such row."""

    table: str
    key: tuple[Any, ...]
    live: dict[str, Any] | None
    replayed: dict[str, Any] | None


def ledgers_of(engine: Engine) -> list[UUID]:
    with engine.connect() as connection:
        return list(connection.exec_driver_sql("SELECT ledger_id FROM log.ledgers ORDER BY ledger_id").scalars())


def rebuild(engine: Engine, models: Sequence[ReadModel], *, follower: str | None = None) -> int:
    """Make all rows of these read models what the events say; how many ledgers were looked at.

    `follower` names the one that feeds followed read models: they are rebuilt as far as it has come, and it goes on.
    """
    with engine.connect() as connection:
        found = "SELECT ledger_id, size FROM log.ledgers ORDER BY ledger_id"
        sizes = [(row[0], row[1]) for row in connection.exec_driver_sql(found)]
        connection.rollback()
        try:
            mending = Mending(connection, models, follower)
            for batch in batches(sizes):
                mending.mend(batch)
        finally:
            connection.invalidate()  # its temporary tables go with it
    return len(sizes)


def batches(sizes: Sequence[tuple[UUID, int]]) -> Iterator[list[UUID]]:
    """Ledgers together up to BATCH_EVENTS; a larger one alone."""
    batch: list[UUID] = []
    events = 0
    for ledger_id, size in sizes:
        if batch and events + size > BATCH_EVENTS:
            yield batch
            batch, events = [], 0
        batch.append(ledger_id)
        events += size
    if batch:
        yield batch


def differences(
    connection: Connection, models: Sequence[ReadModel], ledger_id: UUID, until: int
) -> Iterator[Difference]:
    """Row by row, where the live tables and a replay of the events up to seq `until` disagree."""
    rows = replay(connection, models, ledger_id, Moment(seq=until))
    for table in tables_of(models):
        yield from table_differences(connection, table, rows)


def table_differences(connection: Connection, table: Table, rows: MemoryRows) -> Iterator[Difference]:
    of_ledger = select(table).where(table.c.ledger_id == rows.ledger_id)
    keys = key_columns(table)
    live = {tuple(r[k] for k in keys): dict(r) for r in connection.execute(of_ledger).mappings()}
    replayed = {key: as_read(table, row) for key, row in rows.tables.get(table, {}).items()}
    for key in sorted(live.keys() | replayed.keys(), key=str):
        if live.get(key) != replayed.get(key):
            yield Difference(table.fullname, key, live.get(key), replayed.get(key))


def verify(engine: Engine, models: Sequence[ReadModel], *, follower: str | None = None) -> Iterator[Difference]:
    """Compare all live rows with a replay, ledger by ledger, each in one snapshot: nobody waits."""
    for ledger_id in ledgers_of(engine):
        with engine.connect() as connection, connection.begin():
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            size = Log(connection).size(ledger_id) or 0
            until = place_of(connection, follower, ledger_id) if follower else size
            yield from list(differences(connection, models, ledger_id, until - 1))


def place_of(connection: Connection, follower: str, ledger_id: UUID) -> int:
    statement = "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s"
    row = connection.exec_driver_sql(statement, (follower, ledger_id)).first()
    return row[0] if row else 0


def tables_of(models: Sequence[ReadModel]) -> list[Table]:
    return [table for model in models for table in model.tables]
