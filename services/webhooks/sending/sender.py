"""The sender: a worker's turn that sends what is due, many at once, and goes on while one receiver is slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import Event, Thread
from uuid import UUID

import structlog
from sqlalchemy import Engine

from services.webhooks.domain.schedule import Disable
from services.webhooks.sending.attempt import Answer, attempt
from services.webhooks.sending.claims import Claim, Want
from services.webhooks.sending.due import due
from services.webhooks.sending.hand import AT_ONCE_MAX, ENDPOINTS_MAX, Hand
from services.webhooks.sending.hands import LEASE, Key, leave_endpoints, real_time, take_endpoints
from services.webhooks.sending.line import EVER, IN_HAND_MAX
from services.webhooks.sending.network import PublicNetwork, lookup_in
from services.webhooks.sending.outcomes import Outcome, disable, failing_for_days, outcome_of, write_down
from services.webhooks.sending.road import Roads
from shared.auth.authenticate import act_as_system
from shared.events.webhooks import DisableReason
from shared.ids import uuid7
from shared.log.envelope import Cause
from shared.log.log import Stale
from shared.service import Runtime

log = structlog.get_logger()

ROLE = "concord_webhooks"
THREAD = "webhooks.sender.turn"
CLAIMING_SECONDS = 5.0
"""How long a turn takes on new deliveries; what is under way then ends beside the next turn."""
LOOK_SECONDS = 0.1
"""How often a turn looks for endpoints with something new, and for new deliveries while no attempt ends."""
DISABLE_TRIES = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What a look at the queue found: endpoints that are now in hand, and what is due at all that are."""

    endpoints: Mapping[Key, bool] = field(default_factory=dict)
    """Each with whether it is told in order."""
    claims: Sequence[Claim] = ()
    until: float = 0.0
    """When the leases of these endpoints are over by the monotonic clock, counted from before they were asked for."""


def turn(runtime: Runtime, *, claiming_seconds: float = CLAIMING_SECONDS) -> int:
    """Send what is due until nothing is, but not for longer than this; how many deliveries were taken in hand.

    Returns while slow receivers are still being waited for: those attempts end in their own thread. So a receiver that
    takes its 15 s never keeps the others waiting, and a stop waits for nobody.
    """
    sender, until = uuid7(), lease_end()
    with runtime.engine.begin() as connection:
        moment = act_as_system(connection, ROLE)
        now = real_time(connection)
        taken, ended = take_endpoints(connection, sender, now=now, limit=ENDPOINTS_MAX)
        claims = due(connection, first_wants(taken), now=now, moment=moment) if taken else []
    return ended + (Sending(runtime, sender, claiming_seconds).start(Found(taken, claims, until)) if taken else 0)


def lease_end() -> float:
    return time.monotonic() + LEASE.total_seconds()


def first_wants(endpoints: Mapping[Key, bool]) -> dict[Key, Want]:
    """All that is due, from the beginning."""
    return {key: Want(fifo, IN_HAND_MAX, EVER) for key, fifo in endpoints.items()}


