"""The events of pulse surveys. An answer is no event: it would carry, for ever, who gave it and when.

Answers are counted in a ballot box as they come and only the counts of enough people are published, by the close.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from shared.events.declare import event


class PulseQuestion(StrEnum):
    """Each from 1 to 5."""

    TRUST = "trust"
    COMMUNICATION = "communication"
    FAIRNESS = "fairness"
    SATISFACTION = "satisfaction"
    ALIGNMENT = "alignment"


class PulseLevel(StrEnum):
    WORKING = "working"
    LEADERSHIP = "leadership"


@dataclass(frozen=True, slots=True)
class PulseMean:
    """The mean of a question, 1 to 5, to one decimal."""

    question: PulseQuestion
    mean: Decimal


@dataclass(frozen=True, slots=True)
class PulseResult:
    """What enough people of one side said. `level` None: all of the side. `nps` from -100 to 100."""

    side: UUID
    level: PulseLevel | None
    answers: int
    means: tuple[PulseMean, ...]
    nps: int


@event("metrics.pulse-opened.v1", says="opened a pulse survey until {closes_at}")
class PulseOpened:
    """`answers_min` answers of a side, or of a level of it, are the fewest that are ever told."""

    side: UUID
    parties: tuple[UUID, ...]
    closes_at: datetime
    answers_min: int


@event("metrics.pulse-closed.v1", says="closed the pulse survey")
class PulseClosed:
    """`too_few` are the sides with fewer answers than may be told, however many those are."""

    results: tuple[PulseResult, ...]
    too_few: tuple[UUID, ...]
