"""The opportunity with a candidate, its overlap, and the thresholds of an organisation."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.candidate import CANDIDATE
from services.scoring.domain.opportunity import (
    SUB_SCORES_MAX,
    THRESHOLDS,
    EstimateOverlap,
    RateOpportunity,
    SetThresholds,
    Thresholds,
    estimate_overlap,
    mean,
    rate,
    set_thresholds,
)
from shared.domain import Invalid
from shared.events.scoring import CandidateListed
from shared.events.scoring_gaps import OpportunityRated, OpportunityThresholdsSet, OverlapEstimated, SubScore
from shared.testing.scenario import scenario

ANA = UUID(int=1)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LISTED = CandidateListed(brief=UUID(int=2), name="Acme", organisation=None)
PARTS = (SubScore("Market", 4), SubScore("Plan", 5))
TOO_MANY = tuple(SubScore(str(n), 1) for n in range(SUB_SCORES_MAX + 1))
RATE = RateOpportunity(by=ANA, at=NOON, importance=PARTS, feasibility=PARTS[:1])
OVERLAP = EstimateOverlap(by=ANA, at=NOON, now_percent=Decimal(10), in_three_years_percent=Decimal("40.5"))
SET = SetThresholds(by=ANA, at=NOON, importance=Decimal("3.5"), feasibility=Decimal(2))


def test_a_listed_candidate_is_rated_and_its_overlap_estimated() -> None:
    listed = scenario(CANDIDATE).given(LISTED)
    listed.when(rate, RATE).then(OpportunityRated(importance=PARTS, feasibility=PARTS[:1]))
    estimated = OverlapEstimated(now_percent=Decimal(10), in_three_years_percent=Decimal("40.5"))
    listed.when(estimate_overlap, OVERLAP).then(estimated)
    scenario(CANDIDATE).when(rate, RATE).then_refused("candidate-not-listed")
    scenario(CANDIDATE).when(estimate_overlap, OVERLAP).then_refused("candidate-not-listed")


def test_thresholds_are_set_once_until_they_differ() -> None:
    done = OpportunityThresholdsSet(importance=Decimal("3.5"), feasibility=Decimal(2))
    scenario(THRESHOLDS).when(set_thresholds, SET).then(done)
    scenario(THRESHOLDS).given(done).when(set_thresholds, SET).then_nothing()
    assert THRESHOLDS.replay([done]) == Thresholds(Decimal("3.5"), Decimal(2))


@pytest.mark.parametrize(
    ("decide", "command", "pointer"),
    [
        (rate, replace(RATE, importance=()), "/importance"),
        (rate, replace(RATE, feasibility=PARTS[:1] * 2), "/feasibility"),
        (rate, replace(RATE, feasibility=TOO_MANY), "/feasibility"),
        (rate, replace(RATE, importance=(SubScore(" ", 1),)), "/importance/0/name"),
        (rate, replace(RATE, importance=(SubScore("x", 6),)), "/importance/0/score"),
        (estimate_overlap, replace(OVERLAP, now_percent=Decimal("100.1")), "/now_percent"),
        (estimate_overlap, replace(OVERLAP, in_three_years_percent=Decimal(-1)), "/in_three_years_percent"),
        (set_thresholds, replace(SET, importance=Decimal("0.9")), "/importance"),
        (set_thresholds, replace(SET, feasibility=Decimal("5.1")), "/feasibility"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_invalid(decide: Any, command: Any, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        decide(command, Thresholds() if decide is set_thresholds else CANDIDATE.replay([LISTED]))
    assert invalid.value.pointer == pointer


@given(st.lists(st.integers(1, 5), min_size=1, max_size=SUB_SCORES_MAX))
def test_a_mean_lies_between_its_parts(scores: list[int]) -> None:
    parts = [SubScore(str(place), score) for place, score in enumerate(scores)]
    assert min(scores) <= mean(parts) <= max(scores)
