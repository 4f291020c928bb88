from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.governance.domain.moment import Due, end_of, last_day, months_after
from services.governance.domain.review import (
    REVIEW,
    CancelReview,
    GiveOutcome,
    ahead,
    cancel_review,
    fire_review,
    give_outcome,
    next_in_turn,
    renewal_review,
    reviews_at_launch,
)
from shared.domain import Refused
from shared.events.governance_reviews import (
    ReviewCancelled,
    ReviewConcluded,
    ReviewKind,
    ReviewMissed,
    ReviewOpened,
    ReviewOutcome,
    ReviewOutcomeGiven,
)
from shared.events.governance_terms import Moment
from shared.testing.scenario import scenario
from tests.domain.governance import paper
from tests.domain.governance.given import ANA, MADRID, NEW_YORK, STRANGER, A, B, utc

LAUNCHED = date(2025, 11, 30)
SCHEDULED = {(one.kind, one.number): one for one in reviews_at_launch(LAUNCHED, (A, B))}
QUARTER = SCHEDULED[ReviewKind.QUARTERLY_BUSINESS, 1]
OPENED = ReviewOpened(kind=QUARTER.kind, opens_at=QUARTER.opens_at, opened_at=QUARTER.opens_at, due_at=QUARTER.due_at)
SOON, LATE = utc("2026-02-20 10:00"), utc("2026-03-02 10:00")
WAITING, OPEN = scenario(REVIEW).given(QUARTER), scenario(REVIEW).given(QUARTER, OPENED)
MISSED = ReviewMissed(kind=QUARTER.kind, due_at=QUARTER.due_at, detected_at=LATE)


def said(side: Any, outcome: ReviewOutcome = ReviewOutcome.CONTINUE) -> ReviewOutcomeGiven:
    return ReviewOutcomeGiven(side=side, outcome=outcome)


def test_what_a_launch_schedules() -> None:
    assert {key: one.due_at for key, one in SCHEDULED.items()} == {
        (ReviewKind.DEAL_LOGIC, 1): utc("2026-03-01 00:00"),
        (ReviewKind.CHECKPOINT, 1): utc("2026-05-31 00:00"),
        (ReviewKind.CHECKPOINT, 2): utc("2026-12-01 00:00"),
        (ReviewKind.QUARTERLY_BUSINESS, 1): utc("2026-03-01 00:00"),
        (ReviewKind.YEARLY_STRATEGIC, 1): utc("2026-12-01 00:00"),
    }


def test_a_day_is_over_when_it_is_over_for_every_side() -> None:
    assert end_of(date(2026, 3, 1)) == utc("2026-03-02 00:00")
    assert end_of(date(2026, 3, 1), (MADRID, NEW_YORK)) == utc("2026-03-02 05:00")


@pytest.mark.parametrize(
    ("period", "day"),
    [
        ("2013-03-01", date(2013, 3, 1)),
        ("2013-W09", date(2013, 3, 3)),
        ("2012-02", date(2012, 2, 29)),
        ("2013-Q4", date(2013, 12, 31)),
    ],
)
def test_the_last_day_of_a_period(period: str, day: date) -> None:
    assert last_day(period) == day


def test_what_repeats_is_counted_from_the_launch_so_that_short_months_do_not_shift_it() -> None:
    second = next_in_turn(OPEN.state)
    assert [(one.number, one.due_at) for one in second] == [(2, utc("2026-05-31 00:00"))]
    once = REVIEW.replay([SCHEDULED[ReviewKind.CHECKPOINT, 1]])
    assert next_in_turn(once) == []


@given(st.dates(date(1900, 1, 1), date(2900, 1, 1)), st.integers(-600, 600))
def test_months_after(day: date, months: int) -> None:
    after = months_after(day, months)
    assert (after.year * 12 + after.month) - (day.year * 12 + day.month) == months
    assert after.day == day.day or (after.day < day.day and months_after(after, 0) == after)


def test_a_renewal_opens_twelve_months_before_the_term_ends_and_is_due_with_the_notice() -> None:
    renewal = renewal_review(paper.TERM_SHEET, ANA, 1, (A, B))
    assert (renewal.opens_at, renewal.due_at, renewal.about) == (utc("2027-02-28 00:00"), utc("2028-01-01 00:00"), ANA)


def test_time_opens_it_and_says_when_it_was_missed() -> None:
    assert ahead(WAITING.state) == (Moment("opens", QUARTER.opens_at), Moment("overdue", QUARTER.due_at))
    WAITING.when(fire_review, Due(QUARTER.opens_at, "opens")).then(OPENED)
    OPEN.when(fire_review, Due(LATE, "overdue")).then(MISSED)
    OPEN.given(MISSED).when(fire_review, Due(LATE, "overdue")).then_nothing()
    assert ahead(OPEN.given(MISSED).state) == ()


def test_it_is_concluded_once_every_side_says_the_same() -> None:
    give = GiveOutcome(SOON, A, ReviewOutcome.CONTINUE)
    OPEN.when(give_outcome, give).then(said(A))
    OPEN.given(said(A)).when(give_outcome, give).then_refused("said-already")
    OPEN.given(said(B, ReviewOutcome.EXIT)).when(give_outcome, give).then(said(A))
    concluded = ReviewConcluded(kind=QUARTER.kind, outcome=ReviewOutcome.CONTINUE, concluded_at=SOON, late=False)
    OPEN.given(said(B)).when(give_outcome, give).then(said(A), concluded)
    WAITING.when(give_outcome, give).then_refused("review-not-open")
    OPEN.given(concluded).when(give_outcome, give).then_refused("review-over")
    OPEN.when(give_outcome, GiveOutcome(SOON, STRANGER, ReviewOutcome.EXIT)).then_refused("not-a-party")


def test_done_late_it_was_missed_first_even_when_nobody_noticed() -> None:
    give = GiveOutcome(LATE, A, ReviewOutcome.CONTINUE)
    concluded = ReviewConcluded(kind=QUARTER.kind, outcome=ReviewOutcome.CONTINUE, concluded_at=LATE, late=True)
    OPEN.given(said(B)).when(give_outcome, give).then(MISSED, said(A), concluded)
    OPEN.given(said(B), MISSED).when(give_outcome, give).then(said(A), concluded)


def test_what_is_pending_is_cancelled_and_nothing_else() -> None:
    OPEN.when(cancel_review, CancelReview(SOON)).then(ReviewCancelled(kind=QUARTER.kind))
    OPEN.given(MISSED).when(cancel_review, CancelReview(LATE)).then_nothing()


@given(st.lists(st.tuples(st.sampled_from([A, B]), st.sampled_from(ReviewOutcome), st.booleans()), max_size=20))
def test_whatever_the_sides_say_it_is_concluded_once_and_in_agreement(words: list[Any]) -> None:
    state, concluded = OPEN.state, 0
    for side, outcome, time_passes in words:
        try:
            decided = fire_review(Due(LATE, "overdue"), state) if time_passes else []
            state = REVIEW.replay(decided, state)
            events = give_outcome(GiveOutcome(LATE if time_passes else SOON, side, outcome), state)
        except Refused:
            continue
        state = REVIEW.replay(events, state)
        for event in events:
            if isinstance(event, ReviewConcluded):
                concluded += 1
                assert set(state.outcomes.values()) == {event.outcome}
    assert concluded <= 1
