"""Whose court the ball is in: every working minute of a decision belongs to a side, or to several at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from services.governance.domain.working_time import NO_TIME, Interval, WorkingTime


@dataclass(frozen=True)
class Phase:
    """From `since` to `until` (None: still) the decision waited for these sides; `paused`: the clock stood still."""

    sides: tuple[UUID, ...]
    since: datetime
    until: datetime | None = None
    paused: bool = False


@dataclass(frozen=True)
class Held:
    """Working time for which these sides together held the decision."""

    sides: tuple[UUID, ...]
    paused: bool
    worked: timedelta


def held(phases: Iterable[Phase], calendars: Mapping[UUID, WorkingTime], until: datetime) -> tuple[Held, ...]:
    """Who held it for how long up to `until`, in the order in which they first did.

    For several sides at once, time counts in which at least one of them is at work, and it counts once.
    """
    totals: dict[tuple[tuple[UUID, ...], bool], timedelta] = {}
    for phase in phases:
        end = until if phase.until is None else min(phase.until, until)
        intervals = (one for side in phase.sides for one in calendars[side].intervals_between(phase.since, end))
        held_by = (phase.sides, phase.paused)
        totals[held_by] = totals.get(held_by, NO_TIME) + _covered(intervals)
    return tuple(Held(sides, paused, worked) for (sides, paused), worked in totals.items())


def _covered(intervals: Iterable[Interval]) -> timedelta:
    """The length of time that lies in at least one of the intervals."""
    total, covered_to = NO_TIME, None
    for opens, closes in sorted(intervals):
        begins = opens if covered_to is None else max(opens, covered_to)
        if closes > begins:
            total += closes - begins
            covered_to = closes
    return total
