"""Organisations: each in its own ledger, one row."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Select, Table, Text, Uuid, column, func, literal, select
from sqlalchemy.dialects.postgresql import JSONB

from shared.database.schemas import schema
from shared.events.directory import (
    OrganisationClosed,
    OrganisationRegistered,
    OrganisationRenamed,
    WorkingCalendarChanged,
)
from shared.log.codec import as_json
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

organisations = Table(
    "organisations",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("legal_name", Text, nullable=False),
    Column("display_name", Text, nullable=False),
    Column("country", Text, nullable=False),
    Column("calendar", JSONB, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)

ORGANISATIONS = ReadModel("organisations", organisations)


@ORGANISATIONS.on(OrganisationRegistered)
def registered(rows: Rows, e: Recorded[OrganisationRegistered]) -> None:
    rows.insert(
        organisations,
        id=e.id,
        legal_name=e.event.legal_name,
        display_name=e.event.display_name,
        country=e.event.country,
        calendar=as_json(e.event.calendar),
        closed=False,
        version=e.version,
    )


@ORGANISATIONS.on(OrganisationRenamed)
def renamed(rows: Rows, e: Recorded[OrganisationRenamed]) -> None:
    names = {"legal_name": e.event.legal_name, "display_name": e.event.display_name}
    rows.change(organisations, {"id": e.id}, **names, version=e.version)


@ORGANISATIONS.on(WorkingCalendarChanged)
def calendar_changed(rows: Rows, e: Recorded[WorkingCalendarChanged]) -> None:
    rows.change(organisations, {"id": e.id}, calendar=as_json(e.event.calendar), version=e.version)


@ORGANISATIONS.on(OrganisationClosed)
def closed(rows: Rows, e: Recorded[OrganisationClosed]) -> None:
    rows.change(organisations, {"id": e.id}, closed=True, version=e.version)


def organisation(organisation_id: UUID) -> Select[Any]:
    return select(organisations).where(
        organisations.c.ledger_id == organisation_id, organisations.c.id == organisation_id
    )


def acquaintances(alliances: Collection[UUID]) -> tuple[Select[Any], Column[Any]]:
    """The caller's own organisation and its partners', and the column that orders them.

    `alliances`: those that the caller's key is bound to; none for all of the organisation's.
    """
    known = (
        func.access.organisations(literal(list(alliances), ARRAY(Uuid)))
        .table_valued(
            column("id", Uuid),
            column("legal_name", Text),
            column("display_name", Text),
            column("country", Text),
            column("calendar", JSONB),
            column("closed", Boolean),
            column("version", BigInteger),
        )
        .alias("known")
    )
    return select(known), cast("Column[Any]", known.c.id)
