"""A ranking says the order, and how much it can be trusted."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from services.scoring.domain.draws import dominators, places_taken
from services.scoring.domain.ranking import (
    CANDIDATES_MAX,
    DRAWS_MAX,
    RANKING,
    SEED_MAX,
    Contender,
    Interval,
    MakeRanking,
    make_ranking,
    recommended,
)
from services.scoring.domain.supposition import Supposed, supposing
from shared.domain import Invalid
from shared.events.scoring import CandidatesPlaced, RankingMade
from shared.events.scoring_terms import Scale
from shared.testing.scenario import scenario

ANA, BRIEF = UUID(int=1), UUID(int=2)
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
WEIGHTS = {"fit": Decimal("0.5"), "cost": Decimal("0.3"), "speed": Decimal("0.2")}
BODY_BYTES_MAX = 65_518
GOLDEN = [
    ("0.4010", "0.4480", "0.1510"),
    ("0.3650", "0.4460", "0.1890"),
    ("0.2340", "0.1060", "0.6600"),
]


def contender(number: int, *scores: str, not_recommended: bool = False) -> Contender:
    """Each score `4`, or `1-5` for an interval."""
    bounds = [score.split("-") for score in scores]
    known = {key: Interval(Decimal(b[0]), Decimal(b[-1])) for key, b in zip(WEIGHTS, bounds, strict=True)}
    return Contender(UUID(int=number), UUID(int=1_000_000 + number), known, not_recommended)


def ranking_of(*contenders: Contender, **other: Any) -> MakeRanking:
    said = {"weights": WEIGHTS, "seed": 7, "draws": 1_000, **other}
    return MakeRanking(by=ANA, at=NOON, brief=BRIEF, template="star", template_version=1, contenders=contenders, **said)


def made(*contenders: Contender, **other: Any) -> RankingMade:
    event = make_ranking(ranking_of(*contenders, **other), RANKING.empty)[0]
    assert isinstance(event, RankingMade)
    return event


LEADER, RUNNER_UP, LAST = contender(1, "4", "2", "3"), contender(2, "3", "3", "3"), contender(3, "1", "2", "3")


def test_orders_by_weighted_score() -> None:
    event = made(LAST, RUNNER_UP, LEADER)
    assert [p.candidate.int for p in event.placings] == [1, 2, 3]
    assert [p.place for p in event.placings] == [1, 2, 3]
    assert (
        [p.low for p in event.placings] == [p.high for p in event.placings] == list(map(Decimal, ("3.2", "3", "1.7")))
    )
    assert event.candidates == 3


def test_the_order_given_does_not_matter() -> None:
    assert made(LAST, RUNNER_UP, LEADER) == made(LEADER, LAST, RUNNER_UP)


def test_says_which_candidates_are_dominated_and_by_whom() -> None:
    assert [p.dominated_by for p in made(LEADER, RUNNER_UP, LAST).placings] == [None, None, LEADER.candidate]
    maybe = contender(4, "1-5", "3", "3")
    assert all(p.dominated_by is None for p in made(RUNNER_UP, maybe).placings)


def test_says_what_it_hangs_on() -> None:
    event = made(LEADER, RUNNER_UP, LAST)
    told = [(c.criterion, c.change, c.becomes) for c in event.weight_changes]
    assert told == [
        ("fit", Decimal("-0.2"), Decimal("0.375")),
        ("cost", Decimal("0.2"), Decimal("0.416667")),
        ("speed", None, None),
    ]
    assert event.hangs_on == "fit"


def test_what_was_not_rated_makes_an_interval_and_the_call_too_close() -> None:
    event = made(contender(1, "5", "5", "1-5"), contender(2, "4", "4", "5"))
    assert (event.placings[0].low, event.placings[0].high) == (Decimal("4.2"), Decimal(5))
    assert event.placings[0].shares[0] > Decimal("0.6")
    assert event.too_close_to_call


def test_a_clear_leader_is_called() -> None:
    event = made(LEADER, LAST)
    assert event.placings[0].shares == (Decimal(1), Decimal(0))
    assert not event.too_close_to_call


def test_a_leader_of_few_draws_is_too_close_to_call() -> None:
    event = made(contender(1, "4", "2", "3"), contender(2, "2", "5", "3.4"))
    assert event.placings[0].low > event.placings[1].high
    assert event.placings[0].shares[0] < Decimal("0.6")
    assert event.too_close_to_call


def test_the_same_scores_win_as_often() -> None:
    event = made(*(contender(n, "4", "2", "3") for n in range(4)), draws=10_000)
    assert all(abs(share - Decimal("0.25")) < Decimal("0.03") for p in event.placings for share in p.shares)
    assert event.too_close_to_call


def test_one_candidate_wins() -> None:
    event = made(LEADER)
    assert (event.placings[0].shares, event.weight_changes, event.hangs_on) == ((Decimal(1),), (), None)
    assert not event.too_close_to_call


def test_the_seed_decides_the_draws() -> None:
    rivals = (contender(1, "4", "2", "3"), contender(2, "2", "5", "3.4"))
    assert made(*rivals, seed=1) == made(*rivals, seed=1)
    assert made(*rivals, seed=1).placings[0].shares != made(*rivals, seed=2).placings[0].shares


def test_a_recorded_seed_gives_the_same_shares_for_ever() -> None:
    event = made(contender(1, "4", "2", "3"), contender(2, "2", "5", "3.4"), contender(3, "1-5", "3", "2"), seed=42)
    assert [tuple(map(str, p.shares)) for p in event.placings] == GOLDEN


def test_weights_are_drawn_around_those_chosen() -> None:
    # Two criteria: the first wins when the drawn weight w ~ Beta(25, 25) is above 1/2, half of the time.
    low = np.array([[5.0, 1.0], [1.0, 5.0]])
    counts = places_taken(low, low, np.array([0.5, 0.5]), draws=20_000, concentration=50, seed=3, kept=10)
    assert abs(counts[0, 0] / 20_000 - 0.5) < 0.015
    # The first wins when w ~ Beta(6, 4) is above 1/2: 1 − I(1/2; 6, 4) = 382/512.
    counts = places_taken(low, low, np.array([0.6, 0.4]), draws=20_000, concentration=10, seed=3, kept=10)
    assert abs(counts[0, 0] / 20_000 - 382 / 512) < 0.015


def test_a_criterion_without_weight_decides_nothing() -> None:
    weights = {"fit": Decimal(1), "cost": Decimal(0), "speed": Decimal(0)}
    event = made(contender(1, "3", "1", "1"), contender(2, "2", "5", "5"), weights=weights)
    assert event.placings[0].shares == (Decimal(1), Decimal(0))


def test_many_candidates_fill_several_events_each_small_enough_to_record() -> None:
    many = [contender(n, f"{1 + n % 40 / 10:.4f}", "3.3333", "2.6667") for n in range(250)]
    events = make_ranking(ranking_of(*many), RANKING.empty)
    assert [type(e) for e in events] == [RankingMade, CandidatesPlaced, CandidatesPlaced]
    assert [len(e.placings) for e in events] == [100, 100, 50]
    assert len(RANKING.replay(events).order) == 250
    assert all(len(TypeAdapter(type(e)).dump_json(e)) < BODY_BYTES_MAX - 5_000 for e in events)


def test_is_made_once() -> None:
    scenario(RANKING).given(made(LEADER)).when(make_ranking, ranking_of(LEADER)).then_refused("ranking-made")


@pytest.mark.parametrize(
    ("command", "pointer"),
    [
        (ranking_of(), "/candidates"),
        (ranking_of(*[LEADER] * (CANDIDATES_MAX + 1)), "/candidates"),
        (ranking_of(LEADER, LEADER), "/candidates"),
        (ranking_of(LEADER, weights={}), "/weights"),
        (ranking_of(LEADER, weights={"fit": Decimal("0.9")}), "/weights"),
        (ranking_of(LEADER, weights={"fit": Decimal(1)}), "/candidates/0"),
        (ranking_of(LEADER, seed=SEED_MAX + 1), "/seed"),
        (ranking_of(LEADER, draws=0), "/draws"),
        (ranking_of(LEADER, draws=DRAWS_MAX + 1), "/draws"),
        (ranking_of(LEADER, concentration=Decimal(0)), "/concentration"),
    ],
)
def test_a_ranking_that_cannot_be_is_invalid(command: MakeRanking, pointer: str) -> None:
    with pytest.raises(Invalid) as invalid:
        make_ranking(command, RANKING.empty)
    assert invalid.value.pointer == pointer


scores = st.integers(1, 5).map(str) | st.just("1-5")
fields = st.lists(st.tuples(scores, scores, scores), min_size=1, max_size=12)


@settings(max_examples=50)
@given(fields, st.integers(0, SEED_MAX))
def test_the_figures_hang_together(field: list[tuple[str, str, str]], seed: int) -> None:
    contenders = [contender(n, *row) for n, row in enumerate(field)]
    event = made(*contenders, seed=seed, draws=200)
    middles = [p.low + p.high for p in event.placings]
    assert middles == sorted(middles, reverse=True)
    kept = min(10, len(field))
    for place in range(kept):
        assert sum(p.shares[place] for p in event.placings) == 1
    assert all(len(p.shares) == kept for p in event.placings)
    assert all(sum(p.shares) == 1 for p in event.placings) or len(field) > kept
    assert {p.candidate for p in event.placings} == {c.candidate for c in contenders}
    for p in event.placings:
        assert p.dominated_by is None or p.shares[0] == 0


@given(st.lists(st.tuples(*[st.tuples(st.integers(1, 5), st.integers(0, 2))] * 3), min_size=1, max_size=8))
def test_domination_agrees_with_its_definition(rows: list[tuple[tuple[int, int], ...]]) -> None:
    low = np.array([[float(worst) for worst, _ in row] for row in rows])
    high = low + np.array([[float(more) for _, more in row] for row in rows])
    for row, by in enumerate(dominators(low, high)):
        better = [
            n
            for n in range(len(rows))
            if all(a >= b for a, b in zip(low[n], high[row], strict=True)) and any(low[n] > high[row])
        ]
        assert by == (better[0] if better else None)


def test_whoever_is_not_recommended_is_marked() -> None:
    event = made(LEADER, replace(RUNNER_UP, not_recommended=True))
    assert [p.not_recommended for p in event.placings] == [False, True]


def test_the_best_without_a_concern_is_recommended_unless_it_is_too_close() -> None:
    best, second = contender(1, "5", "5", "5", not_recommended=True), contender(2, "3", "3", "3")
    placings = made(best, second).placings
    found = recommended(placings, too_close=False)
    assert found is not None
    assert found.candidate == second.candidate
    assert recommended(placings, too_close=True) is None
    assert recommended(made(best).placings, too_close=False) is None


BLOCKED = contender(1, "5", "5", "5", not_recommended=True)
EVEN = {"fit": Decimal("0.5"), "cost": Decimal("0.5"), "speed": Decimal(0)}


def test_a_dead_heat_behind_who_cannot_be_recommended_is_too_close_to_call() -> None:
    event = made(BLOCKED, contender(2, "4", "3", "3"), contender(3, "3", "4", "3"), weights=EVEN)
    assert event.placings[0].shares[0] == 1
    assert event.too_close_to_call
    assert recommended(event.placings, too_close=event.too_close_to_call) is None
    assert event.hangs_on in {"fit", "cost"}
    assert [change.change for change in event.weight_changes[:2]] == [0, 0]


def test_who_cannot_be_recommended_makes_no_call_close() -> None:
    event = made(contender(1, "4", "4", "4"), contender(2, "1-5", "5", "5", not_recommended=True), LAST)
    assert not event.too_close_to_call
    assert event.weight_changes == made(contender(1, "4", "4", "4"), LAST).weight_changes


def test_where_nobody_can_be_recommended_there_is_no_call() -> None:
    event = made(BLOCKED, replace(LAST, not_recommended=True))
    assert not event.too_close_to_call
    assert (event.weight_changes, event.hangs_on) == ((), None)


def test_what_is_supposed_takes_the_place_of_what_was_rated() -> None:
    scale = Scale(1, 5)
    supposed = supposing((LEADER, LAST), [Supposed(LEADER.candidate, "fit", Decimal(1))], scale)
    assert supposed[0].scores["fit"] == Interval(Decimal(1), Decimal(1))
    assert supposed[1] == LAST
    for wrong, pointer in (
        (Supposed(RUNNER_UP.candidate, "fit", Decimal(1)), "/scores/0/candidate_id"),
        (Supposed(LEADER.candidate, "luck", Decimal(1)), "/scores/0/criterion"),
        (Supposed(LEADER.candidate, "fit", Decimal(6)), "/scores/0/score"),
    ):
        with pytest.raises(Invalid) as invalid:
            supposing((LEADER, LAST), [wrong], scale)
        assert invalid.value.pointer == pointer


@pytest.mark.faults
def test_a_thousand_by_twenty_by_ten_thousand_takes_seconds_and_bounded_memory() -> None:
    """In a process of its own: processor seconds rather than those on the wall, which others share."""
    program = (
        "import resource, time\n"
        "import numpy as np\n"
        "from services.scoring.domain.draws import places_taken\n"
        "low = np.random.RandomState(1).randint(1, 6, (1_000, 20)).astype(float)\n"
        "high = np.where(np.random.RandomState(2).random_sample(low.shape) < 0.1, 5.0, low)\n"
        "begun = time.process_time()\n"
        "counts = places_taken(low, high, np.full(20, 0.05), 10_000, 50.0, 7, 10)\n"
        "assert counts[:, 0].sum() == 10_000\n"
        "print(time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    seconds, kilobytes = map(float, done.stdout.split())
    assert seconds < 5
    assert kilobytes < 500_000
