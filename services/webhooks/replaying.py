"""Replays at work: what was recorded in a time goes into the queue again, a part at a time, never far ahead of sending.

A part is one transaction: deliveries made, and the place in the ledger they were made up to. A worker that is killed
leaves whole parts, and the next one goes on there. A cancelled replay takes back what it has in the queue.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Column, Connection, Table, Uuid, func, select

from services.webhooks.catalogue import notice_of, told_types
from services.webhooks.deliveries import INSERT, row_of
from services.webhooks.domain import replay as rules
from services.webhooks.domain.endpoint import ENDPOINT, Endpoint, Status
from services.webhooks.domain.replay import REPLAY, Span
from services.webhooks.domain.wishes import covers
from services.webhooks.read_models.replays import REPLAYS
from shared.auth.authenticate import act_as_system
from shared.database.schemas import schema
from shared.events.webhooks import Replayed
from shared.log.envelope import Actor, Cause, to_us
from shared.log.log import Loaded, Log
from shared.log.read_models import bring_along
from shared.log.rows import driver
from shared.service import Runtime

ROLE = "concord_webhooks"
REPLAYER = Actor(system="webhooks")
PART_EVENTS = 500
AHEAD_MAX = 1_000
"""Deliveries of one replay that wait at once: new ones are not long in coming then, and a cancel takes little back."""
PARTS_A_TURN = 20

replay_places = Table(
    "replay_places",
    schema("webhooks"),
    Column("ledger_id", Uuid, primary_key=True),
    Column("replay_id", Uuid, primary_key=True),
    Column("source", Uuid, primary_key=True),
    Column("next", BigInteger, nullable=False),
    Column("over", Boolean, nullable=False),
    Column("queued", BigInteger, nullable=False),
)

RUNNING = (
    "SELECT r.ledger_id, r.id FROM webhooks.replays r JOIN webhooks.endpoints e"
    "    ON e.ledger_id = r.ledger_id AND e.id = r.endpoint_id AND e.status IN ('enabled', 'removed')"
    " WHERE r.status = 'running' AND (SELECT count(*) FROM (SELECT 1 FROM webhooks.deliveries d"
    "   WHERE d.ledger_id = r.ledger_id AND d.replay_id = r.id AND d.state = 'waiting' LIMIT %s) w) < %s"
    " ORDER BY r.id LIMIT 1 FOR NO KEY UPDATE OF r SKIP LOCKED"
)
SOURCES = "SELECT ledger_id, until_seq FROM log.readers WHERE org_id = %s ORDER BY ledger_id"
AGAIN = (
    f"{INSERT} ON CONFLICT (ledger_id, endpoint_id, event_id) DO UPDATE SET state = 'waiting', run = d.run + 1,"
    " tries = 0, first_at = NULL, next_attempt_at = clock_timestamp(), replay_id = excluded.replay_id"
    " WHERE d.state <> 'waiting' AND (%(all)s OR d.delivered_at IS NULL)"
)
"""What waits already is sent anyway."""
TAKE_BACK = (
    "UPDATE webhooks.deliveries SET replay_id = NULL, state = CASE WHEN delivered_at IS NOT NULL THEN 'delivered'"
    " WHEN attempts > 0 THEN 'dead' ELSE 'ended' END"
    " WHERE ledger_id = %s AND replay_id = %s AND state = 'waiting'"
)
COUNT = (
    "SELECT count(*) FROM log.events WHERE ledger_id = %s AND seq <= coalesce(%s, 9223372036854775807)"
    " AND recorded_us >= %s AND recorded_us < %s AND type = ANY(%s)"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a replay sends: the endpoint's own wishes, within the span."""

    organisation_id: UUID
    endpoint: Endpoint
    span: Span

    @property
    def names(self) -> list[str]:
        mine, asked = self.endpoint.wishes.event_types, self.span.event_types
        return [n for n in told_types() if any(covers(p, n) for p in mine) and any(covers(p, n) for p in asked)]

    def covers_ledger(self, source: UUID) -> bool:
        alliance = None if source == self.organisation_id else source
        return all(not chosen or alliance in chosen for chosen in (self.endpoint.wishes.alliances, self.span.alliances))

    @property
    def bounds_us(self) -> tuple[int, int]:
        return to_us(self.span.since), to_us(self.span.until)


def count(connection: Connection, wanted: Wanted) -> int:
    """How many events a replay would send, but for the endpoint's filters on fields, which are applied on sending."""
    found = 0
    for source, until_seq in connection.exec_driver_sql(SOURCES, (wanted.organisation_id,)).all():
        if wanted.covers_ledger(source):
            bounds = (source, until_seq, *wanted.bounds_us, wanted.names)
            found += connection.exec_driver_sql(COUNT, bounds).scalar_one()
    return found


def turn(runtime: Runtime) -> int:
    """Put parts of replays into the queue; how many deliveries were made."""
    made = 0
    for _ in range(PARTS_A_TURN):
        with runtime.engine.begin() as connection:
            at = act_as_system(connection, ROLE)
            running = connection.exec_driver_sql(RUNNING, (AHEAD_MAX, AHEAD_MAX)).first()
            if running is None:
                return made
            made += part(connection, running[0], running[1], at)
    return made


