"""The clock of a decision: what it did, what it will do, who held it; pausing it and stopping its ladder."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from services.governance.api.decisions import shown
from services.governance.api.schemas.decisions import (
    ClockBreach,
    ClockEscalation,
    ClockPauseRequest,
    ClockPhase,
    ClockStep,
    ClockWarning,
    Decision,
    DecisionClock,
    HeldTime,
    RequestPause,
    ResumeClock,
)
from services.governance.api.schemas.governance_models import SlaDuration
from services.governance.domain import clock as clocks
from services.governance.domain import decision as decisions
from services.governance.domain import escalation, pause
from services.governance.domain.court import held as held_by
from services.governance.domain.decision import DECISION
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


def asked_at(session: Session, ledger_id: UUID) -> datetime:
    """The moment that the answer is about: that of `?as_of=` where it is past, otherwise now."""
    if session.moment is None:
        return session.at
    if session.moment.us is not None:
        return min(from_us(session.moment.us), session.at)
    seq = session.moment.seq or 0
    last = session.log.read(ledger_id, after=seq - 1, until_seq=seq, limit=1)
    return last[0].recorded_at if last else session.at


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
