"""What is needed to send one delivery, and what an endpoint has room for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from uuid import UUID

from services.webhooks.deliveries import webhook_id
from services.webhooks.domain.envelope import Notice
from services.webhooks.domain.signature import Sign
from services.webhooks.sending.hands import Key
from services.webhooks.signing_keys import signer


@dataclass(frozen=True)
class Target:
    """An endpoint as it is to be sent to. `secrets` and `private_keys` have the newest first."""

    key: Key
    url: str
    secrets: tuple[str, ...]
    private_keys: tuple[str, ...] = ()
    headers: tuple[tuple[str, str], ...] = ()
    concurrency: int = 1
    rate_per_minute: int | None = None

    @cached_property
    def signers(self) -> tuple[Sign, ...]:
        return tuple(signer(key) for key in self.private_keys)


@dataclass(frozen=True, slots=True)
class Claim:
    """A delivery in this sender's hand. Times are real.

    `tries`: attempts that have ended in `run`, this run of the schedule, the first of them at `first_at`.
    """

    target: Target
    notice: Notice
    run: int
    tries: int
    first_at: datetime | None
    replay_id: UUID | None
    due_at: datetime

    @property
    def endpoint(self) -> Key:
        return self.target.key

    @property
    def webhook_id(self) -> str:
        return webhook_id(self.notice.event_id, self.target.key[1])


@dataclass(frozen=True, slots=True)
class Want:
    """How many more of an endpoint's deliveries have room, and from where on they are to be read."""

    fifo: bool
    room: int
    since: datetime
    """The due time to begin at, without FIFO."""
    after: Mapping[UUID, int] = field(default_factory=dict)
    """With FIFO: of each ledger the last seq in hand."""
    known: frozenset[UUID] = frozenset()
    """What is in hand already and may lie in the way."""

    @property
    def rows(self) -> int:
        return self.room + len(self.known)
