"""What becomes of a party's reading when it leaves an alliance."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Connection


def end_readership(connection: Connection, ledger_id: UUID, org: UUID) -> int | None:
    """A party leaves: it reads up to the last event there is, this transaction's included, and nothing later.

    Append its exit first, then call this. The last seq it reads; None when it does not read the ledger, or had left.
    """
    asked = (ledger_id, org)
    last: int | None = connection.exec_driver_sql("SELECT log.end_readership(%s, %s)", asked).scalar_one()
    return last
