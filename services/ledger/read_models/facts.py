"""Facts: events as history tells them, with what is disclosed of them, held back where they must be."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    Connection,
    LargeBinary,
    Select,
    Table,
    Text,
    Uuid,
    cast,
    func,
    literal,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSON

from services.ledger.read_models.ledgers import LOG
from shared.auth.caller import Caller
from shared.events import all_types, newest, stored_names
from shared.events.declare import newest_name
from shared.events.scoring import HELD_BACK
from shared.log.codec import Stored
from shared.log.disclosed import with_disclosed
from shared.log.entry import encode_entry
from shared.log.envelope import Actor, Data
from shared.log.rows import driver

READ_PAGE = 1_000
"""Events fetched in one statement."""
LOOK_BACK_VERSIONS = 50
"""How far back in its stream the values before an event are sought."""

events = Table(
    "events",
    LOG,
    Column("ledger_id", Uuid, primary_key=True),
    Column("seq", BigInteger, primary_key=True),
    Column("recorded_us", BigInteger),
    Column("stream", Text),
    Column("version", BigInteger),
    Column("type", Text),
    Column("body", LargeBinary),
)

OF_STREAMS = (
    "SELECT seq, recorded_us, body FROM log.events"
    " WHERE ledger_id = %s AND stream = ANY(%s) AND seq > %s AND seq < %s ORDER BY seq LIMIT %s"
)
LEADING_TO = (
    "SELECT DISTINCT e.seq, e.recorded_us, e.body FROM unnest(%s::text[], %s::bigint[]) AS w (stream, version)"
    " JOIN log.events e ON e.ledger_id = %s AND e.stream = w.stream"
    f" AND e.version < w.version AND e.version >= w.version - {LOOK_BACK_VERSIONS} ORDER BY e.seq"
)
RELEASED = (
    "SELECT stream, type, max(version) FROM log.events"
    " WHERE ledger_id = %s AND stream = ANY(%s) AND type = ANY(%s) GROUP BY stream, type"
)


FIRST_OF = (
    "SELECT seq, recorded_us, body FROM log.events WHERE ledger_id = %s AND stream = ANY(%s)"
    " AND version = 1 ORDER BY seq"
)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event. `data` is its fields as JSON in their newest shape, None while they are held back from the caller."""

    seq: int
    recorded_us: int
    id: UUID
    type: str
    says: str
    stream: str
    version: int
    actor: Actor
    effective_at: datetime
    data: Data | None
    erased: frozenset[str]
    sets: frozenset[str] | None
    body: bytes

    @property
    def entry(self) -> bytes:
        """The bytes that are hashed."""
        return encode_entry(self.seq, self.recorded_us, self.body)


def history(
    ledger_id: UUID,
    *,
    first: int,
    end: int,
    types: Collection[str] | None = None,
    stream: str | None = None,
    actor: str | None = None,
    about: Collection[str] = (),
) -> Select[Any]:
    """Entries from `first` up to `end`, of these stored types, of one stream, by one actor (an id, or its system).

    `about`: ids that all stand in the entry, wherever they do.
    """
    found = select(events.c.seq, events.c.recorded_us, events.c.body).where(
        events.c.ledger_id == ledger_id, events.c.seq >= first, events.c.seq < end
    )
    if types is not None:
        found = found.where(events.c.type.in_(list(types)))
    if stream is not None:
        found = found.where(events.c.stream == stream)
    for known in about:
        found = found.where(func.pg_catalog.position(events.c.body, literal(known.encode(), LargeBinary)) > 0)
    if actor is not None:
        # Most bodies do not hold the text at all, which is found out a hundred times faster than what the JSON says.
        held = func.pg_catalog.position(events.c.body, literal(actor.encode(), LargeBinary)) > 0
        said = cast(func.convert_from(events.c.body, "UTF8"), JSON)["actor"]
        found = found.where(held, or_(*(said[key].astext == actor for key in ("org", "sub", "system"))))
    return found


def streams(ledger_id: UUID, *, end: int, first: int = 0, kind: str | None = None) -> Select[Any]:
    """The streams with an event from `first` up to `end`: what changed between two moments, or all that there was."""
    found = (
        select(events.c.stream, func.count().label("events"))
        .where(events.c.ledger_id == ledger_id, events.c.seq >= first, events.c.seq < end)
        .group_by(events.c.stream)
    )
    return found if kind is None else found.where(events.c.stream.startswith(f"{kind}/", autoescape=True))


