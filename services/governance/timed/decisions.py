"""What time brings to a decision: warnings, the end of a pause, a breach and the way up the ladder."""

from __future__ import annotations

from services.governance.domain.decision import DECISION, Decision
from services.governance.domain.escalation import FireStep, fire_step
from services.governance.firing import Firing, Timed
from services.governance.read_models.due_steps import moments_of
from shared.events.governance import ClockStarted, DecisionEscalated
from shared.events.governance_terms import Moment
from shared.log.log import Loaded

FROM_NOW_ON = (DecisionEscalated, ClockStarted)
"""What follows from a breach is true when it is noticed; the breach itself has been one since it was due."""


def ahead(decision: Decision) -> tuple[Moment, ...]:
    return moments_of(decision.steps_ahead)


def fire(firing: Firing, clock: Loaded[Decision], moment: Moment) -> Loaded[Decision]:
    command = FireStep(firing.now, clock.state.cycle, clock.state.rung, moment.step)
    for event in fire_step(command, clock.state):
        came_true_at = firing.now if isinstance(event, FROM_NOW_ON) else moment.at
        clock = firing.append(DECISION, clock, [event], effective_at=came_true_at)
    return clock


DECISIONS_TIMED = Timed(DECISION, ahead, fire)
