"""A pause: asked for by a side that waits for information, agreed to by the side that owes it, ended by a cap."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.governance.domain import clock as clocks
from services.governance.domain.decision import DECISION, Decision, check_open, check_party
from shared.domain import Event, Invalid, Refused
from shared.events.governance import ClockPaused, ClockResumed, PauseRequested
from shared.events.governance_terms import Choice

MAX_PAUSE_DAYS = 90


@dataclass(frozen=True, slots=True)
class RequestPause:
    """`until` is the cap at which the clock resumes by itself."""

    at: datetime
    side: UUID
    waiting_for: UUID
    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ConsentToPause:
    at: datetime
    side: UUID


@dataclass(frozen=True, slots=True)
class ResumeClock:
    """Ends the pause that waits for the side `waiting_for`."""

    at: datetime
    side: UUID
    waiting_for: UUID


def request_pause(command: RequestPause, decision: Decision) -> list[Event]:
    check_running(command.side, command.at, decision)
    check_party(command.waiting_for, decision)
    if not command.reason.strip():
        raise Invalid("/reason", "reason-missing", "Say what information the clock waits for.")
    if not command.at < command.until <= command.at + timedelta(days=MAX_PAUSE_DAYS):
        raise Invalid("/until", "pause-cap", f"A pause ends in the future, and within {MAX_PAUSE_DAYS} days.")
    if command.side == command.waiting_for or decision.votes.get(command.side) is not Choice.ASK_FOR_INFORMATION:
        raise Refused("no-information-asked", "Only a side that asked another for information may ask for a pause.")
    return [
        PauseRequested(side=command.side, waiting_for=command.waiting_for, until=command.until, reason=command.reason)
    ]


def consent_to_pause(command: ConsentToPause, decision: Decision) -> list[Event]:
    """The clock stands from the consent on, not from the request."""
    check_running(command.side, command.at, decision)
    request = decision.pause_requests.get(command.side)
    if request is None or request.until <= command.at:
        raise Refused("no-pause-requested", "No pause is asked for that waits for your side.")
    if _waits_for(decision, command.side):
        raise Refused("paused-already", "The clock waits for your side already.")
    return [_paused(decision, command.side, command.at, request.until)]


def resume_clock(command: ResumeClock, decision: Decision) -> list[Event]:
    check_open(decision)
    check_party(command.side, decision)
    resumed = resumption(decision, command.waiting_for, command.at)
    if not resumed:
        raise Refused("not-paused", "The clock does not wait for this side.")
    return resumed


def resumption(decision: Decision, waiting_for: UUID, at: datetime) -> list[Event]:
    """The end of the open pause that waits for this side, at its cap when that has passed; nothing without one."""
    pause = _waits_for(decision, waiting_for)
    if pause is None or decision.clock is None:
        return []
    ended_at = min(at, pause.until)
    clock = clocks.resumed(decision.clock, waiting_for, ended_at)
    return [
        ClockResumed(
            waiting_for=waiting_for,
            resumed_at=ended_at,
            due_at=clocks.due_at(clock, decision.calendars),
            automatic=pause.until <= at,
            steps=decision.steps_of(clock),
        )
    ]


def _paused(decision: Decision, waiting_for: UUID, since: datetime, until: datetime) -> ClockPaused:
    assert decision.clock is not None, "only a running clock is paused"
    clock = clocks.paused(decision.clock, clocks.Pause(waiting_for, since, until))
    return ClockPaused(waiting_for=waiting_for, since=since, until=until, steps=decision.steps_of(clock))


def elapsed_pauses(decision: Decision, at: datetime) -> list[Event]:
    """The end of every pause whose cap has passed by `at` and that nobody has ended yet."""
    ended: list[Event] = []
    pauses = decision.clock.pauses if decision.clock else ()
    for pause in pauses:
        if pause.ended_at is None and pause.until <= at:
            ended += (resumed := resumption(decision, pause.waiting_for, at))
            decision = DECISION.replay(resumed, decision)
    return ended


def _waits_for(decision: Decision, side: UUID) -> clocks.Pause | None:
    pauses = decision.clock.pauses if decision.clock else ()
    return next((pause for pause in pauses if pause.ended_at is None and pause.waiting_for == side), None)


def check_running(side: UUID, at: datetime, decision: Decision) -> None:
    """A command to a clock is one of a party, and the clock has not run out."""
    check_open(decision)
    check_party(side, decision)
    if decision.clock is None:
        raise Refused("no-clock", "This decision has no clock.")
    if decision.breached or (decision.due_at is not None and decision.due_at <= at):
        raise Refused("clock-ran-out", "The clock has run out; there is nothing left to pause or to change.")
