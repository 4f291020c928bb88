"""A decision: raised under the matrix in force, settled by those who hold the right; its clock is part of its history.

The deciders are in `route.py` (raise, reopen), `vote.py` (vote, inform, withdraw), `pause.py` and `escalation.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from services.governance.domain import clock as clocks
from services.governance.domain.calendar import Calendar, calendars_of
from services.governance.domain.clock import Clock, Pause
from services.governance.domain.court import Phase
from shared.domain import Aggregate, Event, Refused
from shared.events.governance import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    CourtPassed,
    DecisionApproved,
    DecisionEscalated,
    DecisionLapsed,
    DecisionRaised,
    DecisionRejected,
    DecisionReopened,
    DecisionWithdrawn,
    EscalationAcknowledged,
    InformationGiven,
    PauseRequested,
    VoteCast,
)
from shared.events.governance_clocks import (
    ClockRebaselined,
    DecisionAssigned,
    DecisionResubmitted,
    RebaselineAgreed,
    RebaselineProposed,
    SilenceCounted,
)
from shared.events.governance_terms import Choice, ClockTerms, Owner, Route, Step, StepKind


class DecisionStatus(StrEnum):
    NONE = "none"
    OPEN = "open"
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"


@dataclass(frozen=True)
class Decision:
    """`due_at` is that of the rung whose clock runs (None while paused), `original_due_at` that of the cycle's start.

    `votes` and `late` are of this cycle; `phases`, `warnings`, `breaches` and `escalations` of all. `steps_ahead` are
    the moments at which the clock that runs still must act, in order; none once it is breached or the decision settled.
    `assigned` is the person in charge by side. `rebaseline` are the terms proposed for the clock, if any are.
    """

    status: DecisionStatus = DecisionStatus.NONE
    type: str = ""
    raised_by: UUID | None = None
    route: Route = field(default_factory=lambda: Route(title="", owner=Owner(), joint=True, sides=(), parties=()))
    cycle: int = 0
    votes: Mapping[UUID, Choice] = field(default_factory=dict)
    court: tuple[UUID, ...] = ()
    phases: tuple[Phase, ...] = ()
    settled_at: datetime | None = None
    late: bool = False
    clock: Clock | None = None
    steps_ahead: tuple[Step, ...] = ()
    rung: int = 0
    due_at: datetime | None = None
    original_due_at: datetime | None = None
    pause_requests: Mapping[UUID, PauseRequested] = field(default_factory=dict)
    acknowledged: bool = False
    told: frozenset[UUID] = frozenset()
    warnings: tuple[ClockWarned, ...] = ()
    breaches: tuple[ClockBreached, ...] = ()
    escalations: tuple[DecisionEscalated, ...] = ()
    assigned: Mapping[UUID, UUID] = field(default_factory=dict)
    silent: tuple[UUID, ...] = ()
    rebaseline: RebaselineProposed | None = None
    rebaseline_agreed: frozenset[UUID] = frozenset()
    rebaselines: tuple[ClockRebaselined, ...] = ()

    @property
    def open(self) -> bool:
        return self.status is DecisionStatus.OPEN

    @property
    def calendars(self) -> Mapping[UUID, Calendar]:
        return calendars_of(self.route.calendars)

    @property
    def breached(self) -> bool:
        """Whether the clock that runs now has been breached."""
        return any((breach.cycle, breach.rung) == (self.cycle, self.rung) for breach in self.breaches)

    @property
    def clock_terms(self) -> ClockTerms | None:
        """What the clock that runs now runs on."""
        if self.clock is None:
            return None
        model_id = self.rebaselines[-1].terms.model_id if self.rebaselines else self.route.model_id
        return ClockTerms(
            model_id=model_id,
            sla=self.clock.sla,
            calendars=self.route.calendars,
            calendar_setting=self.route.calendar_setting,
            warning_shares=self.route.warning_shares,
        )

    @property
    def projected_or_none(self) -> datetime | None:
        """When the clock is due by its terms; None without one, and while it is paused."""
        return None if self.clock is None else clocks.due_at(self.clock, self.calendars)

    def is_late(self, at: datetime) -> bool:
        """Whether a settlement at this moment would come after a due time of this cycle."""
        breached = any(breach.cycle == self.cycle for breach in self.breaches)
        return breached or (self.due_at is not None and at > self.due_at)

    @property
    def forum(self) -> str | None:
        """Where it stands now: the forum of the row, or that of the rung it was escalated to."""
        reached = [one.forum for one in self.escalations if one.cycle == self.cycle]
        return reached[-1] if reached else self.route.forum

    def steps_of(self, clock: Clock) -> tuple[Step, ...]:
        """The moments at which the clock, paused or resumed, still must act: warnings that were given stay given."""
        warned = {(one.share, one.side) for one in self.warnings if (one.cycle, one.rung) == (self.cycle, self.rung)}
        steps = clocks.steps(clock, self.calendars)
        return tuple(
            step for step in steps if step.kind is not StepKind.WARNING or (step.share, step.side) not in warned
        )


def evolve(state: Decision, event: Event) -> Decision:
    match event:
        case DecisionRaised():
            state = Decision(DecisionStatus.OPEN, event.type, event.side, event.route, 1, court=event.route.sides)
            state = _phase_from(event.raised_at, state)
        case DecisionReopened():
            state = _new_cycle(state, event.cycle, event.reopened_at)
        case DecisionResubmitted():
            state = _new_cycle(state, event.cycle, event.resubmitted_at)
        case DecisionAssigned():
            state = replace(state, assigned={**state.assigned, event.side: event.person_id})
        case VoteCast():
            state = replace(state, votes={**state.votes, event.side: event.choice})
        case InformationGiven():
            answered = {side for side, choice in state.votes.items() if choice is Choice.ASK_FOR_INFORMATION}
            answered -= {event.side}
            state = replace(state, votes={side: choice for side, choice in state.votes.items() if side not in answered})
        case CourtPassed():
            state = _phase_from(event.since, replace(state, court=event.sides))
        case _:
            state = _evolve_clock(_evolve_terms(_evolve_outcome(state, event), event), event)
    return state


def _evolve_outcome(state: Decision, event: Event) -> Decision:
    match event:
        case SilenceCounted():
            state = replace(state, silent=event.sides)
        case DecisionApproved():
            state = _settled(state, DecisionStatus.APPROVED, event.settled_at, late=event.late)
        case DecisionRejected():
            state = _settled(state, DecisionStatus.REJECTED, event.settled_at, late=event.late)
        case DecisionWithdrawn():
            state = _settled(state, DecisionStatus.WITHDRAWN, event.settled_at)
        case DecisionLapsed():
            state = _settled(state, DecisionStatus.LAPSED, event.settled_at)
    return state


def _evolve_terms(state: Decision, event: Event) -> Decision:
    match event:
        case RebaselineProposed():
            state = replace(state, rebaseline=event, rebaseline_agreed=frozenset({event.side}))
        case RebaselineAgreed():
            state = replace(state, rebaseline_agreed=state.rebaseline_agreed | {event.side})
        case ClockRebaselined():
            rebased = replace(on_terms(state, event.terms), due_at=event.due_at, steps_ahead=event.steps)
            state = replace(rebased, rebaseline=None, rebaselines=(*state.rebaselines, event))
    return state


def _evolve_clock(state: Decision, event: Event) -> Decision:
    match event:
        case ClockStarted():
            state = _started(state, event)
        case ClockWarned():
            left = tuple(s for s in state.steps_ahead if (s.share, s.side) != (event.share, event.side))
            state = replace(state, warnings=(*state.warnings, event), steps_ahead=left)
        case ClockBreached():
            state = replace(state, breaches=(*state.breaches, event), steps_ahead=())
        case DecisionEscalated():
            told = state.told | frozenset(event.told)
            state = replace(state, escalations=(*state.escalations, event), told=told)
        case EscalationAcknowledged():
            state = replace(state, acknowledged=True)
        case PauseRequested():
            state = replace(state, pause_requests={**state.pause_requests, event.waiting_for: event})
        case ClockPaused() if state.clock is not None:
            requests = {side: request for side, request in state.pause_requests.items() if side != event.waiting_for}
            clock = clocks.paused(state.clock, Pause(event.waiting_for, event.since, event.until))
            state = replace(state, clock=clock, due_at=None, steps_ahead=event.steps, pause_requests=requests)
            state = _phase_from(event.since, state)
        case ClockResumed() if state.clock is not None:
            clock = clocks.resumed(state.clock, event.waiting_for, event.resumed_at)
            state = replace(state, clock=clock, due_at=event.due_at, steps_ahead=event.steps)
            state = _phase_from(event.resumed_at, state)
    return state


def _started(state: Decision, event: ClockStarted) -> Decision:
    route = state.route
    setting, owner, shares = route.calendar_setting, route.owner.side, route.warning_shares
    clock = Clock(event.started_at, event.sla, route.sides, setting, owner, shares)
    original = event.due_at if event.rung == 0 else state.original_due_at
    state = replace(state, clock=clock, rung=event.rung, steps_ahead=event.steps)
    return replace(state, due_at=event.due_at, original_due_at=original)


def on_terms(state: Decision, terms: ClockTerms) -> Decision:
    """The decision with its clock on other terms; the clock keeps its start and its pauses."""
    route = replace(
        state.route,
        calendars=terms.calendars,
        calendar_setting=terms.calendar_setting,
        warning_shares=terms.warning_shares,
    )
    clock = state.clock
    if clock is not None:
        setting, shares = terms.calendar_setting, terms.warning_shares
        clock = replace(clock, sla=terms.sla, setting=setting, warning_shares=shares)
    return replace(state, route=route, clock=clock)


def _new_cycle(state: Decision, cycle: int, at: datetime) -> Decision:
    fresh = Decision(DecisionStatus.OPEN, state.type, state.raised_by, state.route, cycle)
    fresh = replace(
        fresh,
        court=state.route.sides,
        phases=state.phases,
        warnings=state.warnings,
        breaches=state.breaches,
        escalations=state.escalations,
        assigned=state.assigned,
        rebaselines=state.rebaselines,
    )
    return _phase_from(at, fresh)


def _settled(state: Decision, status: DecisionStatus, at: datetime, *, late: bool = False) -> Decision:
    phases = _closed(state.phases, at)
    return replace(state, status=status, settled_at=at, late=late, phases=phases, steps_ahead=())


def _phase_from(since: datetime, state: Decision) -> Decision:
    """From now on those hold the decision whom it waits for, or while paused those who owe information."""
    pauses = state.clock.pauses if state.clock else ()
    owing = tuple(pause.waiting_for for pause in pauses if pause.ended_at is None)
    phase = Phase(owing or state.court, since, paused=bool(owing))
    return replace(state, phases=(*_closed(state.phases, since), phase))


def _closed(phases: tuple[Phase, ...], at: datetime) -> tuple[Phase, ...]:
    return tuple(replace(phase, until=at) if phase.until is None else phase for phase in phases)


def check_open(decision: Decision) -> None:
    """Every command on a decision but to raise or reopen it needs it open."""
    if decision.status is DecisionStatus.NONE:
        raise Refused("no-decision", "It has not been raised.")
    if not decision.open:
        raise Refused("decision-settled", f"It was {decision.status} on {decision.settled_at:%d %B %Y}.")


def check_party(side: UUID, decision: Decision) -> None:
    if side not in decision.route.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


DECISION = Aggregate("decision", Decision(), evolve)