class Sending:
    """One turn's attempts, in a thread with an event loop. `sender` is the name in its leases."""

    def __init__(self, runtime: Runtime, sender: UUID, claiming_seconds: float) -> None:
        self.runtime = runtime
        self.sender = sender
        self.claiming_seconds = claiming_seconds
        self.taken = 0
        self.over = Event()
        self.failure: Exception | None = None

    def start(self, found: Found) -> int:
        """Send this and what falls due meanwhile; how many were taken in hand, once no more will be."""
        Thread(target=self.run, args=(found,), name=THREAD, daemon=True).start()
        self.over.wait()
        if self.failure is not None:
            raise self.failure
        return self.taken

    def run(self, found: Found) -> None:
        try:
            asyncio.run(self.send(found))
        except Exception as error:
            log.exception("sending failed", words="What was in hand is sent again when the leases have run out.")
            self.failure = error
        finally:
            self.over.set()

    async def send(self, found: Found) -> None:
        async with self.roads() as roads:
            hand = Hand(lambda one: self.attempt(roads, one))
            self.hold(hand, found)
            try:
                await self.send_all(hand, roads)
            finally:  # nothing is to be left on a road that is left
                await hand.cancel()
            rests = {key: line.rest_seconds for key, line in hand.lines.items()}
            await asyncio.to_thread(Exchange(self.runtime.engine, self.sender, [], rests).run)

    async def send_all(self, hand: Hand, roads: Roads) -> None:
        over_at = time.monotonic() + self.claiming_seconds
        look_at = 0.0
        while hand:
            answers = await hand.ended(within_seconds=LOOK_SECONDS)
            now = time.monotonic()
            if over := now > over_at:
                self.over.set()
                hand.drop()
            gone = hand.idle(for_seconds=0) if over else hand.idle()
            await roads.leave(gone)
            exchange = Exchange(self.runtime.engine, self.sender, [outcome_of(answer) for answer in answers], gone)
            if not over:
                exchange.look(hand, endpoints=hand.free if now >= look_at else 0)
                look_at = max(look_at, now + LOOK_SECONDS)
            found = await asyncio.to_thread(exchange.run)
            hand.settle(answers)
            self.hold(hand, found)

    def hold(self, hand: Hand, found: Found) -> None:
        hand.hold(found.endpoints, until=found.until)
        self.taken += hand.take(found.claims)

    async def attempt(self, roads: Roads, one: Claim) -> Answer:
        settings = self.runtime.settings
        return await attempt(
            roads.to(one.endpoint), one, origin=settings.origin, development=settings.webhooks_allow_http
        )

    @asynccontextmanager
    async def roads(self) -> AsyncIterator[Roads]:
        names = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="webhooks.sender.names")
        network = PublicNetwork(lookup_in(names), development=self.runtime.settings.webhooks_allow_http)
        try:
            async with Roads(network) as roads:
                yield roads
        finally:
            names.shutdown(wait=False)


@dataclass
class Exchange:
    """With the database, in one transaction: write down what has ended, leave what is idle, look what is due."""

    engine: Engine
    sender: UUID
    outcomes: Sequence[Outcome]
    idle: Mapping[Key, float]
    endpoints: int = 0
    wants: Mapping[Key, Want] | None = None

    def look(self, hand: Hand, *, endpoints: int) -> None:
        """Look also what is due, and for up to so many more endpoints with something due."""
        self.endpoints = endpoints
        self.wants = hand.wants(datetime.now(UTC))

    def run(self) -> Found:
        gone = [outcome for outcome in self.outcomes if isinstance(outcome.verdict, Disable)]
        others = [outcome for outcome in self.outcomes if not isinstance(outcome.verdict, Disable)]
        for outcome in gone:
            self.disable(outcome.endpoint, DisableReason.GONE, outcome)
        if not (others or self.idle or self.wants is not None):
            return Found()
        until = lease_end()
        with self.engine.begin() as connection:
            moment = act_as_system(connection, ROLE)
            now = real_time(connection)
            write_down(connection, self.sender, others)
            failing = failing_for_days(connection, others, now)
            leave_endpoints(connection, self.sender, self.idle, now)
            taken: dict[Key, bool] = {}
            if self.endpoints:
                taken, _ = take_endpoints(connection, self.sender, now=now, limit=self.endpoints)
            wanted = {**(self.wants or {}), **first_wants(taken)}
            claims = due(connection, wanted, now=now, moment=moment) if wanted else []
        for endpoint in failing:
            self.disable(endpoint, DisableReason.FAILING)
        return Found(taken, claims, until)

    def disable(self, endpoint: Key, reason: DisableReason, because: Outcome | None = None) -> None:
        """Disable an endpoint, and write down the attempt that is the reason, both or neither."""
        for _ in range(DISABLE_TRIES):
            try:
                with self.engine.begin() as connection:
                    at = act_as_system(connection, ROLE)
                    cause = Cause()
                    if because is not None:
                        write_down(connection, self.sender, [because])
                        cause = Cause(event=str(because.answer.claim.notice.event_id))
                    disable(connection, endpoint, reason, at, cause)
            except Stale:
                continue
            return
        log.warning("endpoint not disabled", endpoint_id=str(endpoint[1]), words="It kept being changed meanwhile.")
