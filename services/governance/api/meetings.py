"""Forums and their meetings: made from the cadence or called, with an agenda that writes itself; held or missed."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import require_people
from services.governance.api.schemas.alliances import Because
from services.governance.api.schemas.meetings import (
    AllianceForum,
    HoldMeeting,
    KeepMinutes,
    Meeting,
    MeetingAgenda,
    MeetingStatus,
    OpenThing,
    RescheduleMeeting,
    ScheduleMeeting,
)
from services.governance.domain import meeting as rules
from services.governance.domain.meeting import MEETING
from services.governance.joint_figures import off_target_and_apart
from services.governance.members import members
from services.governance.open_things import OPEN_THINGS_MAX, Open, in_order, open_things
from services.governance.raising import model_in_force
from services.governance.read_models.governance_models import governance_model, in_force
from services.governance.read_models.meetings import coming_meetings, meeting, meetings, meetings_of
from services.governance.standing import running
from shared.domain import Invalid
from shared.events.governance_meetings import AgendaItem
from shared.http.pages import LIMIT_DEFAULT, LIMIT_MAX, Cursor, Limit, Page
from shared.http.problems import problem
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id

OCTETS = "application/octet-stream"
MINUTES_BYTES_MAX = 5 * 1024 * 1024
MinutesType = Annotated[
    Literal["application/pdf", "text/plain", "text/markdown"], Query(description="What the file is.")
]

router = Router("governance", "meetings")

YEARS_AHEAD = timedelta(days=731)
Status = Annotated[MeetingStatus | None, Query(description="Only those of this status.")]
OfForum = Annotated[str | None, Query(max_length=63, description="Only those of this forum, by its key.")]


@router.read("/alliances/{alliance_id}/forums", scope="governance:read")
def list_forums(session: Session, alliance_id: Id) -> Page[AllianceForum]:
    """The forums of the governance model in force: members by side, quorum, cadence, and when each meets next."""
    view = session.view(alliance_id)
    row = view.first(in_force(alliance_id))
    forums = [] if row is None else view.one(governance_model(alliance_id, row.id)).content["forums"]
    coming = view.all(coming_meetings([alliance_id], session.at, session.at + YEARS_AHEAD))
    items = [
        AllianceForum(next_meeting=next((as_shown(one) for one in coming if one.forum == forum["key"]), None), **forum)
        for forum in forums[:LIMIT_MAX]
    ]
    return Page[AllianceForum](items=items, next_cursor=None)


@router.create("/alliances/{alliance_id}/meetings", scope="governance:write")
def schedule_meeting(session: Session, alliance_id: Id, body: ScheduleMeeting) -> Meeting:
    """Call a meeting of a forum beside its cadence, or of one that meets as needed."""
    alliance = running(session, alliance_id)
    model = model_in_force(session, alliance_id)
    assert model.state.content is not None, "what is in force was drafted"
    forum = next((one for one in model.state.content.forums if one.key == body.forum), None)
    if forum is None:
        raise Invalid("/forum", "unknown-forum", "The governance model in force has no such forum.")
    command = rules.ScheduleMeeting(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        forum=forum,
        model_id=model.id,
        starts_at=body.starts_at,
        lasts=timedelta(minutes=body.minutes or forum.minutes),
    )
    meeting_id = session.new_id()
    session.create(MEETING, alliance_id, meeting_id, rules.schedule_meeting(command, MEETING.empty))
    return shown(session, alliance_id, meeting_id)


@router.read("/alliances/{alliance_id}/meetings", scope="governance:read")
def list_meetings(
    session: Session,
    alliance_id: Id,
    status: Status = None,
    forum: OfForum = None,
    cursor: Cursor = None,
    limit: Limit = LIMIT_DEFAULT,
) -> Page[Meeting]:
    """The meetings of an alliance, in the order in which they begin."""
    turned = session.view(alliance_id).page(
        meetings_of(alliance_id, status, forum), order=[meetings.c.starts_at, meetings.c.id], cursor=cursor, limit=limit
    )
    return Page[Meeting](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/meetings/{meeting_id}", scope="governance:read")
def get_meeting(session: Session, meeting_id: Id) -> Meeting:
    """One meeting: when, with whom, and once it was held, who came, what was on the agenda, and the minutes."""
    return shown(session, session.home(MEETING, meeting_id), meeting_id)


@router.read("/meetings/{meeting_id}/agenda", scope="governance:read")
def get_meeting_agenda(session: Session, meeting_id: Id) -> MeetingAgenda:
    """What there is to speak about now: decisions, KPIs off target, discrepancies, risks, milestones, actions."""
    alliance_id = session.home(MEETING, meeting_id)
    row = session.view(alliance_id).one(meeting(alliance_id, meeting_id))
    items = [OpenThing.model_validate(one) for one in agenda_of(session, row)]
    return MeetingAgenda(meeting_id=meeting_id, forum=row.forum, starts_at=row.starts_at, items=items)


@router.change("/meetings/{meeting_id}/reschedule", scope="governance:write")
def reschedule_meeting(session: Session, meeting_id: Id, body: RescheduleMeeting) -> Meeting:
    """Move a meeting that is still to be held."""
    held = session.change(MEETING, meeting_id)
    command = rules.RescheduleMeeting(
        at=session.at, side=session.caller.organisation, starts_at=body.starts_at, reason=body.reason
    )
    session.append(MEETING, held, rules.reschedule_meeting(command, held.state))
    return shown(session, held.ledger_id, meeting_id)


@router.change("/meetings/{meeting_id}/cancel", scope="governance:write")
def cancel_meeting(session: Session, meeting_id: Id, body: Because) -> Meeting:
    """Cancel a meeting that is still to be held."""
    held = session.change(MEETING, meeting_id)
    command = rules.CancelMeeting(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(MEETING, held, rules.cancel_meeting(command, held.state))
    return shown(session, held.ledger_id, meeting_id)


@router.change("/meetings/{meeting_id}/hold", scope="governance:write")
def hold_meeting(session: Session, meeting_id: Id, body: HoldMeeting) -> Meeting:
    """Report that a meeting was held and who attended, by side. Its agenda of this moment is kept with it."""
    held = session.change(MEETING, meeting_id)
    require_people(session, "/attendance", body.attendance)
    row = session.view(held.ledger_id).one(meeting(held.ledger_id, meeting_id))
    agenda = tuple(AgendaItem(one.kind, one.thing, one.why) for one in agenda_of(session, row))
    command = rules.HoldMeeting(
        at=session.at,
        side=session.caller.organisation,
        held_at=body.held_at,
        attendance=members(body.attendance),
        agenda=agenda,
    )
    session.append(MEETING, held, rules.hold_meeting(command, held.state))
    return shown(session, held.ledger_id, meeting_id)


@router.change("/meetings/{meeting_id}/minutes", scope="governance:write")
def keep_minutes(session: Session, meeting_id: Id, body: KeepMinutes) -> Meeting:
    """Write the minutes of a meeting that was held. They can be erased; that they were written stays."""
    held = session.change(MEETING, meeting_id)
    command = rules.KeepMinutes(at=session.at, side=session.caller.organisation, minutes=body.minutes)
    session.append(MEETING, held, rules.keep_minutes(command, held.state))
    return shown(session, held.ledger_id, meeting_id)


@router.change(
    "/meetings/{meeting_id}/minutes-file",
    scope="governance:write",
    raw=True,
    takes=(OCTETS,),
    body_bytes_max=MINUTES_BYTES_MAX,
)
def attach_minutes(session: Session, meeting_id: Id, body: bytes, media_type: MinutesType) -> Meeting:
    """Attach the minutes of a meeting that was held as a file. It is kept by its SHA-256 and not erased."""
    held = session.change(MEETING, meeting_id)
    if not body:
        raise problem("invalid", "Send the file as the body: it is empty.")
    file = session.attach(held.ledger_id, body, media_type)
    command = rules.AttachMinutes(at=session.at, side=session.caller.organisation, file=file)
    session.append(MEETING, held, rules.attach_minutes(command, held.state))
    return shown(session, held.ledger_id, meeting_id)


def agenda_of(session: Session, row: Any) -> list[Open]:
    """What is open and belongs on the agenda of this meeting's forum."""
    found = [
        *open_things(session.view(row.ledger_id), row.ledger_id, session.at),
        *off_target_and_apart(session, row.ledger_id),
    ]
    return in_order(one for one in found if one.on_agenda_of(row.forum, row.layer))[:OPEN_THINGS_MAX]


def shown(session: Session, alliance_id: UUID, meeting_id: UUID) -> Meeting:
    return as_shown(session.view(alliance_id).one(meeting(alliance_id, meeting_id)))


def as_shown(row: Any) -> Meeting:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    return Meeting.model_validate({"alliance_id": values.pop("ledger_id"), **values})
