"""A replay: what was recorded in a time is sent to an endpoint again. Counted first, then started, or cancelled."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.webhooks.domain.endpoint import Endpoint, Status, require_present
from services.webhooks.domain.wishes import ALLIANCES_MAX, faults_in_event_types
from shared.domain import Aggregate, Event, Invalid, Refused, refuse_faults
from shared.events.webhooks import ReplayCancelled, ReplayCounted, Replayed, ReplayFinished, ReplayStarted

DELIVERIES_KEPT = timedelta(days=90)
"""How long it is known what became of a delivery, once that is over. What happened is in the ledger for ever."""


class ReplayStatus(StrEnum):
    """What becomes of a replay."""

    ABSENT = "absent"
    COUNTED = "counted"
    """Nothing is sent yet."""
    RUNNING = "running"
    CANCELLED = "cancelled"
    FINISHED = "finished"


@dataclass(frozen=True, slots=True)
class Span:
    """Which events: recorded from `since` to before `until`, of these types and alliances; no alliances means all."""

    since: datetime
    until: datetime
    event_types: tuple[str, ...]
    alliances: tuple[UUID, ...]
    deliveries: Replayed


@dataclass(frozen=True, slots=True)
class Replay:
    """`endpoint` and `span` are set once it was counted."""

    status: ReplayStatus = ReplayStatus.ABSENT
    endpoint: UUID | None = None
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class CountReplay:
    """`count`: how many events there are; `to`: the endpoint as it is."""

    at: datetime
    by: UUID
    endpoint: UUID
    to: Endpoint
    span: Span
    count: int


@dataclass(frozen=True, slots=True)
class StartReplay:
    at: datetime
    by: UUID
    to: Endpoint


@dataclass(frozen=True, slots=True)
class CancelReplay:
    at: datetime
    by: UUID


@dataclass(frozen=True, slots=True)
class FinishReplay:
    """Concord itself, once all is in the queue."""

    at: datetime
    queued: int


def evolve(replay: Replay, event: Event) -> Replay:
    match event:
        case ReplayCounted():
            span = Span(event.since, event.until, event.event_types, event.alliances, event.deliveries)
            return Replay(ReplayStatus.COUNTED, event.endpoint, span)
        case ReplayStarted():
            return replace(replay, status=ReplayStatus.RUNNING)
        case ReplayCancelled():
            return replace(replay, status=ReplayStatus.CANCELLED)
        case ReplayFinished():
            return replace(replay, status=ReplayStatus.FINISHED)
        case _:
            return replay


REPLAY = Aggregate("replay", Replay(), evolve)


def check_span(span: Span, catalogue: Collection[str], at: datetime) -> None:
    """Raises Invalid for a span that names nothing, or asks what nobody knows any more."""
    if span.since >= span.until:
        raise Invalid("/until", "not-after-since", "A replay ends after it begins; until is not after since.")
    if forgotten(span, at):
        days = f"What was delivered is known for {DELIVERIES_KEPT.days} days"
        raise Invalid("/since", "forgotten", f"{days}; ask for all deliveries, or for a later time.")
    refuse_faults(faults_in_event_types(span.event_types, catalogue, "/event_types"))
    if len(span.alliances) > ALLIANCES_MAX:
        raise Invalid("/alliances", "how-many", f"A replay names at most {ALLIANCES_MAX} alliances; none means all.")


def forgotten(span: Span, at: datetime) -> bool:
    """Whether it asks for what was never delivered, of a time of which that is not known any more."""
    return span.deliveries is Replayed.UNDELIVERED and span.since < at - DELIVERIES_KEPT


def count(command: CountReplay, replay: Replay) -> list[Event]:
    if replay.status is not ReplayStatus.ABSENT:
        raise Refused("replay-exists", "This replay was counted already; count another under a new id.")
    require_present(command.to)
    span = command.span
    return [
        ReplayCounted(
            endpoint=command.endpoint,
            since=span.since,
            until=span.until,
            event_types=tuple(sorted(set(span.event_types))),
            alliances=tuple(sorted(set(span.alliances))),
            deliveries=span.deliveries,
            count=command.count,
        )
    ]


def start(command: StartReplay, replay: Replay) -> list[Event]:
    if replay.status is not ReplayStatus.COUNTED:
        raise Refused("replay-not-counted", f"Only a counted replay can be started; this one is {replay.status}.")
    require_present(command.to)
    if command.to.status is Status.DISABLED:
        raise Refused("endpoint-disabled", "Nothing is sent to a disabled endpoint; resume it first.")
    if replay.span is not None and forgotten(replay.span, command.at):
        raise Refused("replay-too-old", f"What was delivered is known for {DELIVERIES_KEPT.days} days; count it anew.")
    return [ReplayStarted()]


def cancel(_: CancelReplay, replay: Replay) -> list[Event]:
    if replay.status not in (ReplayStatus.COUNTED, ReplayStatus.RUNNING):
        raise Refused("replay-over", f"This replay is {replay.status}; there is nothing to cancel.")
    return [ReplayCancelled()]


def finish(command: FinishReplay, replay: Replay) -> list[Event]:
    if replay.status is not ReplayStatus.RUNNING:
        raise Refused("replay-not-running", f"Only a running replay can finish; this one is {replay.status}.")
    return [ReplayFinished(queued=command.queued)]
