"""The rhythm of an alliance: how far the meetings of its forums are planned, and what is to be planned next."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from services.governance.domain.calendar import Calendar
from services.governance.domain.forum import cadence_of, meeting_time
from services.governance.domain.working_time import Interval
from shared.domain import Aggregate, Event
from shared.events.governance_meetings import RhythmPlanned
from shared.events.governance_terms import Forum, Moment, Stage

PLANNED_AHEAD = timedelta(days=42)
PLANNED_EVERY = timedelta(days=14)
MEETINGS_A_PLAN_MAX = 200
PLAN = "plan"

Occurrences = Callable[[str, date, date], Iterable[date]]
"""The days that a cadence (RFC 5545) anchored on a day gives after another day, in order and without end."""


@dataclass(frozen=True)
class Rhythm:
    """`forums` has, for each forum that meets by a cadence, the start of its last planned meeting."""

    model_id: UUID | None = None
    until: datetime | None = None
    forums: Mapping[str, datetime] = field(default_factory=dict)
    moments: tuple[Moment, ...] = ()


class Planned(NamedTuple):
    """A meeting to be scheduled: `day` is what the cadence gave."""

    forum: Forum
    day: date
    time: Interval


@dataclass(frozen=True, slots=True)
class PlanRhythm:
    """`anchor` is the day from which cadences count: that on which the governance model came into force."""

    at: datetime
    model_id: UUID
    forums: tuple[Forum, ...]
    stage: Stage
    anchor: date
    calendars: Mapping[UUID, Calendar]
    occurrences: Occurrences


def evolve(state: Rhythm, event: Event) -> Rhythm:
    if isinstance(event, RhythmPlanned):
        return Rhythm(event.model_id, event.until, event.forums, (Moment(PLAN, event.next_at),))
    return state


def plan_rhythm(command: PlanRhythm, rhythm: Rhythm) -> tuple[list[Planned], list[Event]]:
    """The meetings to schedule now, and that this was done. Of each forum the next meeting is always among them.

    Nothing is done while no forum has ever had a cadence.
    """
    if rhythm.model_id is None and not any(forum.cadence or forum.early_cadence for forum in command.forums):
        return [], []
    planned: list[Planned] = []
    last: dict[str, datetime] = {}
    until = command.at + PLANNED_AHEAD
    known = rhythm.forums if rhythm.model_id == command.model_id else {}
    for forum in command.forums:
        found = _of_forum(forum, known.get(forum.key), until, command)
        planned += found[: MEETINGS_A_PLAN_MAX - len(planned)]
        starts = [one.time.opens for one in found] or [known[forum.key]] if found or forum.key in known else []
        if starts:
            last[forum.key] = max(starts)
    done = RhythmPlanned(model_id=command.model_id, until=until, next_at=command.at + PLANNED_EVERY, forums=last)
    return planned, [done]


def _of_forum(forum: Forum, last: datetime | None, until: datetime, command: PlanRhythm) -> list[Planned]:
    cadence = cadence_of(forum, command.stage)
    if cadence is None:
        return []
    after = max(last or command.at, command.at)
    found: list[Planned] = []
    for day in command.occurrences(cadence, command.anchor, after.date()):
        time = meeting_time(forum, day, command.calendars)
        if time.opens <= after:
            continue
        needed = time.opens <= until or (not found and (last is None or last <= command.at))
        if not needed or len(found) >= MEETINGS_A_PLAN_MAX:
            break
        found.append(Planned(forum, day, time))
    return found


RHYTHM = Aggregate("rhythm", Rhythm(), evolve)
