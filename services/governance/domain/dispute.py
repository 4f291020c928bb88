"""A dispute: it takes the steps agreed beforehand, each with its time, until every side accepts a resolution.

It is a process, not a person: positions, evidence and resolutions, and nothing about who is to blame.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.governance.domain.calendar import calendars_of
from services.governance.domain.clock import Clock, projected_due_at
from shared.domain import Aggregate, Event, Refused
from shared.events.governance_disputes import (
    DisputeAdvanced,
    DisputeLapsed,
    DisputeOpened,
    DisputeResolved,
    DisputeSource,
    DisputeStepBreached,
    DisputeStepStarted,
    DisputeWithdrawn,
    EventReference,
    PositionStated,
    ResolutionAccepted,
    ResolutionProposed,
)
from shared.events.governance_terms import CalendarSetting, DisputeStep, Moment, SideCalendar

BREACH = "breach"
MINUTE = timedelta(minutes=1)


class DisputeStatus(StrEnum):
    NONE = "none"
    OPEN = "open"
    RESOLVED = "resolved"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


ENDS: Mapping[type, DisputeStatus] = {
    DisputeResolved: DisputeStatus.RESOLVED,
    DisputeWithdrawn: DisputeStatus.WITHDRAWN,
    DisputeLapsed: DisputeStatus.LAPSED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDispute:
    """`side` is None when time opens it; `steps` and calendars are those of the governance model in force."""

    at: datetime
    side: UUID | None
    parties: tuple[UUID, ...]
    source: DisputeSource
    thing: UUID | None
    steps: tuple[DisputeStep, ...]
    calendars: tuple[SideCalendar, ...]
    calendar_setting: CalendarSetting
    subject: str | None = None


@dataclass(frozen=True, slots=True)
class StatePosition:
    at: datetime
    side: UUID
    position: str
    evidence: tuple[EventReference, ...] = ()


@dataclass(frozen=True, slots=True)
class AdvanceDispute:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class ProposeResolution:
    at: datetime
    side: UUID
    resolution: str


@dataclass(frozen=True, slots=True)
class AcceptResolution:
    """`number` is that of the proposal that was read."""

    at: datetime
    side: UUID
    number: int


@dataclass(frozen=True, slots=True)
class WithdrawDispute:
    at: datetime
    side: UUID
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CloseDisputeForPartyLeft:
    at: datetime
    left: UUID


@dataclass(frozen=True, slots=True)
class FireDispute:
    at: datetime


@dataclass(frozen=True)
class Dispute:
    """`step` is the one it is at, from 1; 0 without agreed steps. `ready` are the sides that would go to the next."""

    status: DisputeStatus = DisputeStatus.NONE
    opened: DisputeOpened | None = None
    step: int = 0
    due_at: datetime | None = None
    breached: bool = False
    ready: frozenset[UUID] = frozenset()
    positions: Mapping[UUID, PositionStated] = field(default_factory=dict)
    number: int = 0
    accepted: frozenset[UUID] = frozenset()
    moments: tuple[Moment, ...] = ()

    @property
    def parties(self) -> tuple[UUID, ...]:
        return self.opened.parties if self.opened else ()

    @property
    def next_step(self) -> DisputeStep | None:
        steps = self.opened.steps if self.opened else ()
        return steps[self.step] if self.step < len(steps) else None


def evolve(state: Dispute, event: Event) -> Dispute:
    match event:
        case DisputeOpened():
            state = Dispute(DisputeStatus.OPEN, event)
        case DisputeStepStarted():
            moments = (Moment(BREACH, event.due_at),)
            state = replace(state, step=event.step, due_at=event.due_at, ready=frozenset(), moments=moments)
        case DisputeStepBreached():
            state = replace(state, breached=True, moments=())
        case DisputeAdvanced():
            state = replace(state, ready=state.ready | {event.side})
        case PositionStated():
            state = replace(state, positions={**state.positions, event.side: event})
        case ResolutionProposed():
            state = replace(state, number=event.number, accepted=frozenset({event.side}))
        case ResolutionAccepted():
            state = replace(state, accepted=state.accepted | {event.side})
        case DisputeResolved() | DisputeWithdrawn() | DisputeLapsed():
            state = replace(state, status=ENDS[type(event)], moments=())
    return state


def open_dispute(command: OpenDispute, dispute: Dispute) -> list[Event]:
    """Opens it at the first agreed step; without agreed steps it has no time."""
    if dispute.status is not DisputeStatus.NONE:
        raise Refused("dispute-exists", "It has been opened already.")
    if command.side is not None and command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may open a dispute.")
    opened = DisputeOpened(
        side=command.side,
        parties=command.parties,
        source=command.source,
        thing=command.thing,
        steps=command.steps,
        calendars=command.calendars,
        calendar_setting=command.calendar_setting,
        opened_at=command.at,
        subject=command.subject,
    )
    return [opened, *_next_step(evolve(dispute, opened), command.at)]


def state_position(command: StatePosition, dispute: Dispute) -> list[Event]:
    _check_open(command.side, dispute)
    return [PositionStated(side=command.side, evidence=command.evidence, position=command.position)]


def advance_dispute(command: AdvanceDispute, dispute: Dispute) -> list[Event]:
    """The next step begins once every side says so, before the time of this one is over."""
    _check_open(command.side, dispute)
    if dispute.next_step is None:
        raise Refused("no-step-left", "This is the last of the agreed steps; propose a resolution.")
    if command.side in dispute.ready:
        raise Refused("ready-already", "Your side has said so; the others still have to.")
    advanced = DisputeAdvanced(side=command.side, step=dispute.step)
    after = evolve(dispute, advanced)
    return [advanced, *(_next_step(after, command.at) if after.ready == set(dispute.parties) else [])]


def propose_resolution(command: ProposeResolution, dispute: Dispute) -> list[Event]:
    """Takes the place of the one on the table."""
    _check_open(command.side, dispute)
    return [ResolutionProposed(side=command.side, number=dispute.number + 1, resolution=command.resolution)]


def accept_resolution(command: AcceptResolution, dispute: Dispute) -> list[Event]:
    """Settled once every side has accepted the same proposal; who proposed it has."""
    _check_open(command.side, dispute)
    if dispute.number == 0:
        raise Refused("no-resolution-proposed", "No resolution is on the table; propose one.")
    if command.number != dispute.number:
        raise Refused("other-resolution", f"The resolution on the table is number {dispute.number}; read that.")
    if command.side in dispute.accepted:
        raise Refused("accepted-already", "Your side has accepted it; the others still have to.")
    accepted = ResolutionAccepted(side=command.side, number=command.number)
    if dispute.accepted | {command.side} != set(dispute.parties):
        return [accepted]
    assert dispute.opened is not None, "an open dispute was opened"
    return [
        accepted,
        DisputeResolved(
            number=command.number,
            step=dispute.step,
            resolved_at=command.at,
            late=dispute.breached or (dispute.due_at is not None and command.at > dispute.due_at),
            elapsed_minutes=(command.at - dispute.opened.opened_at) // MINUTE,
        ),
    ]


def withdraw_dispute(command: WithdrawDispute, dispute: Dispute) -> list[Event]:
    _check_open(command.side, dispute)
    if dispute.opened is None or dispute.opened.side != command.side:
        raise Refused("not-yours", "The side that opened a dispute withdraws it; what time opened is to be settled.")
    return [DisputeWithdrawn(side=command.side, withdrawn_at=command.at, reason=command.reason)]


def close_dispute_for_party_left(command: CloseDisputeForPartyLeft, dispute: Dispute) -> list[Event]:
    if dispute.status is not DisputeStatus.OPEN or command.left not in dispute.parties:
        return []
    return [DisputeLapsed(left=command.left, lapsed_at=command.at)]


def fire_dispute(command: FireDispute, dispute: Dispute) -> list[Event]:
    """The breach of a step and the start of the next, which runs from when this was noticed."""
    if dispute.status is not DisputeStatus.OPEN or not dispute.moments or dispute.due_at is None:
        return []
    if command.at < dispute.due_at:
        return []
    last = dispute.next_step is None
    breached = DisputeStepBreached(step=dispute.step, due_at=dispute.due_at, detected_at=command.at, last=last)
    return [breached, *_next_step(evolve(dispute, breached), command.at)]


def _next_step(dispute: Dispute, at: datetime) -> list[Event]:
    opened, step = dispute.opened, dispute.next_step
    if opened is None or step is None:
        return []
    clock = Clock(at, step.sla, opened.parties, opened.calendar_setting)
    return [
        DisputeStepStarted(
            step=dispute.step + 1,
            key=step.key,
            title=step.title,
            forum=step.forum,
            started_at=at,
            due_at=projected_due_at(clock, calendars_of(opened.calendars)),
        )
    ]


def _check_open(side: UUID, dispute: Dispute) -> None:
    if side not in dispute.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if dispute.status is not DisputeStatus.OPEN:
        raise Refused("dispute-settled", f"The dispute is {dispute.status} already.")


DISPUTE = Aggregate("dispute", Dispute(), evolve)
