"""Due diligence: a finding before a risk, and a risk that says what is left of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.diligence import (
    DILIGENCE,
    ITEMS_MAX,
    AddItem,
    AnswerItem,
    BeginDiligence,
    add,
    answer,
    begin,
    require_concern,
)
from services.scoring.domain.diligence_items import AREAS, SHIPPED_ITEMS
from services.scoring.domain.risk import RISK, OpenRisk, ReviseRisk, open_risk, revise
from shared.domain import Invalid, Refused
from shared.events.scoring_diligence import (
    DiligenceBegun,
    DiligenceItem,
    DiligenceItemAdded,
    DiligenceItemAnswered,
    ItemStatus,
    Residual,
    RiskOpened,
    RiskRevised,
    RiskStatus,
    RiskTerms,
)
from shared.testing.scenario import scenario

ANA, CANDIDATE = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
BEGIN = BeginDiligence(by=ANA, at=NOON)
BEGUN = DiligenceBegun(items=SHIPPED_ITEMS)
OWN = DiligenceItem("audit_2026", "finance", "What does the audit say?")
ADD = AddItem(by=ANA, at=NOON, item=OWN)
ANSWER = AnswerItem(
    by=ANA, at=NOON, item="finance", status=ItemStatus.CONCERN, answer="One client.", finding="It may leave."
)
ANSWERED = DiligenceItemAnswered(
    item="finance", status=ItemStatus.CONCERN, answer="One client.", finding="It may leave."
)
TERMS = RiskTerms("Loses its client", 3, 4, ANA, date(2026, 6, 30), RiskStatus.OPEN, None)
OPEN = OpenRisk(by=ANA, at=NOON, candidate=CANDIDATE, item="finance", area="finance", terms=TERMS)
OPENED = RiskOpened(candidate=CANDIDATE, item="finance", area="finance", terms=TERMS)
REVISE = ReviseRisk(by=ANA, at=NOON, terms=replace(TERMS, impact=5))


def test_begins_once_with_a_question_on_each_area() -> None:
    scenario(DILIGENCE).when(begin, BEGIN).then(BEGUN)
    scenario(DILIGENCE).given(BEGUN).when(begin, BEGIN).then_refused("diligence-begun")
    assert len(AREAS) == len(SHIPPED_ITEMS) == 15


def test_own_questions_are_added_under_a_key_of_their_own() -> None:
    scenario(DILIGENCE).given(BEGUN).when(add, ADD).then(DiligenceItemAdded(item=OWN))
    scenario(DILIGENCE).when(add, ADD).then_refused("diligence-not-begun")
    scenario(DILIGENCE).given(BEGUN, DiligenceItemAdded(item=OWN)).when(add, ADD).then_refused("item-exists")
    full = DiligenceBegun(items=tuple(replace(OWN, key=f"k{n}") for n in range(ITEMS_MAX)))
    scenario(DILIGENCE).given(full).when(add, ADD).then_refused("too-many-items")


def test_an_item_is_answered_and_answered_anew() -> None:
    scenario(DILIGENCE).given(BEGUN).when(answer, ANSWER).then(ANSWERED)
    scenario(DILIGENCE).given(BEGUN, ANSWERED).when(answer, ANSWER).then_nothing()
    scenario(DILIGENCE).when(answer, ANSWER).then_refused("diligence-not-begun")
    scenario(DILIGENCE).given(BEGUN).when(answer, replace(ANSWER, item="luck")).then_refused("no-such-item")


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (replace(ANSWER, status=ItemStatus.CLEAR, answer=None), "/answer"),
        (replace(ANSWER, finding=" "), "/finding"),
    ],
)
def test_clear_takes_an_answer_and_a_concern_a_finding(command: AnswerItem, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        answer(command, DILIGENCE.replay([BEGUN]))
    assert invalid.value.pointer == pointer


def test_a_risk_comes_from_a_finding() -> None:
    assert require_concern(DILIGENCE.replay([BEGUN, ANSWERED]), "finance") == "finance"
    with pytest.raises(Refused, match="no-finding"):
        require_concern(DILIGENCE.replay([BEGUN]), "finance")
    with pytest.raises(Invalid):
        require_concern(DILIGENCE.replay([BEGUN]), "luck")


def test_a_risk_is_opened_revised_and_closed_for_good() -> None:
    scenario(RISK).when(open_risk, OPEN).then(OPENED)
    scenario(RISK).given(OPENED).when(open_risk, OPEN).then_refused("risk-opened")
    scenario(RISK).given(OPENED).when(revise, REVISE).then(RiskRevised(terms=REVISE.terms))
    scenario(RISK).given(OPENED).when(revise, replace(REVISE, terms=TERMS)).then_nothing()
    scenario(RISK).when(revise, REVISE).then_refused("risk-not-opened")
    closed = RiskRevised(terms=replace(TERMS, status=RiskStatus.CLOSED), reason="Gone.")
    scenario(RISK).given(OPENED, closed).when(revise, REVISE).then_refused("risk-closed")


@pytest.mark.parametrize(
    ("terms", "pointer"),
    [
        (replace(TERMS, title=""), "/title"),
        (replace(TERMS, likelihood=0), "/likelihood"),
        (replace(TERMS, impact=6), "/impact"),
        (replace(TERMS, status=RiskStatus.MITIGATING), "/mitigation"),
        (replace(TERMS, status=RiskStatus.ACCEPTED), "/reason"),
        (replace(TERMS, residual=Residual(0, 1)), "/residual/likelihood"),
        (replace(TERMS, residual=Residual(1, 6)), "/residual/impact"),
        (replace(TERMS, residual=Residual(4, 4)), "/residual"),
    ],
)
def test_what_cannot_be_is_invalid(terms: RiskTerms, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        revise(replace(REVISE, terms=terms), RISK.replay([OPENED]))
    assert invalid.value.pointer == pointer


statuses, keys = st.sampled_from(ItemStatus), st.sampled_from([*AREAS, "audit_2026", "luck"])
acts = st.one_of(
    st.just((begin, BEGIN)),
    st.just((add, ADD)),
    st.builds(lambda status, key: (answer, replace(ANSWER, status=status, item=key)), statuses, keys),
)


@given(st.lists(acts, max_size=20))
def test_only_items_that_are_there_have_answers(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    for decide, command in acts:
        try:
            history += decide(command, DILIGENCE.replay(history))
        except Refused:
            continue
    state = DILIGENCE.replay(history)
    assert set(state.answers) <= set(state.items)
    assert len(state.items) in (0, 15, 16)
