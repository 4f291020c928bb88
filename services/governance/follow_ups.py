"""What one fact brings with it in other things of the same alliance, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID, uuid5

from services.governance.acting import Acting
from services.governance.domain.agreement import (
    AGREEMENT,
    MANY_IN_FORCE,
    Agreement,
    LapseAgreement,
    SupersedeAgreement,
    lapse_agreement,
    supersede_agreement,
)
from services.governance.domain.alliance import ALLIANCE, LeaveAlliance, leave_alliance
from services.governance.domain.decision import DECISION
from services.governance.domain.dispute import DISPUTE, CloseDisputeForPartyLeft, close_dispute_for_party_left
from services.governance.domain.exit import EXIT, RECEIPT, BeginUnwinding, Exit, begin_unwinding
from services.governance.domain.milestone import MILESTONE, milestones_of
from services.governance.domain.moment import day_of, end_of
from services.governance.domain.review import (
    PENDING,
    REVIEW,
    CancelReview,
    cancel_review,
    renewal_review,
    reviews_at_launch,
)
from services.governance.domain.vote import CloseForPartyLeft, close_for_party_left
from services.governance.meeting_plan import cancel_ahead
from services.governance.read_models.agreements import agreements_of, in_force_of
from services.governance.read_models.decisions import decisions_of
from services.governance.read_models.disputes import disputes_of
from services.governance.read_models.exits import running_exit
from services.governance.read_models.reviews import reviews, reviews_of
from services.governance.zones import zones
from shared.events.governance_agreement_terms import AgreementKind, TermSheet
from shared.events.governance_agreements import LapseCause
from shared.events.governance_plan_terms import OperatingPlan, UnwindPlan
from shared.events.governance_reviews import ReviewKind, ReviewScheduled
from shared.events.governance_terms import Moment
from shared.log.log import Loaded


def entered_into_force(acting: Acting, agreement: Loaded[Agreement]) -> None:
    """The older of its kind is superseded; a plan brings milestones, a term sheet its renewal, an unwind plan duties.

    The append before this holds the ledger's writers, so that no two come into force unseen by one another.
    """
    alliance_id, state = agreement.ledger_id, agreement.state
    if state.kind not in MANY_IN_FORCE:
        for row in acting.connection.execute(in_force_of(alliance_id)).all():
            if row.kind == state.kind and row.id != agreement.id:
                older = acting.load(AGREEMENT, alliance_id, row.id)
                by = SupersedeAgreement(at=acting.at, by=agreement.id)
                acting.append(AGREEMENT, older, supersede_agreement(by, older.state))
    match state.content:
        case OperatingPlan():
            plan_milestones(acting, agreement, state.content)
        case TermSheet():
            schedule_renewal(acting, agreement, state.content)
        case UnwindPlan():
            unwind(acting, agreement, state.content)


def plan_milestones(acting: Acting, plan: Loaded[Agreement], content: OperatingPlan) -> None:
    ids = {one.key: uuid5(plan.id, one.key) for one in content.milestones}
    planned = milestones_of(content, plan.id, ids, plan.state.parties, zones(acting.connection, plan.ledger_id))
    for milestone_id, event in planned.items():
        acting.create(MILESTONE, plan.ledger_id, milestone_id, [event])


def schedule_renewal(acting: Acting, term_sheet: Loaded[Agreement], content: TermSheet) -> None:
    """One that is pending for an older term sheet is cancelled: its dates are no longer those agreed."""
    alliance_id = term_sheet.ledger_id
    rows = acting.connection.execute(reviews_of(alliance_id).where(reviews.c.kind == ReviewKind.RENEWAL)).all()
    for row in rows:
        older = acting.load(REVIEW, alliance_id, row.id)
        acting.append(REVIEW, older, cancel_review(CancelReview(acting.at), older.state))
    where = zones(acting.connection, alliance_id)
    renewal = renewal_review(content, term_sheet.id, len(rows) + 1, term_sheet.state.parties, where)
    acting.create(REVIEW, alliance_id, acting.new_id(), [renewal])


def schedule_launch_reviews(acting: Acting, alliance_id: UUID, parties: tuple[UUID, ...]) -> None:
    where = zones(acting.connection, alliance_id)
    schedule(acting, alliance_id, reviews_at_launch(day_of(acting.at), parties, where))


def schedule(acting: Acting, alliance_id: UUID, scheduled: Sequence[ReviewScheduled]) -> None:
    for event in scheduled:
        acting.create(REVIEW, alliance_id, acting.new_id(), [event])


def unwind(acting: Acting, plan: Loaded[Agreement], content: UnwindPlan) -> None:
    row = acting.connection.execute(running_exit(plan.ledger_id)).first()
    assert row is not None, "an unwind plan is signed while an exit runs"
    held = acting.load(EXIT, plan.ledger_id, row.id)
    where = zones(acting.connection, plan.ledger_id)
    command = BeginUnwinding(
        at=acting.at,
        unwind_plan=plan.id,
        dispositions=content.dispositions,
        moments=tuple(Moment(f"{RECEIPT}{one.key}", end_of(one.due_on, where)) for one in content.dispositions),
    )
    after = acting.append(EXIT, held, begin_unwinding(command, held.state))
    exit_moved_on(acting, after)


def exit_moved_on(acting: Acting, exit_: Loaded[Exit]) -> None:
    """A completed exit of some parties makes them leave, each after what it leaves open is closed."""
    alliance = acting.load(ALLIANCE, exit_.ledger_id, exit_.ledger_id)
    if exit_.state.status != "completed" or set(exit_.state.leaving) >= set(alliance.state.parties):
        return
    for party in exit_.state.leaving:
        close_decisions(acting, exit_.ledger_id, party)
        lapse_agreements(acting, exit_.ledger_id, LapseCause.PARTY_LEFT, ("proposed",))
        command = LeaveAlliance(at=acting.at, party=party, exit=exit_.id)
        alliance = acting.append(ALLIANCE, alliance, leave_alliance(command, alliance.state))
        acting.connection.exec_driver_sql("SELECT log.end_readership(%s, %s)", (exit_.ledger_id, party))


def alliance_ended(acting: Acting, alliance_id: UUID, parties: tuple[UUID, ...]) -> None:
    """Nothing is left open: decisions are closed, reviews cancelled, agreements lapse; all of it stays readable."""
    close_decisions(acting, alliance_id, parties[0])
    cancel_ahead(acting, alliance_id)
    for row in acting.connection.execute(reviews_of(alliance_id)).all():
        if row.status in PENDING:
            held = acting.load(REVIEW, alliance_id, row.id)
            acting.append(REVIEW, held, cancel_review(CancelReview(acting.at), held.state))
    lapse_agreements(acting, alliance_id, LapseCause.ALLIANCE_ENDED, ("proposed", "in_force"))


def close_decisions(acting: Acting, alliance_id: UUID, left: UUID) -> None:
    """Decisions that are open, and disputes with them, are closed by a party that leaves."""
    for row in acting.connection.execute(decisions_of(alliance_id, "open")).all():
        held = acting.load(DECISION, alliance_id, row.id)
        command = CloseForPartyLeft(at=acting.at, left=left)
        acting.append(DECISION, held, close_for_party_left(command, held.state))
    for row in acting.connection.execute(disputes_of(alliance_id, "open")).all():
        dispute = acting.load(DISPUTE, alliance_id, row.id)
        closing = CloseDisputeForPartyLeft(at=acting.at, left=left)
        acting.append(DISPUTE, dispute, close_dispute_for_party_left(closing, dispute.state))


def lapse_agreements(acting: Acting, alliance_id: UUID, cause: LapseCause, statuses: tuple[str, ...]) -> None:
    for status in statuses:
        for row in acting.connection.execute(agreements_of(alliance_id, status=status)).all():
            if row.kind == AgreementKind.UNWIND_PLAN and cause is LapseCause.ALLIANCE_ENDED:
                continue
            held = acting.load(AGREEMENT, alliance_id, row.id)
            acting.append(AGREEMENT, held, lapse_agreement(LapseAgreement(acting.at, cause), held.state))
