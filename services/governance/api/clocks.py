"""The clock of a decision: what it did, what it will do, who held it; pausing it and stopping its ladder."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.governance.api.decisions import shown
from services.governance.api.schemas.clocks import (
    ClockBreach,
    ClockEscalation,
    ClockPause,
    ClockPauseRequest,
    ClockPhase,
    ClockRebaseline,
    ClockRebaselineProposal,
    ClockStep,
    ClockWarning,
    DecisionClock,
    HeldTime,
    ProposeRebaseline,
    RequestPause,
    ResumeClock,
)
from services.governance.api.schemas.decisions import Decision
from services.governance.api.schemas.governance_models import SideCalendar, SlaDuration
from services.governance.domain import clock as clocks
from services.governance.domain import decision as decisions
from services.governance.domain import escalation, pause, rebaseline
from services.governance.domain.court import held as held_by
from services.governance.domain.decision import DECISION
from services.governance.raising import model_in_force, terms_of
from shared.domain import Refused
from shared.events.governance_terms import ClockTerms
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import as_json
from shared.log.envelope import from_us
from shared.log.log import Loaded

router = Router("governance", "clocks")

MINUTE = timedelta(minutes=1)


@router.read("/decisions/{decision_id}/clock", scope="governance:read")
def get_decision_clock(session: Session, decision_id: Id) -> DecisionClock:
    """Who held a decision for how long, when it is due, and every warning, breach and escalation of its clock."""
    found = session.find(DECISION, decision_id)
    return as_told(found, asked_at(session, found.ledger_id))


@router.change("/decisions/{decision_id}/acknowledge")
def acknowledge_escalation(session: Session, decision_id: Id) -> Decision:
    """Say that your side has taken up the escalation. It goes no further up; the clock runs on."""
    held = session.change(DECISION, decision_id)
    command = escalation.AcknowledgeEscalation(at=session.at, side=session.caller.organisation)
    session.append(DECISION, held, escalation.acknowledge_escalation(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/pause-request")
def request_pause(session: Session, decision_id: Id, body: RequestPause) -> Decision:
    """Ask another side, from which yours asked for information, to consent to stopping the clock until it answers."""
    held = session.change(DECISION, decision_id)
    command = pause.RequestPause(
        at=session.at,
        side=session.caller.organisation,
        waiting_for=body.waiting_for,
        until=body.until,
        reason=body.reason,
    )
    session.append(DECISION, held, pause.request_pause(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/pause-consent")
def consent_to_pause(session: Session, decision_id: Id) -> Decision:
    """Consent to the pause that waits for your side. The clock stands from now on."""
    held = session.change(DECISION, decision_id)
    command = pause.ConsentToPause(at=session.at, side=session.caller.organisation)
    session.append(DECISION, held, pause.consent_to_pause(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/resume")
def resume_clock(session: Session, decision_id: Id, body: ResumeClock) -> Decision:
    """End a pause. The clock is due later by the working time that the pause held."""
    held = session.change(DECISION, decision_id)
    command = pause.ResumeClock(at=session.at, side=session.caller.organisation, waiting_for=body.waiting_for)
    session.append(DECISION, held, pause.resume_clock(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/rebaseline", scope="governance:write")
def propose_rebaseline(session: Session, decision_id: Id, body: ProposeRebaseline) -> Decision:
    """Propose that the clock runs on the governance model and the calendars of today; every side has to agree."""
    held = session.change(DECISION, decision_id)
    command = rebaseline.ProposeRebaseline(
        at=session.at, side=session.caller.organisation, terms=terms_today(session, held), reason=body.reason
    )
    session.append(DECISION, held, rebaseline.propose_rebaseline(command, held.state))
    return shown(session, held.ledger_id, decision_id)


@router.change("/decisions/{decision_id}/rebaseline-agreement", scope="governance:write")
def agree_rebaseline(session: Session, decision_id: Id) -> Decision:
    """Agree to the terms proposed for the clock. Once every side has, it runs on them; both due times are kept."""
    held = session.change(DECISION, decision_id)
    command = rebaseline.AgreeRebaseline(at=session.at, side=session.caller.organisation)
    session.append(DECISION, held, rebaseline.agree_rebaseline(command, held.state))
    return shown(session, held.ledger_id, decision_id)


def terms_today(session: Session, held: Loaded[decisions.Decision]) -> ClockTerms:
    """The terms that the model in force has for this type today; the SLA of a rung, and of no row, stays."""
    if held.state.clock is None:
        raise Refused("no-clock", "This decision has no clock.")
    model = model_in_force(session, held.ledger_id)
    right = model.state.right(held.state.type)
    content = terms_of(session, model, right)
    return ClockTerms(
        model_id=model.id,
        sla=right.sla if right is not None and held.state.rung == 0 else held.state.clock.sla,
        calendars=content.calendars,
        calendar_setting=content.calendar_setting,
        warning_shares=content.warning_shares,
    )


def asked_at(session: Session, ledger_id: UUID) -> datetime:
    """The moment that the answer is about: that of `?as_of=` where it is past, otherwise now."""
    if session.moment is None:
        return session.at
    if session.moment.us is not None:
        return min(from_us(session.moment.us), session.at)
    seq = session.moment.seq or 0
    last = session.log.read(ledger_id, after=seq - 1, until_seq=seq, limit=1)
    return last[0].recorded_at if last else session.at


def proposal_of(state: decisions.Decision) -> ClockRebaselineProposal | None:
    """The terms on the table for the clock that runs now."""
    proposed = state.rebaseline
    if proposed is None or (proposed.cycle, proposed.rung) != (state.cycle, state.rung) or not state.open:
        return None
    return ClockRebaselineProposal(
        side=proposed.side,
        due_at=proposed.due_at,
        model_id=proposed.terms.model_id,
        reason=proposed.reason,
        agreed_by=sorted(state.rebaseline_agreed),
    )


def as_told(found: Loaded[decisions.Decision], at: datetime) -> DecisionClock:
    state, clock = found.state, found.state.clock
    return DecisionClock(
        decision_id=found.id,
        status=state.status.value,
        cycle=state.cycle,
        rung=state.rung,
        forum=state.forum,
        sla=None if clock is None else SlaDuration.model_validate(as_json(clock.sla)),
        started_at=None if clock is None else clock.started_at,
        due_at=state.due_at,
        projected_due_at=None if clock is None else clocks.projected_due_at(clock, state.calendars),
        original_due_at=state.original_due_at,
        paused=clock is not None and state.open and clock.paused,
        acknowledged=state.acknowledged,
        calendar_setting=state.route.calendar_setting.value,
        calendars=[SideCalendar.model_validate(as_json(one)) for one in state.route.calendars],
        pauses=[] if clock is None else [ClockPause.model_validate(one) for one in clock.pauses],
        rebaselines=[
            ClockRebaseline.model_validate(
                {**as_json(one), "model_id": one.terms.model_id, "sla": as_json(one.terms.sla)}
            )
            for one in state.rebaselines
        ],
        rebaseline_proposed=proposal_of(state),
        phases=[ClockPhase.model_validate(phase) for phase in state.phases],
        held=[
            HeldTime(sides=list(one.sides), paused=one.paused, worked_minutes=one.worked // MINUTE)
            for one in held_by(state.phases, state.calendars, at)
        ],
        warnings=[ClockWarning.model_validate(one) for one in state.warnings],
        breaches=[ClockBreach.model_validate(one) for one in state.breaches],
        escalations=[ClockEscalation.model_validate(one) for one in state.escalations],
        steps_ahead=[ClockStep.model_validate(one) for one in state.steps_ahead],
        pause_requests=[ClockPauseRequest.model_validate(one) for one in state.pause_requests.values()],
        version=found.version,
    )
