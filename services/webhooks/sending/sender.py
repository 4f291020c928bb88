"""The sender: a worker's turn that sends what is due, many at once, and goes on while one receiver is slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event, Thread
from uuid import UUID

import httpcore
import structlog
from sqlalchemy import Engine

from services.webhooks.domain.schedule import Disable
from services.webhooks.sending.attempt import Answer, attempt
from services.webhooks.sending.claims import Claim, Key, claim, end_those_of_removed_endpoints, give_back, real_time
from services.webhooks.sending.hand import AT_ONCE_MAX, IN_HAND_MAX, Hand
from services.webhooks.sending.network import PublicNetwork, connections, lookup_in
from services.webhooks.sending.outcomes import Outcome, disable, failing_for_days, outcome_of, write_down
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
LOOK_SECONDS = 0.2
"""How often a turn looks for new deliveries while no attempt ends."""
DISABLE_TRIES = 3


def turn(runtime: Runtime, *, claiming_seconds: float = CLAIMING_SECONDS) -> int:
    """Send what is due until nothing is, but not for longer than this; how many deliveries were taken in hand.

    Returns while slow receivers are still being waited for: those attempts end in their own thread. So a receiver that
    takes its 15 s never keeps the others waiting, and a stop waits for nobody.
    """
    sender = uuid7()
    with runtime.engine.begin() as connection:
        moment = act_as_system(connection, ROLE)
        now = real_time(connection)
        ended = end_those_of_removed_endpoints(connection, now)
        claims = claim(connection, sender, now=now, moment=moment, free=IN_HAND_MAX)
    return ended + (Sending(runtime, sender, claiming_seconds).start(claims) if claims else 0)


class Sending:
    """One turn's attempts, in a thread with an event loop. `sender` is the name in its leases."""

    def __init__(self, runtime: Runtime, sender: UUID, claiming_seconds: float) -> None:
        self.runtime = runtime
        self.sender = sender
        self.claiming_seconds = claiming_seconds
        self.taken = 0
        self.over = Event()
        self.failure: Exception | None = None

    def start(self, claims: Sequence[Claim]) -> int:
        """Send these and what falls due meanwhile; how many were taken in hand, once no more will be."""
        Thread(target=self.run, args=(claims,), name=THREAD, daemon=True).start()
        self.over.wait()
        if self.failure is not None:
            raise self.failure
        return self.taken

    def run(self, claims: Sequence[Claim]) -> None:
        try:
            asyncio.run(self.send(claims))
        except Exception as error:
            log.exception("sending failed", words="What was in hand is sent again when its lease has run out.")
            self.failure = error
        finally:
            self.over.set()

    async def send(self, claims: Sequence[Claim]) -> None:
        over_at = time.monotonic() + self.claiming_seconds
        async with self.connections() as pool:
            hand = Hand(lambda one: self.attempt(pool, one))
            self.hold(hand, claims)
            while hand:
                answers = await hand.ended(within_seconds=LOOK_SECONDS)
                if over := time.monotonic() > over_at:
                    self.over.set()
                spare = hand.give_up() if over else []
                done = [outcome_of(answer) for answer in answers]
                free = 0 if over else hand.free
                self.hold(hand, await asyncio.to_thread(exchange, self.runtime.engine, self.sender, done, spare, free))

    def hold(self, hand: Hand, claims: Sequence[Claim]) -> None:
        self.taken += len(claims)
        hand.take(claims)

    async def attempt(self, pool: httpcore.AsyncConnectionPool, one: Claim) -> Answer:
        settings = self.runtime.settings
        return await attempt(pool, one, origin=settings.origin, development=settings.webhooks_allow_http)

    @asynccontextmanager
    async def connections(self) -> AsyncIterator[httpcore.AsyncConnectionPool]:
        names = ThreadPoolExecutor(AT_ONCE_MAX, thread_name_prefix="webhooks.sender.names")
        network = PublicNetwork(lookup_in(names), development=self.runtime.settings.webhooks_allow_http)
        try:
            async with connections(network, at_once=AT_ONCE_MAX) as pool:
                yield pool
        finally:
            names.shutdown(wait=False)


def exchange(
    engine: Engine, sender: UUID, outcomes: Sequence[Outcome], spare: Sequence[Claim], free: int
) -> Sequence[Claim]:
    """Write down what has ended, give back what is spare and take up to `free` more, in one transaction."""
    gone = [outcome for outcome in outcomes if isinstance(outcome.verdict, Disable)]
    others = [outcome for outcome in outcomes if not isinstance(outcome.verdict, Disable)]
    for outcome in gone:
        disable_endpoint(engine, outcome.endpoint, DisableReason.GONE, outcome)
    if not (others or spare or free):
        return []
    with engine.begin() as connection:
        moment = act_as_system(connection, ROLE)
        now = real_time(connection)
        write_down(connection, others)
        give_back(connection, spare)
        failing = failing_for_days(connection, others, now)
        claims = claim(connection, sender, now=now, moment=moment, free=free) if free else []
    for endpoint in failing:
        disable_endpoint(engine, endpoint, DisableReason.FAILING)
    return claims


def disable_endpoint(engine: Engine, endpoint: Key, reason: DisableReason, because: Outcome | None = None) -> None:
    """Disable an endpoint, and write down the attempt that is the reason, both or neither."""
    for _ in range(DISABLE_TRIES):
        try:
            with engine.begin() as connection:
                at = act_as_system(connection, ROLE)
                cause = Cause()
                if because is not None:
                    write_down(connection, [because])
                    cause = Cause(event=str(because.answer.claim.notice.event_id))
                disable(connection, endpoint, reason, at, cause)
        except Stale:
            continue
        return
    log.warning("endpoint not disabled", endpoint_id=str(endpoint[1]), words="It kept being changed meanwhile.")
