"""A milestone: planned, reported by its owners' sides, missed when its day passes; moved only by a signed change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.moment import Due, end_of
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_plan_terms import MilestoneArea, OperatingPlan
from shared.events.governance_terms import Member, Moment
from shared.events.governance_work import (
    DeliverableDelivered,
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneReported,
    MilestoneStatus,
)

DUE = "due"
FINAL = frozenset({MilestoneStatus.REACHED, MilestoneStatus.DROPPED})


@dataclass(frozen=True, slots=True)
class PlanMilestone:
    """`depends_on` are milestones of the same alliance; `known` says which there are."""

    at: datetime
    side: UUID
    parties: tuple[UUID, ...]
    key: str
    title: str
    area: MilestoneArea
    due_on: date
    owners: tuple[Member, ...]
    depends_on: tuple[UUID, ...] = ()
    deliverables: tuple[str, ...] = ()
    known: frozenset[UUID] = frozenset()
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True, slots=True)
class ReportMilestone:
    """`unreached` are the titles of those it depends on that are not reached yet."""

    at: datetime
    side: UUID
    status: MilestoneStatus
    unreached: tuple[str, ...] = ()
    note: str | None = None


@dataclass(frozen=True, slots=True)
class DeliverDeliverable:
    at: datetime
    side: UUID
    place: int


@dataclass(frozen=True, slots=True)
class MoveMilestone:
    """`change_request` is a change request of the roadmap; `change_in_force` says that it is in force."""

    at: datetime
    side: UUID
    due_on: date
    change_request: UUID
    change_in_force: bool
    zones: tuple[ZoneInfo, ...] = ()


@dataclass(frozen=True)
class Milestone:
    status: MilestoneStatus | None = None
    title: str = ""
    parties: tuple[UUID, ...] = ()
    due_on: date | None = None
    overdue_at: datetime | None = None
    missed: bool = False
    deliverables: tuple[str, ...] = ()
    delivered: frozenset[int] = frozenset()


def evolve(state: Milestone, event: Event) -> Milestone:
    match event:
        case MilestonePlanned():
            state = Milestone(
                status=MilestoneStatus.PLANNED,
                title=event.title,
                parties=event.parties,
                due_on=event.due_on,
                overdue_at=event.overdue_at,
                deliverables=event.deliverables,
            )
        case MilestoneReported():
            state = replace(state, status=event.status)
        case DeliverableDelivered():
            state = replace(state, delivered=state.delivered | {event.place})
        case MilestoneMoved():
            state = replace(state, due_on=event.due_on, overdue_at=event.overdue_at, missed=False)
        case MilestoneMissed():
            state = replace(state, missed=True)
    return state


def milestones_of(
    plan: OperatingPlan,
    plan_id: UUID,
    ids: Mapping[str, UUID],
    parties: tuple[UUID, ...],
    zones: tuple[ZoneInfo, ...] = (),
) -> Mapping[UUID, MilestonePlanned]:
    """The milestones that an operating plan brings when it comes into force, by the ids given for their keys."""
    planned = {}
    for one in plan.milestones:
        due_on = plan.starts_on + timedelta(days=one.due_day)
        planned[ids[one.key]] = MilestonePlanned(
            plan=plan_id,
            key=one.key,
            title=one.title,
            area=one.area,
            quick_win=one.area is MilestoneArea.QUICK_WIN,
            due_on=due_on,
            overdue_at=end_of(due_on, zones),
            parties=parties,
            owners=one.owners,
            depends_on=tuple(ids[key] for key in one.depends_on),
            deliverables=one.deliverables,
        )
    return planned


def plan_milestone(command: PlanMilestone, milestone: Milestone) -> list[Event]:
    """One beside the operating plan, with owners on each side as well."""
    if milestone.status is not None:
        raise Refused("milestone-exists", "It has been planned already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if {owner.side for owner in command.owners} != set(command.parties):
        raise Invalid("/owners", "no-owner-on-a-side", "Name an owner on each side, and of no other.")
    if set(command.depends_on) - command.known:
        raise Invalid("/depends_on", "no-such-milestone", "A milestone depends on others of the same alliance.")
    return [
        MilestonePlanned(
            plan=None,
            key=command.key,
            title=command.title,
            area=command.area,
            quick_win=command.area is MilestoneArea.QUICK_WIN,
            due_on=command.due_on,
            overdue_at=end_of(command.due_on, command.zones),
            parties=command.parties,
            owners=command.owners,
            depends_on=command.depends_on,
            deliverables=command.deliverables,
        )
    ]


def report_milestone(command: ReportMilestone, milestone: Milestone) -> list[Event]:
    """A milestone is reached once what it depends on is reached and all its deliverables are delivered."""
    _check_open(command.side, milestone)
    if command.status is milestone.status:
        raise Refused("said-already", f"The milestone is {command.status.replace('_', ' ')} already.")
    if command.status is MilestoneStatus.REACHED:
        if command.unreached:
            raise Refused("depends-on-others", f"Not reached yet: {'; '.join(command.unreached)}.")
        if left := [what for n, what in enumerate(milestone.deliverables) if n not in milestone.delivered]:
            raise Refused("not-delivered", f"Not delivered yet: {'; '.join(left)}.")
    late = command.status is MilestoneStatus.REACHED and _is_over(milestone, command.at)
    missed = fire_milestone(Due(command.at, DUE), milestone) if late else []
    return [
        *missed,
        MilestoneReported(side=command.side, status=command.status, late=late, note=command.note),
    ]


def deliver_deliverable(command: DeliverDeliverable, milestone: Milestone) -> list[Event]:
    _check_open(command.side, milestone)
    if command.place >= len(milestone.deliverables):
        raise Invalid("/place", "no-such-deliverable", f"It has {len(milestone.deliverables)} deliverables, from 0.")
    if command.place in milestone.delivered:
        raise Refused("delivered-already", "It has been delivered already.")
    what = milestone.deliverables[command.place]
    return [DeliverableDelivered(side=command.side, place=command.place, deliverable=what)]


def move_milestone(command: MoveMilestone, milestone: Milestone) -> list[Event]:
    """A date that both sides signed moves by a change that both sides signed."""
    _check_open(command.side, milestone)
    if not command.change_in_force:
        raise Refused("no-change-request", "Moving a milestone takes a change request of the roadmap in force.")
    if command.due_on == milestone.due_on:
        raise Refused("same-day", "It is due on that day already.")
    return [
        MilestoneMoved(
            side=command.side,
            due_on=command.due_on,
            overdue_at=end_of(command.due_on, command.zones),
            change_request=command.change_request,
        )
    ]


def ahead(milestone: Milestone) -> tuple[Moment, ...]:
    if milestone.overdue_at is None or milestone.missed or milestone.status in FINAL:
        return ()
    return (Moment(DUE, milestone.overdue_at),)


def fire_milestone(due: Due, milestone: Milestone) -> list[Event]:
    if milestone.status in FINAL or milestone.missed or not _is_over(milestone, due.at):
        return []
    assert milestone.due_on is not None, "a planned milestone is due"
    return [MilestoneMissed(title=milestone.title, due_on=milestone.due_on, detected_at=due.at)]


def _is_over(milestone: Milestone, at: datetime) -> bool:
    return milestone.overdue_at is not None and at >= milestone.overdue_at


def _check_open(side: UUID, milestone: Milestone) -> None:
    if side not in milestone.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")
    if milestone.status in FINAL:
        raise Refused("milestone-over", f"The milestone was {milestone.status} already.")


MILESTONE = Aggregate("milestone", Milestone(), evolve)
