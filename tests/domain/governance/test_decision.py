from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.governance.domain import clock as clocks
from services.governance.domain.calendar import calendars_of
from services.governance.domain.clock import Clock, Pause
from services.governance.domain.decision import DECISION, Decision, DecisionStatus
from services.governance.domain.escalation import (
    AcknowledgeEscalation,
    FireStep,
    acknowledge_escalation,
    fire_step,
)
from services.governance.domain.pause import (
    ConsentToPause,
    RequestPause,
    ResumeClock,
    consent_to_pause,
    request_pause,
    resume_clock,
)
from services.governance.domain.rebaseline import (
    AgreeRebaseline,
    ProposeRebaseline,
    agree_rebaseline,
    propose_rebaseline,
)
from services.governance.domain.route import (
    RaiseDecision,
    ReopenDecision,
    ResubmitDecision,
    raise_decision,
    reopen_decision,
    resubmit_decision,
)
from services.governance.domain.starter import COUNCIL, STEERING, starter_model
from services.governance.domain.vote import (
    AssignDecision,
    CastVote,
    CloseForPartyLeft,
    GiveInformation,
    WithdrawDecision,
    assign_decision,
    cast_vote,
    close_for_party_left,
    give_information,
    withdraw_decision,
)
from shared.domain import Event, Invalid, Refused
from shared.events.governance import (
    ClockBreached,
    ClockPaused,
    ClockResumed,
    ClockStarted,
    ClockWarned,
    CourtPassed,
    DecisionApproved,
    DecisionEscalated,
    DecisionLapsed,
    DecisionRaised,
    DecisionRejected,
    DecisionReopened,
    DecisionWithdrawn,
    EscalationAcknowledged,
    InformationGiven,
    PauseRequested,
    VoteCast,
)
from shared.events.governance_clocks import DecisionResubmitted
from shared.events.governance_terms import (
    CalendarSetting,
    Choice,
    ClockTerms,
    GovernanceContent,
    Joint,
    Member,
    Owner,
    Rung,
    Step,
    StepKind,
)
from shared.testing.scenario import Scenario, scenario
from tests.domain.governance.given import ANA, BEN, CARL, DINA, STRANGER, A, B, business_days, local, terms

MODEL_ID = STRANGER
AT = local("2026-03-02 10:00")
DUE = local("2026-03-09 17:00")
LADDER = (Rung(COUNCIL, business_days(2)), Rung(STEERING))


def model(**row: object) -> GovernanceContent:
    """The starter with people in its upper forums; the first row is a joint decision within 5 business days."""
    starter = starter_model((A, B), [terms(A), terms(B)])
    members = {COUNCIL: (Member(A, ANA), Member(B, BEN)), STEERING: (Member(A, ANA), Member(B, DINA))}
    forums = tuple(replace(forum, members=members.get(forum.key, ())) for forum in starter.forums)
    first = {"owner": Owner(("legal",)), "sla": business_days(5), "escalates_to": LADDER, **row}
    rows = (replace(starter.decision_rights[0], **first), *starter.decision_rights[1:])  # type: ignore[arg-type]
    return replace(starter, forums=forums, decision_rights=rows)


RAISE = RaiseDecision(AT, A, "roadmap_change", (A, B), MODEL_ID, model(), subject="Move the launch")


def raised(command: RaiseDecision = RAISE) -> Scenario[Decision]:
    return scenario(DECISION).given(*raise_decision(command, DECISION.empty))


def vote(side: UUID, choice: Choice = Choice.APPROVE, at: str = "2026-03-03 10:00", *roles: str) -> CastVote:
    return CastVote(local(at), side, CARL, roles or ("legal",), choice)


def voted(side: UUID, choice: Choice = Choice.APPROVE) -> VoteCast:
    return VoteCast(side=side, choice=choice)


def fire(key: str, at: str, rung: int = 0, cycle: int = 1) -> FireStep:
    return FireStep(local(at), cycle, rung, key)


def breached(
    rung: int = 0, due: str = "2026-03-09 17:00", found: str = "2026-03-09 17:00", *, last: bool = False
) -> Event:
    return ClockBreached(cycle=1, rung=rung, due_at=local(due), detected_at=local(found), last=last)


