"""An endpoint: where an organisation wants to be told, of what, and whether we are telling it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from services.webhooks.domain.wishes import Catalogue, Wishes, as_fields, granted, wishes_in
from shared.domain import Aggregate, Event, Refused
from shared.events.webhooks import (
    DisableReason,
    EndpointChanged,
    EndpointDisabled,
    EndpointPaused,
    EndpointRegistered,
    EndpointRemoved,
    EndpointResumed,
    EndpointSecretRotated,
)

ROTATION_OVERLAP = timedelta(hours=24)
SECRETS_MAX = 3
NO_WISHES = Wishes("", ())


class Status(StrEnum):
    """What is done with the endpoint's deliveries: sent; made and kept; not made."""

    ABSENT = "absent"
    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class RegisterEndpoint:
    """`development` lets http and loopback pass."""

    at: datetime
    by: UUID
    endpoint: UUID
    secret: UUID
    wishes: Wishes
    catalogue: Catalogue
    development: bool = False


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """All that can be changed, as it is to be."""

    at: datetime
    by: UUID
    wishes: Wishes
    catalogue: Catalogue
    development: bool = False


@dataclass(frozen=True, slots=True)
class PauseEndpoint:
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class ResumeEndpoint:
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class DisableEndpoint:
    """`by` is None when Concord itself does it."""

    at: datetime
    by: UUID | None
    reason: DisableReason


@dataclass(frozen=True, slots=True)
class RotateSecret:
    """`secret`: the id of the new one; its bytes lie elsewhere and never in an event."""

    at: datetime
    by: UUID
    secret: UUID


@dataclass(frozen=True, slots=True)
class RemoveEndpoint:
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class Secret:
    """A secret by its id; it signs until then, or (None) until it is replaced."""

    id: UUID
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`reason` is set while it is disabled; `secrets` has the newest first."""

    status: Status = Status.ABSENT
    wishes: Wishes = NO_WISHES
    secrets: tuple[Secret, ...] = ()
    reason: DisableReason | None = None

    def matches(self, event_type: str, alliance: UUID | None, data: Mapping[str, Any]) -> bool:
        """Whether an event makes a delivery. `alliance`: whose ledger it is in; None for the organisation's own."""
        return self.status in (Status.ENABLED, Status.PAUSED) and self.wishes.cover(event_type, alliance, data)

    def signing_secrets(self, at: datetime) -> tuple[UUID, ...]:
        """The secrets that sign at a moment, newest first: several while a rotation overlaps."""
        return tuple(secret.id for secret in self.secrets if secret.until is None or at < secret.until)


def evolve(endpoint: Endpoint, event: Event) -> Endpoint:
    match event:
        case EndpointRegistered():
            return Endpoint(Status.ENABLED, wishes_in(event), (Secret(event.secret),))
        case EndpointChanged():
            return replace(endpoint, wishes=wishes_in(event))
        case EndpointPaused():
            return replace(endpoint, status=Status.PAUSED)
        case EndpointResumed():
            return replace(endpoint, status=Status.ENABLED, reason=None)
        case EndpointDisabled():
            return replace(endpoint, status=Status.DISABLED, reason=event.reason)
        case EndpointSecretRotated():
            before = tuple(replace(old, until=old.until or event.previous_until) for old in endpoint.secrets)
            return replace(endpoint, secrets=(Secret(event.secret), *before)[:SECRETS_MAX])
        case EndpointRemoved():
            return replace(endpoint, status=Status.REMOVED, secrets=(), reason=None)
        case _:
            return endpoint


ENDPOINT = Aggregate("endpoint", Endpoint(), evolve)


def register(command: RegisterEndpoint, endpoint: Endpoint) -> list[Event]:
    if endpoint.status is not Status.ABSENT:
        raise Refused("endpoint-exists", "This endpoint was registered already; register another under a new id.")
    wishes = granted(command.wishes, command.catalogue, development=command.development)
    return [EndpointRegistered(secret=command.secret, **as_fields(wishes))]


def change(command: ChangeEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    wishes = granted(command.wishes, command.catalogue, development=command.development)
    # The values of headers are in no event: given again, they may be others.
    if wishes == endpoint.wishes and not wishes.headers:
        return []
    return [EndpointChanged(**as_fields(wishes))]


def pause(_: PauseEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    if endpoint.status is not Status.ENABLED:
        raise Refused("endpoint-not-enabled", f"Only an enabled endpoint can be paused; this one is {endpoint.status}.")
    return [EndpointPaused()]


def resume(_: ResumeEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    if endpoint.status is Status.ENABLED:
        raise Refused("endpoint-enabled", "This endpoint is enabled already.")
    return [EndpointResumed()]


def disable(command: DisableEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    if endpoint.status is Status.DISABLED:
        raise Refused("endpoint-disabled", "This endpoint is disabled already; resume it to be told again.")
    return [EndpointDisabled(reason=command.reason)]


def rotate_secret(command: RotateSecret, endpoint: Endpoint) -> list[Event]:
    """The secrets before sign for 24 h more."""
    require_present(endpoint)
    if any(secret.id == command.secret for secret in endpoint.secrets):
        raise Refused("secret-in-use", "The new secret is one of this endpoint already; make another.")
    if len(endpoint.signing_secrets(command.at)) >= SECRETS_MAX:
        words = (
            f"{SECRETS_MAX} secrets sign already; rotate again once the oldest, replaced within 24 hours, has ended."
        )
        raise Refused("rotated-too-often", words)
    return [EndpointSecretRotated(secret=command.secret, previous_until=command.at + ROTATION_OVERLAP)]


def remove(_: RemoveEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    return [EndpointRemoved()]


def require_present(endpoint: Endpoint) -> None:
    if endpoint.status is Status.ABSENT:
        raise Refused("endpoint-absent", "There is no such endpoint; register it first.")
    if endpoint.status is Status.REMOVED:
        raise Refused("endpoint-removed", "This endpoint was removed; register a new one.")
