"""What a clock does when its moments come: it warns, resumes, records a breach and goes up the ladder, each once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.governance.domain.decision import Decision, check_open, check_party
from services.governance.domain.pause import resumption
from services.governance.domain.route import clock_started
from shared.domain import Event, Refused
from shared.events.governance import (
    ClockBreached,
    ClockWarned,
    DecisionApproved,
    DecisionEscalated,
    EscalationAcknowledged,
)
from shared.events.governance_clocks import SilenceCounted
from shared.events.governance_terms import Choice, Rung, Step, StepKind


@dataclass(frozen=True, slots=True)
class FireStep:
    """A due moment of a decision's clock; `key` is that of the `Step`. `at` is when it was noticed."""

    at: datetime
    cycle: int
    rung: int
    key: str


@dataclass(frozen=True, slots=True)
class AcknowledgeEscalation:
    at: datetime
    side: UUID


def fire_step(command: FireStep, decision: Decision) -> list[Event]:
    """Nothing when the step has fired, has moved into the future, or has no meaning any more: firing twice is safe."""
    if (command.cycle, command.rung) != (decision.cycle, decision.rung):
        return []
    step = next((step for step in decision.steps_ahead if step.key == command.key), None)
    if step is None or command.at < step.at:
        return []
    if step.kind is StepKind.BREACH and approved_by_silence(decision):
        return silence(decision, step.at, command.at)
    if step.kind is StepKind.BREACH:
        return [*breach(decision, step.at, command.at), *_next_rung(decision, command.at)]
    if step.kind is StepKind.RESUMPTION and step.side is not None:
        return resumption(decision, step.side, command.at)
    return _warning(decision, step)


def approved_by_silence(decision: Decision) -> bool:
    """Whether the signed matrix takes silence for approval, and nothing but silence is missing."""
    said = [decision.votes.get(side) for side in decision.route.sides]
    return decision.route.silence_approves and None in said and set(said) <= {None, Choice.APPROVE}


def silence(decision: Decision, due_at: datetime, detected_at: datetime) -> list[Event]:
    silent = tuple(side for side in decision.route.sides if side not in decision.votes)
    return [
        SilenceCounted(sides=silent, due_at=due_at, detected_at=detected_at),
        DecisionApproved(settled_at=due_at, late=decision.is_late(due_at)),
    ]


def check_before_silence(decision: Decision, at: datetime) -> None:
    """Once silence has approved, nothing that comes later changes it, though nobody may have noticed yet."""
    ran_out = decision.due_at is not None and decision.due_at < at and not decision.breached
    if ran_out and approved_by_silence(decision):
        raise Refused("approved-by-silence", f"Its time was over on {decision.due_at:%d %B %Y}; silence approved it.")


def acknowledge_escalation(command: AcknowledgeEscalation, decision: Decision) -> list[Event]:
    """Stops the ladder, not the clock."""
    check_open(decision)
    check_party(command.side, decision)
    if decision.rung == 0:
        raise Refused("nothing-escalated", "The decision has not been escalated.")
    if decision.acknowledged:
        return []
    return [EscalationAcknowledged(side=command.side, rung=decision.rung)]


def breach_noticed(decision: Decision, at: datetime) -> list[Event]:
    """The breach of the clock that runs, when it is due before `at` and not recorded yet."""
    if decision.clock is None or decision.breached or decision.due_at is None or at <= decision.due_at:
        return []
    return breach(decision, decision.due_at, at)


def breach(decision: Decision, due_at: datetime, detected_at: datetime) -> list[Event]:
    return [
        ClockBreached(
            cycle=decision.cycle,
            rung=decision.rung,
            due_at=due_at,
            detected_at=detected_at,
            last=_rung_above(decision) is None,
        )
    ]


def _warning(decision: Decision, step: Step) -> list[Event]:
    assert step.side is not None, "a warning is to a side"
    assert step.share is not None, "a warning is at a share"
    return [
        ClockWarned(cycle=decision.cycle, rung=decision.rung, side=step.side, share=step.share, scheduled_at=step.at)
    ]


def _next_rung(decision: Decision, at: datetime) -> list[Event]:
    """The escalation and the new forum's own clock, which runs from when the forum could know of it."""
    above = _rung_above(decision)
    sla = decision.route.sla
    if above is None or sla is None or decision.acknowledged:
        return []
    number, rung, skipped = above
    escalated = DecisionEscalated(
        cycle=decision.cycle,
        rung=number,
        forum=rung.forum,
        skipped=skipped,
        told=tuple(person for person in _people(decision, rung.forum) if person not in decision.told),
    )
    started = clock_started(decision.route, rung.sla or sla, cycle=decision.cycle, rung=number, forum=rung.forum, at=at)
    return [escalated, started]


def _rung_above(decision: Decision) -> tuple[int, Rung, tuple[str, ...]] | None:
    """The next rung whose forum has members, its number, and the empty forums passed over; None above the last."""
    skipped: list[str] = []
    for number, rung in enumerate(decision.route.ladder[decision.rung :], start=decision.rung + 1):
        if _people(decision, rung.forum):
            return number, rung, tuple(skipped)
        skipped.append(rung.forum)
    return None


def _people(decision: Decision, key: str) -> tuple[UUID, ...]:
    members = [member for forum in decision.route.forums if forum.key == key for member in forum.members]
    return tuple(dict.fromkeys(member.person_id for member in members))
