"""Meetings made from the cadence of each forum, as far ahead as people plan, and again as time goes on."""

from __future__ import annotations

from datetime import UTC
from uuid import UUID

from services.governance.acting import Acting
from services.governance.cadence import occurrences
from services.governance.calendars import to_run_on, working_calendars
from services.governance.domain.alliance import ALLIANCE
from services.governance.domain.calendar import calendars_of
from services.governance.domain.governance_model import GOVERNANCE_MODEL
from services.governance.domain.meeting import (
    MEETING,
    CancelMeeting,
    Meeting,
    ScheduleMeeting,
    cancel_meeting,
    schedule_meeting,
)
from services.governance.domain.rhythm import RHYTHM, Planned, PlanRhythm, Rhythm, plan_rhythm
from services.governance.read_models.governance_models import in_force
from services.governance.read_models.meetings import meetings_ahead
from shared.events.governance_terms import Stage
from shared.log.log import Loaded, Log


def plan_meetings(acting: Acting, alliance_id: UUID) -> Loaded[Rhythm]:
    """Schedule what the forums of the governance model in force are to meet next; a newer model begins anew."""
    alliance = acting.load(ALLIANCE, alliance_id, alliance_id).state
    row = acting.connection.execute(in_force(alliance_id)).one()
    content = acting.load(GOVERNANCE_MODEL, alliance_id, row.id).state.content
    assert content is not None, "what is in force was drafted"
    rhythm = Log(acting.connection).load(RHYTHM, alliance_id, alliance_id)
    if rhythm.state.model_id not in (None, row.id):
        cancel_ahead(acting, alliance_id)
    known = working_calendars(acting.connection, alliance_id)
    calendars = calendars_of(to_run_on(content.calendars, known, acting.at, None))
    command = PlanRhythm(
        at=acting.at,
        model_id=row.id,
        forums=content.forums,
        stage=alliance.stage or Stage.FORMING,
        anchor=row.in_force_since.astimezone(UTC).date(),
        calendars={side: calendars[side] for side in alliance.parties},
        occurrences=occurrences,
    )
    planned, events = plan_rhythm(command, rhythm.state)
    for one in planned:
        schedule(acting, alliance_id, alliance.parties, row.id, one)
    return acting.append(RHYTHM, rhythm, events)


def schedule(acting: Acting, alliance_id: UUID, parties: tuple[UUID, ...], model_id: UUID, planned: Planned) -> None:
    command = ScheduleMeeting(
        at=acting.at,
        side=None,
        parties=parties,
        forum=planned.forum,
        model_id=model_id,
        starts_at=planned.time.opens,
        lasts=planned.time.closes - planned.time.opens,
        occurs_on=planned.day,
    )
    acting.create(MEETING, alliance_id, acting.new_id(), schedule_meeting(command, Meeting()))


def cancel_ahead(acting: Acting, alliance_id: UUID) -> None:
    """Cancel what the cadence has scheduled ahead: the forums have changed, or the alliance has ended."""
    for row in acting.connection.execute(meetings_ahead(alliance_id, acting.at)).all():
        held = acting.load(MEETING, alliance_id, row.id)
        acting.append(MEETING, held, cancel_meeting(CancelMeeting(acting.at, None), held.state))
