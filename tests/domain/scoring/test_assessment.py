"""Assessors rate unseen by one another; what was not rated is an interval; concerns stand until they are waived."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.scoring.domain.assessment import (
    ASSESSMENT,
    ASSESSORS_MAX,
    ExcuseAssessor,
    OpenAssessment,
    Rate,
    SubmitRatings,
    WaiveConcern,
    excuse,
    open_round,
    rate,
    submit,
    waive,
)
from services.scoring.domain.assessment_result import Concern, Result
from shared.domain import Invalid, Refused
from shared.events.declare import type_of
from shared.events.scoring import (
    AssessmentOpened,
    AssessorExcused,
    ConcernKind,
    ConcernWaived,
    Confidence,
    Criterion,
    Evidence,
    RatingGiven,
    RatingsSubmitted,
    RedFlag,
    Scale,
    SeenRedFlag,
    Severity,
    Template,
)
from shared.testing.scenario import scenario

ANA, BEN, EVE, ACME = (UUID(int=n) for n in range(4))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OVERLAP = RedFlag("overlap", "Overlaps with us", Severity.WARNING)
FIT = Criterion("fit", "Fit", "Do we fit?", Decimal("0.7"), Decimal(3), (OVERLAP,))
COST = Criterion("cost", "Cost", "Is it worth it?", Decimal("0.3"), None, ())
TEMPLATE = Template("ours", 3, "Our own", Scale(1, 5), (FIT, COST))
EVIDENCE = Evidence("Their report", ("https://example.com/report",), ())
BLOCKING = (SeenRedFlag("overlap", Severity.BLOCKER),)

OPEN = OpenAssessment(by=EVE, at=NOON, candidate=ACME, template=TEMPLATE, assessors=(ANA, BEN), round=1)
RATE = Rate(by=ANA, at=NOON, criterion="fit", score=4, confidence=Confidence.HIGH, evidence=EVIDENCE)
SUBMIT = SubmitRatings(by=ANA, at=NOON)
EXCUSE = ExcuseAssessor(by=EVE, at=NOON, assessor=BEN, reason="on leave")
BLOCKER = Concern("fit", ConcernKind.BLOCKER)
UNDER_FLOOR = Concern("fit", ConcernKind.UNDER_FLOOR)
WAIVE = WaiveConcern(by=EVE, at=NOON, concern=BLOCKER, reason="They sold that unit.")

OPENED = AssessmentOpened(candidate=ACME, template=TEMPLATE, assessors=(ANA, BEN), round=1)
EXCUSED = AssessorExcused(assessor=BEN, reason="on leave")
WAIVED = ConcernWaived(criterion="fit", kind=ConcernKind.BLOCKER, waived_by=EVE, reason="They sold that unit.")


def rated(assessor: UUID, criterion: str, score: int, **said: Any) -> RatingGiven:
    said = {"confidence": Confidence.HIGH, "red_flags": (), **said}
    return RatingGiven(assessor=assessor, criterion=criterion, score=score, **said)


def submitted(*assessors: UUID) -> list[RatingsSubmitted]:
    return [RatingsSubmitted(assessor=assessor) for assessor in assessors]


def result_after(*events: Any) -> Result:
    result = scenario(ASSESSMENT).given(OPENED, *events).state.result
    assert result is not None
    return result


def test_is_opened_with_the_template_it_is_made_by() -> None:
    scenario(ASSESSMENT).when(open_round, OPEN).then(OPENED)


def test_is_opened_once() -> None:
    scenario(ASSESSMENT).given(OPENED).when(open_round, OPEN).then_refused("assessment-open")


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"assessors": ()}, "/assessors"),
        ({"assessors": (ANA, ANA)}, "/assessors"),
        ({"assessors": tuple(UUID(int=n) for n in range(ASSESSORS_MAX + 1))}, "/assessors"),
        ({"round": 0}, "/round"),
        ({"template": replace(TEMPLATE, criteria=(FIT,))}, "/criteria"),
    ],
)
def test_an_assessment_that_cannot_be_is_invalid(part: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        open_round(replace(OPEN, **part), ASSESSMENT.empty)
    assert invalid.value.pointer == pointer


def test_an_assessor_rates() -> None:
    scenario(ASSESSMENT).given(OPENED).when(rate, RATE).then(rated(ANA, "fit", 4, evidence=EVIDENCE))
    assert type_of(RatingGiven).erasable == {"evidence"}


def test_nobody_else_rates() -> None:
    scenario(ASSESSMENT).given(OPENED).when(rate, replace(RATE, by=EVE)).then_refused("not-an-assessor")
    scenario(ASSESSMENT).when(rate, RATE).then_refused("assessment-not-open")


@pytest.mark.parametrize(
    ("part", "pointer"),
    [
        ({"criterion": "luck"}, "/criterion"),
        ({"score": 0}, "/score"),
        ({"score": 6}, "/score"),
        ({"red_flags": (SeenRedFlag("luck", Severity.WARNING),)}, "/red_flags/0/key"),
        ({"red_flags": BLOCKING * 2}, "/red_flags"),
    ],
)
def test_a_rating_that_cannot_be_is_invalid(part: dict[str, Any], pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        rate(replace(RATE, **part), scenario(ASSESSMENT).given(OPENED).state)
    assert invalid.value.pointer == pointer


def test_submitting_locks() -> None:
    history = scenario(ASSESSMENT).given(OPENED, rated(ANA, "fit", 4))
    history.when(submit, SUBMIT).then(*submitted(ANA))
    locked = history.given(*submitted(ANA))
    locked.when(rate, RATE).then_refused("ratings-submitted")
    locked.when(submit, SUBMIT).then_refused("ratings-submitted")


def test_nothing_is_not_submitted() -> None:
    scenario(ASSESSMENT).given(OPENED).when(submit, SUBMIT).then_refused("nothing-rated")


def test_an_assessor_sees_the_others_only_after_submitting() -> None:
    history = scenario(ASSESSMENT).given(OPENED, rated(ANA, "fit", 4), rated(BEN, "fit", 2), *submitted(BEN))
    assert history.state.visible_to(ANA).keys() == {ANA}
    assert history.state.visible_to(BEN).keys() == {BEN}
    assert history.state.visible_to(EVE).keys() == {BEN}
    assert history.given(*submitted(ANA)).state.visible_to(ANA).keys() == {ANA, BEN}


def test_one_who_cannot_rate_is_excused() -> None:
    history = scenario(ASSESSMENT).given(OPENED, rated(ANA, "fit", 4), *submitted(ANA))
    assert not history.state.complete
    history.when(excuse, EXCUSE).then(EXCUSED)
    assert history.given(EXCUSED).state.complete
    history.given(EXCUSED).when(rate, replace(RATE, by=BEN)).then_refused("not-an-assessor")


def test_the_last_assessor_is_not_excused() -> None:
    last = replace(EXCUSE, assessor=ANA)
    scenario(ASSESSMENT).given(OPENED, EXCUSED).when(excuse, last).then_refused("last-assessor")


def test_the_score_is_the_weighted_mean() -> None:
    result = result_after(
        rated(ANA, "fit", 4),
        rated(ANA, "cost", 2),
        rated(BEN, "fit", 3, confidence=Confidence.LOW),
        rated(BEN, "cost", 2),
        *submitted(ANA, BEN),
    )
    assert (result.low, result.high) == (Decimal("3.05"), Decimal("3.05"))
    fit, cost = result.criteria
    assert (fit.low, fit.spread, fit.confidence) == (Decimal("3.5"), 1, Confidence.LOW)
    assert (cost.low, cost.spread, cost.confidence) == (Decimal(2), 0, Confidence.HIGH)
    assert not result.not_recommended


def test_rating_again_replaces_what_was_said() -> None:
    result = result_after(rated(ANA, "fit", 1), rated(ANA, "fit", 5), *submitted(ANA))
    assert result.criteria[0].low == 5


def test_what_was_not_rated_makes_an_interval() -> None:
    result = result_after(rated(ANA, "fit", 4), *submitted(ANA))
    assert (result.low, result.high) == (Decimal("3.1"), Decimal("4.3"))
    cost = result.criteria[1]
    assert (cost.low, cost.high, cost.spread, cost.confidence) == (Decimal(1), Decimal(5), None, None)


def test_drafts_do_not_count() -> None:
    result = result_after(rated(ANA, "fit", 4), rated(BEN, "fit", 1), *submitted(ANA))
    assert result.criteria[0].low == 4
    assert ASSESSMENT.empty.result is None


def test_a_blocker_or_a_score_under_its_floor_is_a_concern_and_a_warning_is_none() -> None:
    blocked = rated(ANA, "fit", 2, red_flags=BLOCKING)
    assert result_after(blocked, *submitted(ANA)).concerns == (BLOCKER, UNDER_FLOOR)
    warned = rated(ANA, "fit", 3, red_flags=(SeenRedFlag("overlap", Severity.WARNING),))
    assert result_after(warned, *submitted(ANA)).concerns == ()


def test_a_concern_stands_until_it_is_waived() -> None:
    history = scenario(ASSESSMENT).given(OPENED, EXCUSED, rated(ANA, "fit", 4, red_flags=BLOCKING), *submitted(ANA))
    history.when(waive, WAIVE).then(WAIVED)
    before, after = history.state.result, history.given(WAIVED).state.result
    assert before is not None
    assert after is not None
    assert before.not_recommended
    assert not after.not_recommended
    assert after.waived == {BLOCKER: EVE}


def test_each_concern_is_waived_for_itself_with_a_reason() -> None:
    history = scenario(ASSESSMENT).given(OPENED, EXCUSED, rated(ANA, "fit", 2, red_flags=BLOCKING), *submitted(ANA))
    result = history.given(WAIVED).state.result
    assert result is not None
    assert result.not_recommended
    history.given(WAIVED).when(waive, WAIVE).then_refused("concern-waived")
    history.when(waive, replace(WAIVE, concern=Concern("cost", ConcernKind.BLOCKER))).then_refused("no-such-concern")
    with pytest.raises(Invalid) as invalid:
        waive(replace(WAIVE, reason=" "), history.state)
    assert invalid.value.pointer == "/reason"


def test_nothing_is_waived_while_ratings_are_outstanding() -> None:
    history = scenario(ASSESSMENT).given(OPENED, rated(ANA, "fit", 4, red_flags=BLOCKING), *submitted(ANA))
    history.when(waive, WAIVE).then_refused("ratings-outstanding")
    scenario(ASSESSMENT).when(waive, WAIVE).then_refused("ratings-outstanding")


people = st.sampled_from([ANA, BEN, EVE])
acts = st.one_of(
    st.builds(
        lambda who, key, score, flags: (rate, replace(RATE, by=who, criterion=key, score=score, red_flags=flags)),
        people,
        st.sampled_from(["fit", "cost"]),
        st.integers(0, 6),
        st.sampled_from([(), BLOCKING]),
    ),
    people.map(lambda who: (submit, replace(SUBMIT, by=who))),
    people.map(lambda who: (excuse, replace(EXCUSE, assessor=who))),
    st.sampled_from([BLOCKER, UNDER_FLOOR]).map(lambda concern: (waive, replace(WAIVE, concern=concern))),
)


@settings(max_examples=150)
@given(st.lists(acts, max_size=25))
def test_nothing_submitted_ever_changes_and_no_draft_is_ever_seen(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = [OPENED]
    for decide, command in acts:
        before = ASSESSMENT.replay(history)
        try:
            history += decide(command, before)
        except (Refused, Invalid):
            continue
        after = ASSESSMENT.replay(history)
        assert before.submitted <= after.submitted
        assert all(after.ratings[who] == before.ratings[who] for who in before.submitted)
        for viewer in (ANA, BEN, EVE):
            seen = after.visible_to(viewer).keys() - {viewer}
            assert seen <= (frozenset() if after.rating_still(viewer) else after.submitted)
        assert after.result is not None
        assert 1 <= after.result.low <= after.result.high <= 5
        assert after.waived.keys() <= set(after.result.concerns)
