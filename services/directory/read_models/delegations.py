"""Who acts for whom in an alliance: every delegation, in the alliance's ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Index, Select, Table, Uuid, select

from shared.database.schemas import schema
from shared.events.directory import DelegationEnded, DelegationNamed
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

delegations = Table(
    "delegations",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("delegate_id", Uuid, nullable=False),
    Column("side", Uuid, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("until", Date, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("delegations_by_delegate", "ledger_id", "delegate_id"),
)

DELEGATIONS_NAMED = ReadModel("delegations", delegations)


@DELEGATIONS_NAMED.on(DelegationNamed)
def named(rows: Rows, e: Recorded[DelegationNamed]) -> None:
    rows.insert(
        delegations,
        id=e.event.delegation_id,
        person_id=e.event.person_id,
        delegate_id=e.event.delegate_id,
        side=e.event.side,
        starts_on=e.event.starts_on,
        until=e.event.until,
        version=e.version,
    )


@DELEGATIONS_NAMED.on(DelegationEnded)
def ended(rows: Rows, e: Recorded[DelegationEnded]) -> None:
    rows.change(delegations, {"id": e.event.delegation_id}, until=e.event.until, version=e.version)


def delegations_in(alliance_id: UUID) -> Select[Any]:
    return select(delegations).where(delegations.c.ledger_id == alliance_id)


def delegation(alliance_id: UUID, delegation_id: UUID) -> Select[Any]:
    return delegations_in(alliance_id).where(delegations.c.id == delegation_id)
