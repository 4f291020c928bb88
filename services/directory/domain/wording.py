"""Words that a person has to be able to read."""

from __future__ import annotations

from shared.domain import Invalid


def require_words(pointer: str, text: str) -> None:
    """Raises Invalid when there is nothing to read in `text`."""
    if not text:
        raise Invalid(pointer, "missing", "Say it in words; nothing was said.")
    if not text.strip():
        raise Invalid(pointer, "blank", "Say it in words; white space alone says nothing.")
