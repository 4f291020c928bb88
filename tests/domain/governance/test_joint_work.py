from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.commitment import (
    COMMITMENT,
    ConfirmDelivery,
    ContestDelivery,
    DeliverCommitment,
    PromiseCommitment,
    confirm_delivery,
    contest_delivery,
    deliver_commitment,
    fire_commitment,
    promise_commitment,
)
from services.governance.domain.commitment import ahead as commitment_ahead
from services.governance.domain.counterparts import (
    COUNTERPARTS,
    PairCounterparts,
    PartCounterparts,
    pair_counterparts,
    part_counterparts,
)
from services.governance.domain.milestone import (
    MILESTONE,
    DeliverDeliverable,
    MoveMilestone,
    PlanMilestone,
    ReportMilestone,
    deliver_deliverable,
    fire_milestone,
    milestones_of,
    move_milestone,
    plan_milestone,
    report_milestone,
)
from services.governance.domain.milestone import ahead as milestone_ahead
from services.governance.domain.moment import Due
from services.governance.domain.pilot import (
    PILOT,
    AcceptPilot,
    DeclinePilot,
    GiveVerdict,
    ProposePilot,
    accept_pilot,
    decline_pilot,
    fire_pilot,
    give_verdict,
    propose_pilot,
)
from services.governance.domain.pilot import ahead as pilot_ahead
from services.governance.domain.relationships import Seat, breaks_without, held_by, people
from services.governance.domain.risk import (
    RISK,
    CloseRisk,
    ReassessRisk,
    RegisterRisk,
    close_risk,
    reassess_risk,
    register_risk,
)
from services.governance.domain.track import (
    TRACK,
    CloseTrack,
    OpenTrack,
    ReplanTrack,
    ReportTrackDeliverable,
    close_track,
    depth,
    open_track,
    replan_track,
    report_track_deliverable,
)
from shared.domain import Invalid, Refused
from shared.events.governance_duties import (
    CommitmentConfirmed,
    CommitmentDelivered,
    CommitmentKept,
    CommitmentMissed,
    CommitmentOf,
    CommitmentTerms,
    Level,
    RiskTerms,
)
from shared.events.governance_terms import Member
from shared.events.governance_work import (
    DeliverableStatus,
    Headcount,
    MilestoneMissed,
    MilestoneReported,
    MilestoneStatus,
    PilotConcluded,
    PilotCriterion,
    PilotExtended,
    PilotVerdict,
    PilotVerdictMissed,
    TrackDeliverable,
    TrackKind,
    TrackTerms,
)
from shared.testing.scenario import scenario
from tests.domain.governance import paper
from tests.domain.governance.given import ANA, BEN, CARL, DINA, STRANGER, A, B, utc

AT, LATER = utc("2026-03-02 10:00"), utc("2026-09-01 10:00")
IDS = {"teams": ANA, "win": BEN, "baseline": CARL}


def code(call: Any, *arguments: Any) -> str:
    """The code of the refusal."""
    try:
        call(*arguments)
    except (Refused, Invalid) as refused:
        return refused.code
    raise AssertionError("It was to be refused.")


# Milestones

PLANNED = milestones_of(paper.OPERATING_PLAN, DINA, IDS, (A, B))
BASELINE = scenario(MILESTONE).given(PLANNED[CARL])


def test_a_plan_brings_its_milestones_with_their_days() -> None:
    assert [(one.key, one.due_on, one.quick_win, one.depends_on) for one in PLANNED.values()] == [
        ("teams", date(2026, 4, 1), False, ()),
        ("win", date(2026, 5, 1), True, (ANA,)),
        ("baseline", date(2026, 5, 31), False, ()),
    ]


