"""The portfolio: what an organisation makes of an alliance among its others, from what both sides have confirmed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from shared.events.metrics_signals import Verdict

RECENT_MONTHS, LONG_MONTHS = 3, 6
EXIT_BELOW, RESTRUCTURE_BELOW, INVEST_FROM = Decimal("0.5"), Decimal("0.8"), Decimal(1)
SETTLED_MONTHS = 12
"""Before that an alliance is in its trough, and its figures say little."""
SIGNALS_MANY = 5
SLOPE_POINTS_MIN = 3
DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """One alliance. `attained`: the share of its value targets by month, oldest first; `signals` are up now.

    `value` and `invested` are by month in one currency. `months` since launch, None before it.
    """

    attained: Sequence[Decimal]
    months: int | None
    signals: int
    value: Mapping[str, Decimal]
    invested: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class Proposal:
    verdict: Verdict
    grounds: tuple[str, ...]


def propose_verdict(holding: Holding) -> Proposal:
    """What the figures speak for, and why. Where they say nothing: hold."""
    recent, long = holding.attained[-RECENT_MONTHS:], holding.attained[-LONG_MONTHS:]
    slope = compounding(holding.value, holding.invested)
    grounds = [f"{holding.signals} signals are up."] if holding.signals else []
    if slope is not None:
        grounds.append(f"A unit invested brought {slope} units of value.")
    if not recent or holding.months is None:
        return Proposal(Verdict.HOLD, ("Too little is published to say more.", *grounds))
    mean = sum(recent, Decimal(0)) / len(recent)
    grounds.insert(0, f"It reached {round(mean * 100)} % of its targets in the last {len(recent)} months.")
    settled = holding.months > SETTLED_MONTHS
    if settled and len(long) == LONG_MONTHS and max(long) < EXIT_BELOW:
        return Proposal(Verdict.EXIT, (*grounds, f"In none of {LONG_MONTHS} months was it half of them."))
    if holding.signals >= SIGNALS_MANY or (settled and mean < RESTRUCTURE_BELOW):
        return Proposal(Verdict.RESTRUCTURE, tuple(grounds))
    if mean >= INVEST_FROM and (slope is None or slope >= 1):
        return Proposal(Verdict.INVEST, tuple(grounds))
    if not settled:
        grounds.append(f"It is {holding.months} months old, which is early.")
    return Proposal(Verdict.HOLD, tuple(grounds))


def compounding(value: Mapping[str, Decimal], invested: Mapping[str, Decimal]) -> Decimal | None:
    """The slope (least squares) of what it brought in all, by month, over what was put into it in all.

    None with fewer than three months, or with nothing invested.
    """
    months = sorted(value.keys() | invested.keys())
    points: list[tuple[Decimal, Decimal]] = []
    put, brought = Decimal(0), Decimal(0)
    for month in months:
        put, brought = put + invested.get(month, Decimal(0)), brought + value.get(month, Decimal(0))
        points.append((put, brought))
    if len(points) < SLOPE_POINTS_MIN:
        return None
    middle = (
        sum((x for x, _ in points), Decimal(0)) / len(points),
        sum((y for _, y in points), Decimal(0)) / len(points),
    )
    spread = sum(((x - middle[0]) ** 2 for x, _ in points), Decimal(0))
    together = sum(((x - middle[0]) * (y - middle[1]) for x, y in points), Decimal(0))
    return round(together / spread, DIGITS) if spread else None


def concentration(weights: Mapping[object, Decimal]) -> tuple[Decimal, Decimal] | None:
    """The largest share, and the Herfindahl index (0 to 1), of what is held by each; None of nothing."""
    total = sum(weights.values(), Decimal(0))
    if total <= 0:
        return None
    shares = [weight / total for weight in weights.values()]
    return round(max(shares), DIGITS), round(sum((share * share for share in shares), Decimal(0)), DIGITS)
