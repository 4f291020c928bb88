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
    SubmitRatings,
    WaiveConcern,
    excuse,
    open_round,
    submit,
    waive,
)
from services.scoring.domain.assessment_result import Concern, Result
from shared.domain import Invalid, Refused
from shared.events.declare import type_of
from shared.events.scoring import (
    HELD_BACK,
    AssessmentCompleted,
    AssessmentOpened,
    AssessorExcused,
    ConcernWaived,
    RatingsSubmitted,
)
from shared.events.scoring_terms import (
    ConcernKind,
    Confidence,
    Criterion,
    CriterionResult,
    Evidence,
    Rating,
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
FOUR = Rating("fit", 4, Confidence.HIGH, (), EVIDENCE)
SUBMIT = SubmitRatings(by=ANA, at=NOON, ratings=(FOUR,))
EXCUSE = ExcuseAssessor(by=EVE, at=NOON, assessor=BEN, reason="on leave")
BLOCKER = Concern("fit", ConcernKind.BLOCKER)
UNDER_FLOOR = Concern("fit", ConcernKind.UNDER_FLOOR)
WAIVE = WaiveConcern(by=EVE, at=NOON, concern=BLOCKER, reason="They sold that unit.")

OPENED = AssessmentOpened(candidate=ACME, template=TEMPLATE, assessors=(ANA, BEN), round=1)
EXCUSED = AssessorExcused(assessor=BEN, reason="on leave")
WAIVED = ConcernWaived(criterion="fit", kind=ConcernKind.BLOCKER, waived_by=EVE, reason="They sold that unit.")


def rating(criterion: str, score: int, **said: Any) -> Rating:
    said = {"confidence": Confidence.HIGH, "red_flags": (), "evidence": None, **said}
    return Rating(criterion, score, **said)


def submitted(assessor: UUID, *ratings: Rating) -> RatingsSubmitted:
    return RatingsSubmitted(assessor=assessor, ratings=ratings)


def completed_by(*submissions: RatingsSubmitted) -> list[Any]:
    """A history in which Ana, then Ben where he is not excused, submit these, and all that was decided by it."""
    history: list[Any] = [OPENED]
    if len(submissions) == 1:
        history.append(EXCUSED)
    for each in submissions:
        command = SubmitRatings(by=each.assessor, at=NOON, ratings=each.ratings or ())
        history += submit(command, ASSESSMENT.replay(history))
    return history


def result_of(*submissions: RatingsSubmitted) -> Result:
    result = ASSESSMENT.replay(completed_by(*submissions)).result
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


def test_an_assessor_submits_all_at_once() -> None:
    scenario(ASSESSMENT).given(OPENED).when(submit, SUBMIT).then(submitted(ANA, FOUR))


def test_nobody_else_does() -> None:
    scenario(ASSESSMENT).given(OPENED).when(submit, replace(SUBMIT, by=EVE)).then_refused("not-an-assessor")
    scenario(ASSESSMENT).when(submit, SUBMIT).then_refused("assessment-not-open")


@pytest.mark.parametrize(
    ("ratings", "pointer"),
    [
        ((), "/ratings"),
        ((FOUR, FOUR), "/ratings"),
        ((FOUR, rating("luck", 4)), "/ratings/1/criterion"),
        ((rating("fit", 0),), "/ratings/0/score"),
        ((rating("fit", 6),), "/ratings/0/score"),
        ((rating("fit", 4, red_flags=(SeenRedFlag("luck", Severity.WARNING),)),), "/ratings/0/red_flags/0/key"),
        ((rating("fit", 4, red_flags=BLOCKING * 2),), "/ratings/0/red_flags"),
    ],
)
def test_ratings_that_cannot_be_are_invalid(ratings: tuple[Rating, ...], pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        submit(replace(SUBMIT, ratings=ratings), scenario(ASSESSMENT).given(OPENED).state)
    assert invalid.value.pointer == pointer


def test_submitting_locks() -> None:
    scenario(ASSESSMENT).given(OPENED, submitted(ANA, FOUR)).when(submit, SUBMIT).then_refused("ratings-submitted")


def test_the_last_to_submit_completes_it() -> None:
    last = replace(SUBMIT, by=BEN, ratings=(rating("fit", 2), rating("cost", 3)))
    history = scenario(ASSESSMENT).given(OPENED, submitted(ANA, FOUR))
    assert not history.state.complete
    assert history.state.outstanding == (BEN,)
    outcome = AssessmentCompleted(
        low=Decimal("2.7"),
        high=Decimal("3.3"),
        criteria=(
            CriterionResult("fit", Decimal(3), Decimal(3), 2, Confidence.HIGH, ()),
            CriterionResult("cost", Decimal(2), Decimal(4), None, Confidence.HIGH, ()),
        ),
    )
    history.when(submit, last).then(submitted(BEN, *last.ratings), outcome)
    assert history.given(submitted(BEN, *last.ratings), outcome).state.complete


def test_an_assessor_sees_the_others_only_after_submitting_and_the_rest_when_it_is_complete() -> None:
    history = scenario(ASSESSMENT).given(OPENED, submitted(BEN, rating("fit", 2)))
    assert history.state.visible_to(ANA) == {}
    assert history.state.visible_to(EVE) == {}
    assert history.state.visible_to(BEN) == {BEN: (rating("fit", 2),)}
    assert history.state.result is None
    done = ASSESSMENT.replay(completed_by(submitted(ANA, FOUR), submitted(BEN, rating("fit", 2))))
    assert all(done.visible_to(viewer).keys() == {ANA, BEN} for viewer in (ANA, BEN, EVE))


def test_what_is_submitted_is_sealed_until_the_event_that_completes_it() -> None:
    assert type_of(RatingsSubmitted).erasable == {"ratings"}
    assert HELD_BACK.items() == {(type_of(RatingsSubmitted).name, type_of(AssessmentCompleted).name)}


def test_a_result_stands_when_the_ratings_behind_it_are_erased() -> None:
    history = completed_by(submitted(ANA, FOUR), submitted(BEN, rating("fit", 2, red_flags=BLOCKING)))
    erased = [replace(e, ratings=None) if isinstance(e, RatingsSubmitted) else e for e in history]
    assert ASSESSMENT.replay(erased).result == ASSESSMENT.replay(history).result
    assert ASSESSMENT.replay(erased).visible_to(EVE) == {ANA: (), BEN: ()}


def test_one_who_cannot_rate_is_excused() -> None:
    scenario(ASSESSMENT).given(OPENED).when(excuse, EXCUSE).then(EXCUSED)
    scenario(ASSESSMENT).given(OPENED, submitted(ANA, FOUR)).when(excuse, EXCUSE).then_includes(
        EXCUSED, AssessmentCompleted
    )
    scenario(ASSESSMENT).given(OPENED, EXCUSED).when(submit, replace(SUBMIT, by=BEN)).then_refused("not-an-assessor")


@pytest.mark.parametrize("rater", [ANA, BEN])
def test_who_rates_in_a_round_excuses_nobody_from_it(rater: UUID) -> None:
    scenario(ASSESSMENT).given(OPENED).when(excuse, replace(EXCUSE, by=rater)).then_refused("rates-here")


def test_who_rated_in_a_round_waives_nothing_in_it() -> None:
    history = scenario(ASSESSMENT).given(*completed_by(submitted(ANA, rating("fit", 4, red_flags=BLOCKING))))
    history.when(waive, replace(WAIVE, by=ANA)).then_refused("rated-here")
    history.when(waive, replace(WAIVE, by=BEN)).then_includes(ConcernWaived)


def test_the_last_assessor_is_not_excused() -> None:
    last = replace(EXCUSE, assessor=ANA)
    scenario(ASSESSMENT).given(OPENED, EXCUSED).when(excuse, last).then_refused("last-assessor")


def test_the_score_is_the_weighted_mean() -> None:
    result = result_of(
        submitted(ANA, FOUR, rating("cost", 2)),
        submitted(BEN, rating("fit", 3, confidence=Confidence.LOW), rating("cost", 2)),
    )
    assert (result.low, result.high) == (Decimal("3.05"), Decimal("3.05"))
    fit, cost = result.criteria
    assert (fit.low, fit.spread, fit.confidence) == (Decimal("3.5"), 1, Confidence.LOW)
    assert (cost.low, cost.spread, cost.confidence) == (Decimal(2), 0, Confidence.HIGH)
    assert not result.not_recommended


def test_what_was_not_rated_makes_an_interval() -> None:
    result = result_of(submitted(ANA, FOUR))
    assert (result.low, result.high) == (Decimal("3.1"), Decimal("4.3"))
    cost = result.criteria[1]
    assert (cost.low, cost.high, cost.spread, cost.confidence) == (Decimal(1), Decimal(5), None, None)


def test_a_blocker_or_a_score_under_its_floor_is_a_concern_and_a_warning_is_none() -> None:
    blocked = rating("fit", 2, red_flags=BLOCKING)
    assert result_of(submitted(ANA, blocked)).concerns == (BLOCKER, UNDER_FLOOR)
    warned = rating("fit", 3, red_flags=(SeenRedFlag("overlap", Severity.WARNING),))
    assert result_of(submitted(ANA, warned)).concerns == ()


def test_who_left_a_criterion_out_might_have_said_anything() -> None:
    result = result_of(submitted(ANA, FOUR, rating("cost", 4)), submitted(BEN, rating("fit", 4)))
    assert (result.criteria[1].low, result.criteria[1].high) == (Decimal("2.5"), Decimal("4.5"))
    assert (result.low, result.high) == (Decimal("3.55"), Decimal("4.15"))


@pytest.mark.parametrize(
    ("said", "kinds"),
    [
        ((rating("cost", 5),), (ConcernKind.MAY_BE_UNDER_FLOOR,)),
        ((rating("fit", 4),), (ConcernKind.MAY_BE_UNDER_FLOOR,)),
        ((rating("fit", 5),), ()),
        ((rating("fit", 3),), (ConcernKind.MAY_BE_UNDER_FLOOR,)),
    ],
)
def test_a_floor_is_not_passed_by_saying_nothing(said: tuple[Rating, ...], kinds: tuple[ConcernKind, ...]) -> None:
    result = result_of(submitted(ANA, *said), submitted(BEN, rating("cost", 5)))
    assert result.criteria[0].concerns == kinds
    assert result.not_recommended is bool(kinds)


def test_what_is_under_its_floor_whatever_was_left_out_surely_is() -> None:
    high = replace(TEMPLATE, criteria=(replace(FIT, floor=Decimal("4.5")), COST))
    history = [replace(OPENED, template=high), submitted(ANA, rating("fit", 3))]
    last = SubmitRatings(by=BEN, at=NOON, ratings=(rating("cost", 3),))
    history += submit(last, ASSESSMENT.replay(history))
    result = ASSESSMENT.replay(history).result
    assert result is not None
    assert result.concerns == (UNDER_FLOOR,)


def test_a_concern_stands_until_it_is_waived() -> None:
    history = scenario(ASSESSMENT).given(*completed_by(submitted(ANA, rating("fit", 4, red_flags=BLOCKING))))
    history.when(waive, WAIVE).then(WAIVED)
    before, after = history.state.result, history.given(WAIVED).state.result
    assert before is not None
    assert after is not None
    assert before.not_recommended
    assert not after.not_recommended
    assert after.waived == {BLOCKER: EVE}


def test_each_concern_is_waived_for_itself_with_a_reason() -> None:
    history = scenario(ASSESSMENT).given(*completed_by(submitted(ANA, rating("fit", 2, red_flags=BLOCKING))))
    result = history.given(WAIVED).state.result
    assert result is not None
    assert result.not_recommended
    history.given(WAIVED).when(waive, WAIVE).then_refused("concern-waived")
    history.when(waive, replace(WAIVE, concern=Concern("cost", ConcernKind.BLOCKER))).then_refused("no-such-concern")
    with pytest.raises(Invalid) as invalid:
        waive(replace(WAIVE, reason=" "), history.state)
    assert invalid.value.pointer == "/reason"


def test_nothing_is_waived_while_ratings_are_outstanding() -> None:
    history = scenario(ASSESSMENT).given(OPENED, submitted(ANA, rating("fit", 4, red_flags=BLOCKING)))
    history.when(waive, WAIVE).then_refused("ratings-outstanding")
    scenario(ASSESSMENT).when(waive, WAIVE).then_refused("ratings-outstanding")


people = st.sampled_from([ANA, BEN, EVE])
ratings = st.lists(
    st.builds(
        lambda key, score, flags: rating(key, score, red_flags=flags if key == "fit" else ()),
        st.sampled_from(["fit", "cost"]),
        st.integers(0, 6),
        st.sampled_from([(), BLOCKING]),
    ),
    max_size=2,
).map(tuple)
acts = st.one_of(
    st.builds(lambda who, said: (submit, replace(SUBMIT, by=who, ratings=said)), people, ratings),
    people.map(lambda who: (excuse, replace(EXCUSE, assessor=who))),
    st.sampled_from([BLOCKER, UNDER_FLOOR]).map(lambda concern: (waive, replace(WAIVE, concern=concern))),
)


@settings(max_examples=150)
@given(st.lists(acts, max_size=25))
def test_nothing_submitted_ever_changes_and_nobody_sees_it_early(acts: list[tuple[Any, Any]]) -> None:
    history: list[Any] = [OPENED]
    for decide, command in acts:
        before = ASSESSMENT.replay(history)
        try:
            history += decide(command, before)
        except (Refused, Invalid):
            continue
        after = ASSESSMENT.replay(history)
        assert before.ratings.items() <= after.ratings.items()
        assert before.outcome in (None, after.outcome)
        assert after.complete == (not after.outstanding)
        assert all(after.visible_to(viewer) == {} for viewer in after.outstanding)
        if after.result is not None:
            assert 1 <= after.result.low <= after.result.high <= 5
            assert after.waived.keys() <= set(after.result.concerns)