def test_a_milestone_is_reached_after_all_it_needs() -> None:
    reach = ReportMilestone(AT, A, MilestoneStatus.REACHED)
    BASELINE.when(report_milestone, reach).then_refused("not-delivered")
    BASELINE.when(report_milestone, replace(reach, unreached=("Joint teams",))).then_refused("depends-on-others")
    BASELINE.when(report_milestone, replace(reach, status=MilestoneStatus.PLANNED)).then_refused("said-already")
    BASELINE.when(report_milestone, replace(reach, side=STRANGER)).then_refused("not-a-party")
    delivered = BASELINE.given(*deliver_deliverable(DeliverDeliverable(AT, B, 0), BASELINE.state))
    delivered.when(deliver_deliverable, DeliverDeliverable(AT, B, 0)).then_refused("delivered-already")
    assert code(deliver_deliverable, DeliverDeliverable(AT, B, 1), BASELINE.state) == "no-such-deliverable"
    reported = MilestoneReported(side=A, status=MilestoneStatus.REACHED, late=False)
    delivered.when(report_milestone, reach).then(reported)
    delivered.given(reported).when(report_milestone, reach).then_refused("milestone-over")
    missed = MilestoneMissed(title="KPI baseline", due_on=date(2026, 5, 31), detected_at=LATER)
    delivered.when(report_milestone, replace(reach, at=LATER)).then(missed, replace(reported, late=True))


def test_a_missed_milestone_is_on_record_once() -> None:
    [moment] = milestone_ahead(BASELINE.state)
    missed = MilestoneMissed(title="KPI baseline", due_on=date(2026, 5, 31), detected_at=LATER)
    BASELINE.when(fire_milestone, Due(LATER, moment.step)).then(missed)
    assert milestone_ahead(BASELINE.given(missed).state) == ()
    BASELINE.when(fire_milestone, Due(AT, moment.step)).then_nothing()


def test_a_milestone_moves_by_a_signed_change() -> None:
    move = MoveMilestone(AT, A, date(2026, 7, 31), DINA, change_in_force=False)
    BASELINE.when(move_milestone, move).then_refused("no-change-request")
    allowed = replace(move, change_in_force=True)
    moved = BASELINE.given(*move_milestone(allowed, BASELINE.state))
    moved.when(move_milestone, allowed).then_refused("same-day")
    assert milestone_ahead(moved.state)[0].at == utc("2026-08-01 00:00")


def test_a_milestone_beside_the_plan() -> None:
    terms = PLANNED[ANA]
    plan = PlanMilestone(AT, A, (A, B), terms.key, terms.title, terms.area, terms.due_on, terms.owners)
    scenario(MILESTONE).when(plan_milestone, plan).then(replace(terms, plan=None))
    assert code(plan_milestone, replace(plan, owners=terms.owners[:1]), MILESTONE.empty) == "no-owner-on-a-side"
    assert code(plan_milestone, replace(plan, depends_on=(BEN,)), MILESTONE.empty) == "no-such-milestone"
    assert code(plan_milestone, plan, BASELINE.state) == "milestone-exists"
    assert code(plan_milestone, replace(plan, side=STRANGER), MILESTONE.empty) == "not-a-party"


# Tracks

TERMS = TrackTerms(
    title="Data",
    owners=paper.OWNERS,
    deliverables=(TrackDeliverable("feed", "Feed"), TrackDeliverable("app", "App")),
    headcount=(Headcount(A, Decimal("1.5")),),
    kpis=("on_time",),
)
OPENED = scenario(TRACK).given(*open_track(OpenTrack(AT, A, TrackKind.TECHNICAL, (A, B), TERMS), TRACK.empty))


def test_a_track_keeps_what_was_reached_when_it_is_replanned() -> None:
    use = ReportTrackDeliverable(AT, B, "feed", DeliverableStatus.IN_USE)
    used = OPENED.given(*report_track_deliverable(use, OPENED.state))
    used.when(report_track_deliverable, use).then_refused("said-already")
    assert code(report_track_deliverable, replace(use, key="no"), OPENED.state) == "no-such-deliverable"
    used.when(replan_track, ReplanTrack(AT, A, TERMS)).then_nothing()
    fewer = replace(TERMS, deliverables=TERMS.deliverables[1:])
    assert used.given(*replan_track(ReplanTrack(AT, A, fewer), used.state)).state.reported == {}
    closed = used.given(*close_track(CloseTrack(AT, A), used.state))
    closed.when(report_track_deliverable, use).then_refused("track-closed")
    used.when(close_track, CloseTrack(AT, STRANGER)).then_refused("not-a-party")