def started(rung: int, forum: str, at: datetime, days: int, due: str, cycle: int = 1) -> ClockStarted:
    """The start of a clock of both sides, with the steps that its terms give."""
    clock, sla = both_sides(at, days), business_days(days)
    steps = clocks.steps(clock, CALENDARS)
    return ClockStarted(cycle=cycle, rung=rung, forum=forum, started_at=at, sla=sla, due_at=local(due), steps=steps)


def both_sides(at: datetime, days: int, *pauses: Pause) -> Clock:
    return Clock(at, business_days(days), (A, B), warning_shares=(75, 90), pauses=pauses)


CALENDARS = calendars_of([terms(A), terms(B)])
APPROVED = DecisionApproved(settled_at=local("2026-03-03 10:00"), late=False)
TO_COUNCIL = DecisionEscalated(cycle=1, rung=1, forum=COUNCIL, skipped=(), told=(ANA, BEN))
COUNCIL_CLOCK = started(1, COUNCIL, local("2026-03-09 17:00"), 2, "2026-03-12 17:00")
ESCALATED = (breached(), TO_COUNCIL, COUNCIL_CLOCK)

# --- Raising ---------------------------------------------------------------------------------------------------------


def test_raising_pins_the_row_and_starts_the_clock() -> None:
    outcome = scenario(DECISION).when(raise_decision, RAISE)
    outcome.then_includes(started(0, COUNCIL, AT, 5, "2026-03-09 17:00"))
    event = outcome.events[0]
    assert isinstance(event, DecisionRaised)
    assert (event.side, event.type, event.raised_at, event.subject) == (A, "roadmap_change", AT, "Move the launch")
    assert (event.route.model_id, event.route.joint, event.route.sides) == (MODEL_ID, True, (A, B))
    assert (event.route.ladder, event.route.calendars) == (LADDER, model().calendars)
    assert [forum.key for forum in event.route.forums] == [STEERING, COUNCIL]


def test_the_start_of_a_clock_says_all_moments_at_which_it_must_act() -> None:
    """47 working hours, 7 of them on the day of the start: 75 % are 35:15 h, 90 % are 42:18 h."""
    start = raise_decision(RAISE, DECISION.empty)[1]
    assert [(step.key, step.at) for step in start.steps] == [
        (f"warning/75/{A}", local("2026-03-06 13:15")),
        (f"warning/75/{B}", local("2026-03-06 13:15")),
        (f"warning/90/{A}", local("2026-03-09 12:18")),
        (f"warning/90/{B}", local("2026-03-09 12:18")),
        ("breach", DUE),
    ]


def test_warnings_given_stay_given_when_a_pause_moves_what_is_left() -> None:
    first = next(step for step in raised().state.steps_ahead if step.kind is StepKind.WARNING)
    warned = ClockWarned(cycle=1, rung=0, side=A, share=75, scheduled_at=first.at)
    asked = raised().given(warned, ASKED)
    requested = asked.given(replace(REQUESTED, until=local("2026-03-09 10:00")))
    paused = requested.when(consent_to_pause, ConsentToPause(local("2026-03-06 13:30"), B)).events
    assert [step.key for step in paused[0].steps] == [f"warning/75/{B}", f"resumption/{B}"]
    again = requested.given(*paused).when(resume_clock, ResumeClock(local("2026-03-06 14:00"), A, B)).events
    assert [step.key for step in again[0].steps] == [
        f"warning/75/{B}",
        f"warning/90/{A}",
        f"warning/90/{B}",
        "breach",
    ]


def test_a_raised_decision_answers_for_itself() -> None:
    state = raised().state
    assert (state.status, state.due_at, state.original_due_at, state.rung, state.court) == (
        DecisionStatus.OPEN,
        DUE,
        DUE,
        0,
        (A, B),
    )


def test_it_is_raised_once_and_by_a_party() -> None:
    raised().when(raise_decision, RAISE).then_refused("decision-exists")
    scenario(DECISION).when(raise_decision, replace(RAISE, side=STRANGER)).then_refused("not-a-party")
    with pytest.raises(Invalid, match="/owner_side"):
        raise_decision(replace(RAISE, owner_side=STRANGER), DECISION.empty)


