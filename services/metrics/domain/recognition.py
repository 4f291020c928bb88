"""Systematic differences between two sides' figures, recognised and said in words; silent on noise.

Method, in the order tried. All of it is distribution-free: only signs, medians and quartiles.

1. *Shift*: one side's figures lie within tolerance of the other's of the period before or after, on at least 80 % of
   the periods, and closer than unshifted by a sign test.
2. *One side higher*: a two-sided sign test (Arbuthnot 1710; Conover, Practical Nonparametric Statistics, 3rd ed., §3.4)
   with the exact binomial tail, equal figures left out, at 0.001; and the same side higher on at least 80 % of periods.
   Then *offset* or *ratio*, whichever has the smaller spread (interquartile range over the median difference, or over
   the excess of the median ratio above 1), if that is at most a half; else the amount varies.
3. *Level*: neither side is higher overall, but one is when the figures are low and the other when they are high: sign
   tests on the lowest and the highest fifth by the sum of both figures (the axis of Bland & Altman, Lancet 1986), each
   at 0.005, on opposite sides. Under exchangeable errors the sum says nothing of the sign, so the tests are exact.

The tests take periods as independent; neighbouring ones often are not, so a p-value is a screen and no proof.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from math import comb
from statistics import median, quantiles

from services.metrics.domain.figure import Slot, within
from services.metrics.domain.reconciliation import Pair, Status
from shared.events.metrics import Tolerance

PAIRS_MAX = 5_000
SIGNIFICANCE = 0.001
SIGNIFICANCE_OF_A_FIFTH = 0.005
SHARE_MIN = 0.8
DISCREPANT_SHARE_MIN = 0.1
RELATIVE_SPREAD_MAX = Decimal("0.5")
FIFTHS_PAIRS_MIN = 50
EXCEPTIONS_SAID_MAX = 5


class Kind(StrEnum):
    SHIFT = "shift"
    OFFSET = "offset"
    RATIO = "ratio"
    ONE_SIDED = "one_sided"
    LEVEL = "level"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is systematic, and on how much it holds: on `explained` of `compared` slots, and not on `exceptions`.

    `amount`: periods the second side is late by (shift), the higher side's median multiple (ratio), else the median of
    first minus second in the KPI's unit.
    """

    kind: Kind
    sentence: str
    amount: Decimal
    explained: int
    compared: int
    exceptions: tuple[Slot, ...]


@dataclass(frozen=True, slots=True)
class _Point:
    slot: Slot
    first: Decimal
    second: Decimal

    @property
    def difference(self) -> Decimal:
        return self.first - self.second


Names = tuple[str, str]


def recognise(pairs: Sequence[Pair], names: Names, tolerance: Tolerance) -> Finding | None:
    """What is systematic in the differences, or None: too few, tolerable, or noise.

    `names` are the sides as the reader knows them, the first reporter's first. Of more than 5,000 pairs that both sides
    reported the latest count.
    """
    points = [
        _Point(pair.slot, pair.first.value, pair.second.value)
        for pair in sorted(pairs, key=lambda pair: pair.slot)
        if pair.first is not None and pair.second is not None
    ][-PAIRS_MAX:]
    discrepant = sum(pair.status.is_apart or pair.status is Status.AGREED for pair in pairs)
    if not points or discrepant < DISCREPANT_SHARE_MIN * len(points):
        return None
    return _shift(points, names, tolerance) or _higher(points, names) or _level(points, names)


def sign_test(higher: int, lower: int) -> float:
    """Two-sided p-value of so uneven a split of `higher + lower` fair coin tosses: the exact binomial tail, doubled."""
    tosses = higher + lower
    tail = sum(comb(tosses, count) for count in range(min(higher, lower) + 1))
    return min(1.0, 2 * tail / (1 << tosses))


def _shift(points: Sequence[_Point], names: Names, tolerance: Tolerance) -> Finding | None:
    by_place = {(point.slot.period.ordinal, point.slot.dimensions): point for point in points}
    matched = sum(within(tolerance, point.first, point.second) for point in points)
    for late in (1, -1):
        couples = [
            (point, by_place[place])
            for point in points
            if (place := (point.slot.period.ordinal + late, point.slot.dimensions)) in by_place
        ]
        explained = [point for point, moved in couples if within(tolerance, point.first, moved.second)]
        gains = [abs(point.difference) - abs(point.first - moved.second) for point, moved in couples]
        closer, further = sum(gain > 0 for gain in gains), sum(gain < 0 for gain in gains)
        if (
            len(explained) >= SHARE_MIN * len(couples)
            and matched < len(explained)
            and closer > further
            and sign_test(closer, further) < SIGNIFICANCE
        ):
            exceptions = _without([point for point, _ in couples], explained)
            return _shift_in_words(late, names, explained, exceptions)
    return None


def _shift_in_words(late: int, names: Names, explained: Sequence[_Point], exceptions: tuple[_Point, ...]) -> Finding:
    unit = explained[0].slot.period.frequency
    when, then = ("before", "later") if late > 0 else ("after", "earlier")
    compared = len(explained) + len(exceptions)
    sentence = (
        f"{names[1]}'s figures are {names[0]}'s of the {unit} {when} on {len(explained)} of {compared} "
        f"{_noun(explained)}: {names[1]} seems to count one {unit} {then}.{_exceptions_in_words(exceptions)}"
    )
    return Finding(
        kind=Kind.SHIFT,
        sentence=sentence,
        amount=Decimal(late),
        explained=len(explained),
        compared=compared,
        exceptions=tuple(point.slot for point in exceptions),
    )