@pytest.mark.parametrize(
    ("terms", "refusal"),
    [
        (replace(TERMS, owners=TERMS.owners[:1]), "no-owner-on-a-side"),
        (replace(TERMS, deliverables=TERMS.deliverables * 2), "twice"),
        (replace(TERMS, headcount=TERMS.headcount * 2), "not-a-party"),
    ],
)
def test_tracks_that_do_not_fit(terms: TrackTerms, refusal: str) -> None:
    assert code(open_track, OpenTrack(AT, A, TrackKind.TECHNICAL, (A, B), terms), TRACK.empty) == refusal


@given(st.dictionaries(st.text(max_size=3), st.sampled_from(DeliverableStatus), max_size=9))
def test_depth_is_the_mean_of_how_far_the_deliverables_are(statuses: dict[str, DeliverableStatus]) -> None:
    found = depth(statuses)
    if not statuses:
        assert found is None
        return
    order = list(DeliverableStatus)
    mean = Decimal(sum(order.index(one) for one in statuses.values())) / (3 * len(statuses))
    assert found is not None
    assert abs(found - mean) <= Decimal("0.0001")


# Pilots

CRITERIA = (PilotCriterion("on_time", "On time", paper.ON_TIME),)
PROPOSE = ProposePilot(AT, A, (A, B), "Ithaca", date(2026, 6, 30), CRITERIA)
ASKED = scenario(PILOT).given(*propose_pilot(PROPOSE, PILOT.empty))
RUNNING = ASKED.given(*accept_pilot(AcceptPilot(AT, B), ASKED.state))


def test_a_pilot_is_proposed_and_accepted() -> None:
    assert code(propose_pilot, replace(PROPOSE, ends_on=date(2026, 3, 2)), PILOT.empty) == "ends-in-the-past"
    assert code(propose_pilot, replace(PROPOSE, criteria=()), PILOT.empty) == "criteria"
    assert code(propose_pilot, replace(PROPOSE, side=STRANGER), PILOT.empty) == "not-a-party"
    assert code(propose_pilot, PROPOSE, ASKED.state) == "pilot-exists"
    ASKED.when(accept_pilot, AcceptPilot(AT, A)).then_refused("accepted-already")
    RUNNING.when(decline_pilot, DeclinePilot(AT, B)).then_refused("pilot-answered")
    declined = ASKED.given(*decline_pilot(DeclinePilot(AT, B), ASKED.state))
    declined.when(give_verdict, GiveVerdict(AT, A, PilotVerdict.STOP)).then_refused("pilot-not-running")


def test_a_verdict_stands_once_every_side_gives_it() -> None:
    commit = GiveVerdict(AT, A, PilotVerdict.COMMIT, ("on_time",))
    one = RUNNING.given(*give_verdict(commit, RUNNING.state))
    other = one.when(give_verdict, replace(commit, side=B))
    other.then_includes(PilotConcluded(verdict=PilotVerdict.COMMIT, late=False))
    late = one.when(give_verdict, replace(commit, side=B, at=LATER))
    late.then_includes(PilotVerdictMissed, PilotConcluded(verdict=PilotVerdict.COMMIT, late=True))
    assert code(give_verdict, replace(commit, met=("no",)), RUNNING.state) == "no-such-criterion"
    assert code(give_verdict, replace(commit, until=date(2027, 1, 1)), RUNNING.state) == "until-when"
    assert code(give_verdict, replace(commit, side=STRANGER), RUNNING.state) == "not-a-party"


def test_a_pilot_is_extended_until_the_day_that_every_side_names() -> None:
    until = date(2026, 9, 30)
    extend = GiveVerdict(AT, A, PilotVerdict.EXTEND, until=until)
    one = RUNNING.given(*give_verdict(extend, RUNNING.state))
    other_day = one.when(give_verdict, replace(extend, side=B, until=date(2026, 8, 31)))
    assert not any(isinstance(event, PilotExtended) for event in other_day.events)
    extended = PilotExtended(ends_on=until, verdict_due_at=utc("2026-10-01 00:00"))
    one.when(give_verdict, replace(extend, side=B)).then_includes(extended)
    assert pilot_ahead(one.given(extended).state)[0].at == extended.verdict_due_at
    assert code(give_verdict, replace(extend, until=date(2026, 6, 30)), RUNNING.state) == "until-when"
    missed = PilotVerdictMissed(title="Ithaca", ends_on=date(2026, 6, 30), detected_at=LATER)
    RUNNING.when(fire_pilot, Due(LATER, "verdict")).then(missed)
    ASKED.when(fire_pilot, Due(LATER, "verdict")).then_nothing()


