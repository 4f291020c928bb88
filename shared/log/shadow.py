"""Reading as of a moment: replay ledgers into temporary tables that shadow the real ones, and ask them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from shared.events import stored_names
from shared.garbage import collector_put_off
from shared.log.codec import decode
from shared.log.copying import driver
from shared.log.disclosed import opened
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, applied_by, event_names
from shared.log.rows import MemoryRows, quoted

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
    """The tables of some read models as they were, on a view of one transaction's connection, until it ends."""

    view: Connection
    models: Sequence[ReadModel]
    filled: set[UUID] = field(default_factory=set)

    def fill(self, ledgers: Iterable[tuple[UUID, Moment]]) -> Connection:
        """The view, with the rows of these ledgers too, each as at its moment."""
        for ledger_id, moment in ledgers:
            if ledger_id not in self.filled:
                replay(self.view, self.models, ledger_id, moment).load(self.view)
                self.filled.add(ledger_id)
        return self.view


def shadow(connection: Connection, models: Sequence[ReadModel]) -> Shadow:
    """Empty tables that shadow those of `models`; once in a transaction.

    The same SQL runs with the temporary schema in place of the service's: a table that was not shadowed is an error
    there, never a silent look at today's rows, and no plan made for the real tables can be reused.
    """
    for model in models:
        for table in model.tables:
            connection.exec_driver_sql(
                f"CREATE TEMPORARY TABLE {quoted(table.name)} "
                f"(LIKE {table.fullname} INCLUDING DEFAULTS INCLUDING INDEXES INCLUDING GENERATED) ON COMMIT DROP"
            )
    schemas = {table.schema for model in models for table in model.tables}
    view = connection.execution_options(schema_translate_map=dict.fromkeys(schemas, SHADOW_SCHEMA))
    return Shadow(view, models)


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
