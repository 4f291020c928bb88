"""The limits of an observation, and what is held of one already."""

from __future__ import annotations

from typing import NamedTuple

from shared.events.observations import ObservationRow

ROWS_PER_BATCH_MAX = 100_000
OBSERVATION_ID_CHARACTERS_MAX = 200
NUMBER_CHARACTERS_MAX = 40
DIMENSION_CHARACTERS_MAX = 200
REMARK_CHARACTERS_MAX = 1_000
REMARKS_PER_BATCH_CHARACTERS_MAX = 1_000_000


class Held(NamedTuple):
    """What one side has reported under one id, oldest version first; `superseded` when another id replaced it."""

    versions: tuple[ObservationRow, ...]
    superseded: bool = False
