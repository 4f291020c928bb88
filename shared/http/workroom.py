"""The few places at which a process does heavy work, shared out between organisations; what does not fit is refused.

A body comes in before its work is given a place, so that one who sends slowly holds nobody else up. Of those who wait,
the organisation that has the fewest places goes first; nobody waits longer than the work of about one batch takes.
"""

from __future__ import annotations

import gc
from asyncio import FIRST_COMPLETED, CancelledError, Future, create_task, get_running_loop, wait
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from math import ceil
from time import monotonic
from typing import NamedTuple

from starlette.requests import ClientDisconnect

from shared import garbage
from shared.http.measures import HEAVY_WORK, TURNED_AWAY
from shared.http.problems import RETRY_AFTER_SECONDS, Problem, problem

RETRY_AFTER_SECONDS_MAX = 60
_YOUNG = 1
_WEIGHT_OF_NEWEST = 0.2


@dataclass(frozen=True)
class RoomFor:
    """How much work of one kind a process takes on at once; `of_one`: the share that one organisation has at most."""

    what: str
    places: int
    places_of_one: int
    waiting: int
    """Who may be here beyond the places, their bodies too. A wait adds `waiting` ÷ `places` to the time of a batch."""
    coming_in: int
    """Bodies that are on their way."""
    coming_in_of_one: int
    turn_of: str
    """The path parameter that names what work of one organisation takes turns on, so that two never need two places."""


class Turn(NamedTuple):
    """An organisation, and what its work is on."""

    who: Hashable
    on: Hashable


@dataclass(eq=False)
class Ticket:
    """One who waits; called by the result of `called`, turned away by its exception."""

    turn: Turn
    called: Future[None] = field(default_factory=lambda: get_running_loop().create_future())

    @property
    def who(self) -> Hashable:
        return self.turn.who


@dataclass
class Pace:
    """How long something takes, in seconds: a mean in which the newest counts most."""

    seconds: float = 0.0

    @contextmanager
    def taken(self) -> Iterator[None]:
        began = monotonic()
        try:
            yield
        finally:
            newest = monotonic() - began
            self.seconds += _WEIGHT_OF_NEWEST * (newest - self.seconds) if self.seconds else newest