# Commitments

PEOPLE = CommitmentTerms(
    title="Planners",
    of=CommitmentOf.HEADCOUNT,
    amount=Decimal(2),
    unit="people",
    starts_on=date(2026, 3, 1),
    ends_on=date(2026, 6, 30),
)
PROMISE = PromiseCommitment(AT, A, (A, B), PEOPLE)
PROMISED = scenario(COMMITMENT).given(*promise_commitment(PROMISE, COMMITMENT.empty))


def test_promised_delivered_and_confirmed_by_the_other_side() -> None:
    PROMISED.when(deliver_commitment, DeliverCommitment(AT, B, Decimal(1))).then_refused("not-your-promise")
    PROMISED.when(deliver_commitment, DeliverCommitment(AT, A, Decimal(3))).then_refused("amount-out-of-range")
    delivered = PROMISED.given(CommitmentDelivered(side=A, amount=Decimal(2)))
    delivered.when(confirm_delivery, ConfirmDelivery(AT, A, Decimal(2))).then_refused("own-promise")
    delivered.when(confirm_delivery, ConfirmDelivery(AT, STRANGER, Decimal(2))).then_refused("not-a-party")
    delivered.when(confirm_delivery, ConfirmDelivery(AT, B, Decimal(3))).then_refused("amount-out-of-range")
    delivered.when(contest_delivery, ContestDelivery(AT, B, Decimal(2))).then_refused("amount-out-of-range")
    contested = delivered.given(*contest_delivery(ContestDelivery(AT, B, Decimal(1)), delivered.state))
    assert contested.state.confirmed == Decimal(1)
    confirmed = CommitmentConfirmed(side=B, amount=Decimal(2))
    kept = CommitmentKept(title="Planners", late=False)
    contested.when(confirm_delivery, ConfirmDelivery(AT, B, Decimal(2))).then(confirmed, kept)
    over = contested.given(confirmed, kept)
    over.when(deliver_commitment, DeliverCommitment(AT, A, Decimal(2))).then_refused("commitment-kept")
    late = contested.when(confirm_delivery, ConfirmDelivery(LATER, B, Decimal(2)))
    late.then_includes(CommitmentMissed, CommitmentKept(title="Planners", late=True))
    half = delivered.given(CommitmentConfirmed(side=B, amount=Decimal(1)))
    half.when(confirm_delivery, ConfirmDelivery(AT, B, Decimal(1))).then_refused("said-already")


def test_what_cannot_be_promised() -> None:
    assert code(promise_commitment, replace(PROMISE, terms=replace(PEOPLE, amount=Decimal(0))), COMMITMENT.empty) == (
        "nothing-promised"
    )
    backwards = replace(PEOPLE, ends_on=date(2026, 2, 1))
    assert code(promise_commitment, replace(PROMISE, terms=backwards), COMMITMENT.empty) == "ends-before-it-starts"
    assert code(promise_commitment, replace(PROMISE, side=STRANGER), COMMITMENT.empty) == "not-a-party"
    assert code(promise_commitment, PROMISE, PROMISED.state) == "commitment-exists"


def test_a_promise_not_kept_says_what_was_confirmed() -> None:
    missed = CommitmentMissed(
        side=A,
        title="Planners",
        ends_on=date(2026, 6, 30),
        promised=Decimal(2),
        confirmed=Decimal(0),
        detected_at=LATER,
    )
    PROMISED.when(fire_commitment, Due(LATER, "due")).then(missed)
    assert commitment_ahead(PROMISED.given(missed).state) == ()


AMOUNTS = st.sampled_from([Decimal(n) / 2 for n in range(6)])


