"""Commitments of an alliance: promised, delivered, and what the other sides confirm of it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Numeric, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_duties import (
    CommitmentConfirmed,
    CommitmentContested,
    CommitmentDelivered,
    CommitmentKept,
    CommitmentMissed,
    CommitmentPromised,
)
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

commitments = Table(
    "commitments",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("side", Uuid, nullable=False),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("title", Text, nullable=False),
    Column("of", Text, nullable=False),
    Column("amount", Numeric, nullable=False),
    Column("unit", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("ring_fenced", Boolean, nullable=False),
    Column("delivered", Numeric, nullable=False),
    Column("found", JSONB, nullable=False),
    Column("status", Text, nullable=False),
    Column("missed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`found` is keyed by side: what that side says has come, and whether it contests what was said."""

COMMITMENTS = ReadModel("commitments", commitments)
NOTHING = Decimal(0)


@COMMITMENTS.on(CommitmentPromised)
def promised(rows: Rows, e: Recorded[CommitmentPromised]) -> None:
    terms = e.event.terms
    rows.insert(
        commitments,
        id=e.id,
        side=e.event.side,
        parties=list(e.event.parties),
        title=terms.title,
        of=terms.of,
        amount=terms.amount,
        unit=terms.unit,
        starts_on=terms.starts_on,
        ends_on=terms.ends_on,
        ring_fenced=terms.ring_fenced,
        delivered=NOTHING,
        found={},
        status="promised",
        missed=False,
        version=e.version,
    )


@COMMITMENTS.on(CommitmentDelivered)
def delivered(rows: Rows, e: Recorded[CommitmentDelivered]) -> None:
    change(rows, e, delivered=e.event.amount, status="delivered")


@COMMITMENTS.on(CommitmentConfirmed)
def confirmed(rows: Rows, e: Recorded[CommitmentConfirmed]) -> None:
    find(rows, e, contested=False)


@COMMITMENTS.on(CommitmentContested)
def contested(rows: Rows, e: Recorded[CommitmentContested]) -> None:
    find(rows, e, contested=True)


@COMMITMENTS.on(CommitmentKept)
def kept(rows: Rows, e: Recorded[CommitmentKept]) -> None:
    change(rows, e, status="kept")


@COMMITMENTS.on(CommitmentMissed)
def missed(rows: Rows, e: Recorded[CommitmentMissed]) -> None:
    change(rows, e, missed=True)


def find(rows: Rows, e: Recorded[Any], *, contested: bool) -> None:
    row = rows.get(commitments, id=e.id)
    assert row is not None, "a commitment begins by being promised"
    found = {"side": str(e.event.side), "amount": format(e.event.amount, "f"), "contested": contested}
    change(rows, e, found={**row["found"], found["side"]: found})


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(commitments, {"id": e.id}, **changes, version=e.version)


def commitment(alliance_id: UUID, commitment_id: UUID) -> Select[Any]:
    return commitments_of(alliance_id).where(commitments.c.id == commitment_id)


def commitments_of(alliance_id: UUID) -> Select[Any]:
    return select(commitments).where(commitments.c.ledger_id == alliance_id)
