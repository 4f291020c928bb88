"""Gaps as they now are, each with the route last chosen for it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Select, Table, Text, Uuid, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.scoring_gaps import GapClosed, GapIdentified, GapRevised, RouteChosen
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

gaps = Table(
    "gaps",
    schema("scoring"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("terms", JSONB, nullable=False),
    Column("description", Text),
    Column("route", JSONB(none_as_null=True)),
    Column("closed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

GAPS = ReadModel("gaps", gaps)


@GAPS.on(GapIdentified)
def identified(rows: Rows, e: Recorded[GapIdentified]) -> None:
    rows.insert(
        gaps,
        id=e.id,
        terms=as_json(e.event.terms),
        description=e.event.description,
        route=None,
        closed=False,
        version=e.version,
    )


@GAPS.on(GapRevised)
def revised(rows: Rows, e: Recorded[GapRevised]) -> None:
    rows.change(gaps, {"id": e.id}, terms=as_json(e.event.terms), description=e.event.description, version=e.version)


@GAPS.on(RouteChosen)
def route_chosen(rows: Rows, e: Recorded[RouteChosen]) -> None:
    rows.change(gaps, {"id": e.id}, route=as_json(e.event), version=e.version)


@GAPS.on(GapClosed)
def closed(rows: Rows, e: Recorded[GapClosed]) -> None:
    rows.change(gaps, {"id": e.id}, closed=True, version=e.version)


def gap(organisation_id: UUID, gap_id: UUID) -> Select[Any]:
    return gaps_of(organisation_id).where(gaps.c.id == gap_id)


def gaps_of(organisation_id: UUID) -> Select[Any]:
    return select(gaps).where(gaps.c.ledger_id == organisation_id)


def gaps_named(organisation_id: UUID, gap_ids: Collection[UUID]) -> Select[Any]:
    return select(gaps.c.id).where(gaps.c.ledger_id == organisation_id, gaps.c.id.in_(gap_ids))
