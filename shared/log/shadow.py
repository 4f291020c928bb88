"""Reading as of a moment: replay ledgers into temporary tables that shadow the real ones, and ask them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Result, Select, Table
from sqlalchemy.sql.visitors import iterate

from shared.events import stored_names
from shared.garbage import collector_put_off
from shared.log.codec import decode
from shared.log.copying import copy_columns, copy_rows, driver
from shared.log.disclosed import opened
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, applied_by, event_names
from shared.log.rows import MemoryRows, quoted

Execute = Callable[[Select[Any]], Result[Any]]
"""Asks read models: as they are, or as they were."""

SHADOW_SCHEMA = "pg_temp"
EVENTS_OF_MANY = (
    "SELECT e.ledger_id, e.seq, e.recorded_us, e.body FROM unnest(%s::uuid[], %s::bigint[]) AS w (ledger_id, size)"
    " JOIN log.events e ON e.ledger_id = w.ledger_id AND e.seq < w.size WHERE e.type = ANY(%s) ORDER BY 1, 2"
)
DISCLOSURES_OF_MANY = (
    "SELECT d.ledger_id, d.seq, d.name, d.digest, d.sealed, k.key"
    " FROM unnest(%s::uuid[], %s::bigint[]) AS w (ledger_id, seq)"
    " JOIN log.disclosures d ON d.ledger_id = w.ledger_id AND d.seq = w.seq"
    " LEFT JOIN log.person_keys k ON k.ledger_id = d.ledger_id AND k.person_id = d.person_id"
)


@dataclass
class Shadow:
    """A service's tables as they were, for one transaction: each is made and filled when a statement first asks it.

    The same SQL runs with the temporary schema in place of the service's: a table that was not shadowed is an error
    there, never a silent look at today's rows, and no plan made for the real tables can be reused.
    """

    connection: Connection
    models: Sequence[ReadModel]
    moments: dict[UUID, Moment] = field(default_factory=dict)
    """Each ledger that is asked about, and as of when."""
    filled: dict[ReadModel, set[UUID]] = field(default_factory=dict)
    """The read models whose tables are there, and whose rows they hold."""

    def ask(self, moments: Iterable[tuple[UUID, Moment]]) -> None:
        """The rows of these ledgers too, each as at its moment."""
        for ledger_id, moment in moments:
            self.moments.setdefault(ledger_id, moment)

    def execute(self, statement: Select[Any]) -> Result[Any]:
        tables = {one for one in iterate(statement) if isinstance(one, Table)}
        asked = [model for model in self.models if not tables.isdisjoint(model.tables)]
        self.make([model for model in asked if model not in self.filled])
        for ledger_id, moment in self.moments.items():
            lacking = [model for model in asked if ledger_id not in self.filled[model]]
            if lacking:
                rows = replay(self.connection, lacking, ledger_id, moment)
                load(self.connection, [table for model in lacking for table in model.tables], [rows])
                for model in lacking:
                    self.filled[model].add(ledger_id)
        shadows = {table.schema: SHADOW_SCHEMA for model in self.models for table in model.tables}
        return self.connection.execute(statement, execution_options={"schema_translate_map": shadows})

    def make(self, models: Sequence[ReadModel]) -> None:
        """Their tables, empty, until the transaction ends; all in one round trip."""
        statements = [
            f"CREATE TEMPORARY TABLE {quoted(table.name)}"
            f" (LIKE {table.fullname} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING GENERATED) ON COMMIT DROP"
            for model in models
            for table in model.tables
        ]
        if statements:
            self.connection.exec_driver_sql("; ".join(statements))
        self.filled.update((model, set()) for model in models)


def load(connection: Connection, tables: Iterable[Table], rows: Sequence[MemoryRows]) -> set[Table]:
    """COPY the rows of some ledgers into the shadows of these tables, one statement a table; which of them got any."""
    filled = set()
    for table in tables:
        held = [one.held(table).values() for one in rows]
        if any(held):
            filled.add(table)
            copy_rows(connection, shadow_of(table), table, chain.from_iterable(held))
        for columns in chain.from_iterable(one.columns(table) for one in rows):
            filled.add(table)
            copy_columns(connection, shadow_of(table), columns)
    return filled


def shadow_of(table: Table) -> str:
    return f"{SHADOW_SCHEMA}.{quoted(table.name)}"


def replay(connection: Connection, models: Sequence[ReadModel], ledger_id: UUID, moment: Moment) -> MemoryRows:
    """The rows of one ledger as its events up to `moment` make them."""
    rows, apply = MemoryRows(ledger_id, connection), applied_by(models)
    names = stored_names(event_names(models))
    with collector_put_off():
        for recorded in Log(connection).read_all(ledger_id, until_seq=moment.seq, until_us=moment.us, names=names):
            apply(rows, recorded)
    return rows


def replay_many(
    connection: Connection, models: Sequence[ReadModel], sizes: Mapping[UUID, int]
) -> dict[UUID, MemoryRows]:
    """The same of many small ledgers, each as far as its size, in two statements for all of them."""
    names = list(stored_names(event_names(models)))
    found: dict[UUID, list[tuple[int, int, bytes]]] = {ledger_id: [] for ledger_id in sizes}
    values: dict[UUID, list[tuple[Any, ...]]] = defaultdict(list)
    with driver(connection).cursor() as cursor:
        for ledger_id, *row in cursor.execute(EVENTS_OF_MANY, (list(sizes), list(sizes.values()), names)):
            found[ledger_id].append((row[0], row[1], row[2]))
        sealed = [(one, seq) for one, rows in found.items() for seq, _, body in rows if b'"_sd":[' in body]
        if sealed:
            ledgers, seqs = zip(*sealed, strict=True)
            for ledger_id, *value in cursor.execute(DISCLOSURES_OF_MANY, (list(ledgers), list(seqs))):
                values[ledger_id].append(tuple(value))
    apply, made = applied_by(models), {}
    with collector_put_off():
        for ledger_id, events in found.items():
            made[ledger_id] = rows = MemoryRows(ledger_id, connection)
            for stored in opened(ledger_id, events, values[ledger_id]):
                apply(rows, decode(stored))
    return made
