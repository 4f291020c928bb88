"""The queue: what is to be sent, what was tried, and who has been failing. Working tables, in real time, not rebuilt.

One delivery is one event for one endpoint. An endpoint is in the hand of one sender at a time (`hands`); what that one
has in hand it alone knows, and written down when it has ended.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
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
    cast,
    delete,
    func,
    select,
    text,
    update,
)

from services.webhooks.domain.envelope import Notice
from services.webhooks.read_models.endpoints import endpoints
from shared.database.schemas import schema
from shared.log.rows import driver

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
    """Its endpoint was removed, or the replay that made it was cancelled."""


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
    Column("attempts", Integer, nullable=False),
    Column("run", Integer, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("first_at", DateTime(timezone=True)),
    Column("delivered_at", DateTime(timezone=True)),
    Column("replay_id", Uuid),
    Index(
        "deliveries_waiting",
        "ledger_id",
        "endpoint_id",
        "next_attempt_at",
        "seq",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "deliveries_in_order",
        "ledger_id",
        "endpoint_id",
        "source",
        "seq",
        postgresql_where=text("state = 'waiting'"),
    ),
    Index(
        "deliveries_replayed",
        "ledger_id",
        "replay_id",
        postgresql_where=text("state = 'waiting' AND replay_id IS NOT NULL"),
    ),
    Index("deliveries_dead", "ledger_id", "endpoint_id", "event_id", postgresql_where=text("state = 'dead'")),
)
"""`source`: the ledger of the event; `data`: JSON. `tries`, `first_at`: of `run`, the present run of the schedule."""

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


def queue(connection: Connection, ledger_id: UUID, endpoint_id: UUID, notices: Iterable[Notice]) -> None:
    """Make deliveries that are due at once, in this order; none of what has one for this endpoint already."""
    rows = [row_of(ledger_id, endpoint_id, notice) for notice in notices]
    if rows:
        with driver(connection).cursor() as cursor:
            cursor.executemany(f"{INSERT} ON CONFLICT DO NOTHING", rows)


def row_of(ledger_id: UUID, endpoint_id: UUID, notice: Notice, replay_id: UUID | None = None) -> dict[str, Any]:
    return {
        "ledger_id": ledger_id,
        "endpoint_id": endpoint_id,
        "event_id": notice.event_id,
        "event_type": notice.type,
        "source": notice.ledger,
        "seq": notice.seq,
        "subject": notice.stream,
        "recorded_at": notice.recorded_at,
        "data": json.dumps(notice.data),
        "replay_id": replay_id,
    }


INSERT = (
    "INSERT INTO webhooks.deliveries AS d (ledger_id, endpoint_id, event_id, event_type, source, seq, subject,"
    " recorded_at, data, replay_id, state, created_at, next_attempt_at, attempts, run, tries)"
    " VALUES (%(ledger_id)s, %(endpoint_id)s, %(event_id)s, %(event_type)s, %(source)s, %(seq)s, %(subject)s,"
    " %(recorded_at)s, %(data)s, %(replay_id)s, 'waiting', clock_timestamp(), clock_timestamp(), 0, 1, 0)"
)


def queue_again(connection: Connection, ledger_id: UUID, endpoint_id: UUID, event_id: UUID) -> None:
    """Start a delivery's schedule anew, now. What comes of an attempt that is under way does not end this new run."""
    connection.execute(
        update(deliveries)
        .where(*one(ledger_id, endpoint_id, event_id))
        .values(
            state=State.WAITING,
            next_attempt_at=func.clock_timestamp(),
            run=deliveries.c.run + 1,
            tries=0,
            first_at=None,
            replay_id=None,
        )
    )


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


def holding_back(ledger_id: UUID, endpoint_id: UUID, sources: Collection[UUID]) -> Select[Any]:
    """By ledger, the delivery that the others of an endpoint in order wait for: the first one, once it has failed."""
    asked = func.unnest(cast(list(sources), ARRAY(Uuid))).table_valued("source").render_derived()
    first = (
        select(deliveries.c.event_id, deliveries.c.tries)
        .where(
            deliveries.c.ledger_id == ledger_id,
            deliveries.c.endpoint_id == endpoint_id,
            deliveries.c.source == asked.c.source,
            deliveries.c.state == State.WAITING,
            deliveries.c.seq.is_not(None),
        )
        .order_by(deliveries.c.seq)
        .limit(1)
        .lateral()
    )
    in_order = and_(endpoints.c.ledger_id == ledger_id, endpoints.c.id == endpoint_id, endpoints.c.fifo)
    return select(asked.c.source, first.c.event_id).join(first, first.c.tries > 0).join(endpoints, in_order)


def one(ledger_id: UUID, endpoint_id: UUID, event_id: UUID) -> tuple[Any, ...]:
    return (
        deliveries.c.ledger_id == ledger_id,
        deliveries.c.endpoint_id == endpoint_id,
        deliveries.c.event_id == event_id,
    )
