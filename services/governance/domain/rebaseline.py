"""Other terms for a clock that runs: a newer matrix or calendar reaches an open decision only when every side agrees.

The clock keeps its start, its pauses and the warnings it gave; both due times stay on record.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from services.governance.domain import clock as clocks
from services.governance.domain.decision import Decision, on_terms
from services.governance.domain.pause import check_running
from shared.domain import Event, Invalid, Refused
from shared.events.governance_clocks import ClockRebaselined, RebaselineAgreed, RebaselineProposed
from shared.events.governance_terms import ClockTerms


@dataclass(frozen=True, slots=True)
class ProposeRebaseline:
    at: datetime
    side: UUID
    terms: ClockTerms
    reason: str


@dataclass(frozen=True, slots=True)
class AgreeRebaseline:
    at: datetime
    side: UUID


def propose_rebaseline(command: ProposeRebaseline, decision: Decision) -> list[Event]:
    """A later proposal replaces the one that is open."""
    check_running(command.side, command.at, decision)
    if not command.reason.strip():
        raise Invalid("/reason", "reason-missing", "Say why the clock should run on other terms.")
    if command.terms == decision.clock_terms:
        raise Refused("same-terms", "The clock runs on these terms already.")
    _check_ahead(command.at, command.terms, decision)
    return [
        RebaselineProposed(
            side=command.side,
            cycle=decision.cycle,
            rung=decision.rung,
            terms=command.terms,
            due_at=on_terms(decision, command.terms).projected_or_none,
            reason=command.reason,
        )
    ]


def agree_rebaseline(command: AgreeRebaseline, decision: Decision) -> list[Event]:
    """The last agreement puts the clock on the proposed terms."""
    check_running(command.side, command.at, decision)
    proposed = decision.rebaseline
    if proposed is None or (proposed.cycle, proposed.rung) != (decision.cycle, decision.rung):
        raise Refused("no-rebaseline-proposed", "No other terms are proposed for the clock that runs now.")
    if command.side in decision.rebaseline_agreed:
        raise Refused("agreed-already", "Your side has agreed to these terms; the others still have to.")
    agreed = RebaselineAgreed(side=command.side)
    if decision.rebaseline_agreed | {command.side} != set(decision.route.parties):
        return [agreed]
    _check_ahead(command.at, proposed.terms, decision)
    rebased = on_terms(decision, proposed.terms)
    assert rebased.clock is not None, "only a running clock is put on other terms"
    return [
        agreed,
        ClockRebaselined(
            cycle=decision.cycle,
            rung=decision.rung,
            terms=proposed.terms,
            former_due_at=decision.due_at,
            due_at=rebased.projected_or_none,
            steps=rebased.steps_of(rebased.clock),
        ),
    ]


def _check_ahead(at: datetime, terms: ClockTerms, decision: Decision) -> None:
    """Terms under which the time would be over already would make a breach of what was in time."""
    rebased = on_terms(decision, terms)
    assert rebased.clock is not None, "only a running clock is put on other terms"
    due = clocks.projected_due_at(rebased.clock, rebased.calendars)
    if due <= at:
        raise Refused("rebaseline-past", f"On these terms the decision would have been due on {due:%d %B %Y} already.")