def kinds(ledger_id: UUID, *, end: int) -> Select[Any]:
    """How many things of each kind there are in the first `end` entries."""
    kind = func.split_part(events.c.stream, "/", 1).label("kind")
    return (
        select(kind, func.count().label("things"))
        .where(events.c.ledger_id == ledger_id, events.c.seq < end, events.c.version == 1)
        .group_by(kind)
        .order_by(kind)
    )


def types_like(pattern: str) -> frozenset[str]:
    """Every stored name of an event type, or of all those that `governance.*` stands for."""
    beginning = pattern.removesuffix("*")
    known = (name for name in all_types() if name.startswith(beginning))
    return stored_names(frozenset(known) if beginning != pattern else frozenset({pattern}))


def facts(connection: Connection, ledger_id: UUID, caller: Caller, rows: Sequence[Any]) -> list[Fact]:
    """These rows (seq, recorded_us, body) as the caller may see them."""
    with driver(connection).cursor() as cursor:
        found = [fact(stored) for stored in with_disclosed(cursor, ledger_id, [(r[0], r[1], r[2]) for r in rows])]
    held = held_back(connection, ledger_id, caller, found)
    return [replace(one, data=None) if one.seq in held else one for one in found]


def fact(stored: Stored) -> Fact:
    body = json.loads(stored.body)
    kind, data = newest(body["type"], body["data"])
    return Fact(
        seq=stored.seq,
        recorded_us=stored.recorded_us,
        id=UUID(body["id"]),
        type=kind.name,
        says=kind.says,
        stream=body["stream"],
        version=body["version"],
        actor=Actor.from_json(body["actor"]),
        effective_at=datetime.fromisoformat(body["effective_at"]),
        data={**dict.fromkeys(sorted(kind.erasable)), **data, **stored.disclosed},
        erased=stored.erased,
        sets=kind.sets,
        body=stored.body,
    )


def held_back(connection: Connection, ledger_id: UUID, caller: Caller, found: Iterable[Fact]) -> frozenset[int]:
    """The seqs of those among these facts whose data only their actor may see yet."""
    asked = [one for one in found if one.type in HELD_BACK and one.actor != caller.actor]
    if not asked:
        return frozenset()
    names = stored_names(frozenset(HELD_BACK[one.type] for one in asked))
    rows = connection.exec_driver_sql(RELEASED, (ledger_id, list({one.stream for one in asked}), list(names)))
    released: dict[tuple[str, str], int] = defaultdict(int)
    for stream, name, version in rows:
        place = (stream, newest_name(name))
        released[place] = max(released[place], version)
    return frozenset(one.seq for one in asked if released[one.stream, HELD_BACK[one.type]] <= one.version)


def of_streams(
    connection: Connection, ledger_id: UUID, caller: Caller, among: Collection[str], *, end: int
) -> Iterator[Fact]:
    """All facts of these streams up to `end`, in order, fetched page by page."""
    after = -1
    while True:
        rows = connection.exec_driver_sql(OF_STREAMS, (ledger_id, list(among), after, end, READ_PAGE)).all()
        yield from facts(connection, ledger_id, caller, rows)
        if len(rows) < READ_PAGE:
            return
        after = rows[-1][0]


def first_of(connection: Connection, ledger_id: UUID, caller: Caller, among: Collection[str]) -> dict[str, Fact]:
    """The first event of each of these streams."""
    rows = connection.exec_driver_sql(FIRST_OF, (ledger_id, list(among))).all()
    return {one.stream: one for one in facts(connection, ledger_id, caller, rows)}


def leading_to(connection: Connection, ledger_id: UUID, caller: Caller, found: Sequence[Fact]) -> list[Fact]:
    """What went before each of these facts in its stream, LOOK_BACK_VERSIONS back, in order."""
    later = [one for one in found if one.version > 1]
    if not later:
        return []
    wanted = ([one.stream for one in later], [one.version for one in later])
    return facts(connection, ledger_id, caller, connection.exec_driver_sql(LEADING_TO, (*wanted, ledger_id)).all())
