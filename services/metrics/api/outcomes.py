"""The outcome of each row of a batch, told from what was taken and what was not."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from services.metrics.api.observation_schemas import RowOutcome
from shared.events.observations import ObservationRow, RowNotTaken


def outcomes(taken: Sequence[ObservationRow], rest: Sequence[RowNotTaken], start: int = 0) -> Iterator[RowNotTaken]:
    """The outcome of every row from `start` on; `taken` and `rest` are in the order of the batch."""
    place = bisect_left(rest, start, key=lambda row: row.row)
    for row in range(start, len(taken) + len(rest)):
        if place < len(rest) and rest[place].row == row:
            yield rest[place]
            place += 1
        else:
            kept = taken[row - place]
            yield RowNotTaken(row, kept.observation_id, "corrected" if kept.supersedes else "accepted")


def shown(outcome: RowNotTaken) -> RowOutcome:
    row, observation_id, name, *why = outcome
    pointer, code, detail = (text or None for text in why)
    return RowOutcome(
        row=row,
        observation_id=observation_id,
        outcome=name,
        pointer=pointer,
        code=code,
        detail=detail,
    )