def part(connection: Connection, organisation_id: UUID, replay_id: UUID, at: datetime) -> int:
    """The next part of a replay, or its end; how many deliveries were made. The replay's row is locked."""
    log = Log(connection)
    held = log.load(REPLAY, organisation_id, replay_id)
    assert held.state.endpoint is not None
    assert held.state.span is not None
    endpoint = log.load(ENDPOINT, organisation_id, held.state.endpoint).state
    wanted = Wanted(organisation_id, endpoint, held.state.span)
    source = None if endpoint.status is Status.REMOVED else next_source(connection, wanted, replay_id)
    if source is None:
        finish(connection, held, at)
        return 0
    ledger_id, until_seq, after = source
    since_us, until_us = wanted.bounds_us
    if after < 0:
        after = before(connection, ledger_id, since_us)
    events = log.read(ledger_id, after=after, until_seq=until_seq, until_us=until_us - 1, limit=PART_EVENTS)
    names = frozenset(wanted.names)
    made = queue_again(connection, wanted, held.state.endpoint, replay_id, [e for e in events if e.name in names])
    place = events[-1].seq + 1 if events else after + 1
    move(connection, (organisation_id, replay_id, ledger_id), place, made, over=len(events) < PART_EVENTS)
    return made


def next_source(connection: Connection, wanted: Wanted, replay_id: UUID) -> tuple[UUID, int | None, int] | None:
    """The first ledger that is not over, up to which seq it may be read, and after which to go on (-1: not begun)."""
    of_replay = (replay_places.c.ledger_id == wanted.organisation_id, replay_places.c.replay_id == replay_id)
    places = {row.source: row for row in connection.execute(select(replay_places).where(*of_replay))}
    for source, until_seq in connection.exec_driver_sql(SOURCES, (wanted.organisation_id,)):
        place = places.get(source)
        if wanted.covers_ledger(source) and (place is None or not place.over):
            return source, until_seq, place.next - 1 if place else -1
    return None


def before(connection: Connection, source: UUID, since_us: int) -> int:
    """The last seq recorded before this time; recorded times never run backwards, so half is left out each time."""
    low, high = 0, Log(connection).size(source) or 0
    while low < high:
        middle = (low + high) // 2
        found = connection.exec_driver_sql(
            "SELECT recorded_us FROM log.events WHERE ledger_id = %s AND seq = %s", (source, middle)
        ).scalar_one()
        low, high = (middle + 1, high) if found < since_us else (low, middle)
    return low - 1


def queue_again(
    connection: Connection, wanted: Wanted, endpoint_id: UUID, replay_id: UUID, events: Sequence[Any]
) -> int:
    """Deliveries of these, as if they were new; how many."""
    rows = []
    for event in events:
        notice = notice_of(event)
        alliance = None if event.ledger_id == wanted.organisation_id else event.ledger_id
        if wanted.endpoint.wishes.cover(notice.type, alliance, notice.data):
            row = row_of(wanted.organisation_id, endpoint_id, notice, replay_id)
            rows.append({**row, "all": wanted.span.deliveries is Replayed.ALL})
    if not rows:
        return 0
    with driver(connection).cursor() as cursor:
        cursor.executemany(AGAIN, rows)
        return cursor.rowcount


def move(connection: Connection, key: tuple[UUID, UUID, UUID], place: int, made: int, *, over: bool) -> None:
    connection.exec_driver_sql(
        "INSERT INTO webhooks.replay_places AS p (ledger_id, replay_id, source, next, over, queued)"
        " VALUES (%s, %s, %s, %s, %s, %s) ON CONFLICT (ledger_id, replay_id, source) DO UPDATE"
        " SET next = excluded.next, over = excluded.over, queued = p.queued + excluded.queued",
        (*key, place, over, made),
    )


def queued(connection: Connection, organisation_id: UUID, replay_id: UUID) -> int:
    """How many deliveries a replay has made so far."""
    total = select(func.coalesce(func.sum(replay_places.c.queued), 0)).where(
        replay_places.c.ledger_id == organisation_id, replay_places.c.replay_id == replay_id
    )
    return int(connection.execute(total).scalar_one())


def take_back(connection: Connection, organisation_id: UUID, replay_id: UUID) -> None:
    """What a replay has in the queue becomes what it was before: delivered, a dead letter, or nothing at all."""
    connection.exec_driver_sql(TAKE_BACK, (organisation_id, replay_id))


def finish(connection: Connection, held: Loaded[rules.Replay], at: datetime) -> None:
    events = rules.finish(rules.FinishReplay(at, queued(connection, held.ledger_id, held.id)), held.state)
    recorded = Log(connection).append(
        held.ledger_id, held.stream, held.version, events, actor=REPLAYER, effective_at=at, cause=Cause()
    )
    bring_along(connection, [REPLAYS], recorded)
