"""The few places at which a process does heavy work, shared out between organisations; what does not fit is refused.

A body comes in before its work is given a place, so that one who sends slowly holds nobody else up. Of those who wait,
the organisation that has the fewest places goes first; nobody waits longer than the work of about one batch takes.
"""

from __future__ import annotations

import gc
from asyncio import CancelledError, Future, get_running_loop
from collections import Counter
from collections.abc import AsyncIterator, Hashable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

from shared.http.measures import HEAVY_WORK, TURNED_AWAY
from shared.http.problems import RETRY_AFTER_SECONDS, Problem, problem

_YOUNG = 1


@dataclass(frozen=True)
class RoomFor:
    """How much work of one kind a process takes on at once; `of_one`: the share that one organisation has at most."""

    what: str
    places: int
    places_of_one: int
    waiting: int
    """Whose bodies are there, and who have no place yet. A wait adds `waiting` ÷ `places` to the time of a batch."""
    coming_in: int
    """Bodies that are on their way."""
    coming_in_of_one: int


@dataclass(eq=False)
class Ticket:
    """One who waits; called by the result of `called`, turned away by its exception."""

    who: Hashable
    called: Future[None] = field(default_factory=lambda: get_running_loop().create_future())


class Workroom:
    """One process's room for one kind of work. All of it runs in the event loop, so it needs no lock."""

    def __init__(self, limits: RoomFor) -> None:
        self.limits = limits
        self.at_work: Counter[Hashable] = Counter()
        self.coming: Counter[Hashable] = Counter()
        self.queue: list[Ticket] = []

    def refuse_when_full(self, who: Hashable) -> None:
        """Overloaded when one who came now would be turned away: said before a large body is read."""
        if not self._has_place(who) and len(self.queue) >= self.limits.waiting and self._greedier(who) is None:
            raise self._turned_away()

    @contextmanager
    def coming_in(self, who: Hashable) -> Iterator[None]:
        """While a body is read; overloaded when too many are."""
        limits = self.limits
        if self.coming.total() >= limits.coming_in or self.coming[who] >= limits.coming_in_of_one:
            raise self._turned_away()
        self.coming[who] += 1
        try:
            with HEAVY_WORK.labels(limits.what, "coming_in").track_inprogress():
                yield
        finally:
            self.coming -= Counter((who,))

    @asynccontextmanager
    async def place(self, who: Hashable) -> AsyncIterator[None]:
        """A place for the length of the block, now or after a short wait; overloaded when too many wait.

        Meanwhile nothing looks for garbage in cycles: a batch makes a million objects and no cycle, and looking for one
        takes as long as the work itself.
        """
        if self._has_place(who):
            self._take(who)
        else:
            await self._wait(who)
        try:
            with HEAVY_WORK.labels(self.limits.what, "at_work").track_inprogress():
                yield
        finally:
            self._give_back(who)

    async def _wait(self, who: Hashable) -> None:
        self.refuse_when_full(who)
        if len(self.queue) >= self.limits.waiting and (greedier := self._greedier(who)):
            self.queue.remove(greedier)
            greedier.called.set_exception(self._turned_away())
        ticket = Ticket(who)
        self.queue.append(ticket)
        try:
            with HEAVY_WORK.labels(self.limits.what, "waiting").track_inprogress():
                await ticket.called
        except CancelledError:
            if ticket in self.queue:
                self.queue.remove(ticket)
            elif not ticket.called.cancelled() and ticket.called.exception() is None:
                self._give_back(who)
            raise

    def _has_place(self, who: Hashable) -> bool:
        limits = self.limits
        return self.at_work.total() < limits.places and self.at_work[who] < limits.places_of_one

    def _held(self, who: Hashable) -> int:
        return self.at_work[who] + sum(ticket.who == who for ticket in self.queue)

    def _greedier(self, who: Hashable) -> Ticket | None:
        """The newest who waits for the organisation that holds the most, if that is more than `who` would then hold."""
        most = max(reversed(self.queue), key=lambda ticket: self._held(ticket.who), default=None)
        return most if most is not None and self._held(most.who) > self._held(who) + 1 else None

    def _take(self, who: Hashable) -> None:
        self.at_work[who] += 1
        gc.disable()

    def _give_back(self, who: Hashable) -> None:
        self.at_work -= Counter((who,))
        if self.at_work:
            gc.collect(_YOUNG)  # or batch upon batch would put it off for ever
        else:
            gc.enable()
        self._call_next()

    def _call_next(self) -> None:
        able = [ticket for ticket in self.queue if self._has_place(ticket.who)]
        if able:
            ticket = min(able, key=lambda each: self.at_work[each.who])
            self.queue.remove(ticket)
            self._take(ticket.who)
            ticket.called.set_result(None)

    def _turned_away(self) -> Problem:
        TURNED_AWAY.labels(self.limits.what).inc()
        words = f"As many {self.limits.what} are being worked on as may be at once; send again."
        return problem("overloaded", words, headers={"Retry-After": str(RETRY_AFTER_SECONDS)})


class Workrooms(dict[RoomFor, Workroom]):
    """The workrooms of a process, each made when it is first asked for."""

    def __missing__(self, limits: RoomFor) -> Workroom:
        made = self[limits] = Workroom(limits)
        return made
