"""When a forum meets: the time of a meeting on a day that its cadence gave, and whether a meeting had a quorum."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.calendar import Calendar
from services.governance.domain.local_time import first_instant
from services.governance.domain.working_time import ONE_DAY, Interval
from shared.events.governance_terms import Forum, Member, Stage

POSTPONED_DAYS_MAX = 30
"""How far a meeting moves at most to find a working day of all sides."""
EARLY_STAGES = frozenset({Stage.FORMING, Stage.DESIGNING, Stage.LAUNCHING})


def cadence_of(forum: Forum, stage: Stage) -> str | None:
    """The rule that the forum follows in a stage of the alliance."""
    return forum.early_cadence if forum.early_cadence and stage in EARLY_STAGES else forum.cadence


def meeting_time(forum: Forum, day: date, calendars: Mapping[UUID, Calendar]) -> Interval:
    """When the forum meets for an occurrence on `day`: on the first working day of all from then on.

    At its own local time; or else as soon as all sides are at work for as long as it takes. Where they never are at
    once, when the last of them opens.
    """
    day = next((one for one in _days_from(day) if _is_working_day(one, calendars)), day)
    lasts = timedelta(minutes=forum.minutes)
    if forum.meets_at is not None and forum.time_zone is not None:
        opens = first_instant(day, time.fromisoformat(forum.meets_at), ZoneInfo(forum.time_zone))
        return Interval(opens, opens + lasts)
    by_side = [calendar.working_intervals(day) for calendar in calendars.values()]
    together = _together(by_side)
    long_enough = [one for one in together if one.closes - one.opens >= lasts]
    opens = (long_enough or together or [_last_to_open(by_side, day)])[0].opens
    return Interval(opens, opens + lasts)


def is_quorate(members: Sequence[Member], quorum: int, parties: Iterable[UUID], attendance: Iterable[Member]) -> bool:
    """Whether enough members attended, at least one of each side."""
    present = set(attendance) & set(members)
    return len(present) >= quorum and {member.side for member in present} >= set(parties)


def end_of_day(day: date, calendar: Calendar) -> datetime:
    """When a day is over for a side: at its close of business, or at midnight when nobody works."""
    if calendar.is_working_day(day):
        return calendar.closing_of(day)
    return first_instant(day + ONE_DAY, time(), calendar.zone)


def _days_from(day: date) -> Iterable[date]:
    return (day + ahead * ONE_DAY for ahead in range(POSTPONED_DAYS_MAX + 1))


def _is_working_day(day: date, calendars: Mapping[UUID, Calendar]) -> bool:
    return all(calendar.is_working_day(day) for calendar in calendars.values())


def _together(by_side: Sequence[Sequence[Interval]]) -> list[Interval]:
    """The stretches in which all are at work, in order."""
    shared = list(by_side[0]) if by_side else []
    for intervals in by_side[1:]:
        cut = [Interval(max(a.opens, b.opens), min(a.closes, b.closes)) for a in shared for b in intervals]
        shared = [one for one in cut if one.opens < one.closes]
    return shared


def _last_to_open(by_side: Sequence[Sequence[Interval]], day: date) -> Interval:
    noon = datetime.combine(day, time(12), ZoneInfo("UTC"))
    return max((intervals[0] for intervals in by_side if intervals), default=Interval(noon, noon))