def test_what_is_sometimes_joint_comes_with_its_evaluation() -> None:
    sometimes = replace(RAISE, type="delivery_trade_off")
    with pytest.raises(Invalid) as invalid:
        raise_decision(sometimes, DECISION.empty)
    assert invalid.value.code == "value-missing"
    alone = raised(replace(sometimes, values={"affects_other_side": "false"})).state.route
    assert (alone.sides, alone.evaluated) == ((A,), {"affects_other_side": "false"})
    assert raised(replace(sometimes, values={"affects_other_side": "true"})).state.route.sides == (A, B)


def test_a_type_outside_the_matrix_is_recorded_as_such_and_decided_by_both_without_a_clock() -> None:
    outside = raised(replace(RAISE, type="office_party"))
    assert (outside.state.route.outside_matrix, outside.state.clock, outside.state.steps_ahead) == (True, None, ())
    outside.when(cast_vote, vote(A)).then_refused("no-right-to-decide")
    manager = vote(B, Choice.APPROVE, "2026-03-03 10:00", "alliance_manager")
    outside.given(voted(A)).when(cast_vote, manager).then(voted(B), APPROVED)
    assert raised(replace(RAISE, model=None, model_id=None)).state.route.outside_matrix


# --- Voting ----------------------------------------------------------------------------------------------------------


def test_both_sides_must_approve_a_joint_decision() -> None:
    raised().when(cast_vote, vote(A)).then(voted(A), CourtPassed(sides=(B,), since=local("2026-03-03 10:00")))
    raised().given(voted(A)).when(cast_vote, vote(B)).then(voted(B), APPROVED)


def test_one_rejection_rejects() -> None:
    rejected = DecisionRejected(settled_at=local("2026-03-03 10:00"), late=False)
    raised().given(voted(A)).when(cast_vote, vote(B, Choice.REJECT)).then(voted(B, Choice.REJECT), rejected)


def test_an_abstention_is_no_approval() -> None:
    abstained = voted(A, Choice.ABSTAIN)
    raised().when(cast_vote, vote(A, Choice.ABSTAIN)).then(abstained)
    assert raised().given(abstained, voted(B)).state.open


def test_a_side_may_change_its_vote_while_it_is_open() -> None:
    raised().given(voted(A, Choice.ABSTAIN), voted(B)).when(cast_vote, vote(A)).then(voted(A), APPROVED)
    raised().given(voted(A)).when(cast_vote, vote(A)).then_refused("voted-already")


def test_the_owning_side_decides_what_is_not_joint() -> None:
    alone = raised(replace(RAISE, model=model(joint=Joint.NO, owner=Owner(("legal",), side=B))))
    alone.when(cast_vote, vote(A)).then_refused("no-right-to-decide")
    alone.when(cast_vote, vote(B)).then(voted(B), APPROVED)


def test_who_may_vote() -> None:
    raised().when(cast_vote, vote(STRANGER)).then_refused("not-a-party")
    raised().when(cast_vote, vote(A, Choice.APPROVE, "2026-03-03 10:00", "observer")).then_refused("no-right-to-decide")
    scenario(DECISION).when(cast_vote, vote(A)).then_refused("no-decision")
    raised().given(voted(A), voted(B), APPROVED).when(cast_vote, vote(A)).then_refused("decision-settled")


def test_whom_a_side_named_as_owner_decides_for_it_and_for_no_other() -> None:
    owner = replace(vote(A), roles=(), named_owner=True)
    raised().when(cast_vote, owner).then_includes(voted(A))
    alone = raised(replace(RAISE, model=model(joint=Joint.NO, owner=Owner(("legal",), side=B))))
    alone.when(cast_vote, owner).then_refused("no-right-to-decide")


def test_a_refusal_says_who_decides() -> None:
    with pytest.raises(Refused, match="decided by the legal"):
        cast_vote(vote(A, Choice.APPROVE, "2026-03-03 10:00", "observer"), raised().state)
    council = raised(replace(RAISE, model=model(owner=Owner(forum=COUNCIL)))).state
    with pytest.raises(Refused, match="decided by the Operational council"):
        cast_vote(vote(A), council)


