"""The queue: what is to be sent, what was tried, and who has been failing. Working tables, in real time, not rebuilt.

One delivery is one event for one endpoint. Until `claimed_until` it is in the hand of one sender, `claimed_by`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    DateTime,
    Index,
    Integer,
    Select,
    Table,
    Text,
    Uuid,
    and_,
    delete,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from services.webhooks.domain.envelope import Notice
from shared.database.schemas import schema

ATTEMPTS_SHOWN = 20
KEY = ("ledger_id", "endpoint_id", "event_id")


class State(StrEnum):
    """What becomes of a delivery."""

    WAITING = "waiting"
    """To be sent at `next_attempt_at`, or when its endpoint is enabled again."""
    DELIVERED = "delivered"
    DEAD = "dead"
    """Given up; it may be sent again."""
    ENDED = "ended"
    """Its endpoint was removed."""


deliveries = Table(
    "deliveries",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("event_type", Text, nullable=False),
    Column("source", Uuid, nullable=False),
    Column("seq", BigInteger),
    Column("subject", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    Column("data", Text, nullable=False),
    Column("state", Text, nullable=False),
    Column("created_at", DateTime(timezone=True), nullable=False),
    Column("next_attempt_at", DateTime(timezone=True), nullable=False),
    Column("claimed_until", DateTime(timezone=True)),
    Column("claimed_by", Uuid),
    Column("attempts", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_at", DateTime(timezone=True)),
    Index(
        "deliveries_waiting",
        "ledger_id",
        "endpoint_id",
        "next_attempt_at",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index("deliveries_claimed", "ledger_id", "endpoint_id", postgresql_where=text("claimed_until IS NOT NULL")),
    Index("deliveries_dead", "ledger_id", "endpoint_id", "event_id", postgresql_where=text("state = 'dead'")),
)
"""`source`: the ledger of the event; `data`: JSON. `tries` and `first_at` are of the present run of the schedule."""

attempts = Table(
    "attempts",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, primary_key=True),
    Column("event_id", Uuid, primary_key=True),
    Column("number", Integer, primary_key=True),
    Column("started_at", DateTime(timezone=True), nullable=False),
    Column("duration_ms", Integer, nullable=False),
    Column("status", Integer),
    Column("error", Text),
    Column("address", Text),
    Column("answer", Text),
)

failing = Table(
    "failing",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("endpoint_id", Uuid, primary_key=True),
    Column("since", DateTime(timezone=True), nullable=False),
)


def webhook_id(event_id: UUID, endpoint_id: UUID) -> str:
    """The same at every repetition, so that a receiver can tell one."""
    return f"msg_{event_id}_{endpoint_id}"


def queue(connection: Connection, ledger_id: UUID, endpoint_id: UUID, notice: Notice) -> None:
    """Make a delivery that is due at once; nothing when there is one of this event for this endpoint."""
    row = {
        "ledger_id": ledger_id,
        "endpoint_id": endpoint_id,
        "event_id": notice.event_id,
        "event_type": notice.type,
        "source": notice.ledger,
        "seq": notice.seq,
        "subject": notice.stream,
        "recorded_at": notice.recorded_at,
        "data": json.dumps(notice.data),
        "state": State.WAITING,
        "attempts": 0,
        "tries": 0,
    }
    now = {"created_at": func.clock_timestamp(), "next_attempt_at": func.clock_timestamp()}
    connection.execute(insert(deliveries).values(**row, **now).on_conflict_do_nothing())


def queue_again(connection: Connection, ledger_id: UUID, endpoint_id: UUID, event_id: UUID) -> bool:
    """Start a delivery's schedule anew, now; False when a sender has it in hand."""
    done = connection.execute(
        update(deliveries)
        .where(
            *one(ledger_id, endpoint_id, event_id),
            or_(deliveries.c.claimed_until.is_(None), deliveries.c.claimed_until <= func.clock_timestamp()),
        )
        .values(state=State.WAITING, next_attempt_at=func.clock_timestamp(), claimed_until=None, tries=0, first_at=None)
    )
    return done.rowcount == 1


def forgive(connection: Connection, ledger_id: UUID, endpoint_id: UUID) -> None:
    """Count the days of failing anew."""
    connection.execute(delete(failing).where(failing.c.ledger_id == ledger_id, failing.c.endpoint_id == endpoint_id))


def deliveries_of(ledger_id: UUID, endpoint_id: UUID, state: str | None = None) -> Select[Any]:
    found = select(deliveries).where(deliveries.c.ledger_id == ledger_id, deliveries.c.endpoint_id == endpoint_id)
    return found if state is None else found.where(deliveries.c.state == state)


def delivery(ledger_id: UUID, endpoint_id: UUID, event_id: UUID) -> Select[Any]:
    return select(deliveries).where(*one(ledger_id, endpoint_id, event_id))


def last_attempts(ledger_id: UUID, endpoint_id: UUID, events: Sequence[UUID]) -> Select[Any]:
    """The last ATTEMPTS_SHOWN attempts of each of these deliveries, oldest first."""
    return (
        select(attempts)
        .join(deliveries, and_(*(attempts.c[name] == deliveries.c[name] for name in KEY)))
        .where(
            attempts.c.ledger_id == ledger_id,
            attempts.c.endpoint_id == endpoint_id,
            attempts.c.event_id.in_(events),
            attempts.c.number > deliveries.c.attempts - ATTEMPTS_SHOWN,
        )
        .order_by(attempts.c.event_id, attempts.c.number)
    )


def one(ledger_id: UUID, endpoint_id: UUID, event_id: UUID) -> tuple[Any, ...]:
    return (
        deliveries.c.ledger_id == ledger_id,
        deliveries.c.endpoint_id == endpoint_id,
        deliveries.c.event_id == event_id,
    )
