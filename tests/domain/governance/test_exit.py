from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.exit import (
    EXIT,
    BeginUnwinding,
    ConfirmCure,
    ExitStatus,
    GiveReceipt,
    TriggerExit,
    WithdrawExit,
    begin_unwinding,
    confirm_cure,
    exit_ahead,
    fire_exit,
    give_receipt,
    trigger_exit,
    withdraw_exit,
)
from services.governance.domain.exit_dates import ExitAsked, ExitDates, exit_dates
from services.governance.domain.exit_silence import AnswerClosing, AskClosing, answer_closing, ask_closing
from services.governance.domain.moment import Due, Reading
from shared.domain import Invalid, Refused
from shared.events.governance_agreement_terms import ExitGround
from shared.events.governance_exit import (
    BreachCured,
    CurePeriodEnded,
    DispositionOverdue,
    DispositionReceipted,
    ExitClosedOverSilence,
    ExitCompleted,
    ExitTookEffect,
    ExitTriggered,
    ExitWithdrawn,
)
from shared.events.governance_terms import Moment
from shared.testing.scenario import scenario
from tests.domain.governance import paper
from tests.domain.governance.given import ANA, BEN, MADRID, STRANGER, A, B, utc

AT = utc("2026-03-02 10:00")
CURED_BY, EFFECT = utc("2026-04-01 22:00"), utc("2026-05-01 22:00")
NOTICE = ExitTriggered(
    side=A,
    ground=ExitGround.NO_FAULT,
    parties=(A, B),
    leaving=(A, B),
    term_sheet=ANA,
    condition=None,
    cure_ends_at=None,
    effective_at=EFFECT,
    unwound_by=date(2026, 6, 15),
)
BREACH = replace(
    NOTICE, ground=ExitGround.MATERIAL_BREACH, cure_ends_at=CURED_BY, effective_at=CURED_BY, reason="Unpaid"
)
RECEIPTS_DUE = utc("2026-07-01 00:00")
MOMENTS = tuple(Moment(f"receipt/{one.key}", RECEIPTS_DUE) for one in paper.UNWIND_PLAN.dispositions)
BEGIN = BeginUnwinding(AT, BEN, paper.UNWIND_PLAN.dispositions, MOMENTS)
TOOK_EFFECT = ExitTookEffect(effective_at=EFFECT, detected_at=EFFECT)
GIVEN_NOTICE, CURING = scenario(EXIT).given(NOTICE), scenario(EXIT).given(BREACH)


def asked(ground: ExitGround, **more: Any) -> ExitAsked:
    return ExitAsked(**{"at": AT, "side": A, "parties": (A, B), "ground": ground, "zones": (MADRID,), **more})


@pytest.mark.parametrize(
    ("ground", "cure_ends_at", "effective_at", "unwound_by"),
    [
        (ExitGround.NO_FAULT, None, EFFECT, date(2026, 6, 15)),
        (ExitGround.MATERIAL_BREACH, CURED_BY, CURED_BY, date(2026, 5, 16)),
        (ExitGround.END_OF_TERM, None, utc("2028-02-29 23:00"), date(2028, 4, 14)),
    ],
)
def test_dates_are_computed_from_the_term_sheet(
    ground: ExitGround, cure_ends_at: Any, effective_at: Any, unwound_by: date
) -> None:
    dates = exit_dates(asked(ground), paper.TERM_SHEET, ANA)
    assert dates == ExitDates((A, B), cure_ends_at, effective_at, unwound_by, ANA)


def test_of_three_the_one_that_asks_leaves_unless_the_term_ends() -> None:
    three = {"parties": (A, B, STRANGER)}
    assert exit_dates(asked(ExitGround.NO_FAULT, **three), paper.TERM_SHEET, ANA).leaving == (A,)
    assert exit_dates(asked(ExitGround.END_OF_TERM, **three), paper.TERM_SHEET, ANA).leaving == (A, B, STRANGER)