def test_members_decide_for_a_forum_and_of_their_own_side_alone() -> None:
    council = raised(replace(RAISE, model=model(owner=Owner(forum=COUNCIL))))
    by_ana = replace(vote(A), person_id=ANA, roles=())
    council.when(cast_vote, by_ana).then_includes(voted(A))
    council.when(cast_vote, replace(by_ana, side=B)).then_refused("no-right-to-decide")
    council.when(cast_vote, vote(A)).then_refused("no-right-to-decide")


def test_owners_of_the_alliance_stand_in_for_a_forum_without_members() -> None:
    empty = replace(RAISE, model=model(owner=Owner(forum="working_team")))
    manager = vote(A, Choice.APPROVE, "2026-03-03 10:00", "alliance_manager")
    raised(empty).when(cast_vote, manager).then_includes(voted(A))
    raised(empty).when(cast_vote, vote(A)).then_refused("no-right-to-decide")


def test_members_of_a_forum_it_was_escalated_to_may_decide() -> None:
    by_ben = replace(vote(B, Choice.REJECT, "2026-03-10 10:00"), person_id=BEN, roles=())
    raised().when(cast_vote, by_ben).then_refused("no-right-to-decide")
    raised().given(*ESCALATED).when(cast_vote, by_ben).then_includes(DecisionRejected)


def test_who_asks_passes_the_ball_and_the_answer_passes_it_back() -> None:
    asked = voted(A, Choice.ASK_FOR_INFORMATION)
    passed = CourtPassed(sides=(B,), since=local("2026-03-03 10:00"))
    raised().when(cast_vote, vote(A, Choice.ASK_FOR_INFORMATION)).then(asked, passed)
    answer = GiveInformation(local("2026-03-04 10:00"), B, "It is 12.")
    back = CourtPassed(sides=(A, B), since=local("2026-03-04 10:00"))
    told = InformationGiven(side=B, answer="It is 12.")
    raised().given(asked, passed).when(give_information, answer).then(told, back)
    raised().given(asked, passed).when(give_information, replace(answer, side=A)).then_refused("nothing-asked")
    state = raised().given(asked, passed, told, back).state
    assert state.votes == {}
    assert [(phase.sides, phase.until) for phase in state.phases] == [
        ((A, B), local("2026-03-03 10:00")),
        ((B,), local("2026-03-04 10:00")),
        ((A, B), None),
    ]


def test_the_side_that_raised_it_may_withdraw_and_resubmit_it() -> None:
    at = local("2026-03-04 10:00")
    withdrawn = DecisionWithdrawn(side=A, settled_at=at)
    raised().when(withdraw_decision, WithdrawDecision(at, A)).then(withdrawn)
    raised().when(withdraw_decision, WithdrawDecision(at, B)).then_refused("not-yours")
    raised().when(resubmit_decision, ResubmitDecision(at, A)).then_refused("not-withdrawn")
    back = raised().given(voted(A), withdrawn)
    back.when(resubmit_decision, ResubmitDecision(at, B)).then_refused("not-yours")
    back.when(reopen_decision, ReopenDecision(at, A)).then_refused("not-settled")
    back.when(resubmit_decision, ResubmitDecision(at, A, context="The certificate has come.")).then(
        DecisionResubmitted(side=A, cycle=2, resubmitted_at=at, context="The certificate has come."),
        started(0, COUNCIL, at, 5, "2026-03-11 17:00", cycle=2),
    )


def test_any_side_may_reopen_what_was_decided() -> None:
    at = local("2026-03-04 10:00")
    raised().when(reopen_decision, ReopenDecision(at, B)).then_refused("not-settled")
    again = raised().given(*ESCALATED, voted(A), voted(B), APPROVED)
    outcome = again.when(reopen_decision, ReopenDecision(at, B))
    outcome.then(
        DecisionReopened(side=B, cycle=2, reopened_at=at),
        started(0, COUNCIL, at, 5, "2026-03-11 17:00", cycle=2),
    )
    state = again.given(*outcome.events).state
    assert (state.open, state.votes, state.breaches, state.rung) == (True, {}, (breached(),), 0)
    assert not state.is_late(at)


