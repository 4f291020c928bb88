"""Reading as of a moment: replay ledgers into temporary tables that shadow the real ones, and ask them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import Connection

from shared.events import stored_names
from shared.log.envelope import Moment
from shared.log.log import Log
from shared.log.read_models import ReadModel, event_names
from shared.log.rows import MemoryRows, quoted

SHADOW_SCHEMA = "pg_temp"


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
    rows = MemoryRows(ledger_id, connection)
    names = stored_names(event_names(models))
    for recorded in Log(connection).read_all(ledger_id, until_seq=moment.seq, until_us=moment.us, names=names):
        for model in models:
            model.apply(rows, recorded)
    return rows
