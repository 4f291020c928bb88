"""An SLA clock: when a decision is due, when its sides are warned, and what a pause does to both.

**Days** end at a close of business. The day on which the clock starts is day 0, the n-th working day after it is day n,
and the clock is due when day n closes. A clock that starts outside working hours starts as if at the next opening, so
nobody loses a day to a message sent at night. In a week of Monday to Friday, 09:00–17:00:

    started                        5 business days are due
    Monday 10:00                   the following Monday 17:00
    Monday 09:00, at the opening   the following Monday 17:00
    Monday 07:00, before opening   the following Monday 17:00
    Monday 17:00, at the close     the following Tuesday 17:00: it starts on Tuesday morning
    Friday 18:00, or on Saturday   the Monday after the next, 17:00: it starts on Monday morning

**Hours** run through working time alone: 4 working hours from Friday 15:00 are due on Monday at 11:00, 2 are due at
Friday's close. **Calendar days and elapsed hours** run round the clock: a calendar day lasts from midnight to midnight,
so 1 calendar day from Friday 18:00 is due when Saturday ends, in the side's own zone.

**Several sides.** Each side has the full time by its own calendar, and the clock is due when the last side's time is
over. By the setting `all`, only days count that are working days for all of them; by `each_own`, each side's own days
count; by `owner`, the calendar of the owning side counts for everybody (without one, it is `all`).

**Pauses** that overlap are one pause. A pause moves what is still ahead of it by the working time it held: one outside
working hours moves nothing, and what was due before the pause stays. For calendar days and elapsed hours, which run
round the clock, so does a pause.

**Warnings** come at a share of the working time between start and due, in the hours of the side that is warned: one
that falls at a close or outside hours waits for the next opening, unless that is too late; then it comes when it falls.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from services.governance.domain.calendar import MIDNIGHT, WEEKDAYS, Calendar, JointCalendar, LocalHours
from services.governance.domain.working_time import Interval, WorkingTime
from shared.events.governance_terms import CalendarSetting, Step, StepKind
from shared.events.values import Duration, DurationUnit

IN_DAYS = frozenset({DurationUnit.BUSINESS_DAYS, DurationUnit.CALENDAR_DAYS})
IN_WORKING_TIME = frozenset({DurationUnit.BUSINESS_DAYS, DurationUnit.WORKING_HOURS})
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Pause:
    """Waiting for information from a side, from `since`, to `until` at the latest; open while `ended_at` is None."""

    waiting_for: UUID
    since: datetime
    until: datetime
    ended_at: datetime | None = None


@dataclass(frozen=True)
class Clock:
    """What a clock was started with, and its pauses. `sides` are those it waits for; `warning_shares` are percents."""

    started_at: datetime
    sla: Duration
    sides: tuple[UUID, ...]
    setting: CalendarSetting = CalendarSetting.ALL
    owner: UUID | None = None
    warning_shares: tuple[int, ...] = ()
    pauses: tuple[Pause, ...] = ()

    @property
    def paused(self) -> bool:
        return any(pause.ended_at is None for pause in self.pauses)


def due_at(clock: Clock, calendars: Mapping[UUID, Calendar]) -> datetime | None:
    """When the clock is due; None while it is paused. Refused `no-working-time-ahead` when that never comes."""
    return None if clock.paused else projected_due_at(clock, calendars)


def projected_due_at(clock: Clock, calendars: Mapping[UUID, Calendar], resumed_at: datetime | None = None) -> datetime:
    """When the clock is due if its open pauses end at `resumed_at`; or at their caps, when those are sooner."""
    held = _united(clock, resumed_at)
    return max(_moved(_due(clock, hours), held, hours) for hours in _counting(clock, calendars).values())


def steps(clock: Clock, calendars: Mapping[UUID, Calendar]) -> tuple[Step, ...]:
    """All moments at which the clock must act, in order. While paused: what came before the pause, and its end."""
    due = projected_due_at(clock, calendars)
    found = [*_warnings(clock, calendars, due), Step(StepKind.BREACH, due)]
    waiting = [pause for pause in clock.pauses if pause.ended_at is None]
    if waiting:
        paused_at = min(pause.since for pause in waiting)
        found = [step for step in found if step.at <= paused_at]
        found += [Step(StepKind.RESUMPTION, pause.until, side=pause.waiting_for) for pause in waiting]
    order = list(StepKind)
    return tuple(sorted(found, key=lambda step: (step.at, order.index(step.kind), step.share or 0, str(step.side))))


def _warnings(clock: Clock, calendars: Mapping[UUID, Calendar], due: datetime) -> Iterable[Step]:
    held = _united(clock, None)
    counting = _counting(clock, calendars)
    for side in clock.sides:
        hours = counting[side]
        total = hours.worked_between(clock.started_at, _due(clock, hours))
        for share in clock.warning_shares:
            falls = _moved(hours.after_working(clock.started_at, total * share // 100), held, hours)
            opening = calendars[side].opening_after(falls)
            yield Step(StepKind.WARNING, opening if opening < due else falls, share, side)


def _due(clock: Clock, hours: WorkingTime) -> datetime:
    """When a clock that is never paused is due."""
    if clock.sla.unit in IN_DAYS:
        return hours.closing_of(hours.working_day_after(hours.working_day_of(clock.started_at), clock.sla.value))
    return hours.after_working(clock.started_at, clock.sla.value * HOUR)


def _counting(clock: Clock, calendars: Mapping[UUID, Calendar]) -> Mapping[UUID, WorkingTime]:
    """For each side of the clock, the working time along which its SLA is counted."""
    own = {side: calendars[side] for side in clock.sides}
    if clock.setting is CalendarSetting.OWNER and clock.owner is not None:
        own = dict.fromkeys(clock.sides, calendars[clock.owner])
    if clock.sla.unit not in IN_WORKING_TIME:
        return {side: round_the_clock(calendar.zone) for side, calendar in own.items()}
    if clock.setting is CalendarSetting.EACH_OWN:
        return own
    everyone = tuple(dict.fromkeys(own.values()))
    if not everyone[1:]:
        return own
    known: dict[date, bool] = {}
    return {side: JointCalendar(calendar, everyone, known) for side, calendar in own.items()}


def round_the_clock(zone: ZoneInfo) -> Calendar:
    """Every day from midnight to midnight, as the zone has it."""
    return Calendar(zone, ((LocalHours(MIDNIGHT, None),),) * len(WEEKDAYS))


def _moved(moment: datetime, held: Sequence[Interval], hours: WorkingTime) -> datetime:
    """`moment` later by the working time of the pauses that began before it."""
    for since, end in held:
        if since >= moment:
            break
        if lost := hours.worked_between(since, end):
            moment = hours.after_working(moment, lost)
    return moment


def _united(clock: Clock, resumed_at: datetime | None) -> tuple[Interval, ...]:
    """The pauses since the start, in order, those that overlap or touch made one, the open ones closed."""
    united: list[Interval] = []
    for pause in sorted(clock.pauses, key=lambda pause: pause.since):
        since = max(pause.since, clock.started_at)
        end = pause.ended_at or min(pause.until, resumed_at or pause.until)
        if united and since <= united[-1].closes:
            united[-1] = united[-1]._replace(closes=max(united[-1].closes, end))
        elif since < end:
            united.append(Interval(since, end))
    return tuple(united)


def paused(clock: Clock, pause: Pause) -> Clock:
    return replace(clock, pauses=(*clock.pauses, pause))


def resumed(clock: Clock, waiting_for: UUID, at: datetime) -> Clock:
    """The open pause that waits for this side has ended."""
    ended = (
        replace(pause, ended_at=at) if pause.waiting_for == waiting_for and pause.ended_at is None else pause
        for pause in clock.pauses
    )
    return replace(clock, pauses=tuple(ended))
