"""Pilots of an alliance: what success is, until when, and what each side found."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Date, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.governance_work import (
    PilotAccepted,
    PilotConcluded,
    PilotDeclined,
    PilotExtended,
    PilotProposed,
    PilotStarted,
    PilotVerdictGiven,
    PilotVerdictMissed,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

pilots = Table(
    "pilots",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("title", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("ends_on", Date, nullable=False),
    Column("criteria", JSONB, nullable=False),
    Column("accepted_by", ARRAY(Uuid), nullable=False),
    Column("said", JSONB, nullable=False),
    Column("verdict", Text),
    Column("missed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
"""`said` is keyed by side: verdict, criteria met, reason."""

PILOTS = ReadModel("pilots", pilots)


@PILOTS.on(PilotProposed)
def proposed(rows: Rows, e: Recorded[PilotProposed]) -> None:
    rows.insert(
        pilots,
        id=e.id,
        title=e.event.title,
        status="proposed",
        ends_on=e.event.ends_on,
        criteria=as_json(e.event)["criteria"],
        accepted_by=[e.event.side],
        said={},
        missed=False,
        version=e.version,
    )


@PILOTS.on(PilotAccepted)
def accepted(rows: Rows, e: Recorded[PilotAccepted]) -> None:
    change(rows, e, accepted_by=[*held(rows, e)["accepted_by"], e.event.side])


@PILOTS.on(PilotDeclined)
def declined(rows: Rows, e: Recorded[PilotDeclined]) -> None:
    change(rows, e, status="declined")


@PILOTS.on(PilotStarted)
def started(rows: Rows, e: Recorded[PilotStarted]) -> None:
    change(rows, e, status="running")


@PILOTS.on(PilotVerdictGiven)
def verdict_given(rows: Rows, e: Recorded[PilotVerdictGiven]) -> None:
    said = as_json(e.event)
    change(rows, e, said={**held(rows, e)["said"], said["side"]: said})


@PILOTS.on(PilotConcluded)
def concluded(rows: Rows, e: Recorded[PilotConcluded]) -> None:
    change(rows, e, status="concluded", verdict=e.event.verdict)


@PILOTS.on(PilotExtended)
def extended(rows: Rows, e: Recorded[PilotExtended]) -> None:
    change(rows, e, ends_on=e.event.ends_on, said={}, missed=False)


@PILOTS.on(PilotVerdictMissed)
def missed(rows: Rows, e: Recorded[PilotVerdictMissed]) -> None:
    change(rows, e, missed=True)


def held(rows: Rows, e: Recorded[Any]) -> dict[str, Any]:
    row = rows.get(pilots, id=e.id)
    assert row is not None, "a pilot begins by being proposed"
    return row


def change(rows: Rows, e: Recorded[Any], **changes: Any) -> None:
    rows.change(pilots, {"id": e.id}, **changes, version=e.version)


def pilot(alliance_id: UUID, pilot_id: UUID) -> Select[Any]:
    return pilots_of(alliance_id).where(pilots.c.id == pilot_id)


def pilots_of(alliance_id: UUID) -> Select[Any]:
    return select(pilots).where(pilots.c.ledger_id == alliance_id)
