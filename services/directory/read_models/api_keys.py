"""API keys of an organisation, and the hashes of their live secrets by visible prefix."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, BigInteger, Boolean, Column, DateTime, Index, Select, Table, Text, Uuid, func, select

from shared.database.schemas import schema
from shared.events.directory import ApiKeyIssued, ApiKeyRevoked, ApiKeyRotated
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

api_keys = Table(
    "api_keys",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("name", Text, nullable=False),
    Column("prefix", Text, nullable=False),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("alliances", ARRAY(Uuid), nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
)
api_key_secrets = Table(
    "api_key_secrets",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("prefix", Text, primary_key=True),
    Column("key_id", Uuid, nullable=False),
    Column("secret_hash", Text, nullable=False),
    Column("expires_at", DateTime(timezone=True), nullable=False),
    Index("api_key_secrets_by_prefix", "prefix"),
)

api_key_uses = Table(
    "api_key_uses",
    schema("directory"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("key_id", Uuid, primary_key=True),
    Column("address", Text, primary_key=True),
    Column("first_at", DateTime(timezone=True), nullable=False),
    Column("last_at", DateTime(timezone=True), nullable=False),
)
"""A working table, no read model: only the first use from an address is an event."""

API_KEYS = ReadModel("api_keys", api_keys, api_key_secrets)


@API_KEYS.on(ApiKeyIssued)
def issued(rows: Rows, e: Recorded[ApiKeyIssued]) -> None:
    rows.insert(
        api_keys,
        id=e.id,
        name=e.event.name,
        prefix=e.event.prefix,
        scopes=[str(s) for s in e.event.scopes],
        alliances=list(e.event.alliances),
        expires_at=e.event.expires_at,
        revoked=False,
        version=e.version,
    )
    keep_secret(rows, e)


@API_KEYS.on(ApiKeyRotated)
def rotated(rows: Rows, e: Recorded[ApiKeyRotated]) -> None:
    for secret in rows.where(api_key_secrets, key_id=e.id):
        ends = min(secret["expires_at"], e.event.previous_until)
        rows.change(api_key_secrets, {"prefix": secret["prefix"]}, expires_at=ends)
    keep_secret(rows, e)
    rows.change(api_keys, {"id": e.id}, prefix=e.event.prefix, expires_at=e.event.expires_at, version=e.version)


@API_KEYS.on(ApiKeyRevoked)
def revoked(rows: Rows, e: Recorded[ApiKeyRevoked]) -> None:
    for secret in rows.where(api_key_secrets, key_id=e.id):
        rows.remove(api_key_secrets, {"prefix": secret["prefix"]})
    rows.change(api_keys, {"id": e.id}, revoked=True, version=e.version)


def keep_secret(rows: Rows, e: Recorded[Any]) -> None:
    rows.insert(
        api_key_secrets,
        prefix=e.event.prefix,
        key_id=e.id,
        secret_hash=e.event.secret_hash,
        expires_at=e.event.expires_at,
    )


def api_key(organisation_id: UUID, key_id: UUID) -> Select[Any]:
    return select(api_keys).where(api_keys.c.ledger_id == organisation_id, api_keys.c.id == key_id)


def api_keys_of(organisation_id: UUID) -> Select[Any]:
    return select(api_keys).where(api_keys.c.ledger_id == organisation_id)


def uses_of(organisation_id: UUID, key_id: UUID) -> Select[Any]:
    return select(api_key_uses).where(api_key_uses.c.ledger_id == organisation_id, api_key_uses.c.key_id == key_id)


def last_uses(organisation_id: UUID, key_ids: Collection[UUID]) -> Select[Any]:
    """When each of these keys was last used, of those that ever were."""
    return (
        select(api_key_uses.c.key_id, func.max(api_key_uses.c.last_at).label("last_at"))
        .where(api_key_uses.c.ledger_id == organisation_id, api_key_uses.c.key_id.in_(list(key_ids)))
        .group_by(api_key_uses.c.key_id)
    )
