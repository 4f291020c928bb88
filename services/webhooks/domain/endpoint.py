"""An endpoint: where an organisation wants to be told, of what, and whether we are telling it."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.webhooks.domain.addresses import objection_to_url
from shared.domain import Aggregate, Event, Invalid, Refused
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
EVENT_TYPES_MAX, ALLIANCES_MAX, DESCRIPTION_CHARACTERS_MAX = 100, 100, 500
PATTERN = re.compile(r"\*|[a-z]+\.\*|[a-z]+\.[a-z][a-z0-9-]*\.(\*|v[1-9][0-9]*)")


class Status(StrEnum):
    """What is done with the endpoint's deliveries: sent; made and kept; not made."""

    ABSENT = "absent"
    ENABLED = "enabled"
    PAUSED = "paused"
    DISABLED = "disabled"
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an endpoint's owner decides. `event_types` may end in `*`; no `alliances` means every one."""

    url: str
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...] = ()
    description: str | None = None


@dataclass(frozen=True, slots=True)
class RegisterEndpoint:
    """`catalogue`: the event types that are told to others. `development` lets http and loopback pass."""

    at: datetime
    by: UUID
    endpoint: UUID
    secret: UUID
    wishes: Wishes
    catalogue: frozenset[str]
    development: bool = False


@dataclass(frozen=True, slots=True)
class ChangeEndpoint:
    """All that can be changed, as it is to be."""

    at: datetime
    by: UUID
    wishes: Wishes
    catalogue: frozenset[str]
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
    wishes: Wishes = Wishes("", ())
    secrets: tuple[Secret, ...] = ()
    reason: DisableReason | None = None

    def matches(self, event_type: str, alliance: UUID | None) -> bool:
        """Whether an event makes a delivery. `alliance`: whose ledger it is in; None for the organisation's own."""
        if self.status not in (Status.ENABLED, Status.PAUSED):
            return False
        if self.wishes.alliances and alliance not in self.wishes.alliances:
            return False
        return any(covers(pattern, event_type) for pattern in self.wishes.event_types)

    def signing_secrets(self, at: datetime) -> tuple[UUID, ...]:
        """The secrets that sign at a moment, newest first: several while a rotation overlaps."""
        return tuple(secret.id for secret in self.secrets if secret.until is None or at < secret.until)


def covers(pattern: str, event_type: str) -> bool:
    """`governance.*` covers every event of that service; `governance.vote-cast.*` every version of that one."""
    return event_type.startswith(pattern[:-1]) if pattern.endswith("*") else pattern == event_type


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


def wishes_in(event: EndpointRegistered | EndpointChanged) -> Wishes:
    return Wishes(event.url, event.event_types, event.alliances, event.description)


ENDPOINT = Aggregate("endpoint", Endpoint(), evolve)


def register(command: RegisterEndpoint, endpoint: Endpoint) -> list[Event]:
    if endpoint.status is not Status.ABSENT:
        raise Refused("endpoint-exists", "This endpoint was registered already; register another under a new id.")
    wishes = checked(command)
    return [
        EndpointRegistered(
            url=wishes.url,
            event_types=wishes.event_types,
            alliances=wishes.alliances,
            secret=command.secret,
            description=wishes.description,
        )
    ]


def change(command: ChangeEndpoint, endpoint: Endpoint) -> list[Event]:
    require_present(endpoint)
    wishes = checked(command)
    if wishes == endpoint.wishes:
        return []
    return [
        EndpointChanged(
            url=wishes.url,
            event_types=wishes.event_types,
            alliances=wishes.alliances,
            description=wishes.description,
        )
    ]


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


def checked(command: RegisterEndpoint | ChangeEndpoint) -> Wishes:
    """The wishes without repetitions, in a fixed order; raises Invalid for what cannot be granted."""
    wishes = command.wishes
    objection = objection_to_url(wishes.url, development=command.development)
    if objection:
        raise Invalid("/url", objection.code, objection.words)
    if not 1 <= len(wishes.event_types) <= EVENT_TYPES_MAX:
        raise Invalid("/event_types", "how-many", f"An endpoint has 1 to {EVENT_TYPES_MAX} event types.")
    for place, pattern in enumerate(wishes.event_types):
        if not PATTERN.fullmatch(pattern) or not any(covers(pattern, name) for name in command.catalogue):
            words = f"{pattern!r} is no event type of the catalogue, and no wildcard (governance.*) that covers one."
            raise Invalid(f"/event_types/{place}", "unknown-event-type", words)
    if len(wishes.alliances) > ALLIANCES_MAX:
        raise Invalid("/alliances", "how-many", f"An endpoint names at most {ALLIANCES_MAX} alliances; none means all.")
    if len(wishes.description or "") > DESCRIPTION_CHARACTERS_MAX:
        words = f"A description has at most {DESCRIPTION_CHARACTERS_MAX} characters."
        raise Invalid("/description", "too-long", words)
    types, alliances = sorted(set(wishes.event_types)), sorted(set(wishes.alliances))
    return replace(wishes, event_types=tuple(types), alliances=tuple(alliances))
