"""What time brings to the rhythm of an alliance, to what was agreed there, and to what goes wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from services.governance.domain import action, dispute, issue, meeting, rhythm
from services.governance.firing import Firing, Timed
from services.governance.meeting_plan import plan_meetings
from services.governance.raising import become
from shared.domain import Aggregate
from shared.events.governance_disputes import DisputeStepStarted
from shared.events.governance_terms import Moment
from shared.log.log import Loaded

S = TypeVar("S")


def plain(aggregate: Aggregate[S], fire: Callable[[Firing, S], list[Any]], ahead: Callable[[S], Any]) -> Timed[S]:
    """A thing of which a moment changes nothing but itself; what begins only now did not come true when it was due."""

    def fired(firing: Firing, thing: Loaded[S], moment: Moment) -> Loaded[S]:
        for event in fire(firing, thing.state):
            came_true_at = firing.now if isinstance(event, DisputeStepStarted) else moment.at
            thing = firing.append(aggregate, thing, [event], effective_at=came_true_at)
        return thing

    return Timed(aggregate, ahead, fired)


def fire_rhythm(firing: Firing, thing: Loaded[rhythm.Rhythm], _: Moment) -> Loaded[rhythm.Rhythm]:
    return plan_meetings(firing, thing.ledger_id)


def fire_issue(firing: Firing, thing: Loaded[issue.Issue], moment: Moment) -> Loaded[issue.Issue]:
    """What is not resolved in time becomes what was agreed for it when it was logged, unless it became that before."""
    breached = issue.fire_issue(issue.FireIssue(firing.now), thing.state)
    thing = firing.append(issue.ISSUE, thing, breached, effective_at=moment.at)
    if thing.state.became is not None or thing.state.logged is None:
        return thing
    return become(firing, thing, thing.state.logged.unsolved, thing.state.logged.decision_type, side=None)


RHYTHM_TIMED: tuple[Timed[Any], ...] = (
    Timed(rhythm.RHYTHM, lambda state: state.moments, fire_rhythm),
    Timed(issue.ISSUE, lambda state: state.moments, fire_issue),
    plain(
        meeting.MEETING,
        lambda firing, state: meeting.fire_meeting(meeting.FireMeeting(firing.now), state),
        lambda state: state.moments,
    ),
    plain(
        action.ACTION,
        lambda firing, state: action.fire_action(action.FireAction(firing.now), state),
        lambda state: state.moments,
    ),
    plain(
        dispute.DISPUTE,
        lambda firing, state: dispute.fire_dispute(dispute.FireDispute(firing.now), state),
        lambda state: state.moments,
    ),
)
