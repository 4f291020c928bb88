"""An integration track: what the sides build into each other, who owns it, and how deep it has come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_work import (
    DeliverableStatus,
    TrackClosed,
    TrackDeliverableReported,
    TrackKind,
    TrackOpened,
    TrackReplanned,
    TrackTerms,
)

REACHED = {status: Decimal(n) / Decimal(len(DeliverableStatus) - 1) for n, status in enumerate(DeliverableStatus)}
"""How far a deliverable has come: nothing when planned, a third when building, two when delivered, all when in use."""
FOUR_PLACES = Decimal("0.0001")


@dataclass(frozen=True, slots=True)
class OpenTrack:
    at: datetime
    side: UUID
    kind: TrackKind
    parties: tuple[UUID, ...]
    terms: TrackTerms


@dataclass(frozen=True, slots=True)
class ReplanTrack:
    at: datetime
    side: UUID
    terms: TrackTerms


@dataclass(frozen=True, slots=True)
class ReportTrackDeliverable:
    at: datetime
    side: UUID
    key: str
    status: DeliverableStatus
    note: str | None = None


@dataclass(frozen=True, slots=True)
class CloseTrack:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True)
class Track:
    kind: TrackKind | None = None
    parties: tuple[UUID, ...] = ()
    terms: TrackTerms | None = None
    reported: Mapping[str, DeliverableStatus] = field(default_factory=dict)
    closed: bool = False


def evolve(state: Track, event: Event) -> Track:
    match event:
        case TrackOpened():
            state = Track(event.kind, event.parties, event.terms)
        case TrackReplanned():
            keys = {one.key for one in event.terms.deliverables}
            kept = {key: status for key, status in state.reported.items() if key in keys}
            state = replace(state, terms=event.terms, reported=kept)
        case TrackDeliverableReported():
            state = replace(state, reported={**state.reported, event.key: event.status})
        case TrackClosed():
            state = replace(state, closed=True)
    return state


def open_track(command: OpenTrack, track: Track) -> list[Event]:
    if track.terms is not None:
        raise Refused("track-exists", "It has been opened already; replan it.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    _check_terms(command.terms, command.parties)
    return [TrackOpened(side=command.side, kind=command.kind, parties=command.parties, terms=command.terms)]


def replan_track(command: ReplanTrack, track: Track) -> list[Event]:
    _check_open(command.side, track)
    if command.terms == track.terms:
        return []
    _check_terms(command.terms, track.parties)
    return [TrackReplanned(side=command.side, terms=command.terms)]


def report_track_deliverable(command: ReportTrackDeliverable, track: Track) -> list[Event]:
    """It may also go back: what was in use may be switched off."""
    terms = _check_open(command.side, track)
    if command.key not in {one.key for one in terms.deliverables}:
        raise Invalid("/key", "no-such-deliverable", "The track has no deliverable with this key.")
    if track.reported.get(command.key, DeliverableStatus.PLANNED) is command.status:
        raise Refused("said-already", f"It is {command.status.replace('_', ' ')} already.")
    return [
        TrackDeliverableReported(side=command.side, key=command.key, status=command.status, note=command.note),
    ]


def close_track(command: CloseTrack, track: Track) -> list[Event]:
    _check_open(command.side, track)
    return [TrackClosed(side=command.side, reason=command.reason)]


def depth(statuses: Mapping[str, DeliverableStatus]) -> Decimal | None:
    """How deep a track is, from 0 to 1 with four places: the mean of how far its deliverables are; None without any."""
    if not statuses:
        return None
    whole = sum((REACHED[status] for status in statuses.values()), Decimal(0))
    return (whole / len(statuses)).quantize(FOUR_PLACES)


def _check_terms(terms: TrackTerms, parties: tuple[UUID, ...]) -> None:
    if {owner.side for owner in terms.owners} != set(parties):
        raise Invalid("/owners", "no-owner-on-a-side", "Name an owner on each side, and of no other.")
    keys = [one.key for one in terms.deliverables]
    if len(set(keys)) < len(keys):
        raise Invalid("/deliverables", "twice", "Each deliverable has a key of its own.")
    sides = [one.side for one in terms.headcount]
    if set(sides) - set(parties) or len(set(sides)) < len(sides):
        raise Invalid("/headcount", "not-a-party", "Give the headcount of each party once, and of no other.")


def _check_open(side: UUID, track: Track) -> TrackTerms:
    assert track.terms is not None, "a track begins by being opened"
    if side not in track.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if track.closed:
        raise Refused("track-closed", "The track is closed; open another.")
    return track.terms


TRACK = Aggregate("track", Track(), evolve)