def test_a_party_that_leaves_closes_what_is_open() -> None:
    left = CloseForPartyLeft(local("2026-03-04 10:00"), B)
    lapsed = DecisionLapsed(left=B, settled_at=local("2026-03-04 10:00"))
    raised().when(close_for_party_left, left).then(lapsed)
    raised().given(voted(A), voted(B), APPROVED).when(close_for_party_left, left).then_nothing()
    raised().given(lapsed).when(reopen_decision, ReopenDecision(AT, A)).then_refused("not-settled")


# --- The clock -------------------------------------------------------------------------------------------------------


def test_a_warning_fires_once_and_not_early() -> None:
    first = next(step for step in raised().state.steps_ahead if step.kind is StepKind.WARNING)
    command = FireStep(first.at, 1, 0, first.key)
    warned = ClockWarned(cycle=1, rung=0, side=A, share=75, scheduled_at=first.at)
    raised().when(fire_step, command).then(warned)
    raised().given(warned).when(fire_step, command).then_nothing()
    raised().when(fire_step, replace(command, at=first.at - timedelta(seconds=1))).then_nothing()
    raised().when(fire_step, replace(command, key="warning/1")).then_nothing()


def test_a_breach_is_recorded_and_goes_up_the_ladder() -> None:
    raised().when(fire_step, fire("breach", "2026-03-09 17:00")).then(*ESCALATED)
    state = raised().given(*ESCALATED).state
    assert (state.open, state.rung, state.due_at, state.original_due_at) == (True, 1, COUNCIL_CLOCK.due_at, DUE)


def test_firing_what_has_fired_gives_nothing() -> None:
    raised().given(*ESCALATED).when(fire_step, fire("breach", "2026-03-09 17:00")).then_nothing()
    raised().when(fire_step, fire("breach", "2026-03-09 16:59")).then_nothing()


def test_after_downtime_a_breach_says_when_it_was_due_and_when_it_was_found() -> None:
    found = fire("breach", "2026-03-20 10:00")
    raised().when(fire_step, found).then_includes(
        breached(found="2026-03-20 10:00"),
        started(1, COUNCIL, local("2026-03-20 10:00"), 2, "2026-03-24 17:00"),
    )


def test_the_last_rungs_breach_is_recorded() -> None:
    to_steering = DecisionEscalated(cycle=1, rung=2, forum=STEERING, skipped=(), told=(DINA,))
    last_clock = started(2, STEERING, local("2026-03-12 17:00"), 5, "2026-03-20 17:00")
    second = breached(1, "2026-03-12 17:00", "2026-03-12 17:00")
    council = raised().given(*ESCALATED)
    council.when(fire_step, fire("breach", "2026-03-12 17:00", 1)).then(second, to_steering, last_clock)
    steering = council.given(second, to_steering, last_clock)
    last = breached(2, "2026-03-20 17:00", "2026-03-20 17:00", last=True)
    steering.when(fire_step, fire("breach", "2026-03-20 17:00", 2)).then(last)
    ended = steering.given(last)
    ended.when(fire_step, fire("breach", "2026-03-20 17:00", 2)).then_nothing()
    assert (ended.state.open, ended.state.steps_ahead) == (True, ())


def test_a_forum_without_members_is_skipped() -> None:
    ladder = (Rung("working_team"), Rung(COUNCIL, business_days(2)))
    skipping = raised(replace(RAISE, model=model(escalates_to=ladder)))
    skipping.when(fire_step, fire("breach", "2026-03-09 17:00")).then(
        breached(), replace(TO_COUNCIL, rung=2, skipped=("working_team",)), replace(COUNCIL_CLOCK, rung=2)
    )
    nobody = raised(replace(RAISE, model=model(escalates_to=ladder[:1])))
    nobody.when(fire_step, fire("breach", "2026-03-09 17:00")).then(breached(last=True))


def test_acknowledging_stops_the_ladder_and_not_the_clock() -> None:
    acknowledged = EscalationAcknowledged(side=B, rung=1)
    council = raised().given(*ESCALATED)
    council.when(acknowledge_escalation, AcknowledgeEscalation(AT, B)).then(acknowledged)
    raised().when(acknowledge_escalation, AcknowledgeEscalation(AT, B)).then_refused("nothing-escalated")
    stopped = council.given(acknowledged)
    stopped.when(acknowledge_escalation, AcknowledgeEscalation(AT, B)).then_nothing()
    second = breached(1, "2026-03-12 17:00", "2026-03-12 17:00")
    stopped.when(fire_step, fire("breach", "2026-03-12 17:00", 1)).then(second)