@given(
    st.lists(
        st.one_of(
            st.builds(lambda s, n: (deliver_commitment, DeliverCommitment(AT, s, n)), st.sampled_from([A, B]), AMOUNTS),
            st.builds(lambda s, n: (confirm_delivery, ConfirmDelivery(AT, s, n)), st.sampled_from([A, B]), AMOUNTS),
            st.builds(lambda s, n: (contest_delivery, ContestDelivery(AT, s, n)), st.sampled_from([A, B]), AMOUNTS),
        ),
        max_size=30,
    )
)
def test_kept_means_promised_delivered_and_confirmed_in_full(moves: list[Any]) -> None:
    state = PROMISED.state
    for decide, command in moves:
        try:
            state = COMMITMENT.replay(decide(command, state), state)
        except Refused:
            continue
    assert state.confirmed <= PEOPLE.amount
    if state.kept:
        assert state.delivered == state.confirmed == PEOPLE.amount


# Risks, counterparts, relationships

PILOTS_SCARCE = RiskTerms(title="Pilots", area="people", likelihood=3, impact=4, mitigation="A course")
REGISTERED = scenario(RISK).given(*register_risk(RegisterRisk(AT, A, (A, B), PILOTS_SCARCE), RISK.empty))


def test_a_risk_is_reassessed_until_it_is_closed() -> None:
    reassess = ReassessRisk(AT, B, (A, B), replace(PILOTS_SCARCE, impact=5))
    REGISTERED.when(reassess_risk, replace(reassess, terms=PILOTS_SCARCE)).then_nothing()
    assert code(reassess_risk, replace(reassess, terms=replace(PILOTS_SCARCE, impact=6)), REGISTERED.state) == (
        "off-the-scale"
    )
    foreign = replace(PILOTS_SCARCE, owner=Member(STRANGER, ANA))
    assert code(register_risk, RegisterRisk(AT, A, (A, B), foreign), RISK.empty) == "not-a-party"
    assert code(register_risk, RegisterRisk(AT, A, (A, B), PILOTS_SCARCE), REGISTERED.state) == "risk-exists"
    closed = REGISTERED.given(*close_risk(CloseRisk(AT, A, occurred=False), REGISTERED.state))
    closed.when(reassess_risk, reassess).then_refused("risk-closed")


def test_counterparts_are_of_different_sides_and_one_is_of_who_names_them() -> None:
    pair = PairCounterparts(AT, A, (A, B, STRANGER), "operations", Level.WORKING, paper.OWNERS)
    paired = scenario(COUNTERPARTS).given(*pair_counterparts(pair, COUNTERPARTS.empty))
    paired.when(pair_counterparts, pair).then_refused("paired-already")
    assert code(pair_counterparts, replace(pair, people=paper.OWNERS[:1]), COUNTERPARTS.empty) == "one-a-side"
    assert code(pair_counterparts, replace(pair, side=STRANGER), COUNTERPARTS.empty) == "nobody-of-your-side"
    paired.when(part_counterparts, PartCounterparts(AT, STRANGER)).then_refused("not-your-pair")
    parted = paired.given(*part_counterparts(PartCounterparts(AT, B), paired.state))
    parted.when(part_counterparts, PartCounterparts(AT, B)).then_refused("parted-already")


def test_what_breaks_is_what_nobody_else_of_the_side_holds() -> None:
    ana, ben, dina = Member(A, ANA), Member(A, BEN), Member(B, DINA)

    def seat(member: Member, kind: str, title: str, key: UUID | str = "k") -> Seat:
        return Seat(member, kind, str(key), title)

    seats = [
        seat(ana, "owner", "alliance manager"),
        seat(ana, "forum", "Steering"),
        seat(ben, "forum", "Steering"),
        seat(dina, "forum", "Steering"),
    ]
    assert people(seats) == (ana, ben, dina)
    assert held_by(ana, seats, "forum") == ("k",)
    assert breaks_without(ana, seats) == ("no alliance manager",)
    assert breaks_without(ben, seats) == ()
    assert breaks_without(dina, seats) == ("no member of this side in the forum Steering",)