class Workroom:
    """One process's room for one kind of work. All of it runs in the event loop, so it needs no lock."""

    def __init__(self, limits: RoomFor) -> None:
        self.limits = limits
        self.at_work: Counter[Hashable] = Counter()
        self.coming: Counter[Hashable] = Counter()
        self.turns: set[Turn] = set()
        self.queue: list[Ticket] = []
        self.working, self.receiving = Pace(), Pace()

    def refuse_when_full(self, turn: Turn) -> None:
        """Overloaded when one who came now would be turned away: said before a large body is read."""
        if not self._has_place(turn) and self._is_full(turn.who) and self._greedier(turn.who) is None:
            raise self._turned_away(self._until_a_place())

    @contextmanager
    def coming_in(self, who: Hashable) -> Iterator[None]:
        """While a body is read; overloaded when too many are."""
        limits = self.limits
        if self.coming.total() >= limits.coming_in or self.coming[who] >= limits.coming_in_of_one:
            raise self._turned_away(self.receiving.seconds)
        self.coming[who] += 1
        try:
            with HEAVY_WORK.labels(limits.what, "coming_in").track_inprogress(), self.receiving.taken():
                yield
        finally:
            self.coming -= Counter((who,))

    @asynccontextmanager
    async def place(self, turn: Turn, hung_up: Callable[[], Awaitable[None]]) -> AsyncIterator[None]:
        """A place for the length of the block, now or after a short wait; overloaded when too many wait.

        `hung_up` comes to an end when the caller does not wait any longer: then ClientDisconnect.

        Meanwhile nothing looks for garbage in cycles: a batch makes a million objects and no cycle, and looking for one
        takes as long as the work itself.
        """
        if self._has_place(turn):
            self._take(turn)
        else:
            await self._wait(turn, hung_up)
        try:
            with HEAVY_WORK.labels(self.limits.what, "at_work").track_inprogress(), self.working.taken():
                yield
        finally:
            self._give_back(turn)

    async def _wait(self, turn: Turn, hung_up: Callable[[], Awaitable[None]]) -> None:
        self.refuse_when_full(turn)
        if self._is_full(turn.who) and (greedier := self._greedier(turn.who)):
            self.queue.remove(greedier)
            greedier.called.set_exception(self._turned_away(self._until_a_place()))
        ticket = Ticket(turn)
        self.queue.append(ticket)
        gone = create_task(_awaited(hung_up))
        try:
            with HEAVY_WORK.labels(self.limits.what, "waiting").track_inprogress():
                await wait((ticket.called, gone), return_when=FIRST_COMPLETED)
        except CancelledError:
            self._forget(ticket)
            raise
        finally:
            gone.cancel()
        if not ticket.called.done():
            self._forget(ticket)
            raise ClientDisconnect
        ticket.called.result()

    def _forget(self, ticket: Ticket) -> None:
        """One who does not wait any longer, be it that a place is there already."""
        if ticket in self.queue:
            self.queue.remove(ticket)
        elif not ticket.called.cancelled() and ticket.called.exception() is None:
            self._give_back(ticket.turn)

    def _has_place(self, turn: Turn) -> bool:
        limits = self.limits
        has_room = self.at_work.total() < limits.places and self.at_work[turn.who] < limits.places_of_one
        return has_room and turn not in self.turns

    def _until_a_place(self) -> float:
        """Seconds in which the work of those who wait will have been begun, if it goes on as it did of late."""
        return self.working.seconds * (len(self.queue) + 1) / self.limits.places

    def _is_full(self, who: Hashable) -> bool:
        """Whether as many are here as may work and wait: of all, or of one. Who waits for a turn takes up no place."""
        limits = self.limits
        here, of_one = self.at_work.total() + len(self.queue), self._held(who)
        return here >= limits.places + limits.waiting or of_one >= limits.places_of_one + limits.waiting

    def _held(self, who: Hashable) -> int:
        return self.at_work[who] + sum(ticket.who == who for ticket in self.queue)

    def _greedier(self, who: Hashable) -> Ticket | None:
        """The newest who waits for the organisation that holds the most, if that is more than `who` would then hold."""
        most = max(reversed(self.queue), key=lambda ticket: self._held(ticket.who), default=None)
        return most if most is not None and self._held(most.who) > self._held(who) + 1 else None

    def _take(self, turn: Turn) -> None:
        self.at_work[turn.who] += 1
        self.turns.add(turn)
        garbage.put_off()

    def _give_back(self, turn: Turn) -> None:
        self.at_work -= Counter((turn.who,))
        self.turns.discard(turn)
        if not garbage.let_go():
            gc.collect(_YOUNG)  # or batch upon batch would put it off for ever
        self._call_next()

    def _call_next(self) -> None:
        able = [ticket for ticket in self.queue if self._has_place(ticket.turn)]
        if able:
            ticket = min(able, key=lambda each: self.at_work[each.who])
            self.queue.remove(ticket)
            self._take(ticket.turn)
            ticket.called.set_result(None)

    def _turned_away(self, seconds: float) -> Problem:
        TURNED_AWAY.labels(self.limits.what).inc()
        after = min(RETRY_AFTER_SECONDS_MAX, max(RETRY_AFTER_SECONDS, ceil(seconds)))
        words = f"As many {self.limits.what} are being worked on as may be at once; send again in {after} s."
        return problem("overloaded", words, headers={"Retry-After": str(after)})


async def _awaited(hung_up: Callable[[], Awaitable[None]]) -> None:
    await hung_up()


class Workrooms(dict[RoomFor, Workroom]):
    """The workrooms of a process, each made when it is first asked for."""

    def __missing__(self, limits: RoomFor) -> Workroom:
        made = self[limits] = Workroom(limits)
        return made
