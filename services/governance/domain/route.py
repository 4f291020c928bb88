"""The route of a decision: the row of the matrix in force when it is raised, pinned to it for good."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.governance.domain import clock as clocks
from services.governance.domain.calendar import calendars_of
from services.governance.domain.clock import Clock
from services.governance.domain.condition import holds
from services.governance.domain.decision import Decision, DecisionStatus, check_party
from shared.domain import Event, Invalid, Refused
from shared.events.governance import ClockStarted, DecisionRaised, DecisionReopened
from shared.events.governance_clocks import DecisionResubmitted
from shared.events.governance_terms import (
    DecisionRight,
    Forum,
    GovernanceContent,
    Joint,
    Owner,
    OwnerRole,
    Route,
)
from shared.events.values import Duration

OUTSIDE_THE_MATRIX = Owner(roles=tuple(OwnerRole))


@dataclass(frozen=True, slots=True)
class RaiseDecision:
    """`model` is the governance model in force, if any.

    For a row that is `sometimes` joint, its condition is evaluated over `values`. `owner_side` is the side that decides
    alone where the row leaves it open; by default the side that raises. Where there is nobody to give values, and
    therefore not to `evaluate`, a `sometimes` is joint.
    """

    at: datetime
    side: UUID
    type: str
    parties: tuple[UUID, ...]
    model_id: UUID | None = None
    model: GovernanceContent | None = None
    values: Mapping[str, str] | None = None
    evaluate: bool = True
    owner_side: UUID | None = None
    subject: str | None = None
    options: tuple[str, ...] | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class ResubmitDecision:
    """What is None is left as it was said before."""

    at: datetime
    side: UUID
    subject: str | None = None
    options: tuple[str, ...] | None = None
    context: str | None = None


@dataclass(frozen=True, slots=True)
class ReopenDecision:
    at: datetime
    side: UUID
    reason: str | None = None


def raise_decision(command: RaiseDecision, decision: Decision) -> list[Event]:
    if decision.status is not DecisionStatus.NONE:
        raise Refused("decision-exists", "It has been raised already.")
    if command.side not in command.parties:
        raise Refused("not-a-party", "Only a party to the alliance may raise a decision.")
    if command.owner_side is not None and command.owner_side not in command.parties:
        raise Invalid("/owner_side", "not-a-party", "The side that decides is a party to the alliance.")
    route = route_of(command)
    raised = DecisionRaised(
        side=command.side,
        type=command.type,
        route=route,
        raised_at=command.at,
        subject=command.subject,
        options=command.options,
        context=command.context,
    )
    return [raised, *first_clock(route, 1, command.at)]


def reopen_decision(command: ReopenDecision, decision: Decision) -> list[Event]:
    """A new cycle on the same pinned route; the old one stays on record."""
    check_party(command.side, decision)
    if decision.status not in {DecisionStatus.APPROVED, DecisionStatus.REJECTED}:
        detail = "Only what was approved or rejected can be reopened; what was withdrawn can be resubmitted."
        raise Refused("not-settled", detail)
    cycle = decision.cycle + 1
    reopened = DecisionReopened(side=command.side, cycle=cycle, reopened_at=command.at, reason=command.reason)
    return [reopened, *first_clock(decision.route, cycle, command.at)]


def resubmit_decision(command: ResubmitDecision, decision: Decision) -> list[Event]:
    """A new cycle of what its side had withdrawn, on the same pinned route."""
    check_party(command.side, decision)
    if decision.status is not DecisionStatus.WITHDRAWN:
        raise Refused("not-withdrawn", "Only a decision that was withdrawn can be resubmitted.")
    if command.side != decision.raised_by:
        raise Refused("not-yours", "The side that raised a decision resubmits it.")
    cycle = decision.cycle + 1
    resubmitted = DecisionResubmitted(
        side=command.side,
        cycle=cycle,
        resubmitted_at=command.at,
        subject=command.subject,
        options=command.options,
        context=command.context,
    )
    return [resubmitted, *first_clock(decision.route, cycle, command.at)]


def route_of(command: RaiseDecision) -> Route:
    """How the decision will be decided. Invalid when a `sometimes` comes without its evaluation."""
    model = command.model
    row = next((one for one in model.decision_rights if one.type == command.type), None) if model else None
    if model is None or row is None:
        return Route(
            title=command.type,
            owner=OUTSIDE_THE_MATRIX,
            joint=True,
            sides=command.parties,
            parties=command.parties,
            outside_matrix=True,
            model_id=command.model_id,
            calendars=model.calendars if model else (),
        )
    joint, evaluated = _is_joint(command, row)
    return Route(
        title=row.title,
        owner=row.owner,
        joint=joint,
        sides=command.parties if joint else (row.owner.side or command.owner_side or command.side,),
        parties=command.parties,
        model_id=command.model_id,
        sla=row.sla,
        forum=row.forum,
        condition=row.condition,
        evaluated=evaluated,
        ladder=row.escalates_to,
        forums=_forums_on_the_way(row, model),
        calendars=model.calendars,
        calendar_setting=model.calendar_setting,
        warning_shares=model.warning_shares,
        silence_approves=row.silence_approves,
    )


def first_clock(route: Route, cycle: int, at: datetime) -> list[Event]:
    """The start of a cycle's own clock; nothing without an SLA."""
    if route.sla is None:
        return []
    return [clock_started(route, route.sla, cycle=cycle, rung=0, forum=route.forum, at=at)]


def clock_started(
    route: Route, sla: Duration, *, cycle: int, rung: int, forum: str | None, at: datetime
) -> ClockStarted:
    clock = Clock(at, sla, route.sides, route.calendar_setting, route.owner.side, route.warning_shares)
    calendars = calendars_of(route.calendars)
    return ClockStarted(
        cycle=cycle,
        rung=rung,
        forum=forum,
        started_at=at,
        sla=sla,
        due_at=clocks.projected_due_at(clock, calendars),
        steps=clocks.steps(clock, calendars),
    )


def _is_joint(command: RaiseDecision, row: DecisionRight) -> tuple[bool, dict[str, str] | None]:
    """Whether every side must approve, and the values from which that was found."""
    if row.joint is not Joint.SOMETIMES or row.condition is None:
        return row.joint is Joint.YES, None
    if not command.evaluate:
        return True, None
    return holds(row.condition, command.values or {}, "/values")


def _forums_on_the_way(row: DecisionRight, model: GovernanceContent) -> tuple[Forum, ...]:
    keys = {row.forum, row.owner.forum, *(rung.forum for rung in row.escalates_to)}
    return tuple(forum for forum in model.forums if forum.key in keys)
