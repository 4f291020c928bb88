"""The sender: a worker's turn that sends what is due, many at once, and goes on while one receiver is slow."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import structlog

from services.webhooks.domain.schedule import Disable
from services.webhooks.sending.attempt import Answer, attempt
from services.webhooks.sending.claims import Claim, claim, end_those_of_removed_endpoints, real_time
from services.webhooks.sending.network import PublicNetwork, connections, lookup_in
from services.webhooks.sending.outcomes import Key, Outcome, disable, failing_for_days, outcome_of, write_down
from shared.auth.authenticate import act_as_system
from shared.events.webhooks import DisableReason
from shared.log.envelope import Cause
from shared.log.log import Stale

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import httpcore
    from sqlalchemy import Engine

    from shared.runtime import Runtime

log = structlog.get_logger()

ROLE = "concord_webhooks"
SLOTS = 64
"""Attempts at once in one turn."""
CLAIMING_SECONDS = 5.0
"""How long a turn takes on new deliveries; what is under way then ends beside the next turn."""
LOOK_SECONDS = 0.2
"""How often a turn looks for new deliveries while no attempt ends."""
DISABLE_TRIES = 3


def turn(runtime: Runtime) -> int:
    """Send what is due until nothing is, for CLAIMING_SECONDS at most; how many deliveries were taken in hand.

    Returns while slow receivers are still being waited for: those attempts end in their own thread. So a receiver that
    takes its 15 s never keeps the others waiting, and a stop waits for nobody.
    """
    with runtime.engine.begin() as connection:
        moment = act_as_system(connection, ROLE)
        now = real_time(connection)
        ended = end_those_of_removed_endpoints(connection, now)
        claims = claim(connection, now=now, moment=moment, free=SLOTS)
    return ended + (Sending(runtime).start(claims) if claims else 0)


class Sending:
    """One turn's attempts, in a thread with an event loop."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.taken = 0
        self.no_more = Event()
        self.failure: Exception | None = None

    def start(self, claims: Sequence[Claim]) -> int:
        """Send these and what falls due meanwhile; how many were taken in hand once no more will be."""
        Thread(target=self.run, args=(claims,), name="webhooks.sender.turn", daemon=True).start()
        self.no_more.wait()
        if self.failure is not None:
            raise self.failure
        return self.taken

    def run(self, claims: Sequence[Claim]) -> None:
        try:
            asyncio.run(self.send(claims))
        except Exception as error:  # noqa: BLE001 (the turn raises it, or, when that has returned, the log has it)
            self.failure = error
            if self.no_more.is_set():
                log.exception("sending failed", words="What was under way is sent again when its lease has run out.")
        finally:
            self.no_more.set()

    async def send(self, claims: Sequence[Claim]) -> None:
        over_at = time.monotonic() + CLAIMING_SECONDS
        under_way: set[asyncio.Task[Answer]] = set()
        async with self.connections() as pool:
            while claims or under_way:
                self.taken += len(claims)
                under_way |= {asyncio.create_task(self.attempt(pool, one)) for one in claims}
                done, under_way = await asyncio.wait(
                    under_way, timeout=LOOK_SECONDS, return_when=asyncio.FIRST_COMPLETED
                )
                if time.monotonic() > over_at:
                    self.no_more.set()
                free = 0 if self.no_more.is_set() else SLOTS - len(under_way)
                outcomes = [outcome_of(task.result()) for task in done]
                claims = await asyncio.to_thread(exchange, self.runtime.engine, outcomes, free)

    async def attempt(self, pool: httpcore.AsyncConnectionPool, one: Claim) -> Answer:
        settings = self.runtime.settings
        return await attempt(pool, one, origin=settings.origin, development=settings.webhooks_allow_http)

    @asynccontextmanager
    async def connections(self) -> AsyncIterator[httpcore.AsyncConnectionPool]:
        names = ThreadPoolExecutor(SLOTS, thread_name_prefix="webhooks.sender.names")
        network = PublicNetwork(lookup_in(names), development=self.runtime.settings.webhooks_allow_http)
        try:
            async with connections(network, at_once=SLOTS) as pool:
                yield pool
        finally:
            names.shutdown(wait=False)


def exchange(engine: Engine, outcomes: Sequence[Outcome], free: int) -> Sequence[Claim]:
    """Give back what has ended and take up to `free` more, in one transaction."""
    gone = [outcome for outcome in outcomes if isinstance(outcome.verdict, Disable)]
    others = [outcome for outcome in outcomes if not isinstance(outcome.verdict, Disable)]
    failing: Sequence[Key] = ()
    claims: Sequence[Claim] = ()
    if others or free:
        with engine.begin() as connection:
            moment = act_as_system(connection, ROLE)
            now = real_time(connection)
            if others:
                write_down(connection, others)
                failing = failing_for_days(connection, others, now)
            if free:
                claims = claim(connection, now=now, moment=moment, free=free)
    for outcome in gone:
        disable_endpoint(engine, outcome.endpoint, DisableReason.GONE, outcome)
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
    log.warning("endpoint not disabled", endpoint_id=str(endpoint[1]), words="It was being changed; the next attempt will.")
