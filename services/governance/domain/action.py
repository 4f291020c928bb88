"""An action: agreed with an owner and a day, done, dropped, or overdue. Passing it on never moves the day."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_meetings import (
    ActionAgreed,
    ActionDone,
    ActionDropped,
    ActionOverdue,
    ActionPostponed,
    ActionReassigned,
)
from shared.events.governance_terms import Member, Moment

OVERDUE = "overdue"


class ActionStatus(StrEnum):
    NONE = "none"
    OPEN = "open"
    DONE = "done"
    DROPPED = "dropped"


@dataclass(frozen=True, slots=True)
class AgreeAction:
    """`due_at` is when the day `due_on` is over for the owner's side."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    title: str
    owner: Member
    due_on: date
    due_at: datetime
    meeting: UUID | None = None


@dataclass(frozen=True, slots=True)
class ReassignAction:
    at: datetime
    side: UUID
    owner: Member


@dataclass(frozen=True, slots=True)
class PostponeAction:
    at: datetime
    side: UUID
    due_on: date
    due_at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class FinishAction:
    at: datetime
    side: UUID
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DropAction:
    at: datetime
    side: UUID
    reason: str


@dataclass(frozen=True, slots=True)
class FireAction:
    at: datetime


@dataclass(frozen=True)
class Action:
    """`overdue`: its time has passed once, which stays so when it is postponed after."""

    status: ActionStatus = ActionStatus.NONE
    parties: tuple[UUID, ...] = ()
    owner: Member | None = None
    due_at: datetime | None = None
    overdue: bool = False
    moments: tuple[Moment, ...] = ()


def evolve(state: Action, event: Event) -> Action:
    match event:
        case ActionAgreed():
            moments = (Moment(OVERDUE, event.due_at),)
            state = Action(ActionStatus.OPEN, event.parties, event.owner, event.due_at, moments=moments)
        case ActionReassigned():
            state = replace(state, owner=event.owner)
        case ActionPostponed():
            state = replace(state, due_at=event.due_at, moments=(Moment(OVERDUE, event.due_at),))
        case ActionDone():
            state = replace(state, status=ActionStatus.DONE, moments=())
        case ActionDropped():
            state = replace(state, status=ActionStatus.DROPPED, moments=())
        case ActionOverdue():
            state = replace(state, overdue=True, moments=())
    return state


def agree_action(command: AgreeAction, action: Action) -> list[Event]:
    if action.status is not ActionStatus.NONE:
        raise Refused("action-exists", "It has been agreed already.")
    _check_side(command.side, command.parties)
    if command.owner.side not in command.parties:
        raise Invalid("/owner/side", "not-a-party", "The owner belongs to a party's side.")
    _check_ahead(command.due_at, command.at)
    return [
        ActionAgreed(
            side=command.side,
            parties=command.parties,
            owner=command.owner,
            due_on=command.due_on,
            due_at=command.due_at,
            meeting=command.meeting,
            title=command.title,
        )
    ]


def reassign_action(command: ReassignAction, action: Action) -> list[Event]:
    _check_open(command.side, action)
    if command.owner.side not in action.parties:
        raise Invalid("/owner/side", "not-a-party", "The owner belongs to a party's side.")
    if command.owner == action.owner:
        raise Refused("owns-already", "This person owns the action already.")
    return [ActionReassigned(side=command.side, owner=command.owner)]


def postpone_action(command: PostponeAction, action: Action) -> list[Event]:
    """To a later day; an overdue action that is postponed was overdue all the same."""
    _check_open(command.side, action)
    _check_ahead(command.due_at, command.at)
    if action.due_at is not None and command.due_at <= action.due_at:
        raise Refused("not-later", f"It is due on {action.due_at:%d %B %Y}; postpone it to a later day.")
    return [ActionPostponed(side=command.side, due_on=command.due_on, due_at=command.due_at, reason=command.reason)]


def finish_action(command: FinishAction, action: Action) -> list[Event]:
    _check_open(command.side, action)
    late = action.overdue or (action.due_at is not None and command.at > action.due_at)
    return [ActionDone(side=command.side, done_at=command.at, late=late, note=command.note)]


def drop_action(command: DropAction, action: Action) -> list[Event]:
    _check_open(command.side, action)
    return [ActionDropped(side=command.side, dropped_at=command.at, reason=command.reason)]


def fire_action(command: FireAction, action: Action) -> list[Event]:
    """Nothing when it is done or not due."""
    if action.status is not ActionStatus.OPEN or not action.moments or action.due_at is None:
        return []
    if command.at < action.due_at:
        return []
    return [ActionOverdue(due_at=action.due_at, detected_at=command.at)]


def _check_side(side: UUID, parties: tuple[UUID, ...]) -> None:
    if side not in parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_open(side: UUID, action: Action) -> None:
    _check_side(side, action.parties)
    if action.status is not ActionStatus.OPEN:
        raise Refused("action-settled", f"The action is {action.status} already.")


def _check_ahead(due_at: datetime, at: datetime) -> None:
    if due_at <= at:
        raise Invalid("/due_on", "in-the-past", "An action is due on a day that is not over yet.")


ACTION = Aggregate("action", Action(), evolve)
