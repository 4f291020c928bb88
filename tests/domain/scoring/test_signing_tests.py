"""The tests before signing: verdicts by rules, and two asymmetries that are never mixed; and what is shared of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.api.schemas.signing import SigningAnswers, TakeSigningTests
from services.scoring.domain.brief import Brief
from services.scoring.domain.risk import RISK
from services.scoring.domain.signing_tests import (
    SIGNING_TESTS,
    commitment_asymmetry,
    contribution_asymmetry,
    take,
)
from services.scoring.domain.signing_tests import TakeSigningTests as Take
from services.scoring.domain.summary import SUMMARY, ShareSummary, share
from shared.domain import Invalid
from shared.events.scoring_diligence import RiskOpened, RiskStatus, RiskTerms
from shared.events.scoring_signing import (
    BroughtBy,
    Commitment,
    Contribution,
    SharedRisk,
    SigningTestsTaken,
    SummaryShared,
)
from shared.events.scoring_terms import StrategicIntent
from shared.testing.scenario import scenario

ANA, US, THEM = UUID(int=1), UUID(int=2), UUID(int=3)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
EXAMPLE: Any = TakeSigningTests.model_config["json_schema_extra"]
ANSWERS: dict[str, bool] = EXAMPLE["example"]["answers"]
OURS, THEIRS = Contribution(BroughtBy.US, "Product", 36), Contribution(BroughtBy.THEM, "Sales people", 24)
TAKE = Take(
    by=ANA, at=NOON, intent=StrategicIntent.MARKET_ACCESS, answers=ANSWERS, contributions=(OURS, THEIRS),
    commitments=(Commitment("Executive time", 3, 3),),
)  # fmt: skip


def verdicts(command: Take) -> dict[str, str]:
    (taken,) = take(command, SIGNING_TESTS.empty)
    return {verdict.test: verdict.outcome for verdict in taken.verdicts}


def cautions(**answers: bool) -> list[str]:
    (taken,) = take(replace(TAKE, answers={**ANSWERS, **answers}), SIGNING_TESTS.empty)
    return [rule.rule for rule in taken.cautions]


def test_taken_anew_only_when_something_differs() -> None:
    (taken,) = take(TAKE, SIGNING_TESTS.empty)
    scenario(SIGNING_TESTS).given(taken).when(take, TAKE).then_nothing()
    other = replace(TAKE, commitments=())
    scenario(SIGNING_TESTS).given(taken).when(take, other).then_includes(SigningTestsTaken)


def test_what_either_reaches_alone_is_a_convenience() -> None:
    assert verdicts(TAKE)["strategic"] == "strategic"
    for side in ("we", "they"):
        alone = {**ANSWERS, f"{side}_could_alone_within_twelve_months": True}
        assert verdicts(replace(TAKE, answers=alone))["strategic"] == "convenience"


def test_cautions() -> None:
    assert cautions() == []
    assert cautions(both_will_change_how_they_work=False) == ["integration-and-nobody-changes"]
    assert cautions(unresolved_competition=True) == ["competition-unresolved"]
    assert cautions(our_sponsor_has_authority=False) == ["no-sponsor-of-ours"]
    assert cautions(their_sponsor_has_authority=False) == ["no-sponsor-of-theirs"]
    assert cautions(shared_equity_or_assets=True) == ["shared-assets-without-exit-terms"]


def test_one_side_without_anything_hard_to_match_brings_nothing_the_alliance_is_for() -> None:
    assert contribution_asymmetry(()) is None
    assert contribution_asymmetry((OURS,)) == 0
    assert contribution_asymmetry((OURS, THEIRS)) == 1
    assert contribution_asymmetry((OURS, THEIRS, replace(THEIRS, months_to_match=12))) == Decimal("0.5")


def test_commitment_is_compared_thing_by_thing() -> None:
    assert commitment_asymmetry(()) is None
    assert commitment_asymmetry((Commitment("People", 0, 0),)) == 0
    assert commitment_asymmetry((Commitment("People", 4, 1), Commitment("Money", 2, 2))) == Decimal("0.375")
    assert verdicts(replace(TAKE, commitments=(Commitment("People", 4, 1),)))["commitment"] == "lopsided"


sides = st.sampled_from(BroughtBy)
contributions = st.lists(st.builds(Contribution, sides, st.just("x"), st.integers(0, 48)), max_size=8)
commitments = st.lists(st.builds(Commitment, st.just("x"), st.integers(0, 5), st.integers(0, 5)), max_size=8)


@given(contributions, commitments, st.fixed_dictionaries(dict.fromkeys(SigningAnswers.model_fields, st.booleans())))
def test_the_two_asymmetries_do_not_mix(
    brought: list[Contribution], committed: list[Commitment], answers: dict[str, bool]
) -> None:
    command = replace(TAKE, answers=answers, contributions=tuple(brought), commitments=tuple(committed))
    (both,) = take(command, SIGNING_TESTS.empty)
    (one,) = take(replace(command, commitments=()), SIGNING_TESTS.empty)
    (other,) = take(replace(command, contributions=()), SIGNING_TESTS.empty)
    assert both.contribution_asymmetry == one.contribution_asymmetry
    assert both.commitment_asymmetry == other.commitment_asymmetry
    assert {v.test for v in both.verdicts} >= {"strategic", "formalise", "type", "structure", "pattern"}
    for measure in (both.contribution_asymmetry, both.commitment_asymmetry):
        assert measure is None or 0 <= measure <= 1


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (replace(TAKE, contributions=(replace(OURS, what=" "),)), "/contributions/0/what"),
        (replace(TAKE, contributions=(replace(OURS, months_to_match=241),)), "/contributions/0/months_to_match"),
        (replace(TAKE, contributions=(OURS,) * 51), "/contributions"),
        (replace(TAKE, commitments=(Commitment("", 1, 1),)), "/commitments/0/what"),
        (replace(TAKE, commitments=(Commitment("x", 1, 6),)), "/commitments/0/theirs"),
    ],
)
def test_what_cannot_be_is_invalid(command: Take, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        take(command, SIGNING_TESTS.empty)
    assert invalid.value.pointer == pointer


SHARE = ShareSummary(
    by=ANA, at=NOON, side=US, about=THEM, others={THEM}, title="Why", brief=None, result=None, tests=None, risks=(),
    note="Said.",
)  # fmt: skip


def test_only_what_is_chosen_is_shared_and_once() -> None:
    shared = SummaryShared(
        side=US, title="Why", intent=None, objectives=(), scores=(), recommendations=(), risks=(), note="Said."
    )
    scenario(SUMMARY).when(share, SHARE).then(shared)
    scenario(SUMMARY).given(shared).when(share, SHARE).then_refused("summary-shared")
    scenario(SUMMARY).when(share, replace(SHARE, note=None)).then_refused("nothing-to-share")


@pytest.mark.parametrize("about", [None, US, UUID(int=4)])
def test_of_another_company_nothing_is_shared_by_mistake(about: UUID | None) -> None:
    scenario(SUMMARY).when(share, replace(SHARE, about=about)).then_refused("other-company")
    scenario(SUMMARY).when(share, replace(SHARE, about=about, confirmed=True)).then_includes(SummaryShared)


def test_answers_owner_and_ids_stay_at_home() -> None:
    tests = SIGNING_TESTS.replay(take(TAKE, SIGNING_TESTS.empty))
    terms = RiskTerms("Loses its client", 3, 4, ANA, date(2026, 6, 30), RiskStatus.OPEN, None)
    risk = RISK.replay([RiskOpened(candidate=UUID(int=9), item="finance", area="finance", terms=terms)])
    brief = Brief(title="Secret", intent=StrategicIntent.MARKET_ACCESS)
    (shared,) = share(replace(SHARE, brief=brief, tests=tests, risks=[risk]), SUMMARY.empty)
    assert shared.risks == (SharedRisk("Loses its client", "finance", 3, 4, ""),)
    assert all(rule.answers == {} for verdict in shared.recommendations for rule in verdict.fired)
    assert str(ANA) not in str(shared)
    assert "Secret" not in str(shared)


def test_a_risk_that_was_never_opened_is_not_shared() -> None:
    scenario(SUMMARY).when(share, replace(SHARE, risks=[RISK.empty])).then_refused("risk-not-opened")
