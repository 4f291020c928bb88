"""Alliances: each in its own ledger, one row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance import (
    AllianceAccepted,
    AllianceDeclined,
    AllianceProposed,
    GateWaived,
    OwnerNamed,
    StageEntered,
)
from shared.events.governance_exit import PartyLeft
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

alliances = Table(
    "alliances",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("intent", Text, nullable=False),
    Column("type", Text, nullable=False),
    Column("structure", Text, nullable=False),
    Column("scope", JSONB(none_as_null=True)),
    Column("parties", ARRAY(Uuid), nullable=False),
    Column("proposed_by", Uuid, nullable=False),
    Column("status", Text, nullable=False),
    Column("accepted_by", ARRAY(Uuid), nullable=False),
    Column("declined_by", Uuid),
    Column("reason", Text),
    Column("stage", Text),
    Column("owners", JSONB, nullable=False),
    Column("waivers", JSONB, nullable=False),
    Column("version", BigInteger, nullable=False),
)

ALLIANCES = ReadModel("alliances", alliances)


@ALLIANCES.on(AllianceProposed)
def proposed(rows: Rows, e: Recorded[AllianceProposed]) -> None:
    rows.insert(
        alliances,
        id=e.id,
        name=e.event.name,
        intent=e.event.intent,
        type=e.event.type,
        structure=e.event.structure,
        scope=None if e.event.scope is None else as_json(e.event.scope),
        parties=list(e.event.parties),
        proposed_by=e.event.side,
        status="proposed",
        accepted_by=[e.event.side],
        owners=[],
        waivers=[],
        version=e.version,
    )


@ALLIANCES.on(AllianceAccepted)
def accepted(rows: Rows, e: Recorded[AllianceAccepted]) -> None:
    change(rows, e, accepted_by=[*held(rows, e)["accepted_by"], e.event.side])


@ALLIANCES.on(AllianceDeclined)
def declined(rows: Rows, e: Recorded[AllianceDeclined]) -> None:
    change(rows, e, status="declined", declined_by=e.event.side, reason=e.event.reason)


@ALLIANCES.on(StageEntered)
def stage_entered(rows: Rows, e: Recorded[StageEntered]) -> None:
    """The first stage begins with the last acceptance."""
    change(rows, e, status="accepted", stage=e.event.stage)


@ALLIANCES.on(OwnerNamed)
def owner_named(rows: Rows, e: Recorded[OwnerNamed]) -> None:
    seat = (str(e.event.side), str(e.event.role))
    others = [one for one in held(rows, e)["owners"] if (one["side"], one["role"]) != seat]
    named = {"side": seat[0], "role": seat[1], "person_id": str(e.event.person_id)}
    change(rows, e, owners=[*others, named])


@ALLIANCES.on(PartyLeft)
def party_left(rows: Rows, e: Recorded[PartyLeft]) -> None:
    row, left = held(rows, e), e.event.party
    owners = [one for one in row["owners"] if one["side"] != str(left)]
    change(rows, e, parties=[party for party in row["parties"] if party != left], owners=owners)


@ALLIANCES.on(GateWaived)
def gate_waived(rows: Rows, e: Recorded[GateWaived]) -> None:
    waiver = {"stage": str(e.event.stage), "side": str(e.event.side), "reason": e.event.reason}
    change(rows, e, waivers=[*held(rows, e)["waivers"], waiver])


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(alliances, id=e.id)
    assert row is not None, "an alliance begins by being proposed"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(alliances, {"id": e.id}, **changes, version=e.version)


def alliance(alliance_id: UUID) -> Select[Any]:
    return alliances_in([alliance_id])


def alliances_in(ledgers: Collection[UUID]) -> Select[Any]:
    return select(alliances).where(alliances.c.ledger_id.in_(ledgers))