def test_approved_at_the_due_moment_is_in_time_and_no_breach_follows() -> None:
    in_time = DecisionApproved(settled_at=DUE, late=False)
    raised().given(voted(A)).when(cast_vote, vote(B, Choice.APPROVE, "2026-03-09 17:00")).then(voted(B), in_time)
    settled = raised().given(voted(A), voted(B), in_time)
    settled.when(fire_step, fire("breach", "2026-03-09 17:00")).then_nothing()


def test_approved_after_the_breach_is_late() -> None:
    after = raised().given(*ESCALATED, voted(A))
    at = local("2026-03-10 10:00")
    after.when(cast_vote, vote(B, Choice.APPROVE, "2026-03-10 10:00")).then(
        voted(B), DecisionApproved(settled_at=at, late=True)
    )
    assert after.given(voted(B), DecisionApproved(settled_at=at, late=True)).state.late


def test_a_breach_that_nobody_noticed_is_recorded_by_the_late_vote() -> None:
    raised().given(voted(A)).when(cast_vote, vote(B, Choice.APPROVE, "2026-03-10 10:00")).then(
        voted(B),
        breached(found="2026-03-10 10:00"),
        DecisionApproved(settled_at=local("2026-03-10 10:00"), late=True),
    )


def test_a_late_vote_records_no_breach_twice() -> None:
    one_rung = raised(replace(RAISE, model=model(escalates_to=()))).given(breached(last=True), voted(A))
    one_rung.when(cast_vote, vote(B, Choice.APPROVE, "2026-03-10 10:00")).then(
        voted(B), DecisionApproved(settled_at=local("2026-03-10 10:00"), late=True)
    )


# --- Pauses ----------------------------------------------------------------------------------------------------------

ASKED = voted(A, Choice.ASK_FOR_INFORMATION)
UNTIL = local("2026-03-06 10:00")
REQUEST = RequestPause(local("2026-03-03 11:00"), A, B, UNTIL, "the forecast")
REQUESTED = PauseRequested(side=A, waiting_for=B, until=UNTIL, reason="the forecast")
PAUSED = ClockPaused(
    waiting_for=B,
    since=local("2026-03-03 12:00"),
    until=UNTIL,
    steps=(Step(StepKind.RESUMPTION, UNTIL, side=B),),
)
HELD = raised().given(ASKED, REQUESTED, PAUSED)


def resumed(at: str, due: str, *, automatic: bool = False) -> ClockResumed:
    pause = Pause(B, PAUSED.since, UNTIL, ended_at=local(at))
    return ClockResumed(
        waiting_for=B,
        resumed_at=local(at),
        due_at=local(due),
        automatic=automatic,
        steps=clocks.steps(both_sides(AT, 5, pause), CALENDARS),
    )


def test_a_pause_needs_a_question_a_reason_and_a_cap() -> None:
    raised().given(ASKED).when(request_pause, REQUEST).then(REQUESTED)
    longest = replace(REQUEST, until=REQUEST.at + timedelta(days=90))
    raised().given(ASKED).when(request_pause, longest).then(replace(REQUESTED, until=longest.until))
    raised().when(request_pause, REQUEST).then_refused("no-information-asked")
    raised().given(ASKED).when(request_pause, replace(REQUEST, waiting_for=A)).then_refused("no-information-asked")
    for pointer, change in (
        ("/reason", {"reason": " "}),
        ("/until", {"until": REQUEST.at}),
        ("/until", {"until": REQUEST.at + timedelta(days=91)}),
    ):
        with pytest.raises(Invalid, match=pointer):
            raised().given(ASKED).when(request_pause, replace(REQUEST, **change))


def test_a_clock_that_ran_out_or_never_ran_is_not_paused() -> None:
    late = replace(REQUEST, at=DUE, until=DUE + timedelta(days=1))
    raised().given(ASKED).when(request_pause, late).then_refused("clock-ran-out")
    outside = raised(replace(RAISE, type="office_party"))
    outside.given(ASKED).when(request_pause, REQUEST).then_refused("no-clock")


