"""A batch judged by whole columns: most are new and plainly good throughout, and told so three times as fast."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

from services.metrics.domain.observation import NUMBER_CHARACTERS_MAX, OBSERVATION_ID_CHARACTERS_MAX
from services.metrics.domain.row import RowCheck
from shared.events.observations import ObservationRows

_POWERS = tuple(10**places for places in range(NUMBER_CHARACTERS_MAX + 1))


def plainly_good(rows: ObservationRows, check: RowCheck) -> bool:
    """Whether no row, all of them new, has a fault. False says nothing but: look row by row.

    Only what needs no second look passes: ids each once, no corrections, no remarks, no times; values as digits with at
    most a minus and a point, numerators and denominators as digits alone.
    """
    ids, kpis, periods, values, numerators, denominators, dimensions, *others = rows.columns
    return (
        not any(map(any, others))
        and len(set(ids)) == len(ids)
        and _short_and_printable(ids)
        and all(check.takes_period(kpi, period) for kpi, period in set(zip(kpis, periods, strict=True)))
        and all(check.takes_dimensions(kpi, pairs) for kpi, pairs in set(zip(kpis, dimensions, strict=True)))
        and _written_plainly(values, signs=".-")
        and _written_plainly(numerators, signs="")
        and _written_plainly(denominators, signs="")
        and _figures_agree({kpi: check.is_ratio(kpi) for kpi in set(kpis)}, rows)
    )


def _short_and_printable(ids: Sequence[str]) -> bool:
    lengths = set(map(len, ids))
    return min(lengths) > 0 and max(lengths) <= OBSERVATION_ID_CHARACTERS_MAX and "".join(ids).isprintable()


def _written_plainly(numbers: Sequence[str], signs: str) -> bool:
    """Whether there is nothing but digits and signs; `.-` is left out, for a minus may only come first."""
    everything = "".join(numbers)
    digits = everything.translate(str.maketrans("", "", signs))
    short = max(map(len, numbers)) <= NUMBER_CHARACTERS_MAX
    return short and everything.isascii() and (not digits or digits.isdigit()) and ".-" not in everything


def _figures_agree(ratios: dict[str, bool], rows: ObservationRows) -> bool:
    """Whether every value is a number, and that of a ratio its quotient, to the digits given.

    In whole numbers: v of k places is less than one unit of its last from n ÷ d just when |n·10^k - v·10^k·d| < d.
    """
    _, kpis, _, values, numerators, denominators, *_ = rows.columns
    try:
        if not any(ratios.values()):
            deque(map(float, values), maxlen=0)  # of digits, points and signs it takes what is a decimal, and only that
            return not any(numerators) and not any(denominators)
        for kpi, value, numerator, denominator in zip(kpis, values, numerators, denominators, strict=True):
            whole, _, places = value.partition(".")
            number = int(whole + places)
            if ratios[kpi]:
                below = int(denominator)
                if abs(int(numerator) * _POWERS[len(places)] - number * below) >= below:
                    return False
            elif numerator or denominator:
                return False
    except ValueError:
        return False
    return True
