"""What signs, and what an owner wants sent along: all that is in no event and cannot be rebuilt from any.

A secret is a pair, made and replaced together: the bytes of v1 and the private key of v1a. It is named by the id that
its endpoint's events carry, and signs until `until` by Concord's clock.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Column, Connection, DateTime, Index, Table, Text, Uuid, delete, func, insert, or_, select, update

from services.webhooks.domain.signature import secret_of
from services.webhooks.signing_keys import private_key_of, public_key_of
from shared.database.schemas import schema

KEY_BYTES = 32

secrets = Table(
    "secrets",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("secret", Text, nullable=False),
    Column("private_key", Text, nullable=False),
    Column("until", DateTime(timezone=True)),
    Index("secrets_by_endpoint", "endpoint_id"),
)

headers = Table(
    "headers",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("value", Text, nullable=False),
)
"""The values of an endpoint's custom headers, which may well be passwords."""


@dataclass(frozen=True, slots=True)
class NewSecret:
    """What a receiver verifies with, to be shown this once: the secret (v1) or the public key (v1a)."""

    secret: str
    public_key: str


def keep_new_secret(connection: Connection, ledger_id: UUID, endpoint_id: UUID, secret_id: UUID) -> NewSecret:
    """Make a secret and keep it."""
    text, private_key = secret_of(random.token_bytes(KEY_BYTES)), private_key_of(random.token_bytes(KEY_BYTES))
    row = {"ledger_id": ledger_id, "id": secret_id, "endpoint_id": endpoint_id, "until": None}
    connection.execute(insert(secrets), {**row, "secret": text, "private_key": private_key})
    return NewSecret(text, public_key_of(private_key))


def end_secrets(connection: Connection, ledger_id: UUID, endpoint_id: UUID, until: datetime, now: datetime) -> None:
    """Let the secrets of an endpoint sign until then at the longest, and forget those that sign no more."""
    of_endpoint = (secrets.c.ledger_id == ledger_id, secrets.c.endpoint_id == endpoint_id)
    connection.execute(delete(secrets).where(*of_endpoint, secrets.c.until <= now))
    connection.execute(update(secrets).where(*of_endpoint).values(until=func.coalesce(secrets.c.until, until)))


def private_keys(connection: Connection, endpoint_id: UUID, now: datetime) -> Sequence[Any]:
    """The keys of an endpoint that sign at this moment, newest first; none when there is no such endpoint."""
    in_force = or_(secrets.c.until.is_(None), secrets.c.until > now)
    wanted = select(secrets.c.id, secrets.c.private_key).where(secrets.c.endpoint_id == endpoint_id, in_force)
    return connection.execute(wanted.order_by(secrets.c.id.desc())).all()


def keep_headers(connection: Connection, ledger_id: UUID, endpoint_id: UUID, given: Mapping[str, str]) -> None:
    """These instead of those before."""
    of_endpoint = (headers.c.ledger_id == ledger_id, headers.c.endpoint_id == endpoint_id)
    connection.execute(delete(headers).where(*of_endpoint))
    rows = [{"ledger_id": ledger_id, "endpoint_id": endpoint_id, "name": n, "value": v} for n, v in given.items()]
    if rows:
        connection.execute(insert(headers), rows)


def forget_secrets(connection: Connection, ledger_id: UUID, endpoint_id: UUID) -> None:
    connection.execute(delete(secrets).where(secrets.c.ledger_id == ledger_id, secrets.c.endpoint_id == endpoint_id))
    keep_headers(connection, ledger_id, endpoint_id, {})
