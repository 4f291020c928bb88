"""Words that a person has to be able to read, and points that they give."""

from __future__ import annotations

from shared.domain import Invalid

POINTS_MAX = 5


def require_words(pointer: str, text: str) -> None:
    """Raises Invalid when there is nothing to read in `text`."""
    if not text.strip():
        raise Invalid(pointer, "blank", "Say it in words; white space alone says nothing.")


def require_points(pointer: str, points: int) -> None:
    """Raises Invalid unless `points` is from 1 (low) to 5 (high)."""
    if not 1 <= points <= POINTS_MAX:
        raise Invalid(pointer, "out-of-range", f"From 1 (low) to {POINTS_MAX} (high).")
