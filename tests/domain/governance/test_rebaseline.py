"""Changes to an open decision: silence, people in charge, and other terms for its clock, agreed by every side."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from services.governance.domain.decision import DecisionStatus
from services.governance.domain.escalation import fire_step
from services.governance.domain.rebaseline import (
    AgreeRebaseline,
    ProposeRebaseline,
    agree_rebaseline,
    propose_rebaseline,
)
from services.governance.domain.vote import (
    AssignDecision,
    GiveInformation,
    WithdrawDecision,
    assign_decision,
    cast_vote,
    give_information,
    withdraw_decision,
)
from shared.domain import Invalid
from shared.events.governance import DecisionApproved
from shared.events.governance_clocks import (
    ClockRebaselined,
    DecisionAssigned,
    RebaselineAgreed,
    RebaselineProposed,
    SilenceCounted,
)
from shared.events.governance_terms import CalendarSetting, Choice, ClockTerms, StepKind
from tests.domain.governance.given import CARL, DINA, STRANGER, A, B, business_days, local, terms
from tests.domain.governance.test_decision import (
    APPROVED,
    ASKED,
    DUE,
    ESCALATED,
    HELD,
    MODEL_ID,
    RAISE,
    fire,
    model,
    raised,
    vote,
    voted,
)

NOON = local("2026-03-03 12:00")
HOLIDAY = ClockTerms(
    model_id=MODEL_ID,
    sla=business_days(5),
    calendars=(terms(A, holidays=(date(2026, 3, 6),)), terms(B)),
    calendar_setting=CalendarSetting.ALL,
    warning_shares=(75, 90),
)
"""A holiday of one side, declared while the clock runs."""
LATER = local("2026-03-10 17:00")
PROPOSE = ProposeRebaseline(NOON, A, HOLIDAY, "6 March was declared a holiday.")
PROPOSED = RebaselineProposed(side=A, cycle=1, rung=0, terms=HOLIDAY, due_at=LATER, reason=PROPOSE.reason)


def test_a_holiday_added_while_the_clock_runs_reaches_it_only_when_both_sides_agree() -> None:
    raised().when(propose_rebaseline, PROPOSE).then(PROPOSED)
    proposed = raised().given(PROPOSED)
    assert proposed.state.due_at == DUE
    outcome = proposed.when(agree_rebaseline, AgreeRebaseline(NOON, B))
    agreed, rebaselined = outcome.events
    assert agreed == RebaselineAgreed(side=B)
    assert (rebaselined.former_due_at, rebaselined.due_at) == (DUE, LATER)
    state = proposed.given(*outcome.events).state
    assert (state.due_at, state.original_due_at, state.rebaseline) == (LATER, DUE, None)
    assert (state.steps_ahead[-1].kind, state.steps_ahead[-1].at) == (StepKind.BREACH, LATER)
    assert state.clock_terms == HOLIDAY


def test_the_breach_then_comes_at_the_later_time_and_the_ladder_runs_on_the_agreed_calendars() -> None:
    agreed = raised().given(PROPOSED).when(agree_rebaseline, AgreeRebaseline(NOON, B)).events
    rebased = raised().given(PROPOSED, *agreed)
    rebased.when(fire_step, fire("breach", "2026-03-09 17:00")).then_nothing()
    up = rebased.when(fire_step, fire("breach", "2026-03-10 17:00")).events
    assert rebased.given(*up).state.route.calendars == HOLIDAY.calendars


def test_other_terms_need_a_reason_a_running_clock_and_time_ahead() -> None:
    with pytest.raises(Invalid) as invalid:
        raised().when(propose_rebaseline, replace(PROPOSE, reason=" "))
    assert invalid.value.code == "reason-missing"
    same = raised().state.clock_terms
    assert same is not None
    raised().when(propose_rebaseline, replace(PROPOSE, terms=same)).then_refused("same-terms")
    short = replace(HOLIDAY, sla=business_days(1))
    after = replace(PROPOSE, at=local("2026-03-04 10:00"), terms=short)
    raised().when(propose_rebaseline, after).then_refused("rebaseline-past")
    raised().when(propose_rebaseline, replace(PROPOSE, at=DUE)).then_refused("clock-ran-out")
    raised().given(voted(A), voted(B), APPROVED).when(propose_rebaseline, PROPOSE).then_refused("decision-settled")
    raised(replace(RAISE, type="party_time")).when(propose_rebaseline, PROPOSE).then_refused("no-clock")
    raised().when(propose_rebaseline, replace(PROPOSE, side=STRANGER)).then_refused("not-a-party")


def test_who_agrees_to_other_terms() -> None:
    raised().when(agree_rebaseline, AgreeRebaseline(NOON, B)).then_refused("no-rebaseline-proposed")
    raised().given(PROPOSED).when(agree_rebaseline, AgreeRebaseline(NOON, A)).then_refused("agreed-already")
    up = raised().given(PROPOSED, *ESCALATED)
    at = local("2026-03-10 10:00")
    up.when(agree_rebaseline, AgreeRebaseline(at, B)).then_refused("no-rebaseline-proposed")


def test_warnings_given_stay_given_under_other_terms() -> None:
    warning = next(step for step in raised().state.steps_ahead if step.kind is StepKind.WARNING)
    warned = raised().when(fire_step, fire(warning.key, "2026-03-06 14:00")).events
    at = local("2026-03-06 15:00")
    proposed = raised().given(*warned).when(propose_rebaseline, replace(PROPOSE, at=at)).events
    _, rebaselined = raised().given(*warned, *proposed).when(agree_rebaseline, AgreeRebaseline(at, B)).events
    assert isinstance(rebaselined, ClockRebaselined)
    assert warning.key not in [step.key for step in rebaselined.steps]


def test_a_paused_clock_put_on_other_terms_stays_paused_and_keeps_its_pause() -> None:
    proposed = HELD.when(propose_rebaseline, replace(PROPOSE, at=local("2026-03-04 10:00"))).events
    assert [one.due_at for one in proposed] == [None]
    agreed = HELD.given(*proposed).when(agree_rebaseline, AgreeRebaseline(local("2026-03-04 11:00"), B)).events
    state = HELD.given(*proposed, *agreed).state
    assert (state.due_at, [step.kind for step in state.steps_ahead]) == (None, [StepKind.RESUMPTION])
    assert state.clock is not None
    assert len(state.clock.pauses) == 1


# --- Silence ---------------------------------------------------------------------------------------------------------

SILENT = replace(RAISE, model=model(silence_approves=True))
COUNTED = SilenceCounted(sides=(B,), due_at=DUE, detected_at=DUE)


def test_silence_is_no_approval_unless_the_signed_matrix_says_so() -> None:
    at_due = fire("breach", "2026-03-09 17:00")
    raised().given(voted(A)).when(fire_step, at_due).then(*ESCALATED)
    raised(SILENT).given(voted(A)).when(fire_step, at_due).then(COUNTED, DecisionApproved(settled_at=DUE, late=False))
    both = SilenceCounted(sides=(A, B), due_at=DUE, detected_at=DUE)
    raised(SILENT).when(fire_step, at_due).then_includes(both)
    state = raised(SILENT).given(voted(A), COUNTED, DecisionApproved(settled_at=DUE, late=False)).state
    assert (state.status, state.silent, state.breaches) == (DecisionStatus.APPROVED, (B,), ())


@pytest.mark.parametrize("choice", [Choice.ABSTAIN, Choice.ASK_FOR_INFORMATION])
def test_who_abstains_or_asks_is_not_silent(choice: Choice) -> None:
    found = raised(SILENT).given(voted(A), voted(B, choice)).when(fire_step, fire("breach", "2026-03-09 17:00"))
    found.then(*ESCALATED)


def test_after_downtime_silence_has_approved_at_the_due_time_and_nothing_said_later_counts() -> None:
    late = local("2026-03-12 10:00")
    raised(SILENT).when(fire_step, fire("breach", "2026-03-12 10:00")).then(
        SilenceCounted(sides=(A, B), due_at=DUE, detected_at=late), DecisionApproved(settled_at=DUE, late=False)
    )
    raised(SILENT).when(cast_vote, vote(B, Choice.REJECT, "2026-03-12 10:00")).then_refused("approved-by-silence")
    raised(SILENT).when(withdraw_decision, WithdrawDecision(late, A)).then_refused("approved-by-silence")
    raised(SILENT).when(give_information, GiveInformation(late, A)).then_refused("approved-by-silence")
    raised(SILENT).when(cast_vote, vote(B, Choice.REJECT, "2026-03-09 17:00")).then_includes(voted(B, Choice.REJECT))


# --- People in charge ------------------------------------------------------------------------------------------------

ASSIGN = AssignDecision(NOON, A, CARL, ("legal",), DINA)
ASSIGNED = DecisionAssigned(side=A, person_id=DINA)


def test_whom_a_side_puts_in_charge_decides_and_nothing_is_reset() -> None:
    raised().when(assign_decision, ASSIGN).then(ASSIGNED)
    dina = replace(vote(A), person_id=DINA, roles=())
    raised().when(cast_vote, dina).then_refused("no-right-to-decide")
    raised().given(ASSIGNED).when(cast_vote, dina).then_includes(voted(A))
    raised().given(ASSIGNED).when(cast_vote, replace(dina, side=B)).then_refused("no-right-to-decide")
    before, after = raised().state, raised().given(ASKED, ASSIGNED).state
    assert (after.due_at, after.steps_ahead, after.clock) == (before.due_at, before.steps_ahead, before.clock)


def test_who_may_put_somebody_in_charge() -> None:
    raised().when(assign_decision, replace(ASSIGN, roles=("intern",))).then_refused("no-right-to-decide")
    raised().when(assign_decision, replace(ASSIGN, side=STRANGER)).then_refused("not-a-party")
    raised().given(ASSIGNED).when(assign_decision, ASSIGN).then_refused("assigned-already")
    settled = raised().given(voted(A), voted(B), APPROVED)
    settled.when(assign_decision, ASSIGN).then_refused("decision-settled")
