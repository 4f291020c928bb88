"""What surrounds an event: who, when, where in which ledger. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

E = TypeVar("E")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
ACTORS_KEPT = 10_000
STREAMS_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acted: a person or a system of an organisation, by opaque ids; or Concord itself (`system`).

    `on_behalf_of` is the colleague whose right a delegate used; the delegate is the one who acted.
    """

    org: UUID | None = None
    sub: UUID | None = None
    system: str | None = None
    on_behalf_of: UUID | None = None

    def as_json(self) -> dict[str, str]:
        if self.system:
            return {"system": self.system}
        own = {"org": str(self.org), "sub": str(self.sub)}
        return own if self.on_behalf_of is None else {**own, "on_behalf_of": str(self.on_behalf_of)}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Actor:
        if "system" in data:
            return cls(system=data["system"])
        return one_of(data["org"], data["sub"], data.get("on_behalf_of"))


@lru_cache(maxsize=ACTORS_KEPT)
def one_of(org: str, sub: str, on_behalf_of: str | None) -> Actor:
    """The same actor for the same ids: a history names few of them, and each very often."""
    return Actor(org=UUID(org), sub=UUID(sub), on_behalf_of=UUID(on_behalf_of) if on_behalf_of else None)


@dataclass(frozen=True, slots=True)
class Cause:
    """What led to an event: the request that carried the command, or the event that was reacted to.

    `traceparent` is the request's place in the caller's own trace (W3C), where the caller sent one.
    """

    command: str | None = None
    event: str | None = None
    traceparent: str | None = None

    def as_json(self) -> dict[str, str]:
        said = ("command", self.command), ("event", self.event), ("traceparent", self.traceparent)
        return {k: v for k, v in said if v}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Cause:
        return cls(data.get("command"), data.get("event"), data.get("traceparent"))


@dataclass(frozen=True, slots=True)
class Position:
    """A place in a ledger; written `<ledger>/<seq>` in the Concord-Position header."""

    ledger_id: UUID
    seq: int

    def __str__(self) -> str:
        return f"{self.ledger_id}/{self.seq}"


@dataclass(frozen=True, slots=True)
class Moment:
    """A point in recorded history: the last seq (of one ledger) or the last recorded time (µs) that counts."""

    seq: int | None = None
    us: int | None = None

    def covers(self, recorded: Recorded[Any]) -> bool:
        return (self.seq is None or recorded.seq <= self.seq) and (self.us is None or recorded.recorded_us <= self.us)


NOW = Moment()
"""No bound: all that is recorded."""


@dataclass(frozen=True, slots=True)
class Recorded(Generic[E]):
    """An event with its envelope, as the log gave it back."""

    ledger_id: UUID
    seq: int
    recorded_us: int
    event_id: UUID
    stream: str
    version: int
    actor: Actor
    effective_at: datetime
    cause: Cause
    name: str
    event: E
    erased: frozenset[str] = field(default=frozenset())

    @property
    def id(self) -> UUID:
        """The id of the thing: the second half of the stream."""
        return thing_of(self.stream)

    @property
    def recorded_at(self) -> datetime:
        return from_us(self.recorded_us)


@lru_cache(maxsize=STREAMS_KEPT)
def thing_of(stream: str) -> UUID:
    return UUID(stream.split("/", 1)[1])


def to_us(moment: datetime) -> int:
    """Microseconds since 1970, exactly."""
    return (moment - EPOCH) // MICROSECOND


def from_us(us: int) -> datetime:
    return EPOCH + us * MICROSECOND


Data = dict[str, Any]
