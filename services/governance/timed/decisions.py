"""What time brings to a decision: warnings, the end of a pause, a breach and the way up the ladder."""

from __future__ import annotations

from services.governance.domain.decision import DECISION, Decision
from services.governance.domain.escalation import FireStep, fire_step
from services.governance.firing import Firing, Timed
from services.governance.raising import open_under_model
from services.governance.read_models.due_steps import moments_of
from shared.events.governance import ClockBreached, ClockStarted, DecisionEscalated
from shared.events.governance_disputes import DisputeSource
from shared.events.governance_terms import Moment
from shared.log.log import Loaded

FROM_NOW_ON = (DecisionEscalated, ClockStarted)
"""What follows from a breach is true when it is noticed; the breach itself has been one since it was due."""


def ahead(decision: Decision) -> tuple[Moment, ...]:
    return moments_of(decision.steps_ahead)


def fire(firing: Firing, clock: Loaded[Decision], moment: Moment) -> Loaded[Decision]:
    command = FireStep(firing.now, clock.state.cycle, clock.state.rung, moment.step)
    events = fire_step(command, clock.state)
    for event in events:
        came_true_at = firing.now if isinstance(event, FROM_NOW_ON) else moment.at
        clock = firing.append(DECISION, clock, [event], effective_at=came_true_at)
    if any(isinstance(event, ClockBreached) and event.last for event in events) and ends_in_dispute(clock.state):
        open_under_model(firing, clock.ledger_id, None, DisputeSource.DECISION, clock.id)
    return clock


def ends_in_dispute(decision: Decision) -> bool:
    """A ladder that nobody has stopped ends in a dispute; a type of decision without a ladder does not."""
    return bool(decision.route.ladder) and not decision.acknowledged


DECISIONS_TIMED = Timed(DECISION, ahead, fire)
