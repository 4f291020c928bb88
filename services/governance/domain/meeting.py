"""A meeting of a forum: scheduled by its cadence or by a side, then held or missed, with who attended by side."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from services.governance.domain.forum import is_quorate
from shared.domain import Aggregate, Event, Invalid, Refused
from shared.events.governance_meetings import (
    AgendaItem,
    MeetingCancelled,
    MeetingHeld,
    MeetingMissed,
    MeetingRescheduled,
    MeetingScheduled,
    MinutesAttached,
    MinutesKept,
)
from shared.events.governance_terms import Forum, Member, Moment
from shared.events.values import Attachment

REPORTED_WITHIN = timedelta(days=3)
"""A meeting that nobody has reported as held by then was missed; it can still be reported."""
MISSED = "missed"
AHEAD_MAX = timedelta(days=731)
ATTENDANCE_MAX = 200


class MeetingStatus(StrEnum):
    NONE = "none"
    SCHEDULED = "scheduled"
    HELD = "held"
    MISSED = "missed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class ScheduleMeeting:
    """`side` is None and `occurs_on` the day when the cadence gave it."""

    at: datetime
    side: UUID | None
    parties: tuple[UUID, ...]
    forum: Forum
    model_id: UUID
    starts_at: datetime
    lasts: timedelta
    occurs_on: date | None = None


@dataclass(frozen=True, slots=True)
class RescheduleMeeting:
    at: datetime
    side: UUID
    starts_at: datetime
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class CancelMeeting:
    """`side` is None when the forum no longer meets."""

    at: datetime
    side: UUID | None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class HoldMeeting:
    """`attendance` may name guests beside the members; `agenda` is what was on it."""

    at: datetime
    side: UUID
    held_at: datetime
    attendance: tuple[Member, ...]
    agenda: tuple[AgendaItem, ...] = ()


@dataclass(frozen=True, slots=True)
class KeepMinutes:
    at: datetime
    side: UUID
    minutes: str


@dataclass(frozen=True, slots=True)
class AttachMinutes:
    at: datetime
    side: UUID
    file: Attachment


@dataclass(frozen=True, slots=True)
class FireMeeting:
    at: datetime


@dataclass(frozen=True)
class Meeting:
    """`missed`: nobody reported it in time, which stays so when it is reported later."""

    status: MeetingStatus = MeetingStatus.NONE
    scheduled: MeetingScheduled | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    missed_at: datetime | None = None
    missed: bool = False
    attendance: tuple[Member, ...] = ()
    quorate: bool = False
    moments: tuple[Moment, ...] = field(default=())

    @property
    def parties(self) -> tuple[UUID, ...]:
        return self.scheduled.parties if self.scheduled else ()


def evolve(state: Meeting, event: Event) -> Meeting:
    match event:
        case MeetingScheduled():
            state = _set(Meeting(MeetingStatus.SCHEDULED, event), event)
        case MeetingRescheduled():
            state = _set(state, event)
        case MeetingCancelled():
            state = replace(state, status=MeetingStatus.CANCELLED, moments=())
        case MeetingHeld():
            state = replace(
                state, status=MeetingStatus.HELD, attendance=event.attendance, quorate=event.quorate, moments=()
            )
        case MeetingMissed():
            state = replace(state, status=MeetingStatus.MISSED, missed=True, moments=())
    return state


def _set(state: Meeting, event: MeetingScheduled | MeetingRescheduled) -> Meeting:
    moments = (Moment(MISSED, event.missed_at),)
    return replace(state, starts_at=event.starts_at, ends_at=event.ends_at, missed_at=event.missed_at, moments=moments)


def schedule_meeting(command: ScheduleMeeting, meeting: Meeting) -> list[Event]:
    if meeting.status is not MeetingStatus.NONE:
        raise Refused("meeting-exists", "It has been scheduled already.")
    if command.side is not None:
        _check_ahead(command.starts_at, command.at)
    forum, ends_at = command.forum, command.starts_at + command.lasts
    return [
        MeetingScheduled(
            side=command.side,
            parties=command.parties,
            forum=forum.key,
            title=forum.title,
            layer=forum.layer,
            members=forum.members,
            chair=forum.chair,
            quorum=forum.quorum,
            model_id=command.model_id,
            starts_at=command.starts_at,
            ends_at=ends_at,
            missed_at=ends_at + REPORTED_WITHIN,
            occurs_on=command.occurs_on,
        )
    ]


def reschedule_meeting(command: RescheduleMeeting, meeting: Meeting) -> list[Event]:
    """It keeps its length."""
    _check_party(command.side, meeting)
    _check_scheduled(meeting)
    _check_ahead(command.starts_at, command.at)
    assert meeting.starts_at is not None, "a scheduled meeting has its time"
    assert meeting.ends_at is not None, "a scheduled meeting has its time"
    ends_at = command.starts_at + (meeting.ends_at - meeting.starts_at)
    return [
        MeetingRescheduled(
            side=command.side,
            starts_at=command.starts_at,
            ends_at=ends_at,
            missed_at=ends_at + REPORTED_WITHIN,
            reason=command.reason,
        )
    ]


def cancel_meeting(command: CancelMeeting, meeting: Meeting) -> list[Event]:
    if command.side is not None:
        _check_party(command.side, meeting)
    _check_scheduled(meeting)
    return [MeetingCancelled(side=command.side, reason=command.reason)]


def hold_meeting(command: HoldMeeting, meeting: Meeting) -> list[Event]:
    """A meeting without a quorum was held all the same, and is told to have had none."""
    _check_party(command.side, meeting)
    if meeting.status not in {MeetingStatus.SCHEDULED, MeetingStatus.MISSED} or meeting.scheduled is None:
        raise Refused(
            "not-scheduled", f"The meeting is {meeting.status}; only one that was to be held can be reported."
        )
    if command.held_at > command.at:
        raise Invalid("/held_at", "in-the-future", "Report a meeting once it has been held.")
    strange = [n for n, one in enumerate(command.attendance) if one.side not in meeting.parties]
    if strange:
        raise Invalid(f"/attendance/{strange[0]}/side", "not-a-party", "Who attends belongs to a party's side.")
    attendance = tuple(dict.fromkeys(command.attendance))
    scheduled = meeting.scheduled
    quorate = is_quorate(scheduled.members, scheduled.quorum, scheduled.parties, attendance)
    return [
        MeetingHeld(
            side=command.side,
            held_at=command.held_at,
            attendance=attendance,
            quorate=quorate,
            agenda=command.agenda,
        )
    ]


def keep_minutes(command: KeepMinutes, meeting: Meeting) -> list[Event]:
    _check_held(command.side, meeting)
    return [MinutesKept(side=command.side, minutes=command.minutes)]


def attach_minutes(command: AttachMinutes, meeting: Meeting) -> list[Event]:
    _check_held(command.side, meeting)
    return [MinutesAttached(side=command.side, file=command.file)]


def _check_held(side: UUID, meeting: Meeting) -> None:
    _check_party(side, meeting)
    if meeting.status is not MeetingStatus.HELD:
        raise Refused("not-held", "Minutes are of a meeting that was held; report that first.")


def fire_meeting(command: FireMeeting, meeting: Meeting) -> list[Event]:
    """Nothing when it has been held, moved or cancelled."""
    if meeting.status is not MeetingStatus.SCHEDULED or meeting.scheduled is None:
        return []
    assert meeting.starts_at is not None, "a scheduled meeting has its time"
    assert meeting.missed_at is not None, "a scheduled meeting has its time"
    if command.at < meeting.missed_at:
        return []
    return [
        MeetingMissed(
            forum=meeting.scheduled.forum,
            title=meeting.scheduled.title,
            starts_at=meeting.starts_at,
            missed_at=meeting.missed_at,
            detected_at=command.at,
        )
    ]


def _check_party(side: UUID, meeting: Meeting) -> None:
    if side not in meeting.parties:
        raise Refused("not-a-party", "Only a party to the alliance may do this.")


def _check_scheduled(meeting: Meeting) -> None:
    if meeting.status is not MeetingStatus.SCHEDULED:
        raise Refused("not-scheduled", f"The meeting is {meeting.status}, and no longer to be held.")


def _check_ahead(starts_at: datetime, at: datetime) -> None:
    if not at < starts_at <= at + AHEAD_MAX:
        raise Invalid("/starts_at", "meeting-time", f"A meeting is ahead, and within {AHEAD_MAX.days} days.")


MEETING = Aggregate("meeting", Meeting(), evolve)