def test_without_a_term_sheet_no_notice_was_agreed() -> None:
    assert exit_dates(asked(ExitGround.NO_FAULT), None, None) == ExitDates((A, B), None, AT, date(2026, 3, 2))
    with pytest.raises(Refused, match="no-term-sheet"):
        exit_dates(asked(ExitGround.END_OF_TERM), None, None)


def test_a_kpi_condition_gives_the_right_to_leave_while_it_is_met() -> None:
    ask = asked(ExitGround.KPI_CONDITION, condition="unpunctual")
    for value, met in (("0.50", True), ("0.51", False)):
        read = replace(ask, readings={"on_time": Reading(Decimal(value), "2026-02")})
        if met:
            assert exit_dates(read, paper.TERM_SHEET, ANA).condition == "unpunctual"
        else:
            with pytest.raises(Refused, match="condition-not-met"):
                exit_dates(read, paper.TERM_SHEET, ANA)
    with pytest.raises(Refused, match="condition-not-met"):
        exit_dates(ask, paper.TERM_SHEET, ANA)
    with pytest.raises(Invalid, match="no KPI trigger"):
        exit_dates(replace(ask, condition="unknown"), paper.TERM_SHEET, ANA)
    with pytest.raises(Invalid, match="KPI trigger"):
        exit_dates(replace(ask, condition=None), paper.TERM_SHEET, ANA)


def test_whoever_is_a_party_may_leave() -> None:
    dates = exit_dates(asked(ExitGround.NO_FAULT), paper.TERM_SHEET, ANA)
    command = TriggerExit(AT, A, (A, B), ExitGround.NO_FAULT, dates)
    scenario(EXIT).when(trigger_exit, command).then(NOTICE)
    scenario(EXIT).when(trigger_exit, replace(command, side=STRANGER)).then_refused("not-a-party")
    scenario(EXIT).when(trigger_exit, replace(command, another=True)).then_refused("exit-runs")
    GIVEN_NOTICE.when(trigger_exit, command).then_refused("exit-exists")
    with pytest.raises(Invalid, match="what the breach is"):
        trigger_exit(replace(command, ground=ExitGround.MATERIAL_BREACH), EXIT.empty)


def test_a_breach_is_cured_by_the_word_of_who_alleged_it_and_in_time() -> None:
    CURING.when(confirm_cure, ConfirmCure(AT, A)).then(BreachCured(side=A))
    CURING.when(confirm_cure, ConfirmCure(AT, B)).then_refused("not-your-trigger")
    ended = CurePeriodEnded(cure_ends_at=CURED_BY, detected_at=CURED_BY)
    CURING.when(fire_exit, Due(CURED_BY, "cure")).then(ended)
    CURING.given(ended).when(confirm_cure, ConfirmCure(AT, A)).then_refused("nothing-to-cure")
    assert exit_ahead(CURING.state) == (Moment("cure", CURED_BY), Moment("effect", CURED_BY))
    assert exit_ahead(CURING.given(BreachCured(side=A)).state) == ()


def test_it_is_withdrawn_before_it_takes_effect_and_by_its_own_side() -> None:
    GIVEN_NOTICE.when(withdraw_exit, WithdrawExit(AT, A)).then(ExitWithdrawn(side=A))
    GIVEN_NOTICE.when(withdraw_exit, WithdrawExit(AT, B)).then_refused("not-your-trigger")
    GIVEN_NOTICE.given(TOOK_EFFECT).when(withdraw_exit, WithdrawExit(AT, A)).then_refused("too-late-to-withdraw")


