"""People of an organisation, in its own ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, Select, Table, Text, Uuid, any_, func, literal, select

from shared.database.schemas import schema
from shared.events.directory import (
    OrganisationRoleGranted,
    OrganisationRoleWithdrawn,
    PersonAdded,
    PersonDeactivated,
    PersonDetailsChanged,
    PersonReactivated,
)
from shared.events.directory_access import PersonErased
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

people = Table(
    "people",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text),
    Column("email", Text),
    Column("function", Text),
    Column("seniority", Text),
    Column("level", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("active", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
DETAILS = ("name", "email", "function", "seniority", "level")

PEOPLE = ReadModel("people", people)


@PEOPLE.on(PersonAdded)
def added(rows: Rows, e: Recorded[PersonAdded]) -> None:
    rows.insert(people, id=e.id, **details(e.event), roles=[], active=True, version=e.version)


@PEOPLE.on(PersonDetailsChanged)
def details_changed(rows: Rows, e: Recorded[PersonDetailsChanged]) -> None:
    rows.change(people, {"id": e.id}, **details(e.event), version=e.version)


@PEOPLE.on(OrganisationRoleGranted)
def role_granted(rows: Rows, e: Recorded[OrganisationRoleGranted]) -> None:
    rows.change(people, {"id": e.id}, roles=sorted({*roles_of(rows, e.id), e.event.role}), version=e.version)


@PEOPLE.on(OrganisationRoleWithdrawn)
def role_withdrawn(rows: Rows, e: Recorded[OrganisationRoleWithdrawn]) -> None:
    rows.change(people, {"id": e.id}, roles=sorted({*roles_of(rows, e.id)} - {e.event.role}), version=e.version)


@PEOPLE.on(PersonDeactivated)
def deactivated(rows: Rows, e: Recorded[PersonDeactivated]) -> None:
    rows.change(people, {"id": e.id}, active=False, version=e.version)


@PEOPLE.on(PersonReactivated)
def reactivated(rows: Rows, e: Recorded[PersonReactivated]) -> None:
    rows.change(people, {"id": e.id}, active=True, version=e.version)


@PEOPLE.on(PersonErased)
def erased(rows: Rows, e: Recorded[PersonErased]) -> None:
    rows.change(people, {"id": e.id}, **dict.fromkeys(DETAILS), active=False, version=e.version)


def details(event: PersonAdded | PersonDetailsChanged) -> dict[str, str | None]:
    return {name: getattr(event, name) for name in DETAILS}


def roles_of(rows: Rows, person_id: UUID) -> list[str]:
    held = rows.get(people, id=person_id)
    return held["roles"] if held else []


def person(organisation_id: UUID, person_id: UUID) -> Select[Any]:
    return select(people).where(people.c.ledger_id == organisation_id, people.c.id == person_id)


def people_of(organisation_id: UUID) -> Select[Any]:
    return select(people).where(people.c.ledger_id == organisation_id)


def other_owners(organisation_id: UUID, person_id: UUID) -> Select[Any]:
    """How many other active people own the organisation."""
    return select(func.count()).where(
        people.c.ledger_id == organisation_id,
        people.c.id != person_id,
        people.c.active,
        literal("owner") == any_(people.c.roles),
    )


def with_email(organisation_id: UUID, email: str, *, but: UUID) -> Select[Any]:
    """Another person of the organisation who has this e-mail address, in whatever case it is written."""
    return select(people.c.id).where(
        people.c.ledger_id == organisation_id, people.c.id != but, func.lower(people.c.email) == func.lower(email)
    )
