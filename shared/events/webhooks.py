"""The events of services/webhooks: its part of the published language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event


class DisableReason(StrEnum):
    """Why nothing more is sent to an endpoint until somebody resumes it."""

    GONE = "gone"
    """It answered 410."""
    FAILING = "failing"
    """It failed for five days."""
    BY_OWNER = "by_owner"


@dataclass(frozen=True, slots=True)
class FieldCondition:
    """`field` of an event's data, with full stops into what is nested, is one of these texts, numbers or truths."""

    field: str
    one_of: tuple[str, ...]


@event("webhooks.endpoint-registered.v1", says="registered a webhook endpoint at {url}")
class EndpointRegistered:
    """`event_types`: names and wildcards (`governance.*`). `alliances`: empty means all. `secret`: the id of one.

    `filters`: all must hold. `headers`: the names of custom ones, whose values are kept elsewhere. `concurrency`:
    requests at once. `fifo`: within each alliance one after another, in the order of its ledger.
    """

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    secret: UUID
    description: Erasable[str] = None
    filters: tuple[FieldCondition, ...] = ()
    headers: tuple[str, ...] = ()
    concurrency: int = 2
    rate_per_minute: int | None = None
    fifo: bool = False


@event(
    "webhooks.endpoint-changed.v1",
    says="changed the webhook endpoint at {url}",
    sets=("url", "event_types", "alliances", "description"),
)
class EndpointChanged:
    """All that can be changed, as it is from now on."""

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    description: Erasable[str] = None
    filters: tuple[FieldCondition, ...] = ()
    headers: tuple[str, ...] = ()
    concurrency: int = 2
    rate_per_minute: int | None = None
    fifo: bool = False


@event("webhooks.endpoint-paused.v1", says="paused a webhook endpoint")
class EndpointPaused:
    pass


@event("webhooks.endpoint-resumed.v1", says="resumed a webhook endpoint")
class EndpointResumed:
    pass


@event("webhooks.endpoint-disabled.v1", says="disabled a webhook endpoint ({reason})")
class EndpointDisabled:
    reason: DisableReason


@event("webhooks.endpoint-secret-rotated.v1", says="rotated the secret of a webhook endpoint")
class EndpointSecretRotated:
    """`secret` names the new one, kept elsewhere; the ones before sign too until `previous_until`."""

    secret: UUID
    previous_until: datetime


@event("webhooks.endpoint-removed.v1", says="removed a webhook endpoint")
class EndpointRemoved:
    pass


class Replayed(StrEnum):
    """Which deliveries a replay makes again."""

    ALL = "all"
    """Each event of the time, delivered before or not."""
    UNDELIVERED = "undelivered"
    """Those that were never delivered: dead letters, and what no delivery was made of."""


@event("webhooks.replay-counted.v1", says="counted what a replay would send")
class ReplayCounted:
    """A replay as it is asked for; nothing is sent before it is started. `since` and `until` are recorded times."""

    endpoint: UUID
    since: datetime
    until: datetime
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    deliveries: Replayed
    count: int


@event("webhooks.replay-started.v1", says="started a replay")
class ReplayStarted:
    pass


@event("webhooks.replay-cancelled.v1", says="cancelled a replay")
class ReplayCancelled:
    pass


@event("webhooks.replay-finished.v1", says="finished a replay of {queued} deliveries")
class ReplayFinished:
    """Everything it is to send is in the queue."""

    queued: int
