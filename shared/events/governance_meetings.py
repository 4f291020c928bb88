"""The events of forums: meetings made from the cadence, held or missed, actions agreed there, and calendar feeds."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from shared.events.declare import Erasable, event
from shared.events.governance_terms import Layer, Member
from shared.events.values import Attachment

# --- The rhythm, one stream an alliance ------------------------------------------------------------------------------


@event("governance.rhythm-planned.v1", says="planned the meetings of all forums until {until}")
class RhythmPlanned:
    """Every occurrence of every forum's cadence up to `until` has its meeting; at `next_at` it is planned further.

    `forums` are the keys of forums that meet, with the start of their last planned occurrence.
    """

    model_id: UUID
    until: datetime
    next_at: datetime
    forums: dict[str, datetime]


# --- Meetings --------------------------------------------------------------------------------------------------------


class AgendaItemKind(StrEnum):
    DECISION = "decision"
    KPI = "kpi"
    DISCREPANCY = "discrepancy"
    RISK = "risk"
    MILESTONE = "milestone"
    ACTION = "action"
    ISSUE = "issue"
    DISPUTE = "dispute"
    REVIEW = "review"


@dataclass(frozen=True, slots=True)
class AgendaItem:
    """Something to speak about: the thing, and why, such as `breached` or `overdue`."""

    kind: AgendaItemKind
    thing: UUID
    why: str


@event("governance.meeting-scheduled.v1", says="scheduled the meeting {called} for {starts_at}")
class MeetingScheduled:
    """`members`, `chair` and `quorum` are those of the forum then. What is not reported held by `missed_at` was missed.

    `side` is None for an occurrence of the cadence; then `occurs_on` is the day that the cadence gave.
    """

    side: UUID | None
    parties: tuple[UUID, ...]
    forum: str
    title: str
    layer: Layer
    members: tuple[Member, ...]
    chair: UUID | None
    quorum: int
    model_id: UUID
    starts_at: datetime
    ends_at: datetime
    missed_at: datetime
    occurs_on: date | None = None


@event("governance.meeting-rescheduled.v1", says="moved the meeting {called} to {starts_at}")
class MeetingRescheduled:
    side: UUID
    starts_at: datetime
    ends_at: datetime
    missed_at: datetime
    reason: Erasable[str] = None


@event("governance.meeting-cancelled.v1", says="cancelled the meeting {called}")
class MeetingCancelled:
    """`side` is None when the forum's cadence changed or the alliance ended."""

    side: UUID | None
    reason: Erasable[str] = None


@event("governance.meeting-held.v1", says="recorded the meeting {called} as held")
class MeetingHeld:
    """Who attended, by side. `quorate`: with enough members, at least one of each side. `agenda` is what was on it."""

    side: UUID
    held_at: datetime
    attendance: tuple[Member, ...]
    quorate: bool
    agenda: tuple[AgendaItem, ...]


@event("governance.meeting-missed.v1", says="recorded that the meeting {called} on {starts_at} was missed")
class MeetingMissed:
    forum: str
    title: str
    starts_at: datetime
    missed_at: datetime
    detected_at: datetime


@event("governance.minutes-kept.v1", says="wrote the minutes of the meeting {called}")
class MinutesKept:
    """The later minutes replace the earlier ones."""

    side: UUID
    minutes: Erasable[str] = None


@event("governance.minutes-attached.v1", says="attached the minutes of the meeting {called} as a file")
class MinutesAttached:
    """The later file replaces the earlier one. Unlike minutes in words a file is not erased."""

    side: UUID
    file: Attachment


# --- Actions ---------------------------------------------------------------------------------------------------------


@event("governance.action-agreed.v1", says="agreed the action {called}, due {due_at}")
class ActionAgreed:
    """Overdue from `due_at` on: the close of the day agreed, by the owner's side's calendar."""

    side: UUID
    parties: tuple[UUID, ...]
    owner: Member
    due_on: date
    due_at: datetime
    meeting: UUID | None = None
    title: Erasable[str] = None


@event("governance.action-reassigned.v1", says="passed the action {called} on to {owner.person_id}")
class ActionReassigned:
    """Who does it changes; when it is due does not."""

    side: UUID
    owner: Member


@event("governance.action-postponed.v1", says="postponed the action {called} to {due_at}")
class ActionPostponed:
    side: UUID
    due_on: date
    due_at: datetime
    reason: Erasable[str] = None


@event("governance.action-done.v1", says="reported the action {called} done")
class ActionDone:
    side: UUID
    done_at: datetime
    late: bool
    note: Erasable[str] = None


@event("governance.action-dropped.v1", says="dropped the action {called}")
class ActionDropped:
    side: UUID
    dropped_at: datetime
    reason: Erasable[str] = None


@event("governance.action-overdue.v1", says="recorded that the action {called} was not done by {due_at}")
class ActionOverdue:
    due_at: datetime
    detected_at: datetime


# --- Calendar feeds, in the ledger of the organisation -------------------------------------------------------------


@event("governance.feed-opened.v1", says="opened a calendar feed for {person_id}", person="person_id")
class FeedOpened:
    """The secret link is never stored: `secret_sha256` is the SHA-256 of its 256 random bits, in lower-case hex."""

    person_id: UUID
    secret_sha256: str


@event("governance.feed-revoked.v1", says="revoked a calendar feed")
class FeedRevoked:
    person_id: UUID