def test_only_the_side_that_owes_the_information_starts_the_pause() -> None:
    requested = raised().given(ASKED, REQUESTED)
    consent = ConsentToPause(local("2026-03-03 12:00"), B)
    requested.when(consent_to_pause, consent).then(PAUSED)
    requested.when(consent_to_pause, replace(consent, side=A)).then_refused("no-pause-requested")
    requested.when(consent_to_pause, replace(consent, at=UNTIL)).then_refused("no-pause-requested")
    HELD.when(consent_to_pause, consent).then_refused("no-pause-requested")
    HELD.given(REQUESTED).when(consent_to_pause, consent).then_refused("paused-already")


def test_a_paused_clock_is_not_due_and_the_ball_is_with_who_owes() -> None:
    assert HELD.state.due_at is None
    assert (HELD.state.phases[-1].sides, HELD.state.phases[-1].paused) == ((B,), True)
    assert [step.key for step in HELD.state.steps_ahead] == [f"resumption/{B}"]
    HELD.when(fire_step, fire("breach", "2026-03-30 10:00")).then_nothing()


def test_either_side_ends_a_pause() -> None:
    HELD.when(resume_clock, ResumeClock(local("2026-03-03 14:00"), A, B)).then(
        resumed("2026-03-03 14:00", "2026-03-10 11:00")
    )
    raised().when(resume_clock, ResumeClock(AT, A, B)).then_refused("not-paused")
    HELD.when(resume_clock, ResumeClock(local("2026-03-03 14:00"), A, A)).then_refused("not-paused")


def test_the_answer_ends_the_pause() -> None:
    HELD.when(give_information, GiveInformation(local("2026-03-03 14:00"), B)).then_includes(
        resumed("2026-03-03 14:00", "2026-03-10 11:00")
    )


def test_a_pause_ends_at_its_cap_whenever_that_is_noticed() -> None:
    at_cap = resumed("2026-03-06 10:00", "2026-03-12 15:00", automatic=True)
    HELD.when(fire_step, fire(f"resumption/{B}", "2026-03-06 10:00")).then(at_cap)
    HELD.when(fire_step, fire(f"resumption/{B}", "2026-03-20 10:00")).then(at_cap)
    HELD.when(resume_clock, ResumeClock(local("2026-03-20 10:00"), A, B)).then(at_cap)
    HELD.given(at_cap).when(fire_step, fire(f"resumption/{B}", "2026-03-06 10:00")).then_nothing()
    assert HELD.given(at_cap).state.due_at == local("2026-03-12 15:00")


def test_a_resumption_past_the_end_of_the_alliance_never_comes() -> None:
    ended = HELD.given(DecisionLapsed(left=B, settled_at=local("2026-03-05 10:00")))
    assert (ended.state.steps_ahead, ended.state.due_at) == ((), None)
    ended.when(fire_step, fire(f"resumption/{B}", "2026-03-06 10:00")).then_nothing()
    ended.when(fire_step, fire("breach", "2026-04-30 10:00")).then_nothing()
    ended.when(resume_clock, ResumeClock(local("2026-03-06 10:00"), A, B)).then_refused("decision-settled")
    assert ended.state.phases[-1].until == local("2026-03-05 10:00")


def test_a_pause_that_ended_unnoticed_hides_no_breach() -> None:
    waiting = HELD.given(voted(A))
    waiting.when(cast_vote, vote(B, Choice.APPROVE, "2026-03-20 10:00")).then(
        voted(B),
        resumed("2026-03-06 10:00", "2026-03-12 15:00", automatic=True),
        breached(due="2026-03-12 15:00", found="2026-03-20 10:00"),
        DecisionApproved(settled_at=local("2026-03-20 10:00"), late=True),
    )


def test_a_vote_at_the_cap_of_a_pause_finds_the_clock_running() -> None:
    HELD.given(voted(A)).when(cast_vote, vote(B, Choice.APPROVE, "2026-03-06 10:00")).then(
        voted(B),
        resumed("2026-03-06 10:00", "2026-03-12 15:00", automatic=True),
        DecisionApproved(settled_at=UNTIL, late=False),
    )


