"""What else happens to a decision and its clock: people in charge, resubmission, silence, other terms agreed midway.

These are in the stream of the decision, beside those of `governance.py`.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_terms import ClockTerms, Step


@event("governance.decision-assigned.v1", says="put {person_id} in charge of the decision {called} for their side")
class DecisionAssigned:
    """The person may vote for the side until it names another. It changes neither the route nor the clock."""

    side: UUID
    person_id: UUID


@event("governance.decision-resubmitted.v1", says="resubmitted the decision {called}")
class DecisionResubmitted:
    """After it was withdrawn, by the side that raised it: a new cycle, with what is said anew."""

    side: UUID
    cycle: int
    resubmitted_at: datetime
    subject: Erasable[str] = None
    options: Erasable[tuple[str, ...]] = None
    context: Erasable[str] = None


@event(
    "governance.silence-counted.v1",
    says="counted silence on the decision {called} as approval, as the signed matrix says",
)
class SilenceCounted:
    """At `due_at` these sides had said nothing, in a type of decision where the signed matrix lets silence approve."""

    sides: tuple[UUID, ...]
    due_at: datetime
    detected_at: datetime


@event(
    "governance.rebaseline-proposed.v1",
    says="proposed other terms for the running clock of the decision {called}, due {due_at}",
)
class RebaselineProposed:
    """The clock keeps its start and its pauses; on these terms it would be due at `due_at` (None while paused)."""

    side: UUID
    cycle: int
    rung: int
    terms: ClockTerms
    due_at: datetime | None
    reason: Erasable[str] = None


@event("governance.rebaseline-agreed.v1", says="agreed to the other terms for the clock of the decision {called}")
class RebaselineAgreed:
    side: UUID


@event(
    "governance.clock-rebaselined.v1",
    says="put the clock of the decision {called} on other terms, due {due_at} instead of {former_due_at}",
)
class ClockRebaselined:
    """All parties have agreed. Both due times stay on record; they are None while the clock is paused."""

    cycle: int
    rung: int
    terms: ClockTerms
    former_due_at: datetime | None
    due_at: datetime | None
    steps: tuple[Step, ...]
