"""Signals about how it is run: decisions, meetings, reviews, the governance model, conflicts and the way out."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from decimal import Decimal

from services.metrics.domain.signals.picture import Picture, Rule, Seen, percent, seen
from shared.events.governance import (
    AllianceProposed,
    DecisionApproved,
    DecisionEscalated,
    DecisionRaised,
    DecisionRejected,
    ModelRatified,
)
from shared.events.governance_agreement_terms import AgreementKind
from shared.events.governance_agreements import (
    AgreementCountered,
    AgreementEnteredIntoForce,
    AgreementLapsed,
    AgreementProposed,
    AgreementSuperseded,
    AgreementTerminated,
    AgreementWithdrawn,
    ModelReratified,
)
from shared.events.governance_disputes import DisputeOpened
from shared.events.governance_duties import AllianceAnnounced
from shared.events.governance_meetings import MeetingHeld
from shared.events.governance_plan_terms import ChangeOf, ChangeRequest, Effect
from shared.events.governance_reviews import ReviewCancelled, ReviewConcluded, ReviewMissed
from shared.events.metrics_cycles import PlanningCycleTold
from shared.events.metrics_pulse import PulseClosed, PulseQuestion
from shared.events.metrics_signals import SignalRule
from shared.events.scoring_signing import SummaryShared

HALF_A_YEAR = timedelta(days=182)
DECISIONS_MIN = 5
MONTHS_A_YEAR = 12
AGREEMENT_OVER = (AgreementSuperseded, AgreementWithdrawn, AgreementTerminated, AgreementLapsed)


def announced_unprepared(picture: Picture) -> Seen | None:
    announced = picture.last(AllianceAnnounced)
    if announced is None:
        return None
    before = Picture(
        (one for one in picture.told if one.seq <= announced.seq), at=announced.recorded_at, own=picture.own
    )
    in_force = {one.event.kind for one in before.all(AgreementEnteredIntoForce)}
    lacking = [] if announced.event.kpis else ["KPIs"]
    lacking += [] if AgreementKind.OPERATING_PLAN in in_force else ["plan"]
    lacking += [] if before.last(ModelRatified) else ["governance model"]
    words = f"It was announced without {', '.join(lacking) or 'nothing lacking'}."
    return seen(len(lacking), words, [announced])


def scope_changed_alone(picture: Picture) -> Seen | None:
    latest = {}
    for one in picture.all(AgreementProposed, AgreementCountered):
        if isinstance(one.event.content, ChangeRequest):
            latest[one.stream] = one
    if not latest:
        return None
    gone = {one.stream for one in picture.all(*AGREEMENT_OVER)}
    open_requests = [one for stream, one in latest.items() if stream not in gone]
    undetermined = [
        one
        for one in open_requests
        if one.event.content.change_of is ChangeOf.SCOPE
        and Effect.UNDETERMINED
        in {
            part.effect
            for part in (one.event.content.economics, one.event.content.resources, one.event.content.governance)
        }
    ]
    words = f"{len(undetermined)} changes of scope leave economics, resources or governance open."
    return seen(len(undetermined), words, undetermined)


def decisions_outside_matrix(picture: Picture) -> Seen | None:
    raised = picture.recent(DecisionRaised)
    if not raised:
        return None
    outside = [one for one in raised if one.event.route.outside_matrix]
    return seen(
        len(outside), f"{len(outside)} decisions in 90 days were of types that the matrix does not know.", outside
    )


def decisions_late(picture: Picture) -> Seen | None:
    settled = picture.recent(DecisionApproved, DecisionRejected, within=HALF_A_YEAR)
    if len(settled) < DECISIONS_MIN:
        return None
    late = [one for one in settled if one.event.late]
    share = Decimal(len(late)) / len(settled)
    return seen(share, f"{percent(share)} of the decisions of half a year were late.", late)


def decisions_escalated(picture: Picture) -> Seen | None:
    raised = picture.recent(DecisionRaised, within=HALF_A_YEAR)
    if len(raised) < DECISIONS_MIN:
        return None
    streams = {one.stream for one in raised}
    escalated = {one.stream: one for one in picture.all(DecisionEscalated) if one.stream in streams}
    share = Decimal(len(escalated)) / len(raised)
    return seen(share, f"{percent(share)} of the decisions of half a year were escalated.", escalated.values())


def meetings_without_decisions(picture: Picture) -> Seen | None:
    held = picture.recent(MeetingHeld)
    if not held:
        return None
    count = 0 if picture.recent(DecisionApproved, DecisionRejected) else len(held)
    return seen(count, f"{count} meetings in 90 days, and not one decision.", held)


def governance_model_old(picture: Picture) -> Seen | None:
    ratified = picture.last(ModelRatified, ModelReratified)
    if ratified is None:
        return None
    days = (picture.at - ratified.recorded_at).days
    return seen(days, f"The governance model was ratified {days} days ago.", [ratified])


def conflict_silence(picture: Picture) -> Seen | None:
    """How far trust fell from one pulse to the next, with no dispute opened between; 0 when there was one."""
    trust = defaultdict(list)
    for pulse in picture.all(PulseClosed):
        for result in pulse.event.results:
            for one in result.means:
                if one.question is PulseQuestion.TRUST and result.level is None:
                    trust[result.side].append((one.mean, pulse))
    falls = [(said[-2][0] - said[-1][0], said[-2][1], said[-1][1]) for said in trust.values() if len(said) > 1]
    if not falls:
        return None
    fall, before, after = max(falls, key=lambda one: one[0])
    spoken = [one for one in picture.all(DisputeOpened) if before.recorded_at <= one.recorded_at <= picture.at]
    words = f"Trust fell by {fall} between two pulses, and no conflict was logged."
    return seen(0 if spoken else max(fall, Decimal(0)), words, [before, after])


def review_missed(picture: Picture) -> Seen | None:
    if not picture.all(ReviewMissed, ReviewConcluded):
        return None
    missed = picture.open(ReviewMissed, ReviewConcluded, ReviewCancelled)
    return seen(
        len(missed), f"{len(missed)} reviews, checkpoints or renewals were missed and are still not done.", missed
    )


def no_exit_terms(picture: Picture) -> Seen | None:
    if picture.launched_at is None:
        return None
    in_force = [
        one
        for one in picture.open(AgreementEnteredIntoForce, *AGREEMENT_OVER)
        if one.event.kind is AgreementKind.TERM_SHEET
    ]
    return seen(0 if in_force else 1, "It was launched, and no term sheet in force says how it ends.", in_force)


def planning_cycles_differ(picture: Picture) -> Seen | None:
    told = {one.event.side: one for one in picture.all(PlanningCycleTold) if one.event.side in picture.parties}
    if len(told) < 2:  # noqa: PLR2004 - it takes two to differ
        return None
    months = [one.event.year_begins_month for one in told.values()]
    apart = max(min((a - b) % MONTHS_A_YEAR, (b - a) % MONTHS_A_YEAR) for a in months for b in months)
    return seen(apart, f"The sides' planning years begin {apart} months apart.", told.values())


def mixed_intents(picture: Picture) -> Seen | None:
    told = {one.event.side: one for one in picture.all(AllianceProposed, SummaryShared) if one.event.intent is not None}
    if len(told) < 2:  # noqa: PLR2004 - the same
        return None
    intents = sorted({str(one.event.intent) for one in told.values()})
    return seen(len(intents), f"The sides say {' and '.join(intents)}: they want different things.", told.values())


RULES = (
    Rule(
        rule=SignalRule.ANNOUNCED_UNPREPARED, unit="things lacking", limit=Decimal(0), look=announced_unprepared,
        advice="Agree on plan, owners, KPIs and roadmap before the next public word.",
    ),
    Rule(
        rule=SignalRule.SCOPE_CHANGED_ALONE, unit="change requests", limit=Decimal(0), look=scope_changed_alone,
        advice="Settle economics, resources and governance in the same change request.",
    ),
    Rule(
        rule=SignalRule.DECISIONS_OUTSIDE_MATRIX, unit="decisions", limit=Decimal(2), look=decisions_outside_matrix,
        advice="Add the types that keep coming to the decision matrix.",
    ),
    Rule(
        rule=SignalRule.DECISIONS_LATE, unit="share of decisions", limit=Decimal("0.5"), look=decisions_late,
        advice="Give decisions to those who can take them, or agree on longer times.",
    ),
    Rule(
        rule=SignalRule.DECISIONS_ESCALATED, unit="share of decisions", limit=Decimal("0.5"), look=decisions_escalated,
        advice="Widen what the working level may decide.",
    ),
    Rule(
        rule=SignalRule.MEETINGS_WITHOUT_DECISIONS, unit="meetings", limit=Decimal(5), look=meetings_without_decisions,
        advice="Meet less, or bring decisions: the governance is heavier than the alliance.",
    ),
    Rule(
        rule=SignalRule.GOVERNANCE_MODEL_OLD, unit="days", limit=Decimal(365), look=governance_model_old,
        advice="Ratify the governance model anew.",
    ),
    Rule(
        rule=SignalRule.CONFLICT_SILENCE, unit="points of trust", limit=Decimal("0.5"), look=conflict_silence,
        advice="Ask both sides what they do not say; open the issue that is there.",
    ),
    Rule(
        rule=SignalRule.REVIEW_MISSED, unit="reviews", limit=Decimal(0), look=review_missed,
        advice="Hold the review that was missed; it still can be concluded.",
    ),
    Rule(
        rule=SignalRule.NO_EXIT_TERMS, unit="alliances", limit=Decimal(0), look=no_exit_terms,
        advice="Sign a term sheet that says how it ends.",
    ),
    Rule(
        rule=SignalRule.PLANNING_CYCLES_DIFFER, unit="months", limit=Decimal(2), look=planning_cycles_differ,
        advice="Plan jointly once for both budgets, in the months between.",
    ),
    Rule(
        rule=SignalRule.MIXED_INTENTS, unit="intents", limit=Decimal(1), look=mixed_intents,
        advice="Say what each side is in it for, and write one value thesis.",
    ),
)  # fmt: skip
