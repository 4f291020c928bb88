"""Who is what to an alliance: every assignment of a role, in the alliance's ledger."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Date, Select, Table, Text, Uuid, or_, select

from shared.database.schemas import schema
from shared.events.directory import AllianceRoleAssigned, AllianceRoleEnded
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

alliance_roles = Table(
    "alliance_roles",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("side", Uuid, nullable=False),
    Column("role", Text, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("until", Date),
    Column("version", BigInteger, nullable=False),
)

ALLIANCE_ROLE_ASSIGNMENTS = ReadModel("alliance_roles", alliance_roles)


@ALLIANCE_ROLE_ASSIGNMENTS.on(AllianceRoleAssigned)
def assigned(rows: Rows, e: Recorded[AllianceRoleAssigned]) -> None:
    rows.insert(
        alliance_roles,
        id=e.event.assignment_id,
        person_id=e.event.person_id,
        side=e.event.side,
        role=e.event.role,
        starts_on=e.event.starts_on,
        until=e.event.until,
        version=e.version,
    )


@ALLIANCE_ROLE_ASSIGNMENTS.on(AllianceRoleEnded)
def ended(rows: Rows, e: Recorded[AllianceRoleEnded]) -> None:
    rows.change(alliance_roles, {"id": e.event.assignment_id}, until=e.event.until, version=e.version)


def roles_in(alliance_id: UUID) -> Select[Any]:
    return select(alliance_roles).where(alliance_roles.c.ledger_id == alliance_id)


def role_assignment(alliance_id: UUID, assignment_id: UUID) -> Select[Any]:
    return roles_in(alliance_id).where(alliance_roles.c.id == assignment_id)


def alliances_with_roles_of(among: Collection[UUID], person_id: UUID, starts_on: date, until: date) -> Select[Any]:
    """Those of these alliances in which a person holds a role at some time in a period, in the order of their ids."""
    a = alliance_roles.c
    return (
        select(a.ledger_id)
        .distinct()
        .where(a.ledger_id.in_(list(among)), a.person_id == person_id, a.starts_on < until)
        .where(or_(a.until.is_(None), (a.until > starts_on) & (a.until > a.starts_on)))
        .order_by(a.ledger_id)
    )
