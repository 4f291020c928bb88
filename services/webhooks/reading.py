"""Reading the feed: what one caller may be told, from one place on, event by event as webhooks tell it."""

from __future__ import annotations

import hmac
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Self
from uuid import UUID

from sqlalchemy import Connection

from services.webhooks.catalogue import notice_of, told_types
from services.webhooks.domain.envelope import cloud_event
from services.webhooks.domain.wishes import covers
from services.webhooks.feed import feed_from
from shared.auth.caller import Caller
from shared.http.pages import POINTER, open_cursor, sign
from shared.log.log import Log


@dataclass(frozen=True, slots=True)
class Told:
    """One event, at its place of the feed."""

    place: int
    type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Reading:
    """Those of a part of the feed that were asked for; `next` is the place after that part."""

    told: list[Told]
    next: int
    more: bool
    """There may be more already."""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a reader asks for. No event types, and no alliance, mean all."""

    event_types: tuple[str, ...] = ()
    alliance: UUID | None = None

    def covers(self, name: str) -> bool:
        return not self.event_types or any(covers(pattern, name) for pattern in self.event_types)


def read_feed(connection: Connection, caller: Caller, choice: Choice, place: int, limit: int, origin: str) -> Reading:
    """Up to `limit` places of the caller's feed, in its order; in the caller's own transaction."""
    rows = connection.execute(feed_from(caller.organisation, place, limit)).all()
    wanted: dict[UUID, list[int]] = defaultdict(list)
    for row in rows:
        if caller.may_enter(row.source) and choice.alliance in (None, row.source):
            wanted[row.source].append(row.seq)
    names = [name for name in told_types() if choice.covers(name)]
    bodies = {
        (source, seq): (name, body)
        for source, seqs in wanted.items()
        for seq, name, body in read_events(Log(connection), source, seqs, names, origin)
    }
    found = [(row.place, bodies.get((row.source, row.seq))) for row in rows]
    told = [Told(place, *event) for place, event in found if event is not None]
    return Reading(told, rows[-1].place + 1 if rows else place, len(rows) == limit)


def read_events(
    log: Log, source: UUID, seqs: list[int], names: list[str], origin: str
) -> Iterable[tuple[int, str, bytes]]:
    wanted = set(seqs)
    for recorded in log.read_all(source, after=min(seqs) - 1, until_seq=max(seqs), names=names):
        if recorded.seq in wanted:
            yield recorded.seq, recorded.name, cloud_event(notice_of(recorded), origin)


@dataclass(frozen=True, slots=True)
class Cursors:
    """The cursors of one organisation's feed: in any other, and in any other list, they are not known."""

    key: bytes

    @classmethod
    def of(cls, secret: bytes, organisation_id: UUID) -> Self:
        return cls(hmac.digest(secret, f"feed\n{organisation_id}".encode(), sha256))

    def at(self, place: int) -> str:
        return sign(self.key, [place])

    def place(self, cursor: str, pointer: str = POINTER) -> int:
        """Any other text is invalid input, at `pointer`."""
        (place,) = open_cursor(self.key, cursor, pointer)
        return int(place)
