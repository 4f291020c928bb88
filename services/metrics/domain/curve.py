"""The value curve: where an alliance stands against what alliances usually do, and whether that is a trough or a stall.

Early lift, a trough about months 6 to 12, then the climb. The band is a rule of thumb of practice and no law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

STALL_MONTH_MIN = 5
"""Before that, quiet is a beginning."""
QUIET_MONTHS = 2
MOVEMENT_MIN = Decimal("0.02")
TROUGH_FIRST, TROUGH_LAST = 6, 12


class Phase(StrEnum):
    EARLY_LIFT = "early_lift"
    TROUGH = "trough"
    CLIMB = "climb"


class CurveVerdict(StrEnum):
    NOT_LAUNCHED = "not_launched"
    TOO_LITTLE_KNOWN = "too_little_known"
    ABOVE = "above"
    AS_EXPECTED = "as_expected"
    EXPECTED_TROUGH = "expected_trough"
    BELOW = "below"
    STALL = "stall"


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """A month since launch, from 0. `attained`: the mean share of targets reached, None where none is published.

    `acts` is how much was done in it: events by people.
    """

    month: str
    since_launch: int
    attained: Decimal | None
    acts: int


@dataclass(frozen=True, slots=True)
class Band:
    low: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class Curve:
    phase: Phase | None
    verdict: CurveVerdict
    words: str


def phase_of(since_launch: int) -> Phase:
    if since_launch < TROUGH_FIRST:
        return Phase.EARLY_LIFT
    return Phase.TROUGH if since_launch <= TROUGH_LAST else Phase.CLIMB


def band(since_launch: int) -> Band:
    """What share of its targets an alliance usually reaches in that month."""
    match phase_of(since_launch):
        case Phase.EARLY_LIFT:
            return Band(Decimal("0.30"), Decimal("0.90"))
        case Phase.TROUGH:
            return Band(Decimal("0.40"), Decimal("0.80"))
        case Phase.CLIMB:
            return Band(min(Decimal("0.90"), Decimal("0.50") + Decimal("0.03") * (since_launch - TROUGH_LAST)),
                        Decimal("1.20"))  # fmt: skip


def judge_curve(points: Sequence[CurvePoint]) -> Curve:
    """`points` are the months since launch in order, the last the latest that is over."""
    if not points:
        return Curve(None, CurveVerdict.NOT_LAUNCHED, "It has not been launched, or its first month is not over.")
    latest = points[-1]
    phase = phase_of(latest.since_launch)
    quiet = [point.acts == 0 for point in points[-QUIET_MONTHS:]]
    figures = [point.attained for point in points if point.attained is not None]
    moved = len(figures) > 1 and abs(figures[-1] - figures[-2]) >= MOVEMENT_MIN
    if latest.since_launch >= STALL_MONTH_MIN and len(quiet) == QUIET_MONTHS and all(quiet) and not moved:
        words = (
            f"No activity for {QUIET_MONTHS} months and no movement in its figures, {latest.since_launch} months in."
        )
        return Curve(phase, CurveVerdict.STALL, words)
    if latest.attained is None:
        words = f"Nothing of {latest.month} is published; close the month to see where it stands."
        return Curve(phase, CurveVerdict.TOO_LITTLE_KNOWN, words)
    return against(band(latest.since_launch), latest, phase)


def against(usual: Band, latest: CurvePoint, phase: Phase) -> Curve:
    assert latest.attained is not None
    reached, month = f"{round(latest.attained * 100)} %", latest.since_launch
    expected = f"alliances usually reach {round(usual.low * 100)} to {round(usual.high * 100)} % in month {month}"
    if latest.attained > usual.high:
        return Curve(phase, CurveVerdict.ABOVE, f"It reached {reached} of its targets; {expected}.")
    if latest.attained < usual.low:
        return Curve(
            phase, CurveVerdict.BELOW, f"It reached {reached} of its targets; {expected}, and people are at it."
        )
    if phase is Phase.TROUGH:
        words = (
            f"It reached {reached} of its targets; {expected}: the trough of months {TROUGH_FIRST} to {TROUGH_LAST}."
        )
        return Curve(phase, CurveVerdict.EXPECTED_TROUGH, words)
    return Curve(phase, CurveVerdict.AS_EXPECTED, f"It reached {reached} of its targets; {expected}.")
