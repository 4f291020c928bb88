"""The closed form of the smallest change of a weight agrees with trying it."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import given
from hypothesis import strategies as st

from services.scoring.domain.sensitivity import Values, becomes, critical, smallest_changes

STEP = Fraction(1, 10_000)


def lead(leader: Values, runner_up: Values, weights: Values) -> Fraction:
    """By how much the leader is ahead once the weights are scaled to sum to 1."""
    return sum((weights[key] * (leader[key] - runner_up[key]) for key in weights), Fraction(0)) / sum(weights.values())


def changed(weights: Values, key: str, change: Fraction) -> Values:
    return {**weights, key: weights[key] + change}


@st.composite
def contests(draw: st.DrawFn) -> tuple[Values, Values, Values]:
    """A leader, a runner-up that is not ahead, and weights that sum to 1."""
    keys = [f"c{n}" for n in range(draw(st.integers(1, 6)))]
    scores = st.lists(st.fractions(1, 5, max_denominator=4), min_size=len(keys), max_size=len(keys))
    parts = draw(st.lists(st.integers(0, 20), min_size=len(keys), max_size=len(keys)).filter(any))
    weights = {key: Fraction(part, sum(parts)) for key, part in zip(keys, parts, strict=True)}
    one, other = (dict(zip(keys, draw(scores), strict=True)) for _ in range(2))
    return (one, other, weights) if lead(one, other, weights) >= 0 else (other, one, weights)


@given(contests())
def test_agrees_with_brute_force(contest: tuple[Values, Values, Values]) -> None:
    leader, runner_up, weights = contest
    for key, change in smallest_changes(leader, runner_up, weights).items():
        if change is None:
            tried = (changed(weights, key, Fraction(n, 20) - weights[key]) for n in range(1, 2_000, 7))
            assert all(lead(leader, runner_up, weighed) >= 0 for weighed in tried)
            continue
        level = changed(weights, key, change)
        assert lead(leader, runner_up, level) == 0
        assert level[key] / sum(level.values()) == becomes(weights[key], change)
        direction = -1 if leader[key] > runner_up[key] else 1
        beyond = changed(weights, key, change + direction * min(STEP, level[key] or STEP))
        short = changed(weights, key, change - direction * STEP)
        assert lead(leader, runner_up, beyond) < 0
        assert lead(leader, runner_up, short) > 0


def values(**scores: str) -> Values:
    return {key: Fraction(score) for key, score in scores.items()}


def test_a_worked_example() -> None:
    # 0.5·4 + 0.3·2 + 0.2·3 = 3.2 against 0.5·3 + 0.3·3 + 0.2·3 = 3.0: ahead by 0.2, on `fit` alone.
    weights = values(fit="0.5", cost="0.3", speed="0.2")
    changes = smallest_changes(values(fit="4", cost="2", speed="3"), values(fit="3", cost="3", speed="3"), weights)
    assert changes == {"fit": Fraction(-1, 5), "cost": Fraction(1, 5), "speed": None}
    assert becomes(weights["fit"], Fraction(-1, 5)) == Fraction("0.375")
    assert critical(changes, weights) == "fit"  # 40 % of its weight, where cost needs 67 % of its own


def test_nothing_is_critical_where_no_weight_can_do_it() -> None:
    weights = values(fit="0.5", cost="0.5")
    changes = smallest_changes(values(fit="4", cost="4"), values(fit="3", cost="3"), weights)
    assert changes == {"fit": None, "cost": None}
    assert critical(changes, weights) is None


def test_a_criterion_without_weight_is_critical_last() -> None:
    weights = values(fit="1", cost="0")
    changes = smallest_changes(values(fit="4", cost="1"), values(fit="3", cost="5"), weights)
    assert changes == {"fit": None, "cost": Fraction(1, 4)}
    assert critical(changes, weights) == "cost"
    assert critical({"fit": Fraction(-1, 2), "cost": Fraction(1, 4)}, weights) == "fit"
