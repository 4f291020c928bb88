"""Calendar feeds of people, in their organisation's ledger: found by the digest of the secret in the link."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, DateTime, Index, Select, Table, Text, Uuid, select

from shared.database.schemas import schema
from shared.events.governance_meetings import FeedOpened, FeedRevoked
from shared.log.envelope import Recorded
from shared.log.read_models import ReadModel
from shared.log.rows import Rows

feeds = Table(
    "feeds",
    schema("governance"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("secret_sha256", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("revoked", Boolean, nullable=False),
    Column("version", BigInteger, nullable=False),
    Index("feeds_by_secret", "secret_sha256"),
)

FEEDS = ReadModel("feeds", feeds)


@FEEDS.on(FeedOpened)
def opened(rows: Rows, e: Recorded[FeedOpened]) -> None:
    rows.insert(
        feeds,
        id=e.id,
        person_id=e.event.person_id,
        secret_sha256=e.event.secret_sha256,
        opened_at=e.effective_at,
        revoked=False,
        version=e.version,
    )


@FEEDS.on(FeedRevoked)
def revoked(rows: Rows, e: Recorded[FeedRevoked]) -> None:
    rows.change(feeds, {"id": e.id}, revoked=True, version=e.version)


def feed(org_id: UUID, feed_id: UUID) -> Select[Any]:
    return select(feeds).where(feeds.c.ledger_id == org_id, feeds.c.id == feed_id)


def feeds_of(org_id: UUID, person_id: UUID) -> Select[Any]:
    return select(feeds).where(feeds.c.ledger_id == org_id, feeds.c.person_id == person_id)


def feed_by_secret(secret_sha256: str) -> Select[Any]:
    """The feed that a link opens; nothing once it is revoked."""
    return select(feeds).where(feeds.c.secret_sha256 == secret_sha256, feeds.c.revoked.is_(False))
