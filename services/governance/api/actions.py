"""Actions: agreed in meetings or between them, each with an owner and a day."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Query

from services.governance.api.entitlement import require_people
from services.governance.api.schemas.meetings import (
    Action,
    ActionStatus,
    AgreeAction,
    DropAction,
    FinishAction,
    PostponeAction,
    ReassignAction,
)
from services.governance.calendars import to_run_on, working_calendars
from services.governance.domain import action as rules
from services.governance.domain.action import ACTION
from services.governance.domain.calendar import calendars_of
from services.governance.domain.forum import end_of_day
from services.governance.domain.meeting import MEETING
from services.governance.domain.moment import end_of
from services.governance.raising import model_in_force
from services.governance.read_models.actions import action, actions, actions_of
from services.governance.read_models.governance_models import in_force
from services.governance.standing import running
from shared.domain import Invalid
from shared.events.governance_terms import Member
from shared.http.pages import LIMIT_DEFAULT, Cursor, Limit, Page
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.log import Log

router = Router("governance", "actions")

AHEAD_MAX = timedelta(days=3_660)
"""As far as the domain searches a calendar."""
Status = Annotated[ActionStatus | None, Query(description="Only those of this status.")]


@router.create("/alliances/{alliance_id}/actions", scope="governance:write")
def agree_action(session: Session, alliance_id: Id, body: AgreeAction) -> Action:
    """Agree an action. It is due when the day is over at the owner's side: at its close of business."""
    alliance = running(session, alliance_id)
    require_people(session, "/owner", [body.owner], one=True)
    if body.meeting_id is not None and not Log(session.connection).load(MEETING, alliance_id, body.meeting_id).version:
        raise Invalid("/meeting_id", "unknown-meeting", "This alliance has no such meeting.")
    command = rules.AgreeAction(
        at=session.at,
        side=session.caller.organisation,
        parties=alliance.parties,
        title=body.title,
        owner=Member(body.owner.side, body.owner.person_id),
        due_on=body.due_on,
        due_at=over_at(session, alliance_id, body.owner.side, body.due_on),
        meeting=body.meeting_id,
    )
    action_id = session.new_id()
    session.create(ACTION, alliance_id, action_id, rules.agree_action(command, ACTION.empty))
    return shown(session, alliance_id, action_id)


@router.read("/alliances/{alliance_id}/actions", scope="governance:read")
def list_actions(
    session: Session, alliance_id: Id, status: Status = None, cursor: Cursor = None, limit: Limit = LIMIT_DEFAULT
) -> Page[Action]:
    """The actions of an alliance, in the order in which they are due."""
    turned = session.view(alliance_id).page(
        actions_of(alliance_id, status), order=[actions.c.due_at, actions.c.id], cursor=cursor, limit=limit
    )
    return Page[Action](items=[as_shown(row) for row in turned.rows], next_cursor=turned.next_cursor)


@router.read("/actions/{action_id}", scope="governance:read")
def get_action(session: Session, action_id: Id) -> Action:
    """One action."""
    return shown(session, session.home(ACTION, action_id), action_id)


@router.change("/actions/{action_id}/reassign", scope="governance:write")
def reassign_action(session: Session, action_id: Id, body: ReassignAction) -> Action:
    """Pass an action on to another owner. When it is due does not change."""
    held = session.change(ACTION, action_id)
    require_people(session, "/owner", [body.owner], one=True)
    owner = Member(body.owner.side, body.owner.person_id)
    command = rules.ReassignAction(at=session.at, side=session.caller.organisation, owner=owner)
    session.append(ACTION, held, rules.reassign_action(command, held.state))
    return shown(session, held.ledger_id, action_id)


@router.change("/actions/{action_id}/postpone", scope="governance:write")
def postpone_action(session: Session, action_id: Id, body: PostponeAction) -> Action:
    """Postpone an action to a later day, with a reason. That it was overdue stays on record."""
    held = session.change(ACTION, action_id)
    side = session.caller.organisation if held.state.owner is None else held.state.owner.side
    command = rules.PostponeAction(
        at=session.at,
        side=session.caller.organisation,
        due_on=body.due_on,
        due_at=over_at(session, held.ledger_id, side, body.due_on),
        reason=body.reason,
    )
    session.append(ACTION, held, rules.postpone_action(command, held.state))
    return shown(session, held.ledger_id, action_id)


@router.change("/actions/{action_id}/finish", scope="governance:write")
def finish_action(session: Session, action_id: Id, body: FinishAction) -> Action:
    """Report an action done."""
    held = session.change(ACTION, action_id)
    command = rules.FinishAction(at=session.at, side=session.caller.organisation, note=body.note)
    session.append(ACTION, held, rules.finish_action(command, held.state))
    return shown(session, held.ledger_id, action_id)


@router.change("/actions/{action_id}/drop", scope="governance:write")
def drop_action(session: Session, action_id: Id, body: DropAction) -> Action:
    """Drop an action that is no longer to be done, with a reason."""
    held = session.change(ACTION, action_id)
    command = rules.DropAction(at=session.at, side=session.caller.organisation, reason=body.reason)
    session.append(ACTION, held, rules.drop_action(command, held.state))
    return shown(session, held.ledger_id, action_id)


def over_at(session: Session, alliance_id: UUID, side: UUID, day: date) -> datetime:
    """When a day is over at a side, by its signed calendar; at midnight UTC while none is signed."""
    if abs(day - session.at.date()) > AHEAD_MAX:
        raise Invalid("/due_on", "too-far", f"An action is due within {AHEAD_MAX.days} days.")
    if session.connection.execute(in_force(alliance_id)).first() is None:
        return end_of(day)
    content = model_in_force(session, alliance_id).state.content
    assert content is not None, "what is in force was drafted"
    known = working_calendars(session.connection, alliance_id)
    calendar = calendars_of(to_run_on(content.calendars, known, session.at, None)).get(side)
    return end_of(day) if calendar is None else end_of_day(day, calendar)


def shown(session: Session, alliance_id: UUID, action_id: UUID) -> Action:
    return as_shown(session.view(alliance_id).one(action(alliance_id, action_id)))


def as_shown(row: Any) -> Action:
    values = dict(row._mapping)  # noqa: SLF001 - SQLAlchemy's public name for a row as a mapping
    owner = {"side": values.pop("owner_side"), "person_id": values.pop("owner_id")}
    return Action.model_validate({"alliance_id": values.pop("ledger_id"), "owner": owner, **values})