def test_the_last_receipt_of_the_last_side_completes_what_has_taken_effect() -> None:
    unwinding = GIVEN_NOTICE.given(*begin_unwinding(BEGIN, GIVEN_NOTICE.state))
    keys = [one.key for one in paper.UNWIND_PLAN.dispositions]
    given_all = [DispositionReceipted(side=side, key=key, last=side == B) for side in (A, B) for key in keys]
    last = given_all.pop()
    before = unwinding.given(*given_all)
    before.when(give_receipt, GiveReceipt(AT, B, last.key)).then(last)
    before.given(last).when(fire_exit, Due(EFFECT, "effect")).then(TOOK_EFFECT, ExitCompleted(leaving=(A, B)))
    before.given(TOOK_EFFECT).when(give_receipt, GiveReceipt(AT, B, last.key)).then(last, ExitCompleted(leaving=(A, B)))
    unwinding.when(give_receipt, GiveReceipt(AT, A, keys[0])).then(replace(last, side=A, key=keys[0], last=False))
    before.when(give_receipt, GiveReceipt(AT, A, keys[0])).then_refused("receipted-already")
    GIVEN_NOTICE.when(give_receipt, GiveReceipt(AT, A, keys[0])).then_refused("nothing-to-receipt")
    scenario(EXIT).when(begin_unwinding, BEGIN).then_refused("exit-not-running")
    with pytest.raises(Invalid, match="no disposition"):
        give_receipt(GiveReceipt(AT, A, "spoons"), unwinding.state)


def test_a_receipt_that_is_late_is_on_record_once() -> None:
    unwinding = GIVEN_NOTICE.given(*begin_unwinding(BEGIN, GIVEN_NOTICE.state))
    overdue = DispositionOverdue(key="data", due_on=date(2026, 6, 30), detected_at=RECEIPTS_DUE)
    unwinding.when(fire_exit, Due(RECEIPTS_DUE, "receipt/data")).then(overdue)
    unwinding.given(overdue).when(fire_exit, Due(RECEIPTS_DUE, "receipt/data")).then_nothing()
    both = [DispositionReceipted(side=side, key="data", last=side == B) for side in (A, B)]
    unwinding.given(*both).when(fire_exit, Due(RECEIPTS_DUE, "receipt/data")).then_nothing()


SIDES = st.sampled_from([A, B, STRANGER])
KEYS = st.sampled_from([one.key for one in paper.UNWIND_PLAN.dispositions])
MOVES = st.lists(
    st.one_of(
        st.builds(lambda s: (confirm_cure, ConfirmCure(AT, s)), SIDES),
        st.builds(lambda s: (withdraw_exit, WithdrawExit(AT, s)), SIDES),
        st.just((begin_unwinding, BEGIN)),
        st.builds(lambda s: (ask_closing, AskClosing(utc("2026-07-01 10:00"), s)), SIDES),
        st.builds(lambda s: (answer_closing, AnswerClosing(AT, s)), SIDES),
        st.builds(lambda s, k: (give_receipt, GiveReceipt(AT, s, k)), SIDES, KEYS),
        st.builds(
            lambda step: (fire_exit, Due(AT, step)),
            st.one_of(st.sampled_from(["cure", "effect", "silence"]), KEYS.map(lambda key: f"receipt/{key}")),
        ),
    ),
    max_size=60,
)


@given(st.sampled_from([NOTICE, BREACH]), MOVES)
def test_it_is_completed_only_in_effect_and_with_every_receipt_or_over_silence(
    begun: ExitTriggered, moves: list[Any]
) -> None:
    state = EXIT.replay([begun])
    for decide, command in moves:
        waiting = [moment.step for moment in exit_ahead(state)]
        try:
            events = decide(command, state)
        except (Refused, Invalid):
            continue
        if decide is fire_exit:
            assert bool(events) == (command.step in waiting and waiting_in_order(command.step, waiting))
        before, state = state, EXIT.replay(events, state)
        if any(isinstance(event, ExitClosedOverSilence) for event in events):
            assert before.closing is not None
            asking = before.closing.side
            assert all(asking in before.receipts.get(one.key, ()) for one in before.dispositions)
        elif state.status is ExitStatus.COMPLETED and before.status is not ExitStatus.COMPLETED:
            assert state.unwound
            assert all(state.receipted(one.key) for one in paper.UNWIND_PLAN.dispositions)


def waiting_in_order(step: str, waiting: list[str]) -> bool:
    """The effect comes after the cure period; a worker fires what waits in order."""
    return not (step == "effect" and "cure" in waiting)
