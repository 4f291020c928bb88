"""In order, whatever happens between a look at the queue and what came of an attempt: each step at a given moment."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from services.webhooks.sending.attempt import Answer
from services.webhooks.sending.claims import Claim
from services.webhooks.sending.hand import Hand
from services.webhooks.sending.line import IN_HAND_LOW, IN_HAND_MAX
from services.webhooks.sending.outcomes import outcome_of
from services.webhooks.sending.sender import Exchange, Found
from shared.ids import uuid7
from tests.integration.webhooks.room import ENDPOINTS, Room

PATIENCE_SECONDS = 60
URL = "http://127.0.0.1:9/hook"


class Sender:
    """A sender by hand, on the real queue: an attempt ends when its receiver is said to answer."""

    def __init__(self, room: Room) -> None:
        self.room = room
        self.id = uuid7()
        self.hand = Hand(self.make)
        self.begun: list[int] = []
        self.answers: dict[int, asyncio.Queue[int]] = defaultdict(asyncio.Queue)

    async def make(self, claim: Claim) -> Answer:
        assert claim.notice.seq is not None
        self.begun.append(claim.notice.seq)
        status = await self.answers[claim.notice.seq].get()
        return Answer(claim, datetime.now(UTC), 1, status=status)

    async def answered(self, seq: int, status: int) -> None:
        """The attempt under way has ended, and what that lets begin has begun."""
        (task,) = [task for task, claim in self.hand.under_way.items() if claim.notice.seq == seq]
        self.answers[seq].put_nowait(status)
        await asyncio.wait([task])
        await asyncio.sleep(0)

    def exchange(self, answers: list[Answer], *, look: bool = True) -> Exchange:
        exchange = Exchange(self.room.api.runtime.engine, self.id, [outcome_of(one) for one in answers], {})
        if look:
            exchange.look(self.hand, endpoints=self.hand.free if not self.hand.lines else 0)
        return exchange

    def go_on(self, answers: list[Answer], found: Found) -> None:
        self.hand.settle(answers)
        self.hand.hold(found.endpoints, until=found.until)
        self.hand.take(found.claims)

    async def step(self, *, look: bool = True) -> None:
        """One round of the sender: write down what has ended, look, and begin what may begin."""
        answers = self.collected()
        self.go_on(answers, self.exchange(answers, look=look).run())
        await asyncio.sleep(0)

    def collected(self) -> list[Answer]:
        answers, self.hand.answers = self.hand.answers, []
        return answers


def by_hand(room: Room, do: Callable[[Sender], Coroutine[Any, Any, None]]) -> list[int]:
    """The seqs in the order in which their attempts began."""
    sender = Sender(room)

    async def run() -> None:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await do(sender)

    asyncio.run(run())
    return sender.begun


async def deliver_from(sender: Sender, first: int, last: int) -> None:
    for seq in range(first, last + 1):
        await sender.answered(seq, 204)
        await sender.step()


def test_a_failure_beside_a_look_lets_nothing_overtake(room: Room) -> None:
    """One is written down and the next ones are read, while the one behind it fails."""
    room.register(URL, "governance.*", fifo=True)
    count, written = IN_HAND_MAX + 6, IN_HAND_MAX - IN_HAND_LOW
    failing = written + 1
    for _ in range(count):
        room.vote()
    room.follow()

    async def do(sender: Sender) -> None:
        await sender.step()
        await deliver_from(sender, 0, written - 1)
        await sender.answered(written, 204)
        answers = sender.collected()
        exchange = sender.exchange(answers)
        await sender.answered(failing, 500)
        sender.go_on(answers, exchange.run())
        assert sender.begun[-1] == failing
        await sender.step()
        assert sender.begun[-1] == failing
        room.make_due()
        await sender.step()
        await deliver_from(sender, failing, count - 1)

    assert by_hand(room, do) == [*range(failing + 1), *range(failing, count)]


def test_what_was_recorded_meanwhile_does_not_overtake_what_was_held_back(room: Room) -> None:
    """The first is retried and delivered long after the others fell due; the look beside that begins before them."""
    room.register(URL, "governance.*", fifo=True)
    for _ in range(3):
        room.vote()
    room.follow()
    room.execute("UPDATE webhooks.deliveries SET next_attempt_at = next_attempt_at - interval '1 minute'")

    async def do(sender: Sender) -> None:
        await sender.step()
        await sender.answered(0, 500)
        await sender.step()
        room.make_due()
        await sender.step()
        for _ in range(3):
            room.vote()
        room.follow()
        await deliver_from(sender, 0, 5)

    assert by_hand(room, do) == [0, *range(6)]


def test_a_clock_set_back_changes_no_order(room: Room) -> None:
    """As after a failover to a host that is behind: later ones fall due before earlier ones."""
    endpoint = room.register(URL, "governance.*", fifo=True)
    for _ in range(4):
        room.vote()
    room.follow()
    room.execute("UPDATE webhooks.deliveries SET next_attempt_at = next_attempt_at - make_interval(secs => seq)")

    async def do(sender: Sender) -> None:
        await sender.step()
        await deliver_from(sender, 0, 3)

    assert by_hand(room, do) == [0, 1, 2, 3]
    assert {one["state"] for one in room.deliveries(endpoint)} == {"delivered"}


def test_a_sender_that_lost_its_lease_changes_nothing_of_the_order(room: Room) -> None:
    """It comes back with an old failure after the next one has delivered that and seen another fail."""
    endpoint = room.register(URL, "governance.*", fifo=True)
    votes = [room.vote() for _ in range(3)]
    room.follow()

    async def do(first: Sender) -> None:
        await first.step()
        await first.answered(0, 500)
        room.execute("UPDATE webhooks.hands SET until = clock_timestamp()")
        second = Sender(room)
        await second.step()
        await second.answered(0, 204)
        await second.step()
        await second.answered(1, 500)
        await second.step()
        await first.step()
        await second.step()
        assert (first.begun, second.begun) == ([0], [0, 1])

    by_hand(room, do)
    held = [(one["state"], one["held_back_by"]) for one in room.deliveries(endpoint)]
    assert held == [("delivered", None), ("waiting", None), ("waiting", str(votes[1].event_id))]


def test_told_in_order_from_now_on_what_failed_before_is_waited_for(room: Room) -> None:
    endpoint = room.register(URL, "governance.*")
    votes = [room.vote() for _ in range(3)]
    room.follow()
    failed = "UPDATE webhooks.deliveries SET tries = 1, attempts = 1, next_attempt_at = 'tomorrow' WHERE event_id = %s"
    room.execute(failed, votes[1].event_id)
    wishes = {"url": URL, "event_types": ["governance.*"], "fifo": True}
    room.united.change(f"{ENDPOINTS}/{endpoint['id']}", wishes, 1, method="PUT")

    async def do(sender: Sender) -> None:
        await sender.step()
        await deliver_from(sender, 0, 0)

    assert by_hand(room, do) == [0]
    assert UUID(room.deliveries(endpoint, state="waiting")[1]["held_back_by"]) == votes[1].event_id


def test_what_is_broken_off_lets_nothing_begin(room: Room) -> None:
    """Not even the one that would have been next, when an answer arrives at that very moment."""
    room.register(URL, "governance.*", fifo=True)
    for _ in range(3):
        room.vote()
    room.follow()

    async def do(sender: Sender) -> None:
        await sender.step()
        sender.answers[0].put_nowait(204)
        await sender.hand.cancel()
        assert not sender.hand.under_way
        await asyncio.sleep(0)

    assert by_hand(room, do) == [0]
