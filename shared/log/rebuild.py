"""Rebuilding read models while the system serves, and proving that what is live is what the events say.

Every row of a read model belongs to one ledger, so a rebuild goes ledger by ledger: replay into memory beside the live
rows, take the ledger's head row so that it stands still, apply the few events that came meanwhile, and put the new rows
in place of the old in one transaction. Readers see the old rows until then; writers of that ledger wait for moments.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Engine, Table, select, text

from shared.events import stored_names
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, event_names
from shared.log.rows import MemoryRows, key_columns
from shared.log.shadow import replay
from shared.log.statements import remove_row


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
    """Replace all rows of these read models by what the events say; how many ledgers were rebuilt.

    `follower` names the one that feeds followed read models; its places are moved along in the same transactions.
    """
    ledgers = ledgers_of(engine)
    for ledger_id in ledgers:
        with engine.begin() as connection:
            rebuild_ledger(connection, models, ledger_id, follower)
    return len(ledgers)


def rebuild_ledger(connection: Connection, models: Sequence[ReadModel], ledger_id: UUID, follower: str | None) -> None:
    seen = Log(connection).size(ledger_id) or 0
    rows = replay(connection, models, ledger_id, Moment(seq=seen - 1))
    size = stand_still(connection, ledger_id, follower)
    if size > seen:
        names = stored_names(event_names(models))
        for recorded in Log(connection).read_all(ledger_id, after=seen - 1, until_seq=size - 1, names=names):
            for model in models:
                model.apply(rows, recorded)
    for table in tables_of(models):
        connection.exec_driver_sql(remove_row(table, ("ledger_id",)), (ledger_id,))
    rows.load(connection)
    if follower is not None:
        connection.exec_driver_sql(
            "INSERT INTO log.places (follower, ledger_id, next) VALUES (%s, %s, %s)"
            " ON CONFLICT (follower, ledger_id) DO UPDATE SET next = excluded.next, failure = NULL",
            (follower, ledger_id, size),
        )


def stand_still(connection: Connection, ledger_id: UUID, follower: str | None) -> int:
    """Hold the ledger's writers, and its follower, until this transaction ends; the ledger's size."""
    if follower is not None:
        connection.exec_driver_sql(
            "SELECT 1 FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE", (follower, ledger_id)
        )
    locked = text("SELECT size FROM log.ledgers WHERE ledger_id = :ledger_id FOR UPDATE")
    return int(connection.execute(locked, {"ledger_id": ledger_id}).scalar_one())


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
    replayed = {
        key: {c.name: plain(row.get(c.name)) for c in table.columns} for key, row in rows.tables.get(table, {}).items()
    }
    for key in sorted(live.keys() | replayed.keys(), key=str):
        if live.get(key) != replayed.get(key):
            yield Difference(table.fullname, key, live.get(key), replayed.get(key))


def plain(value: Any) -> Any:
    """As the database gives it back: a member of an enumeration is its text."""
    return str(value) if isinstance(value, str) else value


def verify(engine: Engine, models: Sequence[ReadModel], *, follower: str | None = None) -> Iterator[Difference]:
    """Compare all live rows with a replay, ledger by ledger, each in one transaction while it stands still."""
    for ledger_id in ledgers_of(engine):
        with engine.begin() as connection:
            size = stand_still(connection, ledger_id, None)
            until = place_of(connection, follower, ledger_id) if follower else size
            yield from list(differences(connection, models, ledger_id, until - 1))


def place_of(connection: Connection, follower: str, ledger_id: UUID) -> int:
    statement = "SELECT next FROM log.places WHERE follower = %s AND ledger_id = %s FOR UPDATE"
    row = connection.exec_driver_sql(statement, (follower, ledger_id)).first()
    return row[0] if row else 0


def tables_of(models: Sequence[ReadModel]) -> list[Table]:
    return [table for model in models for table in model.tables]
