"""An observation: one figure of one KPI for one period, as its source sent it."""

from __future__ import annotations

from typing import NamedTuple

ROWS_PER_BATCH_MAX = 100_000
OBSERVATION_ID_CHARACTERS_MAX = 200
NUMBER_CHARACTERS_MAX = 40
DIMENSION_CHARACTERS_MAX = 200
REMARK_CHARACTERS_MAX = 1_000
REMARKS_PER_BATCH_CHARACTERS_MAX = 1_000_000


class ObservationRow(NamedTuple):
    """One row of a batch. Every text is kept as sent; the empty text is *not given*.

    The first eight fields are the figure, `supersedes` places it in its chain, `note` and `reason` are what people
    wrote beside it. `dimensions` are (name, value) pairs sorted by name. A tuple, because batches hold 100,000 of them.
    """

    observation_id: str
    kpi: str
    period: str
    value: str
    numerator: str = ""
    denominator: str = ""
    dimensions: tuple[tuple[str, str], ...] = ()
    occurred_at: str = ""
    supersedes: str = ""
    note: str = ""
    reason: str = ""

    @property
    def figure(self) -> tuple[object, ...]:
        """What is said of the world."""
        return self[:8]

    @property
    def content(self) -> tuple[object, ...]:
        """What makes two rows the same. Remarks do not count, for they may be erased."""
        return self[:9]


class Held(NamedTuple):
    """What one source has reported under one id, oldest version first; `superseded` when another id replaced it."""

    versions: tuple[ObservationRow, ...]
    superseded: bool = False
