"""The secrets that sign: the one thing here that is in no event and cannot be rebuilt from any.

Each is named by the id that its endpoint's events carry, and signs until `until` by Concord's clock.
"""

from __future__ import annotations

import secrets as random
from datetime import datetime
from uuid import UUID

from sqlalchemy import Column, Connection, DateTime, Index, Table, Text, Uuid, delete, func, insert, update

from services.webhooks.domain.signature import secret_of
from shared.database.schemas import schema

KEY_BYTES = 32

secrets = Table(
    "secrets",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, nullable=False),
    Column("secret", Text, nullable=False),
    Column("until", DateTime(timezone=True)),
    Index("secrets_by_endpoint", "ledger_id", "endpoint_id"),
)


def keep_new_secret(connection: Connection, ledger_id: UUID, endpoint_id: UUID, secret_id: UUID) -> str:
    """Make a secret and keep it; its text (`whsec_…`), to be shown this once."""
    text = secret_of(random.token_bytes(KEY_BYTES))
    row = {"ledger_id": ledger_id, "id": secret_id, "endpoint_id": endpoint_id, "secret": text, "until": None}
    connection.execute(insert(secrets), row)
    return text


def end_secrets(connection: Connection, ledger_id: UUID, endpoint_id: UUID, until: datetime, now: datetime) -> None:
    """Let the secrets of an endpoint sign until then at the longest, and forget those that sign no more."""
    of_endpoint = (secrets.c.ledger_id == ledger_id, secrets.c.endpoint_id == endpoint_id)
    connection.execute(delete(secrets).where(*of_endpoint, secrets.c.until <= now))
    connection.execute(update(secrets).where(*of_endpoint).values(until=func.coalesce(secrets.c.until, until)))


def forget_secrets(connection: Connection, ledger_id: UUID, endpoint_id: UUID) -> None:
    connection.execute(delete(secrets).where(secrets.c.ledger_id == ledger_id, secrets.c.endpoint_id == endpoint_id))
