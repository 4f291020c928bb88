"""Which issuer speaks for an organisation, and which of its people each subject is."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Column, Index, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.directory_access import IdentityLinked, IdentityUnlinked, IssuerBound, IssuerUnbound, PersonErased
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

issuers = Table(
    "issuers",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("audience", Text, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("issuers_by_address", "issuer"),
)
identities = Table(
    "identities",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("person_id", Uuid, primary_key=True),
    Column("issuer", Text, nullable=False),
    Column("subject", Text),
    Column("version", BigInteger, nullable=False),
    Index("identities_by_subject", "ledger_id", "issuer", "subject"),
)

IDENTITIES = ReadModel("identities", issuers, identities)


@IDENTITIES.on(IssuerBound)
def bound(rows: Rows, e: Recorded[IssuerBound]) -> None:
    rows.put(issuers, id=e.id, issuer=e.event.issuer, audience=e.event.audience, version=e.version)


@IDENTITIES.on(IssuerUnbound)
def unbound(rows: Rows, e: Recorded[IssuerUnbound]) -> None:
    rows.remove(issuers, {"id": e.id})


@IDENTITIES.on(IdentityLinked)
def linked(rows: Rows, e: Recorded[IdentityLinked]) -> None:
    found = e.event
    rows.put(identities, person_id=found.person_id, issuer=found.issuer, subject=found.subject, version=e.version)


@IDENTITIES.on(IdentityUnlinked, PersonErased)
def unlinked(rows: Rows, e: Recorded[IdentityUnlinked | PersonErased]) -> None:
    rows.remove(identities, {"person_id": e.event.person_id})


def issuer_of(organisation_id: UUID) -> Select[Any]:
    return select(issuers).where(issuers.c.ledger_id == organisation_id)


def identities_of(organisation_id: UUID) -> Select[Any]:
    return select(identities).where(identities.c.ledger_id == organisation_id)


def identity_of(organisation_id: UUID, person_id: UUID) -> Select[Any]:
    return identities_of(organisation_id).where(identities.c.person_id == person_id)


def with_subject(organisation_id: UUID, issuer: str, subject: str, *, but: UUID) -> Select[Any]:
    """Another person of the organisation whom the issuer calls so."""
    return select(identities.c.person_id).where(
        identities.c.ledger_id == organisation_id,
        identities.c.issuer == issuer,
        identities.c.subject == subject,
        identities.c.person_id != but,
    )
