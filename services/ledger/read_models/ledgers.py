"""Ledgers as their readers see them: how far they go, and when. The log's own tables, read only."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, MetaData, Select, Table, Text, Uuid, select

from shared.log.envelope import Moment

LOG = MetaData(schema="log")
"""Apart from the metadata of this service: these tables belong to the log."""

ledgers = Table("ledgers", LOG, Column("ledger_id", Uuid, primary_key=True), Column("kind", Text))

OPEN = (
    "SELECT l.kind, least(l.size, r.until_seq + 1) FROM log.ledgers l"
    " LEFT JOIN log.readers r ON r.ledger_id = l.ledger_id AND r.org_id = log.current_org()"
    " WHERE l.ledger_id = %s AND (r.org_id IS NOT NULL OR log.is_system())"
)
RECORDED = "SELECT recorded_us FROM log.events WHERE ledger_id = %s AND seq = %s"
PARTIES = (
    "SELECT l.id, n.id, n.name FROM unnest(%s::uuid[]) AS l (id) CROSS JOIN LATERAL access.names(l.id) n"
    " WHERE n.id = n.org_id ORDER BY n.name, n.id"
)
NAMES = "SELECT id, name FROM access.names(%s) WHERE id = ANY(%s) UNION SELECT id, name FROM access.actors(%s, %s)"


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation that may read a ledger."""

    id: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """A ledger as far as the caller may read it: `size` entries, up to the moment asked for."""

    id: UUID
    kind: str
    size: int


def readable(among: Collection[UUID]) -> Select[Any]:
    """Those of these ledgers that the caller may read."""
    return select(ledgers).where(ledgers.c.ledger_id.in_(list(among)))


def ledger(connection: Connection, ledger_id: UUID, moment: Moment) -> Ledger | None:
    """The ledger as of a moment; None when the caller may not read it. A party that has left sees what it saw."""
    row = connection.exec_driver_sql(OPEN, (ledger_id,)).first()
    if row is None:
        return None
    now = Ledger(ledger_id, row[0], row[1])
    return Ledger(now.id, now.kind, size_at(connection, now, moment))


def size_at(connection: Connection, held: Ledger, moment: Moment) -> int:
    """How many entries the ledger had at a moment. Recorded times never run backwards, so a few looks find it."""
    size = held.size if moment.seq is None else min(held.size, moment.seq + 1)
    if moment.us is None:
        return size
    return bisect_right(range(size), moment.us, key=lambda seq: recorded_us(connection, held.id, seq))


def recorded_us(connection: Connection, ledger_id: UUID, seq: int) -> int:
    """When an entry was recorded, in µs since 1970."""
    return int(connection.exec_driver_sql(RECORDED, (ledger_id, seq)).scalar_one())


def last_recorded_us(connection: Connection, held: Ledger) -> int | None:
    """When the last entry was recorded; None for an empty ledger."""
    return recorded_us(connection, held.id, held.size - 1) if held.size else None


def parties(connection: Connection, ledger_ids: Collection[UUID]) -> dict[UUID, list[Party]]:
    """The organisations that read each of these ledgers, by name."""
    found: dict[UUID, list[Party]] = {ledger_id: [] for ledger_id in ledger_ids}
    for ledger_id, org, name in connection.exec_driver_sql(PARTIES, (list(ledger_ids),)):
        found[ledger_id].append(Party(org, name))
    return found


def names(connection: Connection, ledger_id: UUID, ids: Collection[UUID]) -> dict[UUID, str | None]:
    """Names for ids of a ledger, as the caller may know them; None for a name that was erased."""
    return {row[0]: row[1] for row in connection.exec_driver_sql(NAMES, (ledger_id, list(ids)) * 2)}
