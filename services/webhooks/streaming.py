"""Server-sent events: the feed as it grows, from an exact place on, for as long as a stream may last.

One task of a process watches the heads of all feeds that somebody reads; a stream reads a part only once there is one,
few at a time. What is read is sent before more is read, so a slow reader costs one part of memory and waits alone.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID
from weakref import WeakKeyDictionary

import structlog
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import StreamingResponse

from services.webhooks.feed import feed_heads
from services.webhooks.reading import Choice, Cursors, Reading, read_feed
from shared.auth.authenticate import Unauthenticated, act_as_system
from shared.auth.caller import Need
from shared.service import Runtime

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger()

ROLE = "concord_webhooks"
STREAMS_MAX = 500
"""Of one process."""
STREAMS_OF_ONE_ORGANISATION = 50
READERS_AT_ONCE = 2
"""Parts read at once: each takes one of the connections that requests need too."""
PART_PLACES = 100
LOOK_SECONDS = 0.25
KEEP_ALIVE_SECONDS = 15.0
RETRY_MS = 1_000
"""How long a client waits before it comes back."""
SEND_SECONDS = 30.0
"""For one part to leave; a reader that takes longer is hung up on."""


@dataclass
class Hub:
    """The streams of one process, and the size of each feed they read as last seen."""

    streams: Counter[UUID] = field(default_factory=Counter)
    sizes: dict[UUID, int] = field(default_factory=dict)
    turn: asyncio.Event = field(default_factory=asyncio.Event)
    readers: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS_AT_ONCE))
    watching: asyncio.Task[None] | None = None

    def full(self, organisation_id: UUID) -> bool:
        return self.streams.total() >= STREAMS_MAX or self.streams[organisation_id] >= STREAMS_OF_ONE_ORGANISATION

    @contextmanager
    def entered(self, runtime: Runtime, organisation_id: UUID) -> Iterator[None]:
        self.streams[organisation_id] += 1
        if self.watching is None:
            self.watching = asyncio.create_task(self.watch(runtime))
        try:
            yield
        finally:
            self.streams[organisation_id] -= 1
            if not self.streams[organisation_id]:
                del self.streams[organisation_id]
                self.sizes.pop(organisation_id, None)
            if not self.streams and self.watching is not None:
                self.watching.cancel()
                self.watching = None

    async def watch(self, runtime: Runtime) -> None:
        """Look at the heads, and let all streams look up."""
        while True:
            try:
                self.sizes = await asyncio.to_thread(sizes_of, runtime.engine, list(self.streams))
            except SQLAlchemyError as error:
                log.warning("feed heads not read", exc_info=error)
            turn, self.turn = self.turn, asyncio.Event()
            turn.set()
            await asyncio.sleep(LOOK_SECONDS)

    async def look_up(self) -> None:
        """Wait for the next look at the heads."""
        await self.turn.wait()


def sizes_of(engine: Engine, organisations: list[UUID]) -> dict[UUID, int]:
    with engine.connect() as connection:
        act_as_system(connection, ROLE)
        wanted = feed_heads.select().where(feed_heads.c.ledger_id.in_(organisations))
        return {row.ledger_id: row.size for row in connection.execute(wanted)}


HUBS: WeakKeyDictionary[Engine, Hub] = WeakKeyDictionary()


def hub_of(runtime: Runtime) -> Hub:
    return HUBS.setdefault(runtime.engine, Hub())


@dataclass(frozen=True)
class Reader:
    """Who reads. Each part is read under the credential anew, so a revoked one reads no further."""

    runtime: Runtime
    organisation_id: UUID
    authorization: str
    need: Need
    choice: Choice

    def read(self, place: int) -> Reading:
        """Raises Unauthenticated."""
        runtime = self.runtime
        with runtime.engine.connect() as connection:
            caller, _ = runtime.authenticator.begin(connection, ROLE, self.authorization)
            if not self.need.met_by(caller) or caller.org != self.organisation_id:
                raise Unauthenticated
            return read_feed(connection, caller, self.choice, place, PART_PLACES, runtime.settings.origin)


class EventStream(StreamingResponse):
    """From `place` on, until the stream's time is over, the reader goes, or the process ends."""

    def __init__(self, reader: Reader, place: int) -> None:
        self.reader = reader
        self.hub = hub_of(reader.runtime)
        self.cursors = Cursors.of(reader.runtime.secret, reader.organisation_id)
        super().__init__(self.frames(place), media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})

    async def stream_response(self, send: Any) -> None:
        async def within_time(message: Any) -> None:
            async with asyncio.timeout(SEND_SECONDS):
                await send(message)

        with self.hub.entered(self.reader.runtime, self.reader.organisation_id):
            try:
                await super().stream_response(within_time)
            except TimeoutError:
                log.info("stream ended", words="The reader took too long.")

    async def frames(self, place: int) -> AsyncIterator[bytes]:
        runtime = self.reader.runtime
        over_at = time.monotonic() + runtime.settings.stream_seconds
        said_at = time.monotonic()
        yield frame(f"retry: {RETRY_MS}", f"id: {self.cursors.at(place)}")
        while time.monotonic() < over_at and not runtime.ending.is_set():
            if self.hub.sizes.get(self.reader.organisation_id, 0) <= place:
                if time.monotonic() - said_at > KEEP_ALIVE_SECONDS:
                    said_at = time.monotonic()
                    yield b": still here\n\n"
                await self.hub.look_up()
                continue
            try:
                async with self.hub.readers:
                    reading = await asyncio.to_thread(self.reader.read, place)
            except Unauthenticated:
                return
            if reading.next == place:
                await self.hub.look_up()
            place = reading.next
            said_at = time.monotonic()
            for chunk in self.chunks(reading):
                yield chunk

    def chunks(self, reading: Reading) -> Iterator[bytes]:
        for told in reading.told:
            data = b"data: " + told.body + b"\n\n"
            yield f"id: {self.cursors.at(told.place + 1)}\nevent: {told.type}\n".encode() + data
        if not reading.told or reading.told[-1].place + 1 < reading.next:
            yield frame(f"id: {self.cursors.at(reading.next)}")


def frame(*lines: str) -> bytes:
    return "".join(f"{line}\n" for line in lines).encode() + b"\n"