# --- Properties ------------------------------------------------------------------------------------------------------

SIDES = st.sampled_from([A, B])
OTHER_TERMS = [
    ClockTerms(
        model_id=MODEL_ID,
        sla=business_days(days),
        calendars=(terms(A, holidays=off), terms(B)),
        calendar_setting=CalendarSetting.ALL,
        warning_shares=(50,),
    )
    for days in (1, 8)
    for off in ((), (date(2026, 3, 6), date(2026, 3, 9)))
]


@st.composite
def moves(draw: st.DrawFn) -> list[tuple]:  # type: ignore[type-arg]
    """Commands whose time never runs backwards; a None stands for firing whatever is due."""
    at, made = AT, []
    for _ in range(draw(st.integers(1, 15))):
        at += timedelta(minutes=draw(st.integers(0, 6_000)))
        side = draw(SIDES)
        made.append(
            draw(
                st.sampled_from(
                    [
                        (cast_vote, CastVote(at, side, CARL, ("legal",), draw(st.sampled_from(Choice)))),
                        (give_information, GiveInformation(at, side)),
                        (request_pause, RequestPause(at, side, A if side == B else B, at + timedelta(days=3), "why")),
                        (consent_to_pause, ConsentToPause(at, side)),
                        (resume_clock, ResumeClock(at, side, A if side == B else B)),
                        (acknowledge_escalation, AcknowledgeEscalation(at, side)),
                        (withdraw_decision, WithdrawDecision(at, side)),
                        (reopen_decision, ReopenDecision(at, side)),
                        (resubmit_decision, ResubmitDecision(at, side)),
                        (assign_decision, AssignDecision(at, side, CARL, ("legal",), DINA)),
                        (propose_rebaseline, ProposeRebaseline(at, side, draw(st.sampled_from(OTHER_TERMS)), "why")),
                        (agree_rebaseline, AgreeRebaseline(at, side)),
                        (None, at),
                        (None, at),
                    ]
                )
            )
        )
    return made


def fired(state: Decision, at: datetime) -> list[Event]:
    """All that is due by then, as a worker would fire it."""
    events: list[Event] = []
    for _ in range(50):
        due = [step for step in state.steps_ahead if step.at <= at]
        if not due:
            return events
        made = fire_step(FireStep(at, state.cycle, state.rung, due[0].key), state)
        assert made, "what is due and has not fired gives events"
        events, state = [*events, *made], DECISION.replay(made, state)
    raise AssertionError("the clock does not come to rest")


@settings(max_examples=300)
@given(moves())
def test_whatever_happens_the_history_keeps_its_promises(commands: list[tuple]) -> None:  # type: ignore[type-arg]
    history = raise_decision(RAISE, DECISION.empty)
    for decide, command in commands:
        state = DECISION.replay(history)
        try:
            history += fired(state, command) if decide is None else decide(command, state)
        except Refused:
            continue
    state = DECISION.replay(history)
    breaches = [(event.cycle, event.rung) for event in state.breaches]
    assert len(breaches) == len(set(breaches))
    assert all(breach.detected_at >= breach.due_at for breach in state.breaches)
    warnings = [(event.cycle, event.rung, event.side, event.share) for event in state.warnings]
    assert len(warnings) == len(set(warnings))
    if state.cycle == 1:
        assert all(earlier.until == later.since for earlier, later in pairwise(state.phases))
    if state.open and state.clock is not None and not state.clock.paused:
        assert state.breached or state.steps_ahead[-1].at == state.due_at
    settled = [event for event in history if isinstance(event, DecisionApproved | DecisionRejected | DecisionWithdrawn)]
    assert len(settled) == state.cycle - state.open
    if state.status is DecisionStatus.APPROVED:
        assert state.votes == {A: Choice.APPROVE, B: Choice.APPROVE}


@given(st.permutations([*raise_decision(RAISE, DECISION.empty), *ESCALATED, ASKED, REQUESTED, PAUSED, APPROVED]))
def test_any_history_replays(history: list[Event]) -> None:
    assert DECISION.replay(history).route is not None
