"""How far a weight must change before the runner-up draws level with the leader.

The most critical criterion of a weighted sum model, by absolute and relative change of one weight: E. Triantaphyllou
and A. Sánchez, "A sensitivity analysis approach for some deterministic multi-criteria decision-making methods",
Decision Sciences 28(1), 1997. Exact, in fractions.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

Values = Mapping[str, Fraction]
"""By criterion."""


def smallest_changes(leader: Values, runner_up: Values, weights: Values) -> dict[str, Fraction | None]:
    """For each criterion, what added to its weight alone makes both score the same; beyond it, the runner-up wins.

    Scaling all weights to sum to 1 afterwards does not change who wins. None where no weight of 0 or more does it.
    """
    gap = sum((weights[key] * (leader[key] - runner_up[key]) for key in weights), Fraction(0))
    changes: dict[str, Fraction | None] = {}
    for key, weight in weights.items():
        lead = leader[key] - runner_up[key]
        change = -gap / lead if lead else None
        if lead > 0 and change is not None and weight + change <= 0:
            change = None  # even without this criterion the leader is not behind
        changes[key] = change
    return changes


def becomes(weight: Fraction, change: Fraction) -> Fraction:
    """The weight once it is changed and all are scaled to sum to 1 again."""
    return (weight + change) / (1 + change)


def critical(changes: Mapping[str, Fraction | None], weights: Values) -> str | None:
    """The criterion the lead hangs on: the one whose weight needs the smallest change relative to itself.

    A criterion of weight 0 has no relative change and comes last; None where no single weight can do it.
    """
    possible = {key: abs(change) for key, change in changes.items() if change is not None}

    def relative(key: str) -> tuple[bool, Fraction]:
        weight = weights[key]
        return (weight == 0, possible[key] / weight if weight else possible[key])

    return min(possible, key=relative, default=None)
