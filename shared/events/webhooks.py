"""The events of services/webhooks: its part of the published language."""

from __future__ import annotations

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


@event("webhooks.endpoint-registered.v1", says="registered a webhook endpoint at {url}")
class EndpointRegistered:
    """`event_types`: names and wildcards (`governance.*`). `alliances`: empty means all. `secret`: the id of one."""

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    secret: UUID
    description: Erasable[str] = None


@event("webhooks.endpoint-changed.v1", says="changed the webhook endpoint at {url}")
class EndpointChanged:
    """All that can be changed, as it is from now on."""

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    description: Erasable[str] = None


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
