"""Invitations of an organisation, and what became of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Column, DateTime, Index, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.directory_access import InvitationAccepted, InvitationRevoked, OrganisationInvited, PersonInvited
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

invitations = Table(
    "invitations",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("organisation_id", Uuid, nullable=False),
    Column("person_id", Uuid, nullable=False),
    Column("legal_name", Text),
    Column("name", Text),
    Column("email", Text),
    Column("message", Text),
    Column("roles", ARRAY(Text), nullable=False),
    Column("prefix", Text, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("status", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("invitations_by_prefix", "prefix"),
)

INVITATIONS = ReadModel("invitations", invitations)


@INVITATIONS.on(PersonInvited)
def person_invited(rows: Rows, e: Recorded[PersonInvited]) -> None:
    invited(rows, e, kind="person", organisation_id=e.ledger_id, roles=[str(role) for role in e.event.roles])


@INVITATIONS.on(OrganisationInvited)
def organisation_invited(rows: Rows, e: Recorded[OrganisationInvited]) -> None:
    more = {"legal_name": e.event.legal_name, "message": e.event.message}
    invited(rows, e, kind="organisation", organisation_id=e.event.organisation_id, roles=["owner"], **more)


def invited(rows: Rows, e: Recorded[Any], **more: Any) -> None:
    rows.insert(
        invitations,
        id=e.id,
        person_id=e.event.person_id,
        name=e.event.name,
        email=e.event.email,
        prefix=e.event.prefix,
        secret_hash=e.event.secret_hash,
        expires_at=e.event.expires_at,
        status="open",
        version=e.version,
        **more,
    )


@INVITATIONS.on(InvitationAccepted)
def accepted(rows: Rows, e: Recorded[InvitationAccepted]) -> None:
    rows.change(invitations, {"id": e.id}, status="accepted", version=e.version)


@INVITATIONS.on(InvitationRevoked)
def revoked(rows: Rows, e: Recorded[InvitationRevoked]) -> None:
    rows.change(invitations, {"id": e.id}, status="revoked", version=e.version)


def invitations_of(organisation_id: UUID) -> Select[Any]:
    return select(invitations).where(invitations.c.ledger_id == organisation_id)


def invitation(organisation_id: UUID, invitation_id: UUID) -> Select[Any]:
    return invitations_of(organisation_id).where(invitations.c.id == invitation_id)


def invitation_to(organisation_id: UUID, person_id: UUID) -> Select[Any]:
    """The invitation by which somebody comes to be this person."""
    return invitations_of(organisation_id).where(invitations.c.person_id == person_id)
