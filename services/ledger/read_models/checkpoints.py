"""Signed checkpoints, who cosigned them, and how each witness is doing. Working tables: no replay makes a signature."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection

from services.ledger.domain.checkpoint import Checkpoint, read_checkpoint
from services.ledger.domain.note import Key, Note, read_note, read_signatures, read_vkey
from services.ledger.domain.policy import Policy, policy_of_sides

EXPORTED_MAX = 10_000
"""Signed checkpoints in one export, the newest."""

LOOKED_THROUGH_MAX = 1_000
"""Signed checkpoints, the newest, in which it is looked up how far witnesses have cosigned."""

NEWEST = (
    "SELECT size, root, note, cosignatures FROM ledger.checkpoints"
    " WHERE ledger_id = %s AND size <= %s AND note IS NOT NULL ORDER BY size DESC LIMIT %s"
)
CALLS = (
    "SELECT witness_id, cosigned_size, cosigned_at, failure FROM ledger.witness_calls"
    " WHERE ledger_id = %s AND witness_id = ANY(%s)"
)
SIGNED = "SELECT max(size) FROM ledger.checkpoints WHERE ledger_id = %s AND size <= %s AND note IS NOT NULL"
SIGNER = "SELECT signed_at, refusal FROM ledger.signers WHERE ledger_id = %s"
LOG_KEYS = "SELECT vkey FROM ledger.log_keys WHERE ledger_id = %s ORDER BY first_size, vkey"


@dataclass(frozen=True, slots=True)
class Signed:
    """A signed checkpoint with all its signatures."""

    checkpoint: Checkpoint
    note: Note


def signed_checkpoints(connection: Connection, ledger_id: UUID, *, up_to: int, limit: int) -> list[Signed]:
    """The newest signed checkpoints of at most this size, the newest first."""
    found = []
    for _, _, note, cosignatures in connection.exec_driver_sql(NEWEST, (ledger_id, up_to, limit)):
        whole = read_note(note.encode())
        more = read_signatures(cosignatures) if cosignatures else ()
        found.append(Signed(read_checkpoint(whole.text), whole.with_signatures(more)))
    return found


@dataclass(frozen=True, slots=True)
class Call:
    """How far a witness has cosigned, and why it has not come further."""

    cosigned_size: int = 0
    cosigned_at: datetime | None = None
    failure: str | None = None


def calls_of(connection: Connection, ledger_id: UUID, witnesses: Collection[UUID]) -> dict[UUID, Call]:
    rows = connection.exec_driver_sql(CALLS, (ledger_id, list(witnesses)))
    return {row.witness_id: Call(row.cosigned_size, row.cosigned_at, row.failure) for row in rows}


def calls_seen(connection: Connection, ledger_id: UUID, witnesses: Collection[Any], *, up_to: int) -> dict[UUID, Call]:
    """The same for a party that has left: as the checkpoints of its time show it, without what failed since."""
    lacking = {one.id: read_vkey(one.vkey) for one in witnesses}
    found: dict[UUID, Call] = {}
    for signed in signed_checkpoints(connection, ledger_id, up_to=up_to, limit=LOOKED_THROUGH_MAX if lacking else 0):
        for witness_id, key in list(lacking.items()):
            made = next((one for one in signed.note.signatures if one.seems_of(key)), None)
            if made is not None:
                at = datetime.fromtimestamp(made.cosigned_at, UTC)
                found[witness_id] = Call(signed.checkpoint.size, at)
                del lacking[witness_id]
        if not lacking:
            break
    return found


@dataclass(frozen=True, slots=True)
class SignedSoFar:
    """How far a ledger is signed, and why it is not signed further. Who has left is told how far alone."""

    size: int = 0
    at: datetime | None = None
    refusal: str | None = None


def signed_so_far(connection: Connection, ledger_id: UUID, *, up_to: int) -> SignedSoFar:
    size = connection.exec_driver_sql(SIGNED, (ledger_id, up_to)).scalar_one() or 0
    row = connection.exec_driver_sql(SIGNER, (ledger_id,)).first()
    return SignedSoFar(size, *row) if row else SignedSoFar(size)


def log_keys(connection: Connection, ledger_id: UUID) -> list[Key]:
    """The keys that signed this ledger's checkpoints, the oldest first."""
    return [read_vkey(vkey) for (vkey,) in connection.exec_driver_sql(LOG_KEYS, (ledger_id,))]


def policy_of(connection: Connection, ledger_id: UUID, witnesses: Iterable[Any]) -> Policy:
    """The log's keys, each side's witnesses in service, and any of each side's as the quorum."""
    sides: dict[str, list[Key]] = {}
    for row in witnesses:
        sides.setdefault(str(row.side), []).append(read_vkey(row.vkey))
    return policy_of_sides(log_keys(connection, ledger_id), sides)
