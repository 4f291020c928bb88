"""What a sender has in hand of all its endpoints: waiting to begin, and under way."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from services.webhooks.domain.schedule import delivered
from services.webhooks.sending.attempt import Answer
from services.webhooks.sending.claims import Claim, Want
from services.webhooks.sending.hands import Key
from services.webhooks.sending.line import Line

ENDPOINTS_MAX = 512
AT_ONCE_MAX = 256
"""Attempts under way: more than enough for those to healthy endpoints beside a hundred that answer nothing."""
IDLE_SECONDS = 1.0
GATHER_SECONDS = 0.01
"""How long others may join an attempt that has ended, so that the database is asked once for all of them."""

Make = Callable[[Claim], Coroutine[Any, Any, Answer]]


class Hand:
    """`make` makes the attempt of a claim and never raises. Each attempt that ends lets the next begin."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.lines: dict[Key, Line] = {}
        self.under_way: dict[asyncio.Task[Answer], Claim] = {}
        self.answers: list[Answer] = []
        self.changed = asyncio.Event()
        self.crowded = False
        """As many are under way as may be, and others may wait for that alone."""

    def __bool__(self) -> bool:
        return any(line.known for line in self.lines.values())

    @property
    def free(self) -> int:
        """How many more endpoints it can hold."""
        return ENDPOINTS_MAX - len(self.lines)

    def hold(self, endpoints: Mapping[Key, bool], *, until: float) -> None:
        """These too, each with whether it is told in order; under leases until this moment of the monotonic clock."""
        for key, fifo in endpoints.items():
            self.lines[key] = Line(fifo=fifo, until=until)

    def take(self, claims: Iterable[Claim]) -> int:
        """How many of them are new."""
        taken = sum(self.lines[claim.endpoint].take([claim]) for claim in claims if claim.endpoint in self.lines)
        self.begin()
        return taken

    def wants(self, now: datetime) -> Mapping[Key, Want]:
        wanted = {key: line.want(now) for key, line in self.lines.items()}
        return {key: want for key, want in wanted.items() if want is not None}

    def begin(self) -> None:
        """Begin all that may be begun. An endpoint goes to the end of the line, so that all have their turn."""
        self.crowded = False
        for key in list(self.lines):
            self.begin_of(key)
            if self.crowded:
                self.lines[key] = self.lines.pop(key)
                return

    def begin_of(self, key: Key) -> None:
        """Begin what may be begun of one endpoint, or see to it that it is when its pace allows."""
        line, now = self.lines[key], time.monotonic()
        for claim in line.next(now):
            task = asyncio.create_task(self.make(claim))
            self.under_way[task] = claim
            task.add_done_callback(self.end)
            if len(self.under_way) >= AT_ONCE_MAX:
                self.crowded = True
                return
        if line.lanes and line.not_before > now and not line.alarmed:
            line.alarmed = True
            asyncio.get_running_loop().call_later(line.not_before - now, self.wake, key, line)

    def wake(self, key: Key, line: Line) -> None:
        line.alarmed = False
        if self.lines.get(key) is line and not self.crowded:
            self.begin_of(key)

    def end(self, task: asyncio.Task[Answer]) -> None:
        claim = self.under_way.pop(task)
        if task.cancelled():  # the loop is being closed
            return
        answer = task.result()
        line = self.lines[claim.endpoint]
        line.end(claim, delivered=delivered(answer.status))
        if answer.status == HTTPStatus.GONE:
            line.drop()
        self.answers.append(answer)
        self.changed.set()
        if self.crowded:
            self.begin()
        else:
            self.begin_of(claim.endpoint)

    async def ended(self, *, within_seconds: float) -> list[Answer]:
        """The attempts that have ended since the last time; waits for one, but not for longer than this."""
        try:
            async with asyncio.timeout(within_seconds):
                await self.changed.wait()
        except TimeoutError:
            return []
        await asyncio.sleep(GATHER_SECONDS)
        self.changed.clear()
        answers, self.answers = self.answers, []
        return answers

    def settle(self, answers: Iterable[Answer]) -> None:
        """What came of these is written down."""
        for answer in answers:
            self.lines[answer.claim.endpoint].settle(answer.claim)
        self.begin()

    def drop(self) -> None:
        """All that was not begun, out of hand."""
        for line in self.lines.values():
            line.drop()

    async def cancel(self) -> None:
        """Break off what is under way, and begin nothing more; none of it is written down."""
        self.drop()
        for task in self.under_way:
            task.cancel()
        while self.under_way:
            await asyncio.wait(self.under_way)

    def idle(self, *, for_seconds: float = IDLE_SECONDS) -> dict[Key, float]:
        """The endpoints with nothing in hand for so long, and their pace's rest; they are in this hand no more."""
        before = time.monotonic() - for_seconds
        keys = [key for key, line in self.lines.items() if not line.known and line.used_at <= before]
        return {key: self.lines.pop(key).rest_seconds for key in keys}
