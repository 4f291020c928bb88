"""What the endpoints of forums, meetings and actions take and give."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import ConfigDict, Field, StringConstraints

from services.governance.api.schemas.governance_models import MEETING_MINUTES_MAX, Forum, ForumMember
from services.governance.domain.meeting import ATTENDANCE_MAX
from services.governance.open_things import OPEN_THINGS_MAX
from shared.http.types import NO_NUL, Answer, Count, Day, Id, KeyText, Name, Schema, Text, Timestamp

SOMEBODY = "0190c5a2-7d3b-7c1e-9d55-0d8f6a1b2c3d"
MEMBER: Any = {"side": SOMEBODY, "person_id": SOMEBODY}
MINUTES_CHARACTERS_MAX = 20_000
Minutes = Annotated[str, StringConstraints(min_length=1, max_length=MINUTES_CHARACTERS_MAX, pattern=NO_NUL)]
MeetingStatus = Literal["scheduled", "held", "missed", "cancelled"]
ActionStatus = Literal["open", "done", "dropped"]
Layer = Literal["executive_steering", "operational_council", "working_team"]
OpenKind = Literal[
    "decision", "kpi", "discrepancy", "risk", "milestone", "action", "issue", "dispute", "review", "meeting"
]


class OpenThing(Answer):
    """Something that is open: why it is named here, and in whose court it is (no sides: everybody's)."""

    kind: OpenKind
    alliance_id: Id
    thing: Id
    title: str | None
    why: str
    due_at: Timestamp | None
    sides: list[Id]
    people: list[Id]


Agenda = Annotated[list[OpenThing], Field(max_length=OPEN_THINGS_MAX)]


class HeldItem(Answer):
    """What was on the agenda when the meeting was held."""

    kind: OpenKind
    thing: Id
    why: str


class ScheduleMeeting(Schema):
    """A meeting of a forum beside its cadence."""

    model_config = ConfigDict(json_schema_extra={"example": {"forum": "steering", "starts_at": "2027-03-20T15:00:00Z"}})

    forum: KeyText
    starts_at: Timestamp
    minutes: int | None = Field(default=None, ge=1, le=MEETING_MINUTES_MAX, description="As the forum has it if null.")


class RescheduleMeeting(Schema):
    """When it is to be held instead; it keeps its length."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"starts_at": "2027-03-21T15:00:00Z", "reason": "The chair is ill."}}
    )

    starts_at: Timestamp
    reason: Text | None = None


class HoldMeeting(Schema):
    """That it was held, when, and who attended."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"held_at": "2026-03-03T15:00:00Z", "attendance": [MEMBER]}}
    )

    held_at: Timestamp
    attendance: list[ForumMember] = Field(min_length=1, max_length=ATTENDANCE_MAX)


class KeepMinutes(Schema):
    """What was said and agreed. Later minutes replace earlier ones."""

    model_config = ConfigDict(json_schema_extra={"example": {"minutes": "The launch moves to March."}})

    minutes: Minutes


class MinutesFile(Answer):
    """A file kept by its SHA-256; the ledger gives it out, as an attachment of the event with this `seq`."""

    sha256: str
    bytes: Count
    media_type: str
    seq: Count


class Meeting(Answer):
    """A meeting. `missed` stays true when it is reported late; `quorate` needs one member of each side at least."""

    id: Id
    alliance_id: Id
    forum: str
    title: str
    layer: Layer
    members: list[ForumMember]
    chair: Id | None
    quorum: Count
    scheduled_by: Id | None = Field(description="Null for an occurrence of the forum's cadence.")
    occurs_on: Day | None
    starts_at: Timestamp
    ends_at: Timestamp
    status: MeetingStatus
    missed: bool
    held_at: Timestamp | None
    quorate: bool | None
    attendance: list[ForumMember]
    agenda: list[HeldItem]
    minutes: str | None
    minutes_file: MinutesFile | None
    version: Count


class MeetingAgenda(Answer):
    """What there is to speak about in a meeting: it writes itself from what is open."""

    meeting_id: Id
    forum: str
    starts_at: Timestamp
    items: Agenda


class AllianceForum(Forum):
    """A forum of the governance model in force, and its next meeting."""

    next_meeting: Meeting | None


class AgreeAction(Schema):
    """What is to be done, by whom, until the end of which day."""

    model_config = ConfigDict(
        json_schema_extra={"example": {"title": "Send the audit report", "owner": MEMBER, "due_on": "2027-03-20"}}
    )

    title: Text
    owner: ForumMember
    due_on: Day
    meeting_id: Id | None = Field(default=None, description="The meeting in which it was agreed.")


class ReassignAction(Schema):
    """Who owns it from now on; when it is due stays."""

    model_config = ConfigDict(json_schema_extra={"example": {"owner": MEMBER}})

    owner: ForumMember


class PostponeAction(Schema):
    """A later day, and why."""

    model_config = ConfigDict(json_schema_extra={"example": {"due_on": "2027-04-20", "reason": "The auditor is ill."}})

    due_on: Day
    reason: Text


class FinishAction(Schema):
    """What came of it, if that is to be kept."""

    model_config = ConfigDict(json_schema_extra={"example": {"note": "Sent."}})

    note: Text | None = None


class DropAction(Schema):
    """Why it is no longer to be done."""

    model_config = ConfigDict(json_schema_extra={"example": {"reason": "Overtaken by the new plan."}})

    reason: Name


class Action(Answer):
    """An action. `overdue`: its time has passed once. `note` is what was said last when it was moved or settled."""

    id: Id
    alliance_id: Id
    title: str | None
    meeting_id: Id | None
    owner: ForumMember
    due_on: Day
    due_at: Timestamp
    status: ActionStatus
    overdue: bool
    late: bool
    settled_at: Timestamp | None
    note: str | None
    version: Count


class Inbox(Answer):
    """The next meeting with its agenda, what is overdue, and what the coming fortnight brings."""

    at: Timestamp
    next_meeting: Meeting | None
    agenda: Agenda
    overdue: Agenda
    fortnight: Agenda
