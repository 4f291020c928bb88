from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from services.governance.domain.exit import Exit, GiveReceipt, begin_unwinding, exit_ahead, fire_exit, give_receipt
from services.governance.domain.exit_silence import AnswerClosing, AskClosing, answer_closing, ask_closing
from services.governance.domain.moment import Due
from shared.events.governance_exit import (
    DispositionReceipted,
    ExitClosedOverSilence,
    ExitClosingAnswered,
    ExitClosingAsked,
    ExitCompleted,
)
from shared.events.governance_terms import Moment
from shared.testing.scenario import Scenario
from tests.domain.governance import paper
from tests.domain.governance.given import MADRID, STRANGER, A, B, local, utc
from tests.domain.governance.test_exit import BEGIN, GIVEN_NOTICE, TOOK_EFFECT

KEYS = tuple(one.key for one in paper.UNWIND_PLAN.dispositions)
OVER = local("2026-06-16 00:00")
"""The first moment after the last day for unwinding, 15 June."""
STANDS = local("2026-07-16 00:00")
ASK = AskClosing(OVER, A, "Nobody answers.", (MADRID,))
ASKED = ExitClosingAsked(side=A, silent=(B,), stands_at=STANDS, reason="Nobody answers.")


def received(*sides: object, keys: tuple[str, ...] = KEYS) -> list[DispositionReceipted]:
    return [DispositionReceipted(side=side, key=key, last=False) for side in sides for key in keys]  # type: ignore[arg-type]


def unwinding() -> Scenario[Exit]:
    """In effect, with a signed plan under which nobody has given a receipt."""
    return GIVEN_NOTICE.given(*begin_unwinding(BEGIN, GIVEN_NOTICE.state), TOOK_EFFECT)


def test_who_has_done_its_part_asks_once_the_time_for_unwinding_is_over() -> None:
    done = unwinding().given(*received(A))
    done.when(ask_closing, ASK).then(ASKED)
    done.when(ask_closing, replace(ASK, at=OVER - timedelta(seconds=1))).then_refused("unwinding-not-over")
    done.when(ask_closing, replace(ASK, side=B)).then_refused("own-receipts-missing")
    done.when(ask_closing, replace(ASK, side=STRANGER)).then_refused("not-a-party")
    done.given(ASKED).when(ask_closing, ASK).then_refused("closing-asked-already")
    unwinding().given(*received(A, keys=KEYS[1:])).when(ask_closing, ASK).then_refused("own-receipts-missing")
    GIVEN_NOTICE.when(ask_closing, ASK).then_refused("exit-not-effective")


def test_nobody_is_taken_to_have_received_what_it_said_nothing_of() -> None:
    asked = unwinding().given(*received(A), *received(B, keys=KEYS[:1]), ASKED)
    assert Moment("silence", STANDS) in exit_ahead(asked.state)
    noticed = STANDS + timedelta(hours=5)
    closed = ExitClosedOverSilence(silent=(B,), missing=KEYS[1:], stands_at=STANDS, detected_at=noticed)
    asked.when(fire_exit, Due(noticed, "silence")).then(closed, ExitCompleted(leaving=(A, B)))
    after = asked.given(closed, ExitCompleted(leaving=(A, B)))
    assert not after.state.receipted(KEYS[1])
    assert exit_ahead(after.state) == ()
    after.when(fire_exit, Due(noticed, "silence")).then_nothing()
    after.when(give_receipt, GiveReceipt(noticed, B, KEYS[1])).then_refused("nothing-to-receipt")


def test_without_a_signed_plan_everybody_else_is_silent() -> None:
    GIVEN_NOTICE.given(TOOK_EFFECT).when(ask_closing, ASK).then(ASKED)
    closed = ExitClosedOverSilence(silent=(B,), missing=(), stands_at=STANDS, detected_at=STANDS)
    asked = GIVEN_NOTICE.given(TOOK_EFFECT, ASKED)
    asked.when(fire_exit, Due(STANDS, "silence")).then(closed, ExitCompleted(leaving=(A, B)))


def test_whoever_says_anything_is_not_silent() -> None:
    asked = unwinding().given(*received(A), ASKED)
    answer = AnswerClosing(utc("2026-07-01 10:00"), B, "The data is not back.")
    answered = ExitClosingAnswered(side=B, reason="The data is not back.")
    asked.when(answer_closing, answer).then(answered)
    asked.when(answer_closing, replace(answer, side=A)).then_refused("not-asked")
    asked.when(answer_closing, replace(answer, side=STRANGER)).then_refused("not-a-party")
    for said in (answered, *received(B, keys=KEYS[:1])):
        spoken = asked.given(said)
        spoken.when(fire_exit, Due(STANDS, "silence")).then_nothing()
        spoken.when(answer_closing, answer).then_refused("nothing-to-answer")
        spoken.when(ask_closing, ASK).then(ASKED)
    signed = asked.given(*begin_unwinding(BEGIN, asked.state))
    signed.when(fire_exit, Due(STANDS, "silence")).then_nothing()
