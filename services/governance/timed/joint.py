"""What time brings to agreements, reviews, milestones, commitments, pilots and exits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from services.governance.domain import agreement_time, commitment, milestone, pilot, review
from services.governance.domain.agreement import AGREEMENT, Agreement
from services.governance.domain.exit import EXIT, Exit, exit_ahead
from services.governance.domain.exit import fire_exit as exit_fired
from services.governance.domain.moment import Due
from services.governance.domain.review import OPENS, REVIEW, Review
from services.governance.firing import Firing, Timed
from services.governance.follow_ups import exit_moved_on, schedule
from services.governance.readings import latest_readings
from services.governance.zones import zones
from shared.domain import Aggregate
from shared.events.governance_terms import Moment
from shared.log.log import Loaded, Log

S = TypeVar("S")


def plain(
    aggregate: Aggregate[S], ahead: Callable[[S], tuple[Moment, ...]], fire: Callable[[Due, S], list[Any]]
) -> Timed[S]:
    """A thing of which a moment changes nothing but itself; it came true when it was due."""

    def fired(firing: Firing, thing: Loaded[S], moment: Moment) -> Loaded[S]:
        events = fire(Due(firing.now, moment.step), thing.state)
        return firing.append(aggregate, thing, events, effective_at=moment.at)

    return Timed(aggregate, ahead, fired)


def fire_agreement(firing: Firing, thing: Loaded[Agreement], moment: Moment) -> Loaded[Agreement]:
    """An assumption is judged by the latest figure published for a period that its day has seen end."""
    due = Due(firing.now, moment.step)
    assumption = agreement_time.assumption_of(moment.step, thing.state)
    if assumption is not None:
        readings = latest_readings(Log(firing.connection), thing.ledger_id, assumption.due_on)
        due = replace(due, reading=readings.get(assumption.test.kpi))
    events = agreement_time.fire_agreement(due, thing.state)
    return firing.append(AGREEMENT, thing, events, effective_at=moment.at)


def fire_review(firing: Firing, thing: Loaded[Review], moment: Moment) -> Loaded[Review]:
    """A review that repeats schedules the next of its kind when it opens."""
    events = review.fire_review(Due(firing.now, moment.step), thing.state)
    after = firing.append(REVIEW, thing, events, effective_at=moment.at)
    if moment.step == OPENS:
        schedule(firing, thing.ledger_id, review.next_in_turn(after.state, zones(firing.connection, thing.ledger_id)))
    return after


def fire_exit(firing: Firing, thing: Loaded[Exit], moment: Moment) -> Loaded[Exit]:
    """An exit that takes effect after its last receipt is completed by that, and its parties leave."""
    events = exit_fired(Due(firing.now, moment.step), thing.state)
    after = firing.append(EXIT, thing, events, effective_at=moment.at)
    exit_moved_on(firing, after)
    return after


JOINT_TIMED: tuple[Timed[Any], ...] = (
    Timed(AGREEMENT, agreement_time.ahead, fire_agreement),
    Timed(REVIEW, review.ahead, fire_review),
    Timed(EXIT, exit_ahead, fire_exit),
    plain(milestone.MILESTONE, milestone.ahead, milestone.fire_milestone),
    plain(commitment.COMMITMENT, commitment.ahead, commitment.fire_commitment),
    plain(pilot.PILOT, pilot.ahead, pilot.fire_pilot),
)
