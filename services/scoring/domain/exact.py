"""Exact figures: computed as fractions, shown as decimals."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

PLACES = 4


def rounded(value: Fraction, places: int = PLACES) -> Decimal:
    """`value` with this many decimals, a half going to the even digit; never a negative zero."""
    return Decimal(round(value * 10**places)).scaleb(-places)
