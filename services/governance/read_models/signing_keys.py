"""The keys with which the sides of an alliance sign what binds them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import BigInteger, Column, DateTime, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.governance_signatures import SigningKeyRegistered, SigningKeyWithdrawn
from shared.events.values import Signature
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

signing_keys = Table(
    "signing_keys",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("key", Text, nullable=False),
    Column("person_id", Uuid),
    Column("registered_seq", BigInteger, nullable=False),
    Column("registered_at", DateTime(timezone=True), nullable=False),
    Column("withdrawn_seq", BigInteger),
    Column("withdrawn_at", DateTime(timezone=True)),
    Column("version", BigInteger, nullable=False),
)

SIGNING_KEYS = ReadModel("signing_keys", signing_keys)


@SIGNING_KEYS.on(SigningKeyRegistered)
def registered(rows: Rows, e: Recorded[SigningKeyRegistered]) -> None:
    rows.insert(
        signing_keys,
        id=e.id,
        side=e.event.side,
        key=e.event.key,
        person_id=e.event.person_id,
        registered_seq=e.seq,
        registered_at=e.recorded_at,
        version=e.version,
    )


@SIGNING_KEYS.on(SigningKeyWithdrawn)
def withdrawn(rows: Rows, e: Recorded[SigningKeyWithdrawn]) -> None:
    rows.change(signing_keys, {"id": e.id}, withdrawn_seq=e.seq, withdrawn_at=e.recorded_at, version=e.version)


def signing_key(alliance_id: UUID, signing_key_id: UUID) -> Select[Any]:
    return signing_keys_of(alliance_id).where(signing_keys.c.id == signing_key_id)


def signing_keys_of(alliance_id: UUID) -> Select[Any]:
    return select(signing_keys).where(signing_keys.c.ledger_id == alliance_id)


def keys_in_force(alliance_id: UUID, side: UUID) -> Select[Any]:
    """Key and person of each key of a side that is not withdrawn."""
    return select(signing_keys.c.key, signing_keys.c.person_id).where(
        signing_keys.c.ledger_id == alliance_id, signing_keys.c.side == side, signing_keys.c.withdrawn_seq.is_(None)
    )


def keys_withdrawn(alliance_id: UUID, side: UUID) -> Select[Any]:
    return select(signing_keys.c.key).where(
        signing_keys.c.ledger_id == alliance_id, signing_keys.c.side == side, signing_keys.c.withdrawn_seq.is_not(None)
    )


class Act(Protocol):
    """An event that binds a side."""

    @property
    def side(self) -> UUID: ...
    @property
    def signature(self) -> Signature | None: ...


def with_signature(signatures: Sequence[Any], act: Act, called: str) -> list[Any]:
    """The signatures by keys of the sides' own that a document bears, with that of this act if it has one."""
    if act.signature is None:
        return list(signatures)
    return [*signatures, {"side": str(act.side), "act": called, **as_json(act.signature)}]
