"""Health: performance and relationship apart, every point of it from a figure or an event that is named."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

COVERAGE_MIN = Decimal("0.6")
"""Below this share of what could be known there is no number, only what is known."""
SCORE_DIGITS = 1
POINTS = 100


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that health is made of. `share` is 0 to 1, None where it is not known; `words` say what it is."""

    title: str
    share: Decimal | None
    words: str
    source: str
    """What it comes from: `kpi/<key>/<period>`, `pulse/<id>`, `decisions/<month>`."""


@dataclass(frozen=True, slots=True)
class Point:
    """What a part gives of the points that it could give; None where it is not known."""

    title: str
    points: Decimal | None
    of: Decimal
    words: str
    source: str


@dataclass(frozen=True, slots=True)
class Score:
    """0 to 100, None below the least coverage; `coverage` is the share of parts that are known."""

    score: Decimal | None
    coverage: Decimal
    points: tuple[Point, ...]


def score(parts: Sequence[Part], coverage_min: Decimal = COVERAGE_MIN) -> Score:
    """Every known part weighs the same; an unknown one weighs nothing and lowers the coverage."""
    known = [part for part in parts if part.share is not None]
    coverage = Decimal(len(known)) / len(parts) if parts else Decimal(0)
    each = Decimal(POINTS) / len(known) if known else Decimal(0)
    points = tuple(
        Point(part.title, None if part.share is None else round(each * part.share, 2), round(each, 2), part.words,
              part.source)
        for part in parts
    )  # fmt: skip
    total = sum((each * part.share for part in known if part.share is not None), Decimal(0))
    enough = bool(known) and coverage >= coverage_min
    return Score(round(total, SCORE_DIGITS) if enough else None, round(coverage, 4), points)


def capped(share: Decimal | None) -> Decimal | None:
    return None if share is None else min(Decimal(1), max(Decimal(0), share))
