"""The draws of a ranking: how often whom comes first, over many weights and the scores that are not known."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

CELLS_A_CHUNK = 1_000_000
"""Scores held at a time, 8 bytes each."""
TIE = 1e-9
"""Scores closer than this are level; who comes first among them is left to chance, draw by draw."""

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]


def as_floats(values: Sequence[Sequence[Decimal]] | Sequence[Decimal]) -> Floats:
    return np.array(values, dtype=np.float64)


def places_taken(
    low: Floats, high: Floats, weights: Floats, draws: int, concentration: float, seed: int, kept: int
) -> Counts:
    """How often each candidate comes first, second, … over draws of the weights: candidates × the places kept.

    `low`, `high`: candidates × criteria; `weights`: criteria, sum 1. Rank acceptability by simulation, with unknown
    scores drawn evenly between their bounds: R. Lahdelma and P. Salminen, "SMAA-2", Operations Research 49(3), 2001.
    """
    # RandomState and not Generator: its stream is frozen (NEP 19), so a recorded seed gives the same draws for ever.
    random = np.random.RandomState(seed)
    candidates, kept = len(low), min(kept, len(low))
    counts = np.zeros(candidates * kept, dtype=np.int64)
    drawn = np.zeros((draws, len(weights)))
    drawn[:, weights > 0] = random.dirichlet(concentration * weights[weights > 0], size=draws)
    width = high - low
    unknown = [(criterion, np.flatnonzero(width[:, criterion])) for criterion in range(len(weights))]
    step = max(1, CELLS_A_CHUNK // candidates)
    for start in range(0, draws, step):
        chunk = drawn[start : start + step]
        scores = chunk @ low.T
        for criterion, rows in unknown:
            if len(rows):
                spread = random.random_sample((len(chunk), len(rows)))
                scores[:, rows] += chunk[:, [criterion]] * width[rows, criterion] * spread
        scores += TIE * random.random_sample(scores.shape)
        first = scores.argmax(axis=1)[:, None] if kept == 1 else np.argsort(-scores, axis=1)[:, :kept]
        counts += np.bincount((first * kept + np.arange(kept)).ravel(), minlength=counts.size)
    return counts.reshape(candidates, kept)


def dominators(low: Floats, high: Floats) -> list[int | None]:
    """For each candidate the first that is surely at least as good on all criteria and better on one, else None."""
    found: list[int | None] = []
    for best in high:
        better = np.flatnonzero((low >= best).all(axis=1) & (low > best).any(axis=1))
        found.append(int(better[0]) if len(better) else None)
    return found
