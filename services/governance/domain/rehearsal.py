"""A rehearsal: how a decision of the past would have gone under another matrix or on other calendars."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from services.governance.domain.calendar import calendars_of
from services.governance.domain.clock import Clock, Pause, projected_due_at
from services.governance.domain.decision import Decision
from services.governance.domain.route import RaiseDecision, route_of
from shared.domain import Invalid
from shared.events.governance_terms import GovernanceContent, Route


@dataclass(frozen=True)
class Course:
    """Who decides, when it was due (None without an SLA), and whether it was not settled by then."""

    route: Route
    due_at: datetime | None
    breached: bool


@dataclass(frozen=True, slots=True)
class Rehearse:
    """`content` is the other model, with its calendars' days off over the time of the decision."""

    at: datetime
    decision: Decision
    raised_at: datetime
    content: GovernanceContent


def as_it_went(command: Rehearse) -> Course:
    """The first cycle as its own terms had it; who decided it, and its first due time."""
    return _course(command, command.decision.route)


def rehearse(command: Rehearse) -> Course:
    """The same decision, raised at the same moment by the same side with the same values, under the other terms.

    Where the other condition asks for values that were not given, it is joint: nobody can say that it was not.
    """
    decision = command.decision
    assert decision.raised_by is not None, "a decision was raised"
    raised = RaiseDecision(
        at=command.raised_at,
        side=decision.raised_by,
        type=decision.type,
        parties=decision.route.parties,
        model=command.content,
        values=decision.route.evaluated,
        owner_side=None if decision.route.joint else decision.route.sides[0],
    )
    try:
        route = route_of(raised)
    except Invalid:
        route = route_of(replace(raised, evaluate=False))
    return _course(command, route)


def _course(command: Rehearse, route: Route) -> Course:
    if route.sla is None:
        return Course(route, None, breached=False)
    pauses = _pauses(command.decision)
    clock = Clock(command.raised_at, route.sla, route.sides, route.calendar_setting, route.owner.side, pauses=pauses)
    due_at = projected_due_at(clock, calendars_of(route.calendars))
    ended = command.decision.settled_at or command.at
    return Course(route, due_at, breached=ended > due_at)


def _pauses(decision: Decision) -> tuple[Pause, ...]:
    """Those of the first clock; a clock that a breach has followed is no longer at hand, and its pauses neither."""
    return decision.clock.pauses if decision.clock is not None and (decision.cycle, decision.rung) == (1, 0) else ()


def differs(before: Course, after: Course) -> tuple[str, ...]:
    """What changes, in the words of the answer."""
    changed: list[str] = []
    if deciders(before) != deciders(after):
        changed.append("who_decides")
    if before.route.forum != after.route.forum:
        changed.append("forum")
    if before.due_at != after.due_at:
        changed.append("due_at")
    if before.breached != after.breached:
        changed.append("breached")
    return tuple(changed)


def deciders(course: Course) -> tuple[object, frozenset[UUID]]:
    return course.route.owner, frozenset(course.route.sides)
