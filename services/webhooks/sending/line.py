"""What one sender has in hand of one endpoint: in which order, how much at once, and how fast it goes out."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

from services.webhooks.sending.attempt import DEADLINE_SECONDS
from services.webhooks.sending.claims import Claim, Target, Want

IN_HAND_MAX = 64
"""Of one endpoint: more than are sent at once, so that a quick receiver is not kept waiting for the database."""
IN_HAND_LOW = 24
"""More is asked for once no more than these are left."""
LATE = timedelta(seconds=2)
"""How long after its due time a delivery may appear and still be met by the next look; the next turn meets all."""
EVER = datetime(1970, 1, 1, tzinfo=UTC)
SECONDS_A_MINUTE = 60


class Line:
    """Of one endpoint. In a lane one goes out after another; without FIFO all are in one lane that knows no order.

    With FIFO a lane is a ledger, and holds what comes next there by seq, with no gap that could still be filled: what
    waits is read behind the last one in hand, and a failure takes all behind it out of hand. `known`: all in hand,
    until what came of them is written down, so that none is taken twice. `until`: the end of its lease, monotonic.
    """

    def __init__(self, *, fifo: bool, until: float) -> None:
        self.fifo = fifo
        self.known: set[UUID] = set()
        self.lanes: dict[UUID | None, deque[Claim]] = {}
        self.busy: set[UUID | None] = set()
        """Lanes in order with one under way."""
        self.failed: dict[UUID | None, UUID] = {}
        """By lane in order the one that failed: until that is written down, the queue gives what comes after it."""
        self.after: dict[UUID, int] = {}
        """By lane in order the last seq in hand."""
        self.under_way = 0
        self.since = EVER
        self.not_before = 0.0
        self.alarmed = False
        self.ends_at = until - DEADLINE_SECONDS
        """The last moment to begin an attempt that ends within the lease."""
        self.used_at = time.monotonic()

    def want(self, now: datetime) -> Want | None:
        """What to ask the queue for; None while there is enough in hand."""
        if len(self.known) > IN_HAND_LOW or time.monotonic() > self.ends_at:
            return None
        return Want(self.fifo, IN_HAND_MAX, min(self.since, now - LATE), dict(self.after), frozenset(self.known))

    @property
    def rest_seconds(self) -> float:
        """How long its pace lets nothing more begin."""
        return max(0.0, self.not_before - time.monotonic())

    def take(self, claims: Iterable[Claim]) -> int:
        """How many of them are new."""
        taken = 0
        for claim in claims:
            lane = self.lane_of(claim)
            self.since = max(self.since, claim.due_at)
            if claim.notice.event_id in self.known or lane in self.failed:
                continue
            self.known.add(claim.notice.event_id)
            self.lanes.setdefault(lane, deque()).append(claim)
            if lane is not None and claim.notice.seq is not None:
                self.after[lane] = claim.notice.seq
            taken += 1
        return taken

    def lane_of(self, claim: Claim) -> UUID | None:
        """A test event is in no ledger, so it has no order to keep."""
        return claim.notice.ledger if self.fifo and claim.notice.seq is not None else None

    def next(self, now: float) -> Iterator[Claim]:
        """Those that may begin at this moment of the monotonic clock."""
        for lane in list(self.lanes):
            queue = self.lanes[lane]
            while queue and lane not in self.busy and self.may_begin(queue[0].target, now):
                claim = queue.popleft()
                self.begin(lane, claim, now)
                yield claim
            if not queue:
                del self.lanes[lane]

    def may_begin(self, target: Target, now: float) -> bool:
        return self.under_way < target.concurrency and now >= self.not_before and now <= self.ends_at

    def begin(self, lane: UUID | None, claim: Claim, now: float) -> None:
        self.under_way += 1
        self.used_at = now
        if lane is not None:
            self.busy.add(lane)
        if claim.target.rate_per_minute is not None:
            self.not_before = now + SECONDS_A_MINUTE / claim.target.rate_per_minute

    def end(self, claim: Claim, *, delivered: bool) -> None:
        """An attempt has ended. In order, a failure puts all that come after it back into the queue."""
        self.under_way -= 1
        self.used_at = time.monotonic()
        lane = self.lane_of(claim)
        self.busy.discard(lane)
        if lane is None or claim.notice.seq is None or delivered:
            return
        self.failed[lane] = claim.notice.event_id
        self.after[lane] = claim.notice.seq - 1
        for other in self.lanes.pop(lane, ()):
            self.known.discard(other.notice.event_id)

    def settle(self, claim: Claim) -> None:
        """What came of it is written down."""
        self.known.discard(claim.notice.event_id)
        lane = self.lane_of(claim)
        if self.failed.get(lane) == claim.notice.event_id:
            del self.failed[lane]

    def drop(self) -> None:
        """All that was not begun, out of hand."""
        for queue in self.lanes.values():
            for claim in queue:
                self.known.discard(claim.notice.event_id)
        self.lanes.clear()
        self.after.clear()
