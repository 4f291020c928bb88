"""What a benchmark finds: figures measured several times, and their ratio against a reference or a bound in ms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Literal

CUTS = 100
"""Percentiles are cut points among 100 parts; with fewer figures than that the largest stands for the 99th."""


class NotThere(Exception):
    """What is to be measured is not built yet, or not on this machine; the words say which."""


@dataclass(frozen=True)
class Target:
    """The bound that the judged figure must keep; `unit` is × for a ratio, ms for a time."""

    side: Literal["at least", "at most"]
    bound: float
    unit: Literal["×", "ms"]

    def met_by(self, figure: float) -> bool:
        return figure >= self.bound if self.side == "at least" else figure <= self.bound

    def __str__(self) -> str:
        return f"{'≥' if self.side == 'at least' else '≤'} {self.bound:g} {self.unit}"


def at_least(bound: float) -> Target:
    return Target("at least", bound, "×")


def at_most(bound: float, unit: Literal["×", "ms"] = "×") -> Target:
    return Target("at most", bound, unit)


@dataclass(frozen=True)
class Measured:
    """`judged` is what the target speaks of: the median of the ratios, or the 99th percentile of the times."""

    scale: str
    """What was measured, how much of it, and what it leaves out."""
    unit: str
    concord: tuple[float, ...]
    reference: tuple[float, ...]
    judged: float
    low: float
    high: float


def by_turns(
    scale: str, unit: str, rounds: int, *, concord: Callable[[], float], reference: Callable[[], float]
) -> Measured:
    """Measure A B A B, so that a slow moment of the machine meets both; judged by the median of the turns' ratios."""
    pairs = [(concord(), reference()) for _ in range(rounds)]
    ratios = [ours / theirs for ours, theirs in pairs]
    ours, theirs = zip(*pairs, strict=True)
    return Measured(scale, unit, ours, theirs, median(ratios), min(ratios), max(ratios))


def p99_of(scale: str, milliseconds: Sequence[float]) -> Measured:
    """The 99th percentile of these times, with the shortest and the longest."""
    times = tuple(milliseconds)
    return Measured(scale, "ms", times, (), p99(times), min(times), max(times))


def p99(figures: Sequence[float]) -> float:
    if len(figures) < CUTS:
        return max(figures)
    return quantiles(figures, n=CUTS, method="inclusive")[-1]
