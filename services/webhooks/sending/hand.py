"""What a sender has in hand: claimed and not begun, and under way. Few at once for one endpoint, whatever it does."""

from __future__ import annotations

import asyncio
from collections import Counter, deque
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from services.webhooks.sending.attempt import Answer
from services.webhooks.sending.claims import Claim, Key

IN_HAND_MAX = 512
AT_ONCE_MAX = 64
AT_ONCE_FOR_ONE_ENDPOINT = 2

Make = Callable[[Claim], Coroutine[Any, Any, Answer]]


class Hand:
    """`make` makes the attempt of a claim and never raises. Each attempt that ends lets the next begin."""

    def __init__(self, make: Make) -> None:
        self.make = make
        self.waiting: dict[Key, deque[Claim]] = {}
        self.under_way: dict[asyncio.Task[Answer], Key] = {}
        self.at_once: Counter[Key] = Counter()
        self.answers: list[Answer] = []
        self.changed = asyncio.Event()

    def __bool__(self) -> bool:
        return bool(self.waiting or self.under_way or self.answers)

    @property
    def free(self) -> int:
        """How much more it can hold."""
        return IN_HAND_MAX - len(self.under_way) - sum(len(queue) for queue in self.waiting.values())

    def take(self, claims: Iterable[Claim]) -> None:
        for claim in claims:
            self.waiting.setdefault(claim.endpoint, deque()).append(claim)
        self.begin()

    def begin(self) -> None:
        """Begin all that may be begun. An endpoint goes to the end of the line, so that all have their turn."""
        for endpoint in list(self.waiting):
            if len(self.under_way) >= AT_ONCE_MAX:
                return
            queue = self.waiting.pop(endpoint)
            while queue and self.at_once[endpoint] < AT_ONCE_FOR_ONE_ENDPOINT:
                task = asyncio.create_task(self.make(queue.popleft()))
                self.at_once[endpoint] += 1
                self.under_way[task] = endpoint
                task.add_done_callback(self.end)
            if queue:
                self.waiting[endpoint] = queue

    def end(self, task: asyncio.Task[Answer]) -> None:
        endpoint = self.under_way.pop(task)
        self.at_once[endpoint] -= 1
        self.changed.set()
        if task.cancelled():  # the loop is being closed
            return
        self.answers.append(task.result())
        self.begin()

    async def ended(self, *, within_seconds: float) -> list[Answer]:
        """The attempts that have ended since the last time; waits for one, but not for longer than this."""
        try:
            async with asyncio.timeout(within_seconds):
                await self.changed.wait()
        except TimeoutError:
            return []
        self.changed.clear()
        answers, self.answers = self.answers, []
        return answers

    def give_up(self) -> list[Claim]:
        """All that was not begun, out of hand."""
        claims = [claim for queue in self.waiting.values() for claim in queue]
        self.waiting.clear()
        return claims
