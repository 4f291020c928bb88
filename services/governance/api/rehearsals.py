"""The rehearsal of a governance model: past decisions under another matrix or on other calendars, nothing recorded."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from services.governance.api.schemas.governance_models import DecisionOwner
from services.governance.api.schemas.rehearsals import (
    REHEARSED_MAX,
    GovernanceRehearsal,
    RehearsedCourse,
    RehearsedDecision,
    RehearseGovernanceModel,
)
from services.governance.calendars import to_run_on, working_calendars
from services.governance.domain.decision import DECISION
from services.governance.domain.governance_model import GOVERNANCE_MODEL
from services.governance.domain.matrix import check_content
from services.governance.domain.rehearsal import Course, Rehearse, as_it_went, differs, rehearse
from services.governance.raising import model_in_force
from services.governance.read_models.decisions import decisions, decisions_of
from services.governance.standing import running
from shared.auth.caller import READERS
from shared.domain import Invalid
from shared.events.governance_terms import GovernanceContent, SideCalendar
from shared.http.router import Router
from shared.http.session import Session
from shared.http.types import Id
from shared.log.codec import adapter, as_json

router = Router("governance", "governance-models")


@router.create(
    "/alliances/{alliance_id}/governance-models/rehearse", scope="governance:read", roles=READERS, status=200
)
def rehearse_governance_model(session: Session, alliance_id: Id, body: RehearseGovernanceModel) -> GovernanceRehearsal:
    """Run past decisions through another matrix or calendar: who decides, when due, what would have breached."""
    alliance = running(session, alliance_id)
    content = content_of(session, alliance_id, body, alliance.parties)
    newest_first = decisions.c.raised_at.desc(), decisions.c.id.desc()
    latest = decisions_of(alliance_id).order_by(*newest_first).limit(REHEARSED_MAX)
    known = working_calendars(session.connection, alliance_id)
    found = []
    for row in reversed(session.view(alliance_id).all(latest)):
        right = next((one for one in content.decision_rights if one.type == row.type), None)
        calendars = to_run_on(content.calendars, known, row.raised_at, right)
        state = session.load(DECISION, alliance_id, row.id).state
        other = replace(content, calendars=calendars)
        found.append(shown(row, Rehearse(session.at, state, row.raised_at, other)))
    return GovernanceRehearsal(
        decisions=found,
        changed=sum(bool(one.changes) for one in found),
        breached=sum(one.as_it_went.breached for one in found),
        breached_when_rehearsed=sum(one.rehearsed.breached for one in found),
    )


def content_of(
    session: Session, alliance_id: UUID, body: RehearseGovernanceModel, parties: tuple[UUID, ...]
) -> GovernanceContent:
    """The content to rehearse, checked as one that is to be signed."""
    if body.model_id is not None and body.content is not None:
        raise Invalid("/content", "content-or-model", "Give the content, or the id of a model that has it.")
    if body.content is not None:
        content = body.content.value()
    else:
        model = model_in_force(session, alliance_id)
        if body.model_id is not None:
            model = session.load(GOVERNANCE_MODEL, alliance_id, body.model_id)
        assert model.state.content is not None, "a model begins with its draft"
        content = model.state.content
    if body.calendars is not None:
        given: tuple[SideCalendar, ...] = adapter(tuple[SideCalendar, ...]).validate_python(
            [one.model_dump(mode="json") for one in body.calendars]
        )
        content = replace(content, calendars=given)
    check_content(content, parties)
    return content


def shown(row: Any, command: Rehearse) -> RehearsedDecision:
    before, after = as_it_went(command), rehearse(command)
    return RehearsedDecision.model_validate(
        {
            "decision_id": row.id,
            "type": row.type,
            "subject": row.subject,
            "raised_at": row.raised_at,
            "settled_at": row.settled_at,
            "as_it_went": course(before),
            "rehearsed": course(after),
            "changes": list(differs(before, after)),
        }
    )


def course(one: Course) -> RehearsedCourse:
    return RehearsedCourse(
        owner=DecisionOwner.model_validate(as_json(one.route.owner)),
        outside_matrix=one.route.outside_matrix,
        joint=one.route.joint,
        sides=list(one.route.sides),
        forum=one.route.forum,
        due_at=one.due_at,
        breached=one.breached,
    )
