"""What agreements, reviews, joint work, promises and exits wait for: their branches of `due_steps`."""

from __future__ import annotations

from typing import Any

from services.governance.read_models.due_steps import (
    DUE_STEPS,
    MOMENTS,
    came,
    due_steps,
    noun_of,
    wait_for,
    wait_no_more,
)
from shared.events.governance import StageEntered
from shared.events.governance_agreements import (
    AgreementEnteredIntoForce,
    AgreementLapsed,
    AgreementSuperseded,
    AgreementTerminated,
    AssumptionJudged,
)
from shared.events.governance_duties import CommitmentKept, CommitmentMissed, CommitmentPromised
from shared.events.governance_exit import (
    BreachCured,
    CurePeriodEnded,
    DispositionOverdue,
    DispositionReceipted,
    ExitClosedOverSilence,
    ExitClosingAnswered,
    ExitClosingAsked,
    ExitCompleted,
    ExitTookEffect,
    ExitTriggered,
    ExitWithdrawn,
    UnwindingBegun,
)
from shared.events.governance_reviews import (
    ReviewCancelled,
    ReviewConcluded,
    ReviewMissed,
    ReviewOpened,
    ReviewScheduled,
)
from shared.events.governance_terms import Moment, Stage
from shared.events.governance_work import (
    MilestoneMissed,
    MilestoneMoved,
    MilestonePlanned,
    MilestoneReported,
    MilestoneStatus,
    PilotConcluded,
    PilotExtended,
    PilotStarted,
    PilotVerdictMissed,
)
from shared.log.envelope import Recorded
from shared.log.rows import Rows

__all__ = ["DUE_STEPS"]

SILENCE = "silence"
FINAL = (MilestoneStatus.REACHED, MilestoneStatus.DROPPED)


@DUE_STEPS.on(ReviewScheduled)
def review_scheduled(rows: Rows, e: Recorded[ReviewScheduled]) -> None:
    wait_for(rows, e, [Moment("opens", e.event.opens_at), Moment("overdue", e.event.due_at)])


@DUE_STEPS.on(AgreementEnteredIntoForce)
def in_force(rows: Rows, e: Recorded[AgreementEnteredIntoForce]) -> None:
    wait_for(rows, e, e.event.moments)


@DUE_STEPS.on(UnwindingBegun)
def unwinding_begun(rows: Rows, e: Recorded[UnwindingBegun]) -> None:
    """Beside the receipts the exit itself may still wait to take effect; those of an older plan fall away."""
    before = (one for one in waiting(rows, e) if not one.step.startswith(("receipt/", SILENCE)))
    wait_for(rows, e, [*before, *e.event.moments])


@DUE_STEPS.on(ExitClosingAsked)
def closing_asked(rows: Rows, e: Recorded[ExitClosingAsked]) -> None:
    wait_for(rows, e, [*waiting(rows, e), Moment(SILENCE, e.event.stands_at)])


@DUE_STEPS.on(ExitClosingAnswered, ExitClosedOverSilence)
def silence_broken(rows: Rows, e: Recorded[Any]) -> None:
    came(rows, e, SILENCE)


def waiting(rows: Rows, e: Recorded[Any]) -> tuple[Moment, ...]:
    row = rows.get(due_steps, noun=noun_of(e), thing_id=e.id)
    return () if row is None else tuple(MOMENTS.validate_python(row["steps"]))


@DUE_STEPS.on(MilestonePlanned, MilestoneMoved)
def milestone_due(rows: Rows, e: Recorded[MilestonePlanned | MilestoneMoved]) -> None:
    wait_for(rows, e, [Moment("due", e.event.overdue_at)])


@DUE_STEPS.on(CommitmentPromised)
def commitment_due(rows: Rows, e: Recorded[CommitmentPromised]) -> None:
    wait_for(rows, e, [Moment("due", e.event.overdue_at)])


@DUE_STEPS.on(PilotStarted, PilotExtended)
def pilot_due(rows: Rows, e: Recorded[PilotStarted | PilotExtended]) -> None:
    wait_for(rows, e, [Moment("verdict", e.event.verdict_due_at)])


@DUE_STEPS.on(ExitTriggered)
def exit_due(rows: Rows, e: Recorded[ExitTriggered]) -> None:
    cure = [] if e.event.cure_ends_at is None else [Moment("cure", e.event.cure_ends_at)]
    wait_for(rows, e, [*cure, Moment("effect", e.event.effective_at)])


FIRED: dict[type, str] = {
    ReviewOpened: "opens",
    ReviewMissed: "overdue",
    MilestoneMissed: "due",
    PilotVerdictMissed: "verdict",
    CurePeriodEnded: "cure",
    ExitTookEffect: "effect",
}


@DUE_STEPS.on(*FIRED)
def fired(rows: Rows, e: Recorded[Any]) -> None:
    came(rows, e, FIRED[type(e.event)])


@DUE_STEPS.on(AssumptionJudged)
def judged(rows: Rows, e: Recorded[AssumptionJudged]) -> None:
    came(rows, e, f"assumption/{e.event.key}")


@DUE_STEPS.on(DispositionReceipted)
def receipted(rows: Rows, e: Recorded[DispositionReceipted]) -> None:
    """Whoever gives a receipt is not silent any more."""
    came(rows, e, SILENCE)
    if e.event.last:
        came(rows, e, f"receipt/{e.event.key}")


@DUE_STEPS.on(DispositionOverdue)
def receipt_overdue(rows: Rows, e: Recorded[DispositionOverdue]) -> None:
    came(rows, e, f"receipt/{e.event.key}")


@DUE_STEPS.on(MilestoneReported)
def milestone_reported(rows: Rows, e: Recorded[MilestoneReported]) -> None:
    if e.event.status in FINAL:
        over(rows, e)


@DUE_STEPS.on(
    ReviewConcluded,
    ReviewCancelled,
    AgreementSuperseded,
    AgreementTerminated,
    AgreementLapsed,
    CommitmentKept,
    CommitmentMissed,
    PilotConcluded,
    BreachCured,
    ExitWithdrawn,
    ExitCompleted,
)
def over(rows: Rows, e: Recorded[Any]) -> None:
    wait_no_more(rows, e)


@DUE_STEPS.on(StageEntered)
def stage_entered(rows: Rows, e: Recorded[StageEntered]) -> None:
    """Nothing comes due in an alliance that has ended."""
    if e.event.stage is Stage.ENDED:
        for row in rows.where(due_steps):
            rows.remove(due_steps, {"noun": row["noun"], "thing_id": row["thing_id"]})
