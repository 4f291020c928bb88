"""A candidate goes through the funnel one stage at a time."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.candidate import CANDIDATE, ListCandidate, MoveCandidate, enlist, guidance, move
from shared.domain import Invalid, Refused
from shared.events.scoring import CandidateListed, CandidateMoved
from shared.events.scoring_terms import Stage
from shared.testing.scenario import scenario

ANA, BRIEF, ACME = (UUID(int=n) for n in range(3))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LIST = ListCandidate(by=ANA, at=NOON, brief=BRIEF, name="Acme", organisation=ACME, reason="known from the fair")
LISTED = CandidateListed(brief=BRIEF, name="Acme", organisation=ACME, reason="known from the fair")
SCREEN = MoveCandidate(by=ANA, at=NOON, stage=Stage.SCREENING)
SCREENED = CandidateMoved(stage=Stage.SCREENING)
REJECT = MoveCandidate(by=ANA, at=NOON, stage=Stage.REJECTED, reason="too small")
ROAD = (Stage.LONG_LIST, Stage.SCREENING, Stage.OUTREACH, Stage.DILIGENCE, Stage.SELECTED)


def test_begins_on_the_long_list() -> None:
    scenario(CANDIDATE).when(enlist, LIST).then(LISTED)
    assert scenario(CANDIDATE).given(LISTED).state.stage is Stage.LONG_LIST


def test_is_listed_once() -> None:
    scenario(CANDIDATE).given(LISTED).when(enlist, LIST).then_refused("candidate-listed")


def test_has_a_name() -> None:
    with pytest.raises(Invalid) as invalid:
        enlist(replace(LIST, name=""), CANDIDATE.empty)
    assert invalid.value.pointer == "/name"


def test_goes_on_to_the_next_stage() -> None:
    scenario(CANDIDATE).given(LISTED).when(move, SCREEN).then(SCREENED)


def test_skips_no_stage() -> None:
    scenario(CANDIDATE).given(LISTED).when(move, replace(SCREEN, stage=Stage.OUTREACH)).then_refused("stage-not-next")
    scenario(CANDIDATE).given(LISTED, SCREENED).when(move, SCREEN).then_refused("stage-not-next")


def test_is_rejected_at_any_stage_with_a_reason() -> None:
    rejected = CandidateMoved(stage=Stage.REJECTED, reason="too small")
    scenario(CANDIDATE).given(LISTED).when(move, REJECT).then(rejected)
    scenario(CANDIDATE).given(LISTED, SCREENED).when(move, REJECT).then(rejected)
    with pytest.raises(Invalid) as invalid:
        move(replace(REJECT, reason=None), scenario(CANDIDATE).given(LISTED).state)
    assert invalid.value.pointer == "/reason"


def test_moves_no_more_once_settled() -> None:
    for settled in (Stage.REJECTED, Stage.SELECTED):
        left = scenario(CANDIDATE).given(LISTED, CandidateMoved(stage=settled))
        left.when(move, REJECT).then_refused("candidate-settled")


def test_does_not_move_before_it_is_listed() -> None:
    scenario(CANDIDATE).when(move, SCREEN).then_refused("candidate-not-listed")


def test_unusual_numbers_are_said_and_not_refused() -> None:
    assert guidance({Stage.LONG_LIST: 15, Stage.OUTREACH: 5, Stage.DILIGENCE: 2}) == {}
    assert guidance({Stage.LONG_LIST: 26, Stage.SCREENING: 99, Stage.DILIGENCE: 1}) == {
        Stage.LONG_LIST: "15–25 candidates are usual in long list; there are 26.",
        Stage.DILIGENCE: "2–3 candidates are usual in diligence; there are 1.",
    }


acts = st.one_of(
    st.just((enlist, LIST)),
    st.builds(lambda s, r: (move, replace(SCREEN, stage=s, reason=r)), st.sampled_from(Stage), st.sampled_from("ab")),
)


@settings(max_examples=100)
@given(st.lists(acts, max_size=20))
def test_the_road_is_walked_in_order(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = []
    walked: list[Stage | None] = []
    for decide, command in acts:
        try:
            history += decide(command, CANDIDATE.replay(history))
        except (Refused, Invalid):
            continue
        walked.append(CANDIDATE.replay(history).stage)
    if walked and walked[-1] is Stage.REJECTED:
        walked.pop()
    assert tuple(walked) == ROAD[: len(walked)]