def _higher(points: Sequence[_Point], names: Names) -> Finding | None:
    above, below = _split(points)
    first_is_higher = len(above) > len(below)
    explained = above if first_is_higher else below
    if len(explained) < SHARE_MIN * len(points) or sign_test(len(above), len(below)) >= SIGNIFICANCE:
        return None
    higher, lower = names if first_is_higher else names[::-1]
    kind, amount, by = _amount(points, first_is_higher=first_is_higher)
    exceptions = _without(points, explained)
    sentence = (
        f"{higher} is higher than {lower} on {len(explained)} of {len(points)} {_noun(points)}, {by}."
        f"{_exceptions_in_words(exceptions)}"
    )
    return Finding(
        kind=kind,
        sentence=sentence,
        amount=amount,
        explained=len(explained),
        compared=len(points),
        exceptions=tuple(point.slot for point in exceptions),
    )


def _amount(points: Sequence[_Point], *, first_is_higher: bool) -> tuple[Kind, Decimal, str]:
    differences = [point.difference for point in points]
    middle, low, high = _quartiles(differences)
    spread = (high - low) / abs(middle)
    sides = [(point.first, point.second) if first_is_higher else (point.second, point.first) for point in points]
    if all(lower > 0 for _, lower in sides):
        multiple, least, most = _quartiles([higher / lower for higher, lower in sides])
        if (most - least) / (multiple - 1) < min(spread, RELATIVE_SPREAD_MAX):
            words = f"by a steady factor of {_short(multiple)} (middle half {_short(least)} to {_short(most)})"
            return Kind.RATIO, multiple, words
    near, far = sorted((abs(low), abs(high)))
    if spread <= RELATIVE_SPREAD_MAX:
        words = f"by a steady {_short(abs(middle))} (middle half {_short(near)} to {_short(far)})"
        return Kind.OFFSET, middle, words
    return Kind.ONE_SIDED, middle, f"by a median of {_short(abs(middle))}, though by varying amounts"


def _level(points: Sequence[_Point], names: Names) -> Finding | None:
    if len(points) < FIFTHS_PAIRS_MIN:
        return None
    ranked = sorted(points, key=lambda point: (point.first + point.second, point.slot))
    size = len(ranked) // 5
    lows, highs = ranked[:size], ranked[-size:]
    first_when_low = _winner(lows)
    first_when_high = _winner(highs)
    if first_when_low is None or first_when_high is None or first_when_low == first_when_high:
        return None
    explained = _split(lows)[0 if first_when_low else 1] + _split(highs)[0 if first_when_high else 1]
    exceptions = tuple(sorted(_without([*lows, *highs], explained), key=lambda point: point.slot))
    middle = median(point.difference for point in points)
    above, below = _split(points)
    noun = _noun(points)
    sentence = (
        f"Neither side is higher throughout: {names[0]} on {len(above)} of {len(points)} {noun}, {names[1]} on "
        f"{len(below)}, equal on {len(points) - len(above) - len(below)}; the median difference is {_short(middle)}. "
        f"It depends on the level: {_fifth_in_words('low', lows, names, noun)}, and "
        f"{_fifth_in_words('high', highs, names, noun)}.{_exceptions_in_words(exceptions)}"
    )
    return Finding(
        kind=Kind.LEVEL,
        sentence=sentence,
        amount=middle,
        explained=len(explained),
        compared=2 * size,
        exceptions=tuple(point.slot for point in exceptions),
    )


def _winner(points: Sequence[_Point]) -> bool | None:
    """Whether the first side is higher by a sign test, or the second (False); None when neither is."""
    above, below = _split(points)
    return len(above) > len(below) if sign_test(len(above), len(below)) < SIGNIFICANCE_OF_A_FIFTH else None


def _fifth_in_words(level: str, points: Sequence[_Point], names: Names, noun: str) -> str:
    above, below = _split(points)
    name, ahead = (names[0], above) if len(above) > len(below) else (names[1], below)
    amount = _short(abs(median(point.difference for point in points)))
    which = "lowest" if level == "low" else "highest"
    return (
        f"when the figures are {level} (the {which} fifth) {name} is higher on {len(ahead)} of {len(points)} {noun}, "
        f"by a median of {amount}"
    )


def _split(points: Sequence[_Point]) -> tuple[list[_Point], list[_Point]]:
    """The points where the first side is higher, and those where the second is; equal ones in neither."""
    return [point for point in points if point.difference > 0], [point for point in points if point.difference < 0]


def _quartiles(values: Sequence[Decimal]) -> tuple[Decimal, Decimal, Decimal]:
    """Median, lower and upper quartile (linear between order statistics, as Hyndman & Fan's type 7)."""
    low, middle, high = quantiles(values, n=4, method="inclusive")
    return middle, low, high


def _without(points: Sequence[_Point], explained: Sequence[_Point]) -> tuple[_Point, ...]:
    slots = {point.slot for point in explained}
    return tuple(point for point in points if point.slot not in slots)


def _noun(points: Sequence[_Point]) -> str:
    return "figures" if any(point.slot.dimensions for point in points) else f"{points[0].slot.period.frequency}s"


def _short(number: Decimal) -> str:
    """At most four significant digits, never an exponent."""
    return f"{Decimal(f'{number:.4g}').normalize():f}"


def _exceptions_in_words(exceptions: Sequence[_Point]) -> str:
    if not exceptions:
        return " There are no exceptions."
    said = [
        " ".join((str(point.slot.period), *(value for _, value in point.slot.dimensions)))
        for point in exceptions[:EXCEPTIONS_SAID_MAX]
    ]
    more = len(exceptions) - len(said)
    return f" Not so on {', '.join(said)}{f' and {more} more' if more else ''}."
