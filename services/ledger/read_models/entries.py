"""Entries as they are stored and hashed. The log's own table, read only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection

from shared.log.entry import encode_entry

ENTRIES = "SELECT seq, recorded_us, body FROM log.events WHERE ledger_id = %s AND seq >= %s AND seq < %s ORDER BY seq"


def entries_between(connection: Connection, ledger_id: UUID, first: int, end: int) -> list[bytes]:
    """The bytes of the entries from `first` up to `end`."""
    rows = connection.exec_driver_sql(ENTRIES, (ledger_id, first, end))
    return [encode_entry(seq, us, bytes(body)) for seq, us, body in rows]
